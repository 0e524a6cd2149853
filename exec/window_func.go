package exec

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/eval"
	"volley/exec/kernel"
	"volley/exec/window"
	"volley/planner/expr"
	"volley/planner/physical"
	"volley/sqlerr"
	"volley/sqltype"
	"volley/udf"
)

// windowFunc is a compiled window function.
type windowFunc struct {
	task    *task
	call    *physical.WindowCall
	args    []*eval.Program
	filter  *eval.Program    // nil: none
	plain   *window.Function // nil for an aggregate
	agg     window.Aggregate // else
	offsets [2]*eval.Program // of the frame's start and end; nil: none
	key     *eval.Program    // ORDER BY key of RANGE with offsets
	keyType arrow.DataType
	order   physical.SortKey
	// reserve takes memory for values, see window.Input.
	reserve func(n int64) error
}

// windowChunk is some whole partitions and their frames so far.
type windowChunk struct {
	batch  *eval.Batch
	layout *window.Layout
	frames []chunkFrames
}

type chunkFrames struct {
	frame  expr.Frame
	frames *window.Frames
}

func newWindowFunc(t *task, n *physical.Window, call *physical.WindowCall, mem *reservation) (*windowFunc, error) {
	f := &windowFunc{task: t, call: call, reserve: func(n int64) error { return mem.resize(mem.taken + n) }}
	var err error
	if f.args, err = t.eval.CompileAll(call.Args); err != nil {
		return nil, err
	}
	if call.Filter != nil {
		if f.filter, err = t.eval.Compile(call.Filter); err != nil {
			return nil, err
		}
	}
	for i, b := range []expr.Bound{call.Frame.Start, call.Frame.End} {
		if b.Offset == nil {
			continue
		}
		if f.offsets[i], err = t.eval.Compile(b.Offset); err != nil {
			return nil, err
		}
		if call.Frame.Unit == expr.Range {
			if err := f.rangeKey(n); err != nil {
				return nil, err
			}
		}
	}
	if call.Aggregate {
		return f, f.aggregate()
	}
	if f.plain = window.Find(call.Func); f.plain == nil {
		return nil, sqlerr.New(sqlerr.UndefinedFunction, "window function %s does not exist", call.Func)
	}
	return f, nil
}

func (f *windowFunc) rangeKey(n *physical.Window) error {
	if len(n.OrderBy) != 1 {
		return sqlerr.New(sqlerr.WindowingError, "RANGE with offset PRECEDING/FOLLOWING requires exactly one ORDER BY column")
	}
	f.order = n.OrderBy[0]
	f.keyType = f.order.Expr.DataType()
	var err error
	f.key, err = f.task.eval.Compile(f.order.Expr)
	return err
}

func (f *windowFunc) aggregate() error {
	fn, err := f.task.env.Registry.FindAggregate(f.call.Func, f.call.ArgTypes)
	if err != nil {
		return err
	}
	f.agg = window.Aggregate{
		New:      func() (udf.Accumulator, error) { return fn.New(f.task.eval.Context, f.call.ArgTypes) },
		ArgTypes: f.call.ArgTypes,
		Stop:     f.task.canceled,
	}
	if fn.State != nil && !fn.NoPartial {
		f.agg.State = fn.State(f.call.ArgTypes)
	}
	acc, err := f.agg.New()
	if err != nil {
		return err
	}
	_, scans := acc.(udf.Scanner)
	fr := f.call.Frame
	f.agg.Carries = scans && !fn.User && f.agg.State != nil
	f.agg.Resumable = f.agg.Carries && fr.Exclude == expr.NoOthers &&
		fr.Start.Kind == expr.UnboundedPreceding && fr.End.Kind == expr.CurrentRow
	return nil
}

// streams tells whether the function needs only what came before the row and its
// peers, so that a partition need not be held whole.
func (f *windowFunc) streams() bool {
	switch f.call.Func {
	case "row_number", "rank", "dense_rank":
		return !f.call.Aggregate
	}
	return f.agg.Resumable
}

