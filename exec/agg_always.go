package exec

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/eval"
	"volley/exec/rowkey"
	"volley/planner/physical"
)

// ensureAlways makes the groups that exist even without rows, those of them
// that belong to the task's partition.
func (a *aggregate) ensureAlways() error {
	if a.node.Mode == physical.Partial {
		return nil
	}
	one := eval.Columns(nil, 1)
	for _, row := range a.node.Always {
		programs, err := a.task.eval.CompileAll(row)
		if err != nil {
			return err
		}
		keys, err := evalAll(programs, one)
		if err != nil {
			return err
		}
		if a.owned(keys) {
			if err := a.groups.ensure(keys); err != nil {
				return err
			}
		}
	}
	return nil
}

// owned tells whether the group of keys, of length 1, is in this partition.
func (a *aggregate) owned(keys []arrow.Array) bool {
	if a.node.Partitions <= 1 {
		return true
	}
	var hash [1]uint64
	rowkey.Hash(keys, 1, hash[:])
	return a.task.ownsPartition(rowkey.Partition(hash[0], a.node.Partitions))
}

// ensure makes the group of keys, each of length 1, if there is none.
func (g *groupTable) ensure(keys []arrow.Array) error {
	groups := g.scratch(1)
	fresh := g.table.Assign(keys, 1, groups)
	g.n = g.table.Len()
	return g.addKeys(keys, fresh, 1)
}
