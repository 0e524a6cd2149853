package builtin

import (
	"bytes"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/bitutil"

	"volley/udf"
	"volley/udf/vector"
)

// binaryComparison compares text and bytea by bytes, PostgreSQL's collation C.
func binaryComparison(r relation) batchFunc {
	if r.less == r.more { // = and <> need no order
		return func(_ *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
			bits := make([]byte, bitutil.BytesForBits(int64(n)))
			equalBinary(bits, args[0], args[1], n)
			if !r.same {
				for i := range bits {
					bits[i] = ^bits[i]
				}
			}
			return vector.FromBits(bits, n, valid(args, n)), nil
		}
	}
	return comparison(r, bytes.Compare)
}

func equalBinary(bits []byte, x, y udf.Arg, n int) {
	if x.Const {
		x, y = y, x
	}
	a, b := vector.NewBinary(x.Array), vector.NewBinary(y.Array)
	switch {
	case x.Const: // both
		if bytes.Equal(a.At(0), b.At(0)) {
			bits[0] = 1
		}
	case y.Const:
		want := b.At(0)
		lo := a.Offsets[0]
		for i, hi := range a.Offsets[1 : n+1] {
			if int(hi-lo) == len(want) && string(a.Data[lo:hi]) == string(want) {
				bits[i>>3] |= 1 << (i & 7)
			}
			lo = hi
		}
	default:
		for i := range n {
			if p, q := a.At(i), b.At(i); len(p) == len(q) && string(p) == string(q) {
				bits[i>>3] |= 1 << (i & 7)
			}
		}
	}
}
