package app

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"volley/sqlerr"
	"volley/udf"
)

// chaos(x, fault, place, budget) gives x, and injects a fault into whatever
// operator calls it, at most budget times in all processes together. Each time
// leaves the file place.N, with the process's ID: it is both how the budget is
// shared and the proof that the fault was there. Faults are:
//
//	transport  an error as of a broken connection, after which a task is tried elsewhere
//	fail       an error of the query's own, 22023
//	panic      a panic
//	stall      waits until the file place.go exists
//	exit       the process ends
//
// Only this test's program has the function.
func registerChaos() {
	udf.Scalar4Err("chaos", func(x int64, fault, place string, budget int64) (int64, error) {
		if !fire(place, budget) {
			return x, nil
		}
		switch fault {
		case "transport":
			e := sqlerr.New(sqlerr.ConnectionFailure, "chaos at %s", place)
			e.Retryable = true
			return 0, e
		case "fail":
			return 0, sqlerr.New(sqlerr.InvalidParameterValue, "chaos at %s", place)
		case "panic":
			panic("chaos at " + place)
		case "stall":
			for deadline := time.Now().Add(5 * time.Minute); time.Now().Before(deadline); time.Sleep(2 * time.Millisecond) {
				if _, err := os.Stat(place + ".go"); err == nil {
					break
				}
			}
		case "exit":
			os.Exit(7)
		}
		return x, nil
	}, udf.WithVolatility(udf.Volatile), udf.WithCost(1e4))
}

// spent are places of which this process knows that nothing is left.
var spent sync.Map

// fire takes one from a place's budget if something is left.
func fire(place string, budget int64) bool {
	if _, ok := spent.Load(place); ok {
		return false
	}
	for i := range budget {
		f, err := os.OpenFile(fmt.Sprintf("%s.%d", place, i), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if err != nil {
			continue
		}
		_, err = f.WriteString(strconv.Itoa(os.Getpid()) + "\n")
		return f.Close() == nil && err == nil
	}
	spent.Store(place, true)
	return false
}

// fired are the processes in which a place's fault has happened so far.
func fired(place string) (pids []int) {
	for i := 0; ; i++ {
		text, err := os.ReadFile(fmt.Sprintf("%s.%d", place, i))
		if err != nil {
			return pids
		}
		if pid, err := strconv.Atoi(strings.TrimSpace(string(text))); err == nil {
			pids = append(pids, pid)
		}
	}
}

// awaitFired waits until a place's fault has happened n times.
func awaitFired(t *testing.T, place string, n int) []int {
	t.Helper()
	eventually(t, 60*time.Second, fmt.Sprintf("the fault at %s has happened %d times", place, n), func() bool { return len(fired(place)) >= n })
	return fired(place)
}

// release ends the stalls of a place.
func release(t *testing.T, place string) {
	t.Helper()
	if err := os.WriteFile(place+".go", nil, 0o600); err != nil {
		t.Fatal(err)
	}
}

// eventually waits for evidence.
func eventually(t *testing.T, within time.Duration, what string, holds func() bool) time.Duration {
	t.Helper()
	start := time.Now()
	for !holds() {
		if time.Since(start) > within {
			t.Fatalf("not within %v: %s", within, what)
		}
		time.Sleep(5 * time.Millisecond)
	}
	return time.Since(start)
}
