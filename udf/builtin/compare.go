package builtin

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/bitutil"
	"github.com/apache/arrow/go/v15/arrow/decimal128"

	"volley/sqltype"
	"volley/udf"
	"volley/udf/vector"
)

// relation is a comparison operator as the set of orders that satisfy it.
type relation struct {
	name             string
	less, same, more bool
}

var relations = []relation{
	{"=", false, true, false},
	{"<>", true, false, true},
	{"<", true, false, false},
	{"<=", true, true, false},
	{">", false, false, true},
	{">=", false, true, true},
}

// holds tells whether an order, <0, 0 or >0, satisfies the relation.
func (r relation) holds(order int) bool {
	switch {
	case order < 0:
		return r.less
	case order > 0:
		return r.more
	}
	return r.same
}

// comparison makes the kernel of a relation by a function that orders two
// values.
func comparison[T any](r relation, order func(a, b T) int) batchFunc {
	return func(_ *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
		a, b := load[T](args[0]), load[T](args[1])
		v, bits := valid(args, n), make([]byte, bitutil.BytesForBits(int64(n)))
		for i := range n {
			if r.holds(order(a.At(i), b.At(i))) {
				bits[i>>3] |= 1 << (i & 7)
			}
		}
		return vector.FromBits(bits, n, v), nil
	}
}

// fixedComparison is comparison for numbers, by loops over blocks.
func fixedComparison[T ordered](r relation) batchFunc {
	return func(_ *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
		a, b := load[T](args[0]), load[T](args[1])
		v, bits := valid(args, n), make([]byte, bitutil.BytesForBits(int64(n)))
		vector.Blocks(a, b, n, func(lo int, x, y []T) { compareBlock(r, bits[lo>>3:], x, y) })
		return vector.FromBits(bits, n, v), nil
	}
}

// orderedBy adds the relations and IS [NOT] DISTINCT FROM for two values of
// type t; kernel makes a relation's kernel.
func orderedBy(b *registrar, t arrow.DataType, kernel func(relation) batchFunc) {
	total := t != udf.AnyRecord // a column's type may have no order
	for _, r := range append([]relation{{"!=", true, false, true}}, relations...) {
		b.scalar(udf.Scalar{Name: r.name, Params: types(t, t), Returns: tBool, Batch: kernel(r), Total: total})
	}
	for _, not := range []bool{false, true} {
		name := "is distinct from"
		if not {
			name = "is not distinct from"
		}
		b.scalar(udf.Scalar{
			Name: name, Params: types(t, t), Returns: tBool, NullCall: true, Total: total,
			Batch: distinct(kernel(relations[1]), not),
		})
	}
}

// distinct makes IS DISTINCT FROM of the type's <>; not: IS NOT DISTINCT FROM.
func distinct(unequal batchFunc, not bool) batchFunc {
	return func(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
		a, b := validityOf(args[0], n), validityOf(args[1], n)
		out := make([]byte, bitutil.BytesForBits(int64(n)))
		if !constNull(args[0]) && !constNull(args[1]) {
			r, err := unequal(ctx, args, n)
			if err != nil {
				return nil, err
			}
			copy(out, r.Data().Buffers()[1].Bytes())
		}
		if a.Nulls+b.Nulls > 0 {
			for i := range out {
				x, y := byteOf(a, i), byteOf(b, i)
				out[i] = out[i]&x&y | (x ^ y)
			}
		}
		if not {
			for i := range out {
				out[i] = ^out[i]
			}
		}
		return vector.FromBits(out, n, vector.Validity{}), nil
	}
}

func constNull(a udf.Arg) bool { return a.Const && a.Array.IsNull(0) }

// validityOf is the rows of one argument that are not NULL.
func validityOf(a udf.Arg, n int) vector.Validity {
	switch {
	case constNull(a):
		return vector.AllNull(n)
	case a.Const:
		return vector.Validity{}
	}
	return vector.ValidityOf(a.Array)
}

// byteOf is bits 8i to 8i+7 of a validity.
func byteOf(v vector.Validity, i int) byte {
	if v.Bits == nil {
		return 0xff
	}
	return v.Bits[i]
}

func registerComparison(b *registrar) {
	orderedBy(b, tBool, func(r relation) batchFunc { return comparison(r, compareBool) })
	orderedBy(b, tInt2, fixedComparison[int16])
	orderedBy(b, tInt4, fixedComparison[int32])
	orderedBy(b, tInt8, fixedComparison[int64])
	orderedBy(b, tFloat4, fixedComparison[float32])
	orderedBy(b, tFloat8, fixedComparison[float64])
	orderedBy(b, tDate, fixedComparison[int32])
	orderedBy(b, tTime, fixedComparison[int64])
	orderedBy(b, tTimetz, fixedComparison[int64])
	orderedBy(b, tTimestamp, fixedComparison[int64])
	orderedBy(b, tTimestamptz, fixedComparison[int64])
	orderedBy(b, udf.Decimal, decimalComparison)
	orderedBy(b, tNumeric, func(r relation) batchFunc { return comparison(r, sqltype.Num.Cmp) })
	orderedBy(b, tInterval, func(r relation) batchFunc { return comparison(r, compareInterval) })
	orderedBy(b, sqltype.UUID, func(r relation) batchFunc { return comparison(r, compareUUID) })
	orderedBy(b, sqltype.OID, fixedComparison[int64])
	orderedBy(b, tText, binaryComparison)
	orderedBy(b, tBytea, binaryComparison)
	orderedBy(b, tBit, binaryComparison)
	orderedBy(b, tVarbit, binaryComparison)
	for _, r := range relations {
		b.resolveAs(r.name, types(tFloat4, tFloat8), types(tFloat8, tFloat8), tBool)
		b.resolveAs(r.name, types(tFloat8, tFloat4), types(tFloat8, tFloat8), tBool)
	}
}

// decimalComparison compares Decimals, by value where the scales differ.
func decimalComparison(r relation) batchFunc {
	same, mixed := comparison(r, decimal128.Num.Cmp), comparison(r, sqltype.Num.Cmp)
	return func(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
		_, s1 := scaleOf(args[0].Array.DataType())
		_, s2 := scaleOf(args[1].Array.DataType())
		if s1 == s2 {
			return same(ctx, args, n)
		}
		return mixed(ctx, args, n)
	}
}
