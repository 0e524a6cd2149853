package exec

import (
	"context"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/eval"
	"volley/exec/kernel"
	"volley/exec/rowkey"
	"volley/planner/expr"
	"volley/planner/physical"
	"volley/udf"
)

// sortedArgs keeps the rows of an aggregate with ORDER BY until all are there.
type sortedArgs struct {
	keys   sortKeys
	bytesK rowkey.Keys
	groups []uint32
	args   []*kernel.Chunks // nil for a constant
	consts []udf.Arg
	rows   int
	// sizes is how many rows each group has for a udf.Presized; nil: it is none.
	sizes []int64
	// spilled is what did not fit; nil: nothing.
	spilled *sortedRuns
}

func newSortedArgs(t *task, call *physical.AggCall) (*sortedArgs, error) {
	s := &sortedArgs{rows: t.rows, consts: make([]udf.Arg, len(call.Args))}
	for _, a := range call.Args {
		if l, ok := a.(*expr.Literal); ok {
			s.consts[len(s.args)] = udf.Arg{Array: l.Value, Const: true}
			s.args = append(s.args, nil)
			continue
		}
		s.args = append(s.args, kernel.NewChunks(a.DataType()))
	}
	var err error
	s.keys, err = t.compileSortKeys(call.OrderBy)
	return s, err
}

// ensure makes sizes of n groups.
func (s *sortedArgs) ensure(n int) {
	s.sizes = append(s.sizes, make([]int64, max(n-len(s.sizes), 0))...)
}

// count adds rows to the sizes of n groups; last is the last argument.
func (s *sortedArgs) count(groups []uint32, n int, last udf.Arg) {
	s.ensure(n)
	switch nulls := last.Array.NullN(); {
	case nulls == 0:
		for _, g := range groups {
			s.sizes[g]++
		}
	case !last.Const:
		for i, g := range groups {
			if last.Array.IsValid(i) {
				s.sizes[g]++
			}
		}
	}
}

func (s *sortedArgs) add(groups []uint32, args []udf.Arg, b *eval.Batch) error {
	cols, err := evalAll(s.keys.exprs, b)
	if err != nil {
		return err
	}
	s.bytesK.Append(cols, s.keys.orders, b.Len())
	s.groups = append(s.groups, groups...)
	for i, v := range args {
		if s.args[i] == nil {
			continue
		}
		a := v.Array
		if v.Const {
			if a, err = kernel.Repeat(a, b.Len()); err != nil {
				return err
			}
		}
		if err := s.args[i].Append(a); err != nil {
			return err
		}
	}
	return nil
}

// each gives all rows in order, by batches.
func (s *sortedArgs) each(ctx context.Context, f func(groups []uint32, args []udf.Arg) error) error {
	order, err := s.bytesK.SortUntil(ctx)
	if err != nil {
		return err
	}
	whole := make([]arrow.Array, len(s.args))
	for i, c := range s.args {
		if c == nil {
			continue
		}
		if whole[i], err = c.Slice(0, c.Len()); err != nil {
			return err
		}
	}
	for lo := 0; lo < len(order); lo += s.rows {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		rows := order[lo:min(lo+s.rows, len(order))]
		groups := make([]uint32, len(rows))
		for i, r := range rows {
			groups[i] = s.groups[r]
		}
		args := make([]udf.Arg, len(whole))
		for i, a := range whole {
			if args[i] = s.consts[i]; a == nil {
				continue
			}
			var err error
			if args[i].Array, err = kernel.Take(a, rows); err != nil {
				return err
			}
		}
		if err := f(groups, args); err != nil {
			return err
		}
	}
	return nil
}

// held is the memory of the rows.
func (s *sortedArgs) held() int64 {
	return s.bytesK.Bytes() + int64(4*cap(s.groups)) + int64(8*cap(s.sizes)) + s.argBytes()
}

func (s *sortedArgs) argBytes() (bytes int64) {
	for _, c := range s.args {
		if c != nil {
			bytes += c.Bytes()
		}
	}
	return bytes
}

// sortBytes is what sorting takes for each row.
const sortBytes = 36

// bytes is held with what sorting will need, when the arguments are put together.
func (s *sortedArgs) bytes() int64 {
	return s.held() + s.argBytes() + int64(sortBytes*len(s.groups))
}
