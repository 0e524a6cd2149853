package exec

import (
	"volley/exec/kernel"
	"volley/planner/physical"
)

// rewinder is an operator that can start again after its end, with inputs that
// have been made to start again. Others are built anew.
type rewinder interface {
	// rewind tells whether the operator is at its start now.
	rewind() bool
}

// rewind makes an operator and all below it start again, or tells that one of
// them cannot.
func (c *counted) rewind() bool {
	for _, in := range c.inputs {
		if !in.rewind() {
			return false
		}
	}
	op, ok := c.op.(rewinder)
	if !ok || !op.rewind() {
		return false
	}
	c.err = nil
	if c.slices != nil {
		c.slices.rest = nil
	}
	return true
}

func (f *filter) rewind() bool { return true }

func (p *project) rewind() bool { return true }

func (v *values) rewind() bool {
	v.at = 0
	return true
}

func (w *workingTable) rewind() bool { return w.Close() == nil }

func (e *expand) rewind() bool {
	e.batch = nil
	return true
}

// rewind keeps the hash table of a build side that is the same in each round. A
// join on disk cannot start again.
func (j *join) rewind() bool {
	if j.spill != nil || j.seen != nil || j.whole != nil || j.all != nil {
		return false
	}
	j.cursor, j.ended, j.tail, j.read = nil, false, 0, 0
	if j.build == nil {
		return true
	}
	if readsWorkingTable(j.node.Right) {
		j.dropBuild()
		return true
	}
	if j.matched != nil {
		j.matched = make(kernel.Words, len(j.matched))
	}
	return true
}

func readsWorkingTable(n physical.Node) bool {
	if _, ok := n.(*physical.WorkingTable); ok {
		return true
	}
	for _, in := range n.Inputs() {
		if readsWorkingTable(in) {
			return true
		}
	}
	return false
}
