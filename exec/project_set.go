package exec

import (
	"context"
	"io"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/exec/eval"
	"volley/exec/kernel"
	"volley/planner/physical"
	"volley/udf"
)

// projectSet calls table functions for the rows of its input. Their rows are
// pulled in batches, so a call of any length takes constant memory.
type projectSet struct {
	node  *physical.ProjectSet
	task  *task
	input Operator
	ctx   *udf.Context
	rows  int // a batch has, at most
	calls []setCall
	rec   arrow.Record // at hand; nil: pull the next one
	sets  lockstep
}

// setCall is a table function and its arguments' programs.
type setCall struct {
	fn   *udf.Table
	args []*eval.Program
	node physical.SetCall
}

func newProjectSet(t *task, n *physical.ProjectSet, input Operator) (Operator, error) {
	p := &projectSet{task: t, node: n, input: input, ctx: t.eval.Context}
	for _, c := range n.Calls {
		fn, err := t.env.Registry.FindTable(c.Func, dataTypes(c.Args))
		if err != nil {
			return nil, placedAt(err, c.Pos)
		}
		args, err := t.eval.CompileAll(c.Args)
		if err != nil {
			return nil, err
		}
		p.calls = append(p.calls, setCall{fn, args, c})
	}
	return p, nil
}

func (p *projectSet) Schema() *arrow.Schema { return p.node.Out }

func (p *projectSet) Next(ctx context.Context) (arrow.Record, error) {
	for {
		if p.rec == nil {
			rec, err := p.input.Next(ctx)
			if err != nil {
				return nil, err
			}
			if err := p.open(rec); err != nil {
				return nil, err
			}
		}
		rows, columns, err := p.sets.next(ctx, p.rows)
		if err == io.EOF {
			p.rec = nil
			continue
		}
		if err != nil {
			return nil, err
		}
		return p.record(rows, columns)
	}
}

// open starts the calls for the rows of a record.
func (p *projectSet) open(rec arrow.Record) error {
	b, n := eval.NewBatch(rec), int(rec.NumRows())
	p.sets = lockstep{n: n, outer: p.node.Outer, ordinality: p.node.Ordinality}
	for _, c := range p.calls {
		args := make([]udf.Arg, len(c.args))
		for i, prog := range c.args {
			var err error
			if args[i], err = prog.Arg(b); err != nil {
				return err
			}
			if args[i].Array, err = kernel.Decode(args[i].Array); err != nil {
				return err
			}
		}
		rows, err := c.fn.Call(p.ctx, args, c.node.Columns, n)
		if err != nil {
			return placedAt(err, c.node.Pos)
		}
		p.sets.cursors = append(p.sets.cursors, &cursor{rows: rows, columns: c.node.Columns, pos: c.node.Pos})
	}
	kept := int64(0)
	for _, k := range p.node.Keep {
		kept += kernel.Bytes(rec.Column(k))
	}
	p.rec, p.rows = rec, p.task.rowsOf(kept/max(rec.NumRows(), 1))
	return nil
}

// record puts the kept columns of the input beside the calls' columns.
func (p *projectSet) record(rows []int32, columns []arrow.Array) (arrow.Record, error) {
	cols := make([]arrow.Array, 0, p.node.Out.NumFields())
	for _, k := range p.node.Keep {
		c, err := kernel.Take(p.rec.Column(k), rows)
		if err != nil {
			return nil, err
		}
		cols = append(cols, c)
	}
	return kernel.Record(p.node.Out, append(cols, columns...), len(rows)), nil
}

// Close ends the calls that are still going on.
func (p *projectSet) Close() error {
	p.sets.close()
	return nil
}

func (l *lockstep) close() {
	for _, c := range l.cursors {
		if rows, ok := c.rows.(io.Closer); ok {
			_ = rows.Close()
		}
	}
}

// lockstep puts the rows of several calls for the same input rows side by side.
type lockstep struct {
	n                 int
	outer, ordinality bool
	cursors           []*cursor
	row               int32 // of the input, at hand
	ordinal           int64 // rows of it given
}

