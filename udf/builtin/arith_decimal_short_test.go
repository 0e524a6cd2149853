package builtin

import (
	"math"
	"testing"

	"github.com/apache/arrow/go/v15/arrow/decimal128"
	"pgregory.net/rapid"

	"volley/sqltype"
	"volley/udf"
	"volley/udf/vector"
)

// TestShortDecimals: what is computed of short values is what is computed of
// any, and values that are not short are noticed.
func TestShortDecimals(t *testing.T) {
	digits := func(t *rapid.T) decimal128.Num {
		low := rapid.OneOf(rapid.Int64(), rapid.Int64Range(-1000, 1000), rapid.SampledFrom([]int64{math.MinInt64, math.MaxInt64, 1 << 62, -1 << 62})).Draw(t, "low")
		if rapid.IntRange(0, 9).Draw(t, "wide") == 0 {
			return decimal128.New(rapid.Int64Range(-1<<40, 1<<40).Draw(t, "high"), uint64(low))
		}
		return decimal128.FromI64(low)
	}
	ops := []struct {
		short shortOp
		any   func(a, b decimal128.Num) (decimal128.Num, bool)
	}{{addShort, sqltype.DecimalAdd}, {subShort, sqltype.DecimalSub}, {mulShort, sqltype.DecimalMul}}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 4).Draw(t, "rows")
		column := func(name string) udf.Arg {
			vals := make([]decimal128.Num, n)
			for i := range vals {
				vals[i] = digits(t)
			}
			return udf.Arg{Array: vector.FromFixed(sqltype.Decimal(38, 0), vals, vector.Validity{}), Const: rapid.Bool().Draw(t, name)}
		}
		a, b := column("a"), column("b")
		more := rapid.Int32Range(0, 20).Draw(t, "digits")
		op := rapid.SampledFrom(ops).Draw(t, "op")
		got := make([]decimal128.Num, n)
		if !op.short(got, shortDecimals(a, more), shortDecimals(b, 0)) {
			if more == 0 && n == 1 && small(a) && small(b) {
				t.Fatal("small values are not taken for short ones")
			}
			return
		}
		for i := range got {
			x, ok := sqltype.DecimalRescale(load[decimal128.Num](a).At(i), 0, more)
			if !ok {
				t.Fatal("a value of more than 38 digits is taken for a short one")
			}
			want, ok := op.any(x, load[decimal128.Num](b).At(i))
			if !ok || got[i] != want {
				t.Fatalf("row %d: got %v, want %v", i, got[i], want)
			}
		}
	})
}

func small(a udf.Arg) bool {
	v := load[decimal128.Num](a).At(0)
	return v.Abs().Less(decimal128.FromI64(1 << 40))
}
