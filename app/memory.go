package app

import "volley/sqlerr"

const (
	// programBytes is what the process is resident with before it does anything,
	// most of it pages of the program's file.
	programBytes = 56 << 20
	// accountsShare is the part of the heap, in percent, that accounts may hold.
	// The rest is for what is in no account: batches on their way, pages being
	// decoded, and garbage.
	accountsShare = 55
	// tablesShare is the part of the accounts that rows of managed tables may hold; the
	// others are on disk.
	tablesShare = 0.4
	// queryBytes is what a query that runs should be able to hold at least, of
	// which mostRunning run at once.
	queryBytes  = 8 << 20
	mostRunning = 64
	// leastBudget is the smallest budget that can be kept: half of it is taken
	// before anything runs.
	leastBudget = 128_000_000
)

// checkMemory refuses a budget that cannot be kept.
func checkMemory(budget int64) error {
	if budget >= leastBudget {
		return nil
	}
	return sqlerr.New(sqlerr.InvalidParameterValue, "--memory must be at least %d MB, not %d bytes", leastBudget/1_000_000, budget).
		WithDetail("The program itself takes some %d MB of it.", programBytes>>20)
}

// checkShares refuses a budget whose equal parts worker processes could not keep.
func checkShares(budget int64, workers int) error {
	if budget/int64(workers) >= leastBudget {
		return nil
	}
	return sqlerr.New(sqlerr.InvalidParameterValue, "--memory must be at least %d MB for %d workers, not %d bytes", int64(workers)*leastBudget/1_000_000, workers, budget).
		WithHint("Start fewer workers, or give them more memory.")
}

// runningQueries is how many queries run at once with so much for their accounts.
func runningQueries(accounts int64) int {
	return int(min(max(accounts/queryBytes, 2), mostRunning))
}

// divideMemory says what a process does with a budget, so that its resident
// memory stays below 1.25 times of it: how large Go's heap may grow before
// garbage is collected at any cost, and how much of it operators and outputs may
// hold. The heap grows beyond that while garbage is being collected, the more so
// the busier the machine is: a tenth of the budget is left for it.
func divideMemory(budget int64) (heap, accounts int64) {
	heap = max(budget/20*23-programBytes, budget/2)
	heap = min(heap, machineMemory()/10*9)
	return heap, min(heap/100*accountsShare, budget)
}
