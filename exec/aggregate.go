package exec

import (
	"context"
	"errors"
	"io"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/eval"
	"volley/exec/kernel"
	"volley/planner/physical"
)

// aggregate groups rows by hash. Groups are numbered in the order of their first
// appearance, which is the order of the output. For every batch the groups of
// all rows are found first; then each aggregate is given the batch once.
//
//	Single   rows in, results out
//	Partial  rows in, states out; passes rows through as states of their own
//	         when grouping does not reduce them
//	Final    states in, results out
type aggregate struct {
	task  *task
	node  *physical.Aggregate
	input Operator
	keys  []*eval.Program
	mem   reservation
	stats *OperatorStats

	groups *groupTable
	read   int64 // rows read
	at     int   // next group to give
	state  aggState
	spill  *aggSpill // nil until memory was refused
	cut    *aggCut   // nil until there were many groups
	pass   *rowPass  // nil until rows pass through

	overflow *aggOverflow // nil until groups that cannot spill were too many
	depth    int          // how often its rows were cut by overflow
}

// aggState is what the operator does at the next Next.
type aggState uint8

const (
	aggRead  aggState = iota // read all input
	aggEmit                  // give groups, then end
	aggFlush                 // Partial: give groups, then read on with none
	aggDrain                 // Partial: give groups, then pass through
	aggPass                  // Partial: every input batch is output
	aggParts                 // give part by part
	aggMerge                 // give what was spilled
	aggOver                  // give the groups that were too many
	aggDone                  // all was given
)

// A Partial aggregation that has seen giveUpRows rows, and has more groups than
// giveUpRatio of them, stops grouping; so does one that has seen giveUpSoon rows,
// with more groups than soonRatio of them. Keys of some number that come evenly
// pass or fail both tests alike.
var giveUpRows int64 = 100_000 // a variable for tests

const (
	giveUpRatio = 0.7
	giveUpSoon  = 6 // the number of times that giveUpRows are more
	soonRatio   = 0.94
)

// reduces tells whether grouping makes so many groups of so many rows that it is
// worth going on.
func reduces(groups int, rows int64) bool {
	switch {
	case rows >= giveUpRows:
		return float64(groups) <= giveUpRatio*float64(rows)
	case rows >= giveUpRows/giveUpSoon:
		return float64(groups) <= soonRatio*float64(rows)
	}
	return true
}

func newAggregate(t *task, n *physical.Aggregate, c *counted) (Operator, error) {
	if err := allKeyable(n.Keys); err != nil {
		return nil, err
	}
	a := &aggregate{task: t, node: n, input: c.inputs[0], mem: t.reserve(c), stats: &c.stats}
	return a, a.compile()
}

// compile makes the keys and the table of groups.
func (a *aggregate) compile() (err error) {
	if a.keys, err = a.task.eval.CompileAll(a.node.Keys); err != nil {
		return err
	}
	for _, k := range a.keys {
		k.KeepEncoded()
	}
	a.groups, err = newGroupTable(a.task, a.node)
	return err
}

func (a *aggregate) Schema() *arrow.Schema { return a.node.Out }

func (a *aggregate) Next(ctx context.Context) (arrow.Record, error) {
	for {
		switch a.state {
		case aggRead:
			if err := a.readAll(ctx); err != nil {
				return nil, err
			}
		case aggParts:
			return a.nextPart(ctx)
		case aggMerge:
			rec, _, err := a.spill.out.next(ctx)
			return rec, err
		case aggPass:
			return a.passThrough(ctx)
		case aggOver:
			return a.nextOverflow(ctx)
		case aggDone:
			return nil, io.EOF
		default:
			if a.at < a.groups.len() {
				return a.emit(ctx)
			}
			if a.state == aggEmit { // the consumer may need the memory before Close
				err := a.groups.close()
				if a.state, a.groups = aggDone, nil; a.overflow != nil {
					a.state = aggOver
				}
				if err != nil {
					return nil, err
				}
				a.mem.free()
				continue
			}
			if err := a.restart(); err != nil {
				return nil, err
			}
		}
	}
}

