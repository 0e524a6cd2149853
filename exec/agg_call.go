package exec

import (
	"context"
	"errors"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/exec/eval"
	"volley/exec/kernel"
	"volley/planner/physical"
	"volley/sqlerr"
	"volley/sqltype"
	"volley/udf"
)

// aggCall is one aggregate of a group table, with its arguments.
type aggCall struct {
	call   *physical.AggCall
	acc    udf.Accumulator
	source *aggCall // whose state acc takes its own from; nil: none, it gets rows
	args   []*eval.Program
	filter *eval.Program // nil: none
	merge  bool          // arguments are states
	states []arrow.DataType

	fresh func() (udf.Accumulator, error)
	// seen are the rows that a DISTINCT aggregate has had; nil: it is none.
	seen   *distinctRows
	sorted *sortedArgs // OrderBy: rows wait until all are there
	ranked *rankedArgs // instead of sorted, where only places in the order matter
	// presized: acc is to know how many rows each group has
	presized bool
	groups   []uint32 // scratch
}

func newAggCall(t *task, call *physical.AggCall, mode physical.AggMode) (*aggCall, error) {
	fn, err := t.env.Registry.FindAggregate(call.Func, call.ArgTypes)
	if err != nil {
		return nil, placedAt(err, call.Pos)
	}
	a := &aggCall{call: call, merge: mode == physical.Final}
	if fn.State != nil {
		a.states = fn.State(call.ArgTypes)
	}
	a.fresh = func() (udf.Accumulator, error) { return fn.New(t.eval.Context, call.ArgTypes) }
	if a.acc, err = a.fresh(); err != nil {
		return nil, placedAt(err, call.Pos)
	}
	if a.args, err = t.eval.CompileAll(call.Args); err != nil {
		return nil, err
	}
	for _, p := range a.args {
		p.KeepEncoded()
		if !a.merge {
			p.KeepShort()
		}
	}
	if call.Filter != nil && !a.merge {
		if a.filter, err = t.eval.Compile(call.Filter); err != nil {
			return nil, err
		}
	}
	if call.Distinct && !a.merge {
		if mode == physical.Partial {
			return nil, sqlerr.New(sqlerr.InternalError, "a DISTINCT aggregate cannot be partial")
		}
		if err := allKeyable(call.Args); err != nil {
			return nil, placedAt(err, call.Pos)
		}
		a.seen = a.newSeen()
	}
	if len(call.OrderBy) > 0 && !a.merge {
		if a.ranked = newRankedArgs(a); a.ranked != nil {
			return a, nil
		}
		_, a.presized = a.acc.(udf.Presized)
		a.sorted, err = newSortedArgs(t, call)
	}
	return a, err
}

func (a *aggCall) newSeen() *distinctRows { return newDistinctRows(dataTypes(a.call.Args), 0) }

// add gives the rows of b, whose groups are given, to the aggregate.
func (a *aggCall) add(groups []uint32, n int, b *eval.Batch) error {
	if a.filter == nil {
		return a.addAll(groups, n, b)
	}
	rows, all, err := a.filter.Selected(b)
	if err != nil {
		return err
	}
	if all {
		return a.addAll(groups, n, b)
	}
	sub := b.Select(rows)
	return sub.PlaceRow(a.addAll(a.take(groups, rows), n, sub))
}

// addAll is add without the filter.
func (a *aggCall) addAll(groups []uint32, n int, b *eval.Batch) error {
	args := make([]udf.Arg, len(a.args))
	for i, p := range a.args {
		v, err := p.Arg(b)
		if err != nil {
			return err
		}
		if len(a.args) == 1 && a.indexed(v.Array) {
			return placedAt(a.updateIndexed(groups, n, v.Array.(*array.Dictionary)), a.call.Pos)
		}
		if digits := a.short(v); digits != nil {
			return placedAt(a.acc.(udf.ShortAccumulator).UpdateShort(groups, n, digits), a.call.Pos)
		}
		if v.Array, err = b.Decode(v.Array); err != nil {
			return err
		}
		args[i] = v
	}
	switch {
	case a.merge:
		return a.mergeStates(groups, n, args, b.Len())
	case a.ranked != nil:
		return a.ranked.add(groups, n, args[len(args)-1])
	case a.sorted != nil:
		if a.presized {
			a.sorted.count(groups, n, args[len(args)-1])
		}
		return a.sorted.add(groups, args, b)
	case a.seen != nil:
		return a.addDistinct(groups, n, args)
	}
	return placedAt(a.acc.Update(groups, n, args), a.call.Pos)
}

// indexed tells whether the aggregate takes the indices of an argument that is
// encoded.
func (a *aggCall) indexed(arg arrow.Array) bool {
	d, ok := arg.(*array.Dictionary)
	if !ok || a.merge || a.sorted != nil || a.seen != nil || d.NullN() > 0 || d.Dictionary().NullN() > 0 {
		return false
	}
	_, ok = a.acc.(udf.IndexedAccumulator)
	return ok
}

// short is the digits of the only argument, if the aggregate takes these.
func (a *aggCall) short(arg udf.Arg) []int64 {
	s, ok := arg.Array.(*sqltype.ShortDecimalArray)
	if !ok || arg.Const || len(a.args) != 1 || a.sorted != nil || a.seen != nil || s.NullN() > 0 {
		return nil
	}
	if _, ok = a.acc.(udf.ShortAccumulator); !ok {
		return nil
	}
	return s.Values()
}