// byRows tells whether it needs only what came before the row.
func (f *windowFunc) byRows() bool {
	if f.call.Aggregate {
		return f.agg.Resumable && f.call.Frame.Unit == expr.Rows
	}
	return f.call.Func == "row_number"
}

// compute gives the function's column for a chunk.
func (f *windowFunc) compute(c *windowChunk) (arrow.Array, error) {
	in := &window.Input{Layout: c.layout, Type: f.call.Type, Reserve: f.reserve}
	var err error
	if in.Frames, err = f.frames(c); err != nil {
		return nil, err
	}
	if in.Args, err = f.arguments(c.batch, 0, len(f.args)); err != nil {
		return nil, err
	}
	if f.plain != nil {
		return f.plain.Compute(in)
	}
	rows, all, err := f.seen(c.batch)
	if err != nil {
		return nil, err
	}
	return f.agg.Compute(in, rows, all)
}

// arguments evaluates arguments lo to hi−1; the others have no array.
func (f *windowFunc) arguments(b *eval.Batch, lo, hi int) ([]udf.Arg, error) {
	args := make([]udf.Arg, len(f.args))
	for i := lo; i < hi; i++ {
		a, err := f.args[i].Arg(b)
		if err != nil {
			return nil, err
		}
		if a.Array, err = kernel.Decode(a.Array); err != nil {
			return nil, err
		}
		args[i] = a
	}
	return args, nil
}

// seen is the rows that pass the FILTER, or all.
func (f *windowFunc) seen(b *eval.Batch) (rows []int32, all bool, err error) {
	if f.filter == nil {
		return nil, true, nil
	}
	return f.filter.Selected(b)
}

// frames places the function's frames, or takes those of a function before it.
func (f *windowFunc) frames(c *windowChunk) (*window.Frames, error) {
	for _, x := range c.frames {
		if x.frame.Equal(f.call.Frame) {
			return x.frames, nil
		}
	}
	o, err := f.frameOffsets(c.batch)
	if err != nil {
		return nil, err
	}
	r, err := f.rangeKeys(c.batch)
	if err != nil {
		return nil, err
	}
	frames, err := window.NewFrames(c.layout, f.call.Frame, o, r)
	if err == nil {
		c.frames = append(c.frames, chunkFrames{f.call.Frame, frames})
	}
	return frames, err
}

// frameOffsets evaluates the offsets, which are the same for all rows.
func (f *windowFunc) frameOffsets(b *eval.Batch) (window.Offsets, error) {
	var out [2]arrow.Array
	for i, p := range f.offsets {
		if p == nil {
			continue
		}
		var err error
		if out[i], err = p.Array(b.Select([]int32{0})); err != nil {
			return window.Offsets{}, err
		}
	}
	return window.Offsets{Start: out[0], End: out[1]}, nil
}

// rangeKeys evaluates the key that RANGE's offsets are of; nil for other frames.
func (f *windowFunc) rangeKeys(b *eval.Batch) (*window.RangeKeys, error) {
	if f.key == nil {
		return nil, nil
	}
	a, err := f.key.Array(b)
	if err == nil {
		a, err = kernel.Decode(a)
	}
	return &window.RangeKeys{Key: a, Desc: f.order.Desc, NullsFirst: f.order.NullsFirst, Shift: f.shift}, err
}

// shift adds or subtracts an interval by the operators of the registry.
func (f *windowFunc) shift(keys, offset arrow.Array, sub bool) (arrow.Array, error) {
	op := "+"
	if sub {
		op = "-"
	}
	fn, err := f.task.env.Registry.FindScalar(op, []arrow.DataType{f.keyType, sqltype.Interval})
	if err != nil {
		return nil, err
	}
	return fn.Batch(f.task.eval.Context, []udf.Arg{{Array: keys}, {Array: offset, Const: true}}, keys.Len())
}
