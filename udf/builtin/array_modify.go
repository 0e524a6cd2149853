package builtin

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqlerr"
	"volley/sqltype"
	"volley/udf"
	"volley/udf/vector"
)

func registerArrayModification(b *registrar) {
	array, elem := udf.CompatibleArray, udf.Compatible
	widest := func(args []arrow.DataType) (arrow.DataType, error) {
		if sqltype.Dimensions(args[1]) > sqltype.Dimensions(args[0]) {
			return args[1], nil
		}
		return args[0], nil
	}
	second := func(args []arrow.DataType) (arrow.DataType, error) { return args[1], nil }
	for _, name := range []string{"||", "array_cat"} {
		b.scalar(udf.Scalar{Name: name, Params: types(array, array), ReturnFor: widest, NullCall: true, Batch: arrayCat})
	}
	for _, name := range []string{"||", "array_append"} {
		b.scalar(udf.Scalar{Name: name, Params: types(array, elem), ReturnFor: firstType, NullCall: true, Batch: arrayAppend})
	}
	for _, name := range []string{"||", "array_prepend"} {
		b.scalar(udf.Scalar{Name: name, Params: types(elem, array), ReturnFor: second, NullCall: true, Batch: arrayPrepend})
	}
	b.scalar(udf.Scalar{Name: "array_remove", Params: types(array, elem), ReturnFor: firstType, NullCall: true, Batch: arrayRemove})
	b.scalar(udf.Scalar{Name: "array_replace", Params: types(array, elem, elem), ReturnFor: firstType, NullCall: true, Batch: arrayReplace})
	b.scalar(udf.Scalar{Name: "trim_array", Params: types(udf.AnyArray, tInt4), ReturnFor: firstType, Batch: trimArray})
}

func firstType(args []arrow.DataType) (arrow.DataType, error) { return args[0], nil }

// flat refuses arrays of more than one dimension.
func flat(a udf.Arg, err *sqlerr.Error) error {
	if sqltype.Dimensions(a.Array.DataType()) > 1 && vector.NewList(a.Array).Values.Len() > 0 {
		return err
	}
	return nil
}

func arrayAppend(_ *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
	return withElement(args[0], args[1], n, false)
}

func arrayPrepend(_ *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
	return withElement(args[1], args[0], n, true)
}

// withElement adds an element at one end; a NULL array counts as an empty one.
func withElement(a, elem udf.Arg, n int, before bool) (arrow.Array, error) {
	if sqltype.Dimensions(a.Array.DataType()) > 1 {
		return nil, sqlerr.New("22000", "argument must be empty or one-dimensional array")
	}
	l, g := vector.NewList(a.Array), newGatherer(n)
	g.source(l.Values)
	base := g.source(elem.Array)
	for i := range n {
		row := rowOf(a, i)
		if before {
			g.add(base + rowOf(elem, i))
		}
		if a.Array.IsValid(row) {
			g.addRange(l.Row(row))
		}
		if !before {
			g.add(base + rowOf(elem, i))
		}
		g.endRow()
	}
	return g.array(a.Array.DataType(), vector.Validity{})
}

// arrayCat joins arrays of the same number of dimensions, or adds one array as
// an element of another one that has one dimension more.
func arrayCat(_ *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
	x, y := args[0].Array.DataType(), args[1].Array.DataType()
	dx, dy := sqltype.Dimensions(x), sqltype.Dimensions(y)
	var out vector.Validity
	for i := range n {
		if args[0].Array.IsNull(rowOf(args[0], i)) && args[1].Array.IsNull(rowOf(args[1], i)) {
			out.SetNull(i, n)
		}
	}
	g := newGatherer(n)
	sides := [2]func(i int) (lo, hi int){catSide(g, args[0], dx < dy), catSide(g, args[1], dy < dx)}
	for i := range n {
		if max(dx, dy) > 1 {
			if err := checkCat(args, i, dx, dy); err != nil {
				return nil, &udf.RowError{Row: i, Err: err}
			}
		}
		for _, side := range sides {
			g.addRange(side(i))
		}
		g.endRow()
	}
	if dy > dx {
		x = y
	}
	return g.array(x, out)
}

// catSide gives the elements a row of one operand has in the result: those of
// the array, or the array itself.
func catSide(g *gatherer, a udf.Arg, asElement bool) func(i int) (lo, hi int) {
	l := vector.NewList(a.Array)
	if asElement {
		base := g.source(a.Array)
		return func(i int) (int, int) {
			row := rowOf(a, i)
			if a.Array.IsNull(row) || l.Len(row) == 0 {
				return 0, 0
			}
			return base + row, base + row + 1
		}
	}
	base := g.source(l.Values)
	return func(i int) (int, int) {
		row := rowOf(a, i)
		if a.Array.IsNull(row) {
			return 0, 0
		}
		lo, hi := l.Row(row)
		return base + lo, base + hi
	}
}

