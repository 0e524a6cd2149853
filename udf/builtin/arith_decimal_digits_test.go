package builtin

import (
	"math"
	"slices"
	"testing"

	"github.com/apache/arrow/go/v15/arrow/decimal128"
	"pgregory.net/rapid"

	"volley/sqltype"
	"volley/udf"
)

var someDigits = rapid.OneOf(rapid.Int64(), rapid.Int64Range(-1000, 1000), rapid.Int64Range(-1<<32, 1<<32),
	rapid.SampledFrom([]int64{math.MinInt64, math.MaxInt64, 1 << 31, -1 << 31, 1 << 61, -1 << 61, 1 << 62, -1 << 62}))

// What is computed of digits is what is computed of Decimals, and whatever might
// overflow is noticed.
func TestDigits(t *testing.T) {
	ops := []struct {
		digits func([]int64, []udf.Digits) bool
		any    func(a, b decimal128.Num) (decimal128.Num, bool)
		align  bool
	}{{addDigits, sqltype.DecimalAdd, true}, {subDigits, sqltype.DecimalSub, true}, {mulDigits, sqltype.DecimalMul, false}}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 5).Draw(t, "rows")
		constant := rapid.IntRange(0, 2).Draw(t, "constant") // none if 2
		argument := func(i int) udf.Digits {
			a := udf.Digits{Const: i == constant, Scale: rapid.Int32Range(0, 20).Draw(t, "scale")}
			count := n
			if a.Const {
				count = 1
			}
			a.Values = rapid.SliceOfN(someDigits, count, count).Draw(t, "values")
			return a
		}
		args := []udf.Digits{argument(0), argument(1)}
		op := rapid.SampledFrom(ops).Draw(t, "op")
		got := make([]int64, n)
		fits := op.digits(got, args)
		easy := args[0].Scale == args[1].Scale
		for i := range got {
			var v [2]decimal128.Num
			for k, a := range args {
				d := a.Values[min(i, len(a.Values)-1)]
				easy = easy && d < 1<<30 && d > -1<<30
				v[k] = decimal128.FromI64(d)
				if op.align {
					v[k], _ = sqltype.DecimalRescale(v[k], a.Scale, max(args[0].Scale, args[1].Scale))
				}
			}
			want, ok := op.any(v[0], v[1])
			if fits && (!ok || decimal128.FromI64(got[i]) != want) {
				t.Fatalf("row %d: got %v, want %v", i, got[i], want)
			}
		}
		if easy && !fits {
			t.Fatal("small values are not taken for short ones")
		}
	})
}

// Sums of digits are those of Decimals, in few groups and in many.
func TestUpdateShort(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.SampledFrom([]int{1, 3, fewGroups, fewGroups + 1}).Draw(t, "groups")
		rows := rapid.SampledFrom([]int{0, 1, fewGroups - 1, fewGroups, 2*fewGroups + 3}).Draw(t, "rows")
		values := rapid.SampledFrom([]*rapid.Generator[int64]{someDigits, rapid.Int64Range(-1<<41, 1<<41), rapid.Int64Range(-1<<20, 1<<20)}).Draw(t, "digits")
		groups, digits := make([]uint32, rows), make([]int64, rows)
		few := rapid.SliceOfN(values, 7, 7).Draw(t, "values")
		for i := range digits {
			groups[i], digits[i] = uint32(i*i%n), few[i%len(few)]
		}
		var w wideAcc
		want, counts := make([]decimal128.Num, n), make([]int64, n)
		for range 2 {
			if err := w.UpdateShort(groups, n, digits); err != nil {
				t.Fatal(err)
			}
			for i, g := range groups {
				want[g] = want[g].Add(decimal128.FromI64(digits[i]))
				counts[g]++
			}
		}
		if !slices.Equal(w.sums, want) || !slices.Equal(w.counts, counts) {
			t.Fatalf("got %v, %v; want %v, %v", w.sums, w.counts, want, counts)
		}
	})
}
