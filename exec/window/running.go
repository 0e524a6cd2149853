package window

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/kernel"
	"volley/udf"
)

// running is an aggregate whose frames begin where their partitions do: its
// result after each row is computed once, and frames take that of their last
// row.
func (a *Aggregate) running(x *input) (arrow.Array, error) {
	results, err := a.scan(x)
	if err != nil {
		return nil, err
	}
	empty, err := a.empty()
	if err != nil {
		return nil, err
	}
	at := make([]int32, x.Layout.Rows())
	for i := range at {
		lo, _ := x.Layout.part(i)
		first, end := x.seen(lo), x.seen(x.Frames.hi[i])
		if at[i] = end - 1; end <= first {
			at[i] = int32(x.count())
		}
	}
	if results, err = kernel.Concat([]arrow.Array{results, empty}); err != nil {
		return nil, err
	}
	return kernel.Take(results, at)
}

// scan is the result after each row seen.
func (a *Aggregate) scan(x *input) (arrow.Array, error) {
	n := x.count()
	if n == 0 {
		return kernel.Nulls(x.Type, 0), nil
	}
	acc, err := a.New()
	if err != nil {
		return nil, err
	}
	groups := x.groups()
	if s, ok := acc.(udf.Scanner); ok {
		return s.Scan(groups, x.args)
	}
	results := kernel.NewChunks(x.Type)
	for i := range n {
		if i > 0 && groups[i] != groups[i-1] {
			if acc, err = a.New(); err != nil {
				return nil, err
			}
		}
		if err := acc.Update([]uint32{0}, 1, sliceArgs(x.args, i, i+1)); err != nil {
			return nil, err
		}
		r, err := acc.Result(0, 1)
		if err != nil {
			return nil, err
		}
		if err := results.Append(r); err != nil {
			return nil, err
		}
	}
	return results.Slice(0, n)
}
