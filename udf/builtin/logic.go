package builtin

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/bitutil"

	"volley/udf"
	"volley/udf/vector"
)

func registerLogic(b *registrar) {
	b.total("not", types(tBool), tBool, not)
	test := func(name string, p arrow.DataType, f func(value, valid byte) byte) {
		b.scalar(udf.Scalar{Name: name, Params: types(p), Returns: tBool, NullCall: true, Total: true, Batch: bitTest(p == tBool, f)})
	}
	test("is null", tAny, func(_, valid byte) byte { return ^valid })
	test("is not null", tAny, func(_, valid byte) byte { return valid })
	test("is unknown", tBool, func(_, valid byte) byte { return ^valid })
	test("is not unknown", tBool, func(_, valid byte) byte { return valid })
	test("is true", tBool, func(value, valid byte) byte { return value & valid })
	test("is not true", tBool, func(value, valid byte) byte { return ^(value & valid) })
	test("is false", tBool, func(value, valid byte) byte { return ^value & valid })
	test("is not false", tBool, func(value, valid byte) byte { return value | ^valid })
}

func not(_ *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
	out := valueBits(args[0].Array, n)
	for i := range out {
		out[i] = ^out[i]
	}
	return vector.FromBits(out, n, valid(args, n)), nil
}

// valueBits is a copy of a boolean array's values from bit 0.
func valueBits(a arrow.Array, n int) []byte {
	out := make([]byte, bitutil.BytesForBits(int64(n)))
	if buf := a.Data().Buffers()[1]; buf != nil {
		bitutil.CopyBitmap(buf.Bytes(), a.Data().Offset(), n, out, 0)
	}
	return out
}

// bitTest makes a test of one argument from a function of 8 rows' bits.
func bitTest(boolean bool, f func(value, valid byte) byte) batchFunc {
	return func(_ *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
		v := validityOf(args[0], n)
		out := make([]byte, bitutil.BytesForBits(int64(n)))
		if boolean {
			out = valueBits(args[0].Array, n)
		}
		for i := range out {
			out[i] = f(out[i], byteOf(v, i))
		}
		return vector.FromBits(out, n, vector.Validity{}), nil
	}
}