func (a *aggCall) updateIndexed(groups []uint32, n int, arg *array.Dictionary) error {
	acc := a.acc.(udf.IndexedAccumulator)
	if rows := kernel.DictBytes(arg); rows != nil {
		return acc.UpdateBytes(groups, n, arg.Dictionary(), rows)
	}
	if rows := kernel.DictWords(arg); rows != nil {
		return acc.UpdateWords(groups, n, arg.Dictionary(), rows)
	}
	return acc.UpdateIndices(groups, n, arg.Dictionary(), kernel.DictRows(arg))
}

func (a *aggCall) take(groups []uint32, rows []int32) []uint32 {
	out := a.groups[:0]
	for _, r := range rows {
		out = append(out, groups[r])
	}
	a.groups = out
	return out
}

func (a *aggCall) mergeStates(groups []uint32, n int, args []udf.Arg, rows int) error {
	states, err := wholeColumns(args, rows)
	if err != nil {
		return err
	}
	return placedAt(a.acc.Merge(groups, n, states), a.call.Pos)
}

// stateColumns are the states that b has for the aggregate.
func (a *aggCall) stateColumns(b *eval.Batch) ([]arrow.Array, error) {
	args := make([]udf.Arg, len(a.args))
	for i, p := range a.args {
		var err error
		if args[i], err = p.Arg(b); err != nil {
			return nil, err
		}
	}
	return wholeColumns(args, b.Len())
}

// wholeColumns are the arguments with a value for each of so many rows.
func wholeColumns(args []udf.Arg, rows int) ([]arrow.Array, error) {
	cols := make([]arrow.Array, len(args))
	for i, v := range args {
		cols[i] = v.Array
		if v.Const {
			var err error
			if cols[i], err = kernel.Repeat(v.Array, rows); err != nil {
				return nil, err
			}
		}
	}
	return cols, nil
}

// addDistinct passes on only the rows whose group and arguments are new.
func (a *aggCall) addDistinct(groups []uint32, n int, args []udf.Arg) error {
	rows := len(groups)
	ids := make([]int32, rows)
	for i, g := range groups {
		ids[i] = int32(g)
	}
	cols := []arrow.Array{kernel.FromValues(arrow.PrimitiveTypes.Int32, ids, nil)}
	for _, v := range args {
		c := v.Array
		if v.Const {
			var err error
			if c, err = kernel.Repeat(c, rows); err != nil {
				return err
			}
		}
		cols = append(cols, c)
	}
	fresh, err := a.seen.fresh(cols, rows)
	if err != nil || len(fresh) == 0 {
		return err
	}
	for i := range args {
		c, err := kernel.Take(cols[i+1], fresh)
		if err != nil {
			return err
		}
		args[i] = udf.Arg{Array: c}
	}
	picked := make([]uint32, len(fresh))
	for i, r := range fresh {
		picked[i] = groups[r]
	}
	return placedAt(a.acc.Update(picked, n, args), a.call.Pos)
}

// finish sorts rows that had to wait and gives them to the aggregate.
func (a *aggCall) finish(ctx context.Context, n int) error {
	switch {
	case a.ranked != nil:
		ranked := a.ranked
		if a.ranked = nil; ranked.gives(a) {
			return ranked.finish(ctx, n)
		}
		return nil
	case a.sorted != nil && a.sorted.spilled != nil:
		return nil // see merging
	}
	if a.sorted != nil {
		a.expect(a.acc, 0, n)
		if err := a.sorted.each(ctx, func(groups []uint32, args []udf.Arg) error {
			if a.seen != nil {
				return a.addDistinct(groups, n, args)
			}
			return a.acc.Update(groups, n, args)
		}); err != nil {
			return placedAt(err, a.call.Pos)
		}
		a.sorted = nil
	}
	return a.grow(n)
}

// expect tells an accumulator of groups lo to hi−1 how many rows will come.
func (a *aggCall) expect(acc udf.Accumulator, lo, hi int) {
	if a.presized {
		a.sorted.ensure(hi) // the last groups may have no rows
		acc.(udf.Presized).Expect(a.sorted.sizes[lo:hi])
	}
}

// grow tells the accumulator the number of groups, by an update without rows:
// the last rows may all have been filtered away.
func (a *aggCall) grow(n int) error {
	if a.merge {
		none := make([]arrow.Array, len(a.states))
		for i, t := range a.states {
			none[i] = kernel.Nulls(t, 0)
		}
		return placedAt(a.acc.Merge(nil, n, none), a.call.Pos)
	}
	none := make([]udf.Arg, len(a.args))
	for i, t := range a.call.ArgTypes[:len(none)] {
		none[i].Array = kernel.Nulls(t, 0)
	}
	return placedAt(a.acc.Update(nil, n, none), a.call.Pos)
}

func (a *aggCall) bytes() int64 {
	if a.source != nil {
		return 0
	}
	n := a.acc.Bytes()
	if a.seen != nil {
		n += a.seen.seen.Bytes()
	}
	if a.sorted != nil {
		n += a.sorted.bytes()
	}
	if a.ranked != nil && a.ranked.gives(a) {
		n += a.ranked.bytes()
	}
	return n
}

// placedAt adds a position in the SQL text to an error.
func placedAt(err error, pos int) error {
	if err == nil {
		return nil
	}
	if row := (*udf.RowError)(nil); errors.As(err, &row) {
		return &udf.RowError{Row: row.Row, Err: placedAt(row.Err, pos)}
	}
	e := *sqlerr.Find(err)
	return e.WithPos(pos)
}