func checkCat(args []udf.Arg, i, dx, dy int) error {
	var s [2]shape
	for k, a := range args {
		if row := rowOf(a, i); a.Array.IsValid(row) {
			s[k] = shapeOf(a.Array, row)
		}
	}
	a, b := s[0], s[1]
	switch incompatible := sqlerr.New(sqlerr.ArraySubscript, "cannot concatenate incompatible arrays"); {
	case (a.n == 0 || b.n == 0) && dx == dy, a.n == 0 && dx < dy, b.n == 0 && dy < dx:
		return nil
	case a.n == 0 || b.n == 0:
		return sqlerr.New(sqlerr.FeatureNotSupported, "concatenation with an empty array of more dimensions is not supported")
	case a.n-b.n > 1 || b.n-a.n > 1:
		return incompatible.WithDetail("Arrays of %d and %d dimensions are not compatible for concatenation.", a.n, b.n)
	case a.n == b.n && a.inner() == b.inner(), a.n > b.n && a.inner() == b, b.n > a.n && b.inner() == a:
		return nil
	case a.n == b.n:
		return incompatible.WithDetail("Arrays with differing element dimensions are not compatible for concatenation.")
	default:
		return incompatible.WithDetail("Arrays with differing dimensions are not compatible for concatenation.")
	}
}

func arrayRemove(_ *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
	if err := flat(args[0], sqlerr.New(sqlerr.FeatureNotSupported, "removing elements from multidimensional arrays is not supported")); err != nil {
		return nil, err
	}
	l, g, v := vector.NewList(args[0].Array), newGatherer(n), validityOf(args[0], n)
	g.source(l.Values)
	compare, err := orderOf(l.Values, args[1].Array)
	if err != nil {
		return nil, err
	}
	for i := range n {
		if v.Valid(i) {
			lo, hi := l.Row(rowOf(args[0], i))
			for k := lo; k < hi; k++ {
				if compare(k, rowOf(args[1], i)) != 0 {
					g.add(k)
				}
			}
		}
		g.endRow()
	}
	return g.array(args[0].Array.DataType(), v)
}

func arrayReplace(_ *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
	l, g, v := vector.Elements(args[0].Array), newGatherer(n), validityOf(args[0], n)
	g.source(l.Values)
	base := g.source(args[2].Array)
	compare, err := orderOf(l.Values, args[1].Array)
	if err != nil {
		return nil, err
	}
	for i := range n {
		if v.Valid(i) {
			lo, hi := l.Row(rowOf(args[0], i))
			for k := lo; k < hi; k++ {
				if compare(k, rowOf(args[1], i)) == 0 {
					g.add(base + rowOf(args[2], i))
				} else {
					g.add(k)
				}
			}
		}
		g.endRow()
	}
	t := args[0].Array.DataType()
	if sqltype.Dimensions(t) == 1 {
		return g.array(t, v)
	}
	replaced, err := g.array(arrow.ListOf(sqltype.ElementType(t)), v)
	if err != nil {
		return nil, err
	}
	whole, err := expand(args[0], n)
	if err != nil {
		return nil, err
	}
	return reshaped(whole, replaced.(interface{ ListValues() arrow.Array }).ListValues()), nil
}

// reshaped is array a with other elements, as many as it has.
func reshaped(a, values arrow.Array) arrow.Array {
	l := vector.NewList(a)
	if l.Values.DataType().ID() == arrow.LIST {
		values = reshaped(l.Values, values)
	}
	return vector.FromList(a.DataType(), l.Offsets, values, vector.ValidityOf(a))
}

func trimArray(_ *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
	l, g, v := vector.NewList(args[0].Array), newGatherer(n), valid(args, n)
	g.source(l.Values)
	drop := load[int32](args[1])
	for i := range n {
		if v.Valid(i) {
			lo, hi := l.Row(rowOf(args[0], i))
			if d := int(drop.At(i)); d < 0 || d > hi-lo {
				return nil, &udf.RowError{Row: i, Err: sqlerr.New(sqlerr.ArraySubscript, "number of elements to trim must be between 0 and %d", hi-lo)}
			}
			g.addRange(lo, hi-int(drop.At(i)))
		}
		g.endRow()
	}
	return g.array(args[0].Array.DataType(), v)
}