// restart goes on after all groups were given in the middle of the input.
func (a *aggregate) restart() error {
	a.at = 0
	a.mem.free()
	if a.state == aggDrain {
		a.state, a.groups = aggPass, nil
		return nil
	}
	a.state = aggRead
	var err error
	a.groups, err = newGroupTable(a.task, a.node)
	return err
}

// readAll groups the input until it ends, or until grouping is given up.
func (a *aggregate) readAll(ctx context.Context) error {
	for {
		rec, err := a.input.Next(ctx)
		if err == io.EOF {
			return a.finish(ctx)
		}
		if err != nil {
			return err
		}
		if err := a.add(ctx, rec); err != nil || a.state != aggRead {
			return err
		}
		if a.node.Mode == physical.Partial && !reduces(a.groups.len(), a.read) {
			a.state = aggDrain
			return nil
		}
		if a.cut == nil && a.cuttable() {
			if err := a.beginCut(); err != nil {
				return err
			}
		}
	}
}

// add groups one batch.
func (a *aggregate) add(ctx context.Context, rec arrow.Record) error {
	b := eval.NewBatch(rec)
	keys, err := evalAll(a.keys, b)
	if err != nil {
		return err
	}
	a.read += rec.NumRows()
	if a.cut != nil {
		return a.addCut(keys, b)
	}
	if a.overflow != nil {
		return a.addKnown(ctx, rec, keys, b)
	}
	if err := a.reserveGrowth(ctx, b.Len()); err != nil {
		return err
	}
	if a.overflow != nil { // there was no memory for more groups
		return a.addKnown(ctx, rec, keys, b)
	}
	if err := a.groups.add(keys, b); err != nil || a.state != aggRead {
		return err
	}
	if err := a.mem.resize(a.groups.bytes()); err != nil {
		return a.spillGroups(ctx, err)
	}
	return nil
}

// finish ends the input.
func (a *aggregate) finish(ctx context.Context) error {
	if a.cut != nil {
		err := a.finishCut()
		if err == nil {
			a.state = aggParts
			return nil
		}
		if err := a.spillCut(err); err != nil {
			return err
		}
	}
	if a.spill != nil {
		a.state = aggMerge
		if err := a.spillRest(); err != nil {
			return err
		}
		return a.spill.finish(ctx)
	}
	if len(a.keys) == 0 && a.node.Mode != physical.Partial {
		a.groups.ensureOne()
	}
	if a.overflow != nil {
		if err := a.overflow.end(a.stats); err != nil {
			return err
		}
	} else if err := a.ensureAlways(); err != nil {
		return err
	}
	a.state = aggEmit
	if a.groups.waiting() {
		if err := a.mem.resize(a.bytes() + a.groups.receiving()); err != nil {
			if err := a.makeRoom(ctx, err); err != nil {
				return err
			}
		}
		if err := a.beginSorted(ctx); err != nil {
			return err
		}
	}
	if err := a.finishDistinct(ctx); err != nil {
		return err
	}
	if err := a.groups.finish(ctx); err != nil {
		return err
	}
	return a.mem.resize(a.bytes())
}

// emit gives the next groups.
func (a *aggregate) emit(ctx context.Context) (arrow.Record, error) {
	lo := a.at
	hi := min(lo+a.groups.step(a.task.rowsOf(a.groups.width())), a.groups.len())
	a.at = hi
	cols, err := a.groups.output(ctx, lo, hi, a.node.Mode == physical.Partial)
	if err != nil {
		return nil, err
	}
	if a.groups.merging() {
		if err := a.mem.resize(a.bytes()); err != nil {
			return nil, err
		}
	}
	return kernel.Record(a.node.Out, cols, hi-lo), nil
}

// nextPart gives the next groups of an aggregation in parts.
func (a *aggregate) nextPart(ctx context.Context) (arrow.Record, error) {
	rec, err := a.cut.next(ctx, a.node.Out)
	if err == io.EOF {
		a.state, a.cut = aggDone, nil
		a.mem.free()
	}
	return rec, err
}

func (a *aggregate) Close() error {
	a.mem.free()
	err := errors.Join(a.groups.close(), a.overflow.close())
	a.groups = nil
	if a.spill != nil {
		err = errors.Join(err, a.spill.close())
	}
	return err
}
