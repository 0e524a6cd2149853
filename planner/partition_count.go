package planner

import (
	"math"

	"volley/planner/logical"
)

const (
	maxPartitions = 64
	// partitionExpansion is how much more memory an operator needs for rows than
	// they take: its hash table or its keys, and a second copy while rows are put
	// together.
	partitionExpansion = 3
)

// partitionCount is into how many parts the hash exchanges of a plan cut: one
// for each slot, or more where an equal part of all that the tables give would
// not fit into the memory of a task. Cutting once on the way is cheaper than
// operators that spill; parts that turn out small are put together when the
// plan runs.
func (s *stager) partitionCount(root logical.Node) int {
	slots := min(max(s.opts.Slots, 1), maxPartitions)
	if s.opts.TaskMemory <= 0 {
		return slots
	}
	need := math.Ceil(partitionExpansion * s.scanned(root) / float64(s.opts.TaskMemory))
	if need <= float64(slots) {
		return slots
	}
	rounds := math.Ceil(need / float64(slots)) // all slots are busy in each
	return int(max(min(rounds*float64(slots), maxPartitions), float64(slots)))
}

// scanned is the estimate of the bytes that the tables below n give.
func (s *stager) scanned(n logical.Node) (bytes float64) {
	switch n := n.(type) {
	case *logical.Scan:
		return s.estimate.rows(n) * s.estimate.width(n)
	case *logical.CTE:
		return s.scanned(n.Shared.Plan)
	}
	for _, in := range n.Inputs() {
		bytes += s.scanned(in)
	}
	return bytes
}
