package builtin

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/sqlerr"
	"volley/udf"
	"volley/udf/vector"
)

func registerArrayConstruction(b *registrar) {
	b.scalar(udf.Scalar{
		Name: "array[]", Params: types(tAny), Variadic: true, NullCall: true, Batch: constructArray,
		ReturnFor: func(args []arrow.DataType) (arrow.DataType, error) { return arrow.ListOf(args[0]), nil },
		Doc:       "ARRAY[…]; its arguments have one type",
	})
	filled := func(args []arrow.DataType) (arrow.DataType, error) { return arrow.ListOf(args[0]), nil }
	b.scalar(udf.Scalar{
		Name: "array_fill", Params: types(udf.AnyElement, arrow.ListOf(tInt4)), ReturnFor: filled, NullCall: true, Batch: arrayFill,
		Doc: "array with a value in all elements of one dimension",
	})
}

// gatherer builds arrays out of the elements of several sources: rows of them,
// numbered through, NULL for a negative number.
type gatherer struct {
	sources []arrow.Array
	rows    int
	items   []int32
	offsets []int32
}

func newGatherer(n int) *gatherer { return &gatherer{offsets: make([]int32, 1, n+1)} }

// source adds an array to take from and gives the number of its first row.
func (g *gatherer) source(a arrow.Array) int {
	base := g.rows
	g.sources = append(g.sources, a)
	g.rows += a.Len()
	return base
}

func (g *gatherer) add(row int) { g.items = append(g.items, int32(row)) }

func (g *gatherer) addRange(lo, hi int) {
	for ; lo < hi; lo++ {
		g.items = append(g.items, int32(lo))
	}
}

// endRow ends the array that was added since the last call.
func (g *gatherer) endRow() { g.offsets = append(g.offsets, int32(len(g.items))) }

// array is the rows as arrays of type t.
func (g *gatherer) array(t arrow.DataType, v vector.Validity) (arrow.Array, error) {
	all := g.sources[0]
	if len(g.sources) > 1 {
		var err error
		if all, err = array.Concatenate(g.sources, memory.DefaultAllocator); err != nil {
			return nil, sqlerr.Wrap(err, sqlerr.InternalError, "cannot join arrays")
		}
	}
	values, err := vector.Take(all, g.items)
	if err != nil {
		return nil, err
	}
	return vector.FromList(t, g.offsets, values, v), nil
}

func constructArray(_ *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
	t := arrow.ListOf(args[0].Array.DataType())
	if args[0].Array.DataType().ID() == arrow.LIST {
		return constructNested(t, args, n)
	}
	g := newGatherer(n)
	bases := make([]int, len(args))
	for k, a := range args {
		bases[k] = g.source(a.Array)
	}
	g.items = make([]int32, 0, n*len(args))
	for i := range n {
		for k, a := range args {
			g.add(bases[k] + rowOf(a, i))
		}
		g.endRow()
	}
	return g.array(t, vector.Validity{})
}

// constructNested makes arrays of arrays, which must have the same shape. As in
// PostgreSQL, arrays that are NULL or empty make an empty array.
func constructNested(t arrow.DataType, args []udf.Arg, n int) (arrow.Array, error) {
	g := newGatherer(n)
	bases := make([]int, len(args))
	for k, a := range args {
		bases[k] = g.source(a.Array)
	}
	for i := range n {
		var first shape
		empty := false
		for k, a := range args {
			row := rowOf(a, i)
			var s shape
			if a.Array.IsValid(row) {
				s = shapeOf(a.Array, row)
			}
			switch {
			case s.n == 0:
				empty = true
				continue
			case first.n == 0:
				first = s
			case s != first:
				return nil, &udf.RowError{Row: i, Err: shapeMismatch()}
			}
			g.add(bases[k] + row)
		}
		if empty && first.n > 0 {
			return nil, &udf.RowError{Row: i, Err: shapeMismatch()}
		}
		g.endRow()
	}
	return g.array(t, vector.Validity{})
}

func shapeMismatch() error {
	return sqlerr.New(sqlerr.ArraySubscript, "multidimensional arrays must have array expressions with matching dimensions")
}

// maxArrayElements is PostgreSQL's MaxArraySize.
const maxArrayElements = 1<<27 - 1

// arrayFill makes arrays of one dimension.
func arrayFill(_ *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
	dims := vector.NewList(args[1].Array)
	sizes, v := vector.Fixed[int32](dims.Values), validityOf(args[1], n)
	g := newGatherer(n)
	g.source(args[0].Array)
	for i := range n {
		row := rowOf(args[1], i)
		if args[1].Array.IsNull(row) {
			return nil, &udf.RowError{Row: i, Err: sqlerr.New(sqlerr.NullNotAllowed, "dimension array or low bound array cannot be null")}
		}
		lo, hi := dims.Row(row)
		switch {
		case hi-lo > 1:
			return nil, &udf.RowError{Row: i, Err: sqlerr.New(sqlerr.FeatureNotSupported, "array_fill with %d dimensions is not supported", hi-lo)}
		case lo == hi:
		case dims.Values.IsNull(lo):
			return nil, &udf.RowError{Row: i, Err: sqlerr.New(sqlerr.NullNotAllowed, "dimension values cannot be null")}
		case sizes[lo] < 0 || sizes[lo] > maxArrayElements || len(g.items)+int(sizes[lo]) > maxArrayElements:
			return nil, &udf.RowError{Row: i, Err: arrayTooLarge()}
		default:
			for range sizes[lo] {
				g.add(rowOf(args[0], i))
			}
		}
		g.endRow()
	}
	return g.array(arrow.ListOf(args[0].Array.DataType()), v)
}
