package builtin

import (
	"context"
	"io"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/udf"
	"volley/udf/vector"
)

func registerUnnest(b *registrar) {
	b.table(udf.Table{
		Name: "unnest", Params: types(udf.AnyArray), Rows: 10, Doc: "the elements of an array as rows",
		ReturnFor: func(args []arrow.DataType) ([]arrow.Field, error) { return scalarResult(vectorElement(args[0])), nil },
		Open: func(_ *udf.Context, args []udf.Arg, _ []arrow.Field, n int) (udf.TableRows, error) {
			return &unnest{arg: args[0], list: vector.Elements(args[0].Array), n: n}, nil
		},
	})
	subscripts := func(params ...arrow.DataType) {
		b.table(udf.Table{
			Name: "generate_subscripts", Params: params, Returns: scalarResult(tInt4), Rows: 10,
			Doc: "the subscripts of one dimension of an array", Open: openSubscripts,
		})
	}
	subscripts(udf.AnyArray, tInt4)
	subscripts(udf.AnyArray, tInt4, tBool)
	b.table(udf.Table{
		Name: "single row", Params: types(tAny), Returns: scalarResult(tText), NullCall: true, Rows: 1,
		Doc: "its argument; a row gives its fields",
		Open: func(_ *udf.Context, args []udf.Arg, columns []arrow.Field, n int) (udf.TableRows, error) {
			return &singleRows{arg: args[0], n: n}, nil
		},
	})
}

// singleRows gives the argument of each call as its only row.
type singleRows struct {
	arg udf.Arg
	n   int
	at  int
}

func (s *singleRows) Next(_ context.Context, limit int) (udf.TableBatch, error) {
	if s.at == s.n {
		return udf.TableBatch{}, io.EOF
	}
	var out udf.TableBatch
	rows := make([]int32, 0, min(limit, s.n-s.at))
	for ; s.at < s.n && len(rows) < limit; s.at++ {
		out.Calls = append(out.Calls, int32(s.at))
		row := rowOf(s.arg, s.at)
		if s.arg.Array.IsNull(row) {
			row = -1
		}
		rows = append(rows, int32(row))
	}
	value, err := vector.Take(s.arg.Array, rows)
	if err != nil {
		return out, err
	}
	out.Columns = []arrow.Array{value}
	if st, ok := value.(*array.Struct); ok {
		out.Columns = nil
		for i := range st.NumField() {
			out.Columns = append(out.Columns, st.Field(i))
		}
	}
	return out, nil
}

// scalarResult is the columns of a table function that gives single values.
func scalarResult(t arrow.DataType) []arrow.Field { return []arrow.Field{{Type: t, Nullable: true}} }

// vectorElement is the type of an array's elements, below all dimensions.
func vectorElement(t arrow.DataType) arrow.DataType {
	for t.ID() == arrow.LIST {
		t = t.(*arrow.ListType).Elem()
	}
	return t
}

// unnest gives the elements of arrays in order, as slices of the elements that
// are there already.
type unnest struct {
	arg  udf.Arg
	list vector.List
	n    int
	call int // at hand
	item int // of it, next
}

func (u *unnest) Next(ctx context.Context, limit int) (udf.TableBatch, error) {
	if err := ctx.Err(); err != nil {
		return udf.TableBatch{}, err
	}
	calls, items := make([]int32, 0, min(limit, u.list.Values.Len())), []int32(nil)
	first, contiguous := -1, true
	for ; u.call < u.n && len(calls) < limit; u.call++ {
		lo, hi := u.list.Row(rowOf(u.arg, u.call))
		for ; lo+u.item < hi && len(calls) < limit; u.item++ {
			at := lo + u.item
			if first < 0 {
				first = at
			}
			if contiguous && at != first+len(calls) {
				contiguous = false
				for k := range calls {
					items = append(items, int32(first+k))
				}
			}
			if !contiguous {
				items = append(items, int32(at))
			}
			calls = append(calls, int32(u.call))
		}
		if lo+u.item < hi {
			break
		}
		u.item = 0
	}
	if len(calls) == 0 {
		return udf.TableBatch{}, io.EOF
	}
	values := array.NewSlice(u.list.Values, int64(max(first, 0)), int64(first+len(calls)*boolInt(contiguous)))
	if !contiguous {
		var err error
		if values, err = vector.Take(u.list.Values, items); err != nil {
			return udf.TableBatch{}, err
		}
	}
	return udf.TableBatch{Calls: calls, Columns: []arrow.Array{values}}, nil
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// openSubscripts is the series from 1 to the dimension's length, or back.
func openSubscripts(_ *udf.Context, args []udf.Arg, _ []arrow.Field, n int) (udf.TableRows, error) {
	dim, s := load[int32](args[1]), newIntegerSeries[int32](tInt4, n)
	for i := range n {
		size := shapeOf(args[0].Array, rowOf(args[0], i))
		d := int(dim.At(i)) - 1
		s.start[i], s.stop[i], s.step[i] = 1, 0, 1
		if d < 0 || d >= size.n {
			continue
		}
		s.stop[i] = int32(size.size[d])
		if len(args) > 2 && load[bool](args[2]).At(i) {
			s.start[i], s.stop[i], s.step[i] = s.stop[i], 1, -1
		}
	}
	return s, nil
}