// cursor reads the rows of one call.
type cursor struct {
	rows    udf.TableRows
	columns []arrow.Field
	pos     int
	batch   udf.TableBatch
	at      int
	done    bool
	taken   []int32 // rows of the batch for the output at hand; −1: none
}

func (c *cursor) fill(ctx context.Context, limit int) error {
	b, err := c.rows.Next(ctx, limit)
	switch {
	case err == io.EOF:
		c.batch, c.done = udf.TableBatch{}, true
	case err != nil && ctx.Err() != nil:
		return context.Cause(ctx)
	case err != nil:
		return placedAt(err, c.pos)
	default:
		c.batch = b
	}
	c.at = 0
	return nil
}

// empty tells whether the cursor has to be filled before it can be read.
func (c *cursor) empty() bool { return !c.done && c.at == len(c.batch.Calls) }

// has tells whether there is a row for an input row.
func (c *cursor) has(row int32) bool { return c.at < len(c.batch.Calls) && c.batch.Calls[c.at] == row }

// next gives up to limit rows: the input row of each, and the calls' columns.
func (l *lockstep) next(ctx context.Context, limit int) ([]int32, []arrow.Array, error) {
	for _, c := range l.cursors {
		if c.empty() {
			if err := c.fill(ctx, limit); err != nil {
				return nil, nil, err
			}
		}
		c.taken = c.taken[:0]
	}
	if len(l.cursors) == 1 && !l.outer && !l.ordinality && l.cursors[0].at == 0 {
		return l.single(l.cursors[0])
	}
	var rows []int32
	var ordinals []int64
	for len(rows) < limit && int(l.row) < l.n {
		any := l.any()
		if !any && (!l.outer || l.ordinal > 0) {
			l.row, l.ordinal = l.row+1, 0
			continue
		}
		for _, c := range l.cursors {
			if c.has(l.row) {
				c.taken = append(c.taken, int32(c.at))
				c.at++
			} else {
				c.taken = append(c.taken, -1)
			}
		}
		rows = append(rows, l.row)
		l.ordinal++
		if !any {
			ordinals = append(ordinals, 0) // NULL
		} else {
			ordinals = append(ordinals, l.ordinal)
		}
		if l.anyEmpty() { // what is collected goes before the next batch comes
			break
		}
	}
	if len(rows) == 0 {
		return nil, nil, io.EOF
	}
	columns, err := l.take()
	if err == nil && l.ordinality {
		columns = append(columns, ordinalColumn(ordinals))
	}
	return rows, columns, err
}

// any tells whether some call has a row for the input row at hand.
func (l *lockstep) any() bool {
	for _, c := range l.cursors {
		if c.has(l.row) {
			return true
		}
	}
	return false
}

func (l *lockstep) anyEmpty() bool {
	for _, c := range l.cursors {
		if c.empty() {
			return true
		}
	}
	return false
}

// single gives away a whole batch of the only call.
func (l *lockstep) single(c *cursor) ([]int32, []arrow.Array, error) {
	if c.done {
		return nil, nil, io.EOF
	}
	c.at = len(c.batch.Calls)
	return c.batch.Calls, append([]arrow.Array(nil), c.batch.Columns...), nil
}

// take is the columns of all calls for the rows collected.
func (l *lockstep) take() ([]arrow.Array, error) {
	var out []arrow.Array
	for _, c := range l.cursors {
		for i, f := range c.columns {
			if len(c.batch.Columns) == 0 {
				out = append(out, kernel.Nulls(f.Type, len(c.taken)))
				continue
			}
			a, err := kernel.Take(c.batch.Columns[i], c.taken)
			if err != nil {
				return nil, err
			}
			out = append(out, a)
		}
	}
	return out, nil
}

// ordinalColumn is numbers from 1; 0 stands for NULL.
func ordinalColumn(ordinals []int64) arrow.Array {
	b := array.NewInt64Builder(memory.DefaultAllocator)
	b.Reserve(len(ordinals))
	for _, o := range ordinals {
		if o == 0 {
			b.AppendNull()
		} else {
			b.Append(o)
		}
	}
	return b.NewArray()
}
