package exec

import (
	"context"
	"errors"
	"io"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/kernel"
	"volley/planner/physical"
	"volley/sqlerr"
)

// recursive gives the rows of its initial term, then those of its recursive
// term round after round, each of which reads the rows of the one before. Rows
// are given as they come, so that a LIMIT above ends a recursion that would
// never end by itself.
type recursive struct {
	task *task
	node *physical.Recursive
	rows *workingRows // what the round reads
	term *counted     // being read: the initial one, then the recursive one
	step *counted
	next *keptRows   // rows of the round, for the one after it
	seen *uniqueRows // rows given, unless all are; nil: all
	self *counted
}

// workingRows are the rows of the round before; nil before the first.
type workingRows struct{ kept *keptRows }

// enterRecursion makes the working table that the recursive term, which is
// built next, reads.
func (t *task) enterRecursion(n *physical.Recursive) {
	if t.working == nil {
		t.working = map[int]*workingRows{}
	}
	t.working[n.ID] = &workingRows{}
}

func newRecursive(t *task, n *physical.Recursive, c *counted) (Operator, error) {
	r := &recursive{task: t, node: n, rows: t.working[n.ID], term: c.inputs[0], step: c.inputs[1], self: c}
	r.next = t.newKeptRows(n.Out, &c.stats)
	var err error
	if !n.All {
		r.seen, err = t.newUniqueRows(n.Out, &c.stats)
	}
	return r, err
}

func (r *recursive) Schema() *arrow.Schema { return r.node.Out }

func (r *recursive) Next(ctx context.Context) (arrow.Record, error) {
	for {
		rec, err := r.term.Next(ctx)
		if err == io.EOF {
			if r.next.count() == 0 {
				return nil, io.EOF
			}
			if err := r.round(); err != nil {
				return nil, err
			}
			continue
		}
		if err != nil {
			return nil, err
		}
		if r.seen != nil {
			if rec, err = r.seen.unseen(rec); err != nil {
				return nil, err
			}
		}
		if rec.NumRows() == 0 {
			continue
		}
		if rec, err = kernel.Conform(rec, r.node.Out); err != nil {
			return nil, err
		}
		return rec, r.next.add(rec)
	}
}

// round begins the next round over the rows of the last one.
func (r *recursive) round() error {
	first := r.term != r.step
	if err := errors.Join(r.rows.close(), r.next.finish()); err != nil {
		return err
	}
	r.rows.kept, r.next = r.next, r.task.newKeptRows(r.node.Out, &r.self.stats)
	r.term = r.step
	if first || r.step.rewind() {
		return nil
	}
	return r.rebuild()
}

// rebuild makes the operators of the recursive term anew; they go on counting
// where those before them have stopped.
func (r *recursive) rebuild() error {
	t := r.task
	all := t.all
	t.working[r.node.ID] = r.rows
	fresh, err := t.build(r.node.Step)
	t.all = all
	if err != nil {
		return err
	}
	successors := map[*counted]*counted{}
	r.step.succeed(fresh, successors)
	for i, c := range t.all {
		if s := successors[c]; s != nil {
			t.all[i] = s
		}
	}
	err = r.step.Close()
	r.step, r.term, r.self.inputs[1] = fresh, fresh, fresh
	return err
}

// succeed hands the counters of operators on to those of the same plan.
func (c *counted) succeed(fresh *counted, successors map[*counted]*counted) {
	fresh.stats = c.stats
	successors[c] = fresh
	for i, in := range c.inputs {
		in.succeed(fresh.inputs[i], successors)
	}
}

func (r *recursive) Close() error {
	err := errors.Join(r.rows.close(), r.next.close())
	if r.seen != nil {
		err = errors.Join(err, r.seen.close())
	}
	return err
}

func (w *workingRows) close() error {
	if w.kept == nil {
		return nil
	}
	kept := w.kept
	w.kept = nil
	return kept.close()
}

// workingTable gives the rows of the round before.
type workingTable struct {
	rows *workingRows
	out  *arrow.Schema
	open Operator // nil: at the start
}

func newWorkingTable(t *task, n *physical.WorkingTable) (Operator, error) {
	rows := t.working[n.ID]
	if rows == nil {
		return nil, sqlerr.New(sqlerr.InternalError, "a working table is outside its recursion")
	}
	return &workingTable{rows: rows, out: n.Out}, nil
}

func (w *workingTable) Schema() *arrow.Schema { return w.out }

func (w *workingTable) Next(ctx context.Context) (arrow.Record, error) {
	if w.open == nil {
		if w.rows.kept == nil {
			return nil, io.EOF
		}
		var err error
		if w.open, err = w.rows.kept.open(); err != nil {
			return nil, err
		}
	}
	return w.open.Next(ctx)
}

// Close ends reading.
func (w *workingTable) Close() error {
	if w.open == nil {
		return nil
	}
	op := w.open
	w.open = nil
	return op.Close()
}
