package window

import (
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/kernel"
	"volley/sqltype"
	"volley/udf"
)

// Aggregate is an aggregate as a window function.
type Aggregate struct {
	// New makes an accumulator without groups.
	New func() (udf.Accumulator, error)
	// ArgTypes are the arguments' types; State those of a partial state, nil
	// when states cannot be merged.
	ArgTypes, State []arrow.DataType
	// Carries: a scan's State is that of the last row. Resumable: the states of its scans
	// can be carried from chunk to chunk.
	// Carry is that of the partition in whose middle the chunk begins; Compute
	// replaces it by that of the chunk's last partition.
	Carries, Resumable bool
	Carry              Running
	next               Running
	// Stop tells, every some thousand rows, that the statement was cancelled;
	// nil: it never is.
	Stop func() error
}

// input is the rows that an aggregate sees: those of the chunk that pass its
// FILTER.
type input struct {
	*Input
	args []udf.Arg
	// rows are the numbers in the chunk of the rows seen; nil: all.
	rows []int32
	// before[i] is how many rows are seen before row i; nil: i, or that of passed
	// where it is not nil.
	before []int32
	passed *rankedBits
}

// Compute gives the column of the aggregate over each row's frame. rows are
// those that pass the FILTER, ascending; all says that every row does. Arguments
// are of the whole chunk.
func (a *Aggregate) Compute(in *Input, rows []int32, all bool) (arrow.Array, error) {
	x := &input{Input: in, args: in.Args}
	if !all {
		x.rows = rows
		x.before = make([]int32, in.Layout.Rows()+1)
		for _, r := range rows {
			x.before[r+1] = 1
		}
		for i := range in.Layout.Rows() {
			x.before[i+1] += x.before[i]
		}
		var err error
		if x.args, err = takeArgs(in.Args, rows); err != nil {
			return nil, err
		}
	}
	switch {
	case in.Layout.Rows() == 0:
		return kernel.Nulls(in.Type, 0), nil
	case in.Frames.whole && !a.Resumable: // else it may be a part of a partition
		return a.whole(x)
	case in.Frames.running:
		return a.running(x)
	}
	return a.moving(x)
}

// seen is the number of rows seen before row i of the chunk.
func (x *input) seen(i int32) int32 {
	switch {
	case x.before != nil:
		return x.before[i]
	case x.passed != nil:
		return x.passed.before(i)
	}
	return i
}

func (x *input) count() int { return int(x.seen(int32(x.Layout.Rows()))) }

// groups is the partition of each row seen.
func (x *input) groups() []uint32 {
	all := x.Layout.groups()
	if x.before == nil {
		return all
	}
	out := make([]uint32, len(x.rows))
	for i, r := range x.rows {
		out[i] = all[r]
	}
	return out
}

// takeArgs is the arguments of some rows.
func takeArgs(args []udf.Arg, rows []int32) ([]udf.Arg, error) {
	out := make([]udf.Arg, len(args))
	for i, v := range args {
		if out[i] = v; v.Const {
			continue
		}
		var err error
		if out[i].Array, err = kernel.Take(v.Array, rows); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// sliceArgs is the arguments of rows lo to hi−1.
func sliceArgs(args []udf.Arg, lo, hi int) []udf.Arg {
	out := make([]udf.Arg, len(args))
	for i, v := range args {
		if out[i] = v; !v.Const {
			out[i].Array = kernel.Slice(v.Array, lo, hi)
		}
	}
	return out
}

func (a *Aggregate) stopped() error {
	if a.Stop == nil {
		return nil
	}
	return a.Stop()
}

// grown tells acc that there are n groups.
func (a *Aggregate) grown(acc udf.Accumulator, n int) error {
	none := make([]udf.Arg, len(a.ArgTypes))
	for i, t := range a.ArgTypes {
		none[i].Array = kernel.Nulls(t, 0)
	}
	return acc.Update(nil, n, none)
}

// orderedRows is how many rows at a time accumulators of few groups get of
// floating-point numbers, which they would not add from left to right otherwise.
const orderedRows = udf.FewGroups - 1

// update is acc.Update in the order of the rows, as PostgreSQL adds them, however
// they are cut into calls.
func update(acc udf.Accumulator, groups []uint32, n int, args []udf.Arg) error {
	floats := slices.ContainsFunc(args, func(a udf.Arg) bool { return sqltype.IsFloat(a.Array.DataType()) })
	if n > udf.FewGroups || !floats {
		return acc.Update(groups, n, args)
	}
	for lo := 0; lo < len(groups); lo += orderedRows {
		hi := min(lo+orderedRows, len(groups))
		if err := acc.Update(groups[lo:hi], n, sliceArgs(args, lo, hi)); err != nil {
			return err
		}
	}
	return nil
}

// merge is acc.Merge in the order of the states.
func merge(acc udf.Accumulator, groups []uint32, n int, states []arrow.Array) error {
	if n > udf.FewGroups || !slices.ContainsFunc(states, func(a arrow.Array) bool { return sqltype.IsFloat(a.DataType()) }) {
		return acc.Merge(groups, n, states)
	}
	for lo := 0; lo < len(groups); lo += orderedRows {
		hi := min(lo+orderedRows, len(groups))
		if err := acc.Merge(groups[lo:hi], n, sliceAll(states, lo, hi)); err != nil {
			return err
		}
	}
	return nil
}

func sliceAll(arrays []arrow.Array, lo, hi int) []arrow.Array {
	out := make([]arrow.Array, len(arrays))
	for i, a := range arrays {
		out[i] = kernel.Slice(a, lo, hi)
	}
	return out
}

// takeAll is some rows of arrays.
func takeAll(arrays []arrow.Array, rows []int32) ([]arrow.Array, error) {
	out := make([]arrow.Array, len(arrays))
	for i, a := range arrays {
		var err error
		if out[i], err = kernel.Take(a, rows); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// whole is an aggregate whose frames are the partitions.
func (a *Aggregate) whole(x *input) (arrow.Array, error) {
	acc, err := a.New()
	if err != nil {
		return nil, err
	}
	n := x.Layout.Partitions()
	if err := update(acc, x.groups(), n, x.args); err != nil {
		return nil, err
	}
	if err := a.grown(acc, n); err != nil {
		return nil, err
	}
	results, err := acc.Result(0, n)
	if err != nil {
		return nil, err
	}
	return takeResults(x.Input, results, x.Layout.partOf)
}

// empty is the result over no rows but those of states, nil for none.
func (a *Aggregate) empty(states []arrow.Array) (arrow.Array, error) {
	acc, err := a.New()
	if err != nil {
		return nil, err
	}
	if states != nil {
		err = acc.Merge([]uint32{0}, 1, states)
	} else {
		err = a.grown(acc, 1)
	}
	if err != nil {
		return nil, err
	}
	return acc.Result(0, 1)
}
