package builtin

import (
	"cmp"
	"strconv"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/udf"
	"volley/udf/vector"
)

// maxDimensions is PostgreSQL's MAXDIM.
const maxDimensions = 6

// shape is an array's extent in each dimension; one without elements has no
// dimensions. Lower bounds are always 1.
type shape struct {
	n    int
	size [maxDimensions]int
}

// shapeOf is the shape of row i of a list array.
func shapeOf(a arrow.Array, i int) (s shape) {
	for a.DataType().ID() == arrow.LIST && s.n < maxDimensions {
		l := vector.NewList(a)
		lo, hi := l.Row(i)
		if lo == hi {
			break
		}
		s.size[s.n] = hi - lo
		s.n++
		a, i = l.Values, lo
	}
	return s
}

func compareShapes(a, b shape) int {
	if a.n != b.n {
		return cmp.Compare(a.n, b.n)
	}
	for d := range a.n {
		if c := cmp.Compare(a.size[d], b.size[d]); c != 0 {
			return c
		}
	}
	return 0
}

// inner is the shape of the elements of the first dimension.
func (s shape) inner() shape {
	out := shape{n: max(s.n-1, 0)}
	copy(out.size[:], s.size[1:])
	return out
}

func registerArrayShape(b *registrar) {
	one := types(udf.AnyArray)
	b.strict("array_ndims", one, tInt4, shapeNumber(func(s shape) (int, bool) { return s.n, s.n > 0 }))
	b.strict("cardinality", one, tInt4, cardinality)
	b.strict("array_dims", one, tText, func(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
		v, shapes := shapes(args, n)
		return writeText(ctx, tText, v, n, func(dst []byte, i int) ([]byte, error) {
			for d := range shapes[i].n {
				dst = strconv.AppendInt(append(dst, "[1:"...), int64(shapes[i].size[d]), 10)
				dst = append(dst, ']')
			}
			return dst, nil
		})
	})
	bound := func(f func(size int) int) batchFunc {
		return func(_ *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
			v, shapes := shapes(args, n)
			dim, out := load[int32](args[1]), make([]int32, n)
			for i, s := range shapes {
				d := int(dim.At(i)) - 1
				if !v.Valid(i) || d < 0 || d >= s.n {
					v.SetNull(i, n)
					continue
				}
				out[i] = int32(f(s.size[d]))
			}
			return vector.FromFixed(tInt4, out, v), nil
		}
	}
	two := types(udf.AnyArray, tInt4)
	b.strict("array_length", two, tInt4, bound(func(size int) int { return size }))
	b.strict("array_upper", two, tInt4, bound(func(size int) int { return size }))
	b.strict("array_lower", two, tInt4, bound(func(int) int { return 1 }))
}

// shapes are the shapes of the first argument's rows; rows without dimensions
// are NULL.
func shapes(args []udf.Arg, n int) (vector.Validity, []shape) {
	v, out := valid(args, n), make([]shape, n)
	l := vector.NewList(args[0].Array)
	flat := l.Values.DataType().ID() != arrow.LIST
	for i := range out {
		row := i
		if args[0].Const {
			row = 0
		}
		switch size := l.Len(row); {
		case !v.Valid(i):
		case size == 0:
			v.SetNull(i, n)
		case flat:
			out[i].n, out[i].size[0] = 1, size
		default:
			out[i] = shapeOf(args[0].Array, row)
		}
	}
	return v, out
}

func shapeNumber(f func(shape) (int, bool)) batchFunc {
	return func(_ *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
		v, shapes := shapes(args, n)
		out := make([]int32, n)
		for i, s := range shapes {
			x, ok := f(s)
			if !ok {
				v.SetNull(i, n)
			}
			out[i] = int32(x)
		}
		return vector.FromFixed(tInt4, out, v), nil
	}
}

func cardinality(_ *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
	l, out := vector.Elements(args[0].Array), make([]int32, n)
	for i := range out {
		out[i] = int32(l.Len(i))
	}
	return vector.FromFixed(tInt4, out, valid(args, n)), nil
}
