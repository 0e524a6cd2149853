package exec

import (
	"context"
	"io"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/kernel"
	"volley/exec/rowkey"
	"volley/planner/physical"
	"volley/sqlerr"
)

// recursive gives the rows of its initial term, then those of its recursive
// term round after round, each of which reads the rows of the one before. Rows
// are given as they come, so that a LIMIT above ends a recursion that would
// never end by itself.
type recursive struct {
	task  *task
	node  *physical.Recursive
	rows  *workingRows // what the round reads
	term  *counted     // being read: the initial one, then the recursive one
	step  *counted
	next  []arrow.Record // rows of the round, for the one after it
	bytes int64          // of next
	seen  *rowkey.Table  // rows given, unless all are; nil: all
	mem   reservation
	self  *counted
}

// workingRows are the rows of the round before.
type workingRows struct {
	records []arrow.Record
	bytes   int64
}

// enterRecursion makes the working table that the recursive term, which is
// built next, reads.
func (t *task) enterRecursion(n *physical.Recursive) {
	if t.working == nil {
		t.working = map[int]*workingRows{}
	}
	t.working[n.ID] = &workingRows{}
}

func newRecursive(t *task, n *physical.Recursive, c *counted) (Operator, error) {
	r := &recursive{task: t, node: n, rows: t.working[n.ID], term: c.inputs[0], step: c.inputs[1], mem: t.reserve(c), self: c}
	if n.All {
		return r, nil
	}
	types := make([]arrow.DataType, n.Out.NumFields())
	for i, f := range n.Out.Fields() {
		types[i] = f.Type
		if err := rowkey.Supported(f.Type); err != nil {
			return nil, err
		}
	}
	r.seen = rowkey.NewTable(types)
	return r, nil
}

func (r *recursive) Schema() *arrow.Schema { return r.node.Out }

func (r *recursive) Next(ctx context.Context) (arrow.Record, error) {
	for {
		rec, err := r.term.Next(ctx)
		if err == io.EOF {
			if len(r.next) == 0 {
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
			if rec, err = r.unseen(rec); err != nil {
				return nil, err
			}
		}
		if rec.NumRows() == 0 {
			continue
		}
		if rec, err = kernel.Conform(rec, r.node.Out); err != nil {
			return nil, err
		}
		r.next = append(r.next, rec)
		r.bytes += kernel.RecordBytes(rec)
		return rec, r.reserve()
	}
}

// unseen is the rows of a batch that were not given before.
func (r *recursive) unseen(rec arrow.Record) (arrow.Record, error) {
	n := int(rec.NumRows())
	cols := make([]arrow.Array, rec.NumCols())
	for i, c := range rec.Columns() {
		var err error
		if cols[i], err = kernel.Decode(c); err != nil {
			return nil, err
		}
	}
	if err := r.mem.resize(r.bytes + r.rows.bytes + r.seen.Bytes() + r.seen.Growth(n)); err != nil {
		return nil, err
	}
	fresh := r.seen.Assign(cols, n, make([]uint32, n))
	if len(fresh) == n {
		return rec, nil
	}
	return kernel.TakeRecord(rec, fresh)
}

// reserve accounts for the rows of two rounds and of the table of all rows.
func (r *recursive) reserve() error {
	bytes := r.bytes + r.rows.bytes
	if r.seen != nil {
		bytes += r.seen.Bytes()
	}
	return r.mem.resize(bytes)
}

// round begins the next round over the rows of the last one.
func (r *recursive) round() error {
	first := r.term != r.step
	r.rows.records, r.rows.bytes = r.next, r.bytes
	r.next, r.bytes = nil, 0
	if err := r.reserve(); err != nil {
		return err
	}
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
	r.mem.free()
	r.next, r.rows.records, r.seen = nil, nil, nil
	return nil
}

// workingTable gives the rows of the round before.
type workingTable struct {
	rows *workingRows
	out  *arrow.Schema
	at   int
}

func newWorkingTable(t *task, n *physical.WorkingTable) (Operator, error) {
	rows := t.working[n.ID]
	if rows == nil {
		return nil, sqlerr.New(sqlerr.InternalError, "a working table is outside its recursion")
	}
	return &workingTable{rows: rows, out: n.Out}, nil
}

func (w *workingTable) Schema() *arrow.Schema { return w.out }

func (w *workingTable) Next(context.Context) (arrow.Record, error) {
	if w.at == len(w.rows.records) {
		return nil, io.EOF
	}
	w.at++
	return w.rows.records[w.at-1], nil
}

func (w *workingTable) Close() error { return nil }
