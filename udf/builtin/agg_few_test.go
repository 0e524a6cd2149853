package builtin

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/decimal128"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/sqltype"
	"volley/udf"
	"volley/udf/vector"
)

// numbersOf gives n values of at most so many bits, of both signs, and one of
// longBits at a random row.
func numbersOf(r *rand.Rand, n, bits, longBits int) []decimal128.Num {
	of := func(bits int) decimal128.Num {
		v := decimal128.New(0, r.Uint64()>>max(64-bits, 0))
		if bits > 64 {
			v = decimal128.New(int64(r.Uint64()>>(128-bits)), r.Uint64())
		}
		if r.IntN(2) == 0 {
			v = v.Negate()
		}
		return v
	}
	out := make([]decimal128.Num, n)
	for i := range out {
		out[i] = of(bits)
	}
	if longBits > 0 {
		out[r.IntN(n)] = of(longBits)
	}
	return out
}

// Sums in lanes are those of adding row by row, whether all values are short,
// one is long, or all are, whole batches of them or what is left over by four.
func TestSumsOfFewGroups(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	typ := sqltype.Decimal(sqltype.MaxDecimalPrecision, 2)
	for range 300 {
		n := fewGroups + r.IntN(300)
		bits, longBits := 1+r.IntN(110), 0
		if r.IntN(2) == 0 {
			bits, longBits = 1+r.IntN(shortBits), r.IntN(110)
		}
		dict := numbersOf(r, 1+r.IntN(256), bits, longBits)
		indices, groups := make([]int32, n), make([]uint32, n)
		narrow := make([]uint8, n)
		vals := make([]decimal128.Num, n)
		ng := 1 + r.IntN(fewGroups)
		want := make([]decimal128.Num, ng)
		counts := make([]int64, ng)
		for i := range vals {
			indices[i] = r.Int32N(int32(len(dict)))
			narrow[i] = uint8(indices[i])
			vals[i], groups[i] = dict[indices[i]], uint32(r.IntN(ng))
			want[groups[i]] = want[groups[i]].Add(vals[i])
			counts[groups[i]]++
		}
		digits := make([]int64, n)
		fit := true // in 64 bits
		for i, v := range vals {
			digits[i] = int64(v.LowBits())
			fit = fit && digits[i]>>63 == v.HighBits()
		}
		plain := vector.FromFixed(typ, vals, vector.Validity{})
		values := vector.FromFixed(typ, dict, vector.Validity{})
		for name, update := range map[string]func(*wideAcc) error{
			"plain":   func(w *wideAcc) error { return w.Update(groups, ng, []udf.Arg{column(plain)}) },
			"indices": func(w *wideAcc) error { return w.UpdateIndices(groups, ng, values, indices) },
			"bytes":   func(w *wideAcc) error { return w.UpdateBytes(groups, ng, values, narrow) },
			"digits": func(w *wideAcc) error {
				if !fit {
					return w.Update(groups, ng, []udf.Arg{column(plain)})
				}
				return w.UpdateShort(groups, ng, digits)
			},
		} {
			w := &wideAcc{arg: typ, scale: 2}
			for batch := range int64(3) {
				if err := update(w); err != nil {
					t.Fatal(err)
				}
				for g := range want {
					total := want[g].Mul(decimal128.FromI64(batch + 1))
					if w.sums[g] != total || w.counts[g] != (batch+1)*counts[g] {
						t.Fatalf("%s, values of %d bits, one of %d: group %d has %v in %d rows, not %v in %d",
							name, bits, longBits, g, w.sums[g], w.counts[g], total, (batch+1)*counts[g])
					}
				}
			}
		}
	}
}

// Sums of floating point in lanes are within rounding of adding row by row, and
// not made where one overflows.
func TestFloatSumsOfFewGroups(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for round := range 300 {
		n := fewGroups + r.IntN(300)
		ng := 1 + r.IntN(fewGroups)
		vals, groups, indices := make([]float64, n), make([]uint32, n), make([]int32, n)
		dict := make([]float64, 1+r.IntN(256))
		for i := range dict {
			dict[i] = r.NormFloat64() * 1000
		}
		if round%3 == 0 {
			dict[r.IntN(len(dict))] = []float64{math.Inf(1), math.NaN(), math.MaxFloat64, math.Copysign(0, -1)}[r.IntN(4)]
		}
		want, size := make([]float64, ng), make([]float64, ng)
		for i := range vals {
			indices[i], groups[i] = r.Int32N(int32(len(dict))), uint32(r.IntN(ng))
			vals[i] = dict[indices[i]]
			want[groups[i]] += vals[i]
			size[groups[i]] += math.Abs(vals[i])
		}
		for name, sum := range map[string]func([]float64) bool{
			"plain":   func(s []float64) bool { return sumFew(s, vals, groups) },
			"indices": func(s []float64) bool { return sumFewAt(s, dict, indices, groups) },
		} {
			sums := make([]float64, ng)
			done := sum(sums)
			finite := !slices.ContainsFunc(want, func(f float64) bool { return f-f != 0 })
			if done != finite && !slices.ContainsFunc(size, func(f float64) bool { return f > math.MaxFloat64/4 }) {
				t.Fatalf("%s: done is %v, finite %v", name, done, finite)
			}
			for g := range sums {
				if !done && sums[g] != 0 {
					t.Fatalf("%s: something was added", name)
				}
				if done && math.Abs(sums[g]-want[g]) > 1e-12*size[g] {
					t.Fatalf("%s: group %d has %v, not %v", name, g, sums[g], want[g])
				}
			}
		}
	}
}

// The accumulator of a decimal column takes batches of any form one after the
// other.
func TestSumTakesEveryForm(t *testing.T) {
	typ := sqltype.Decimal(12, 2)
	b := array.NewDecimal128Builder(memory.DefaultAllocator, typ.(*arrow.Decimal128Type))
	want := decimal128.Num{}
	for i := range fewGroups {
		v := decimal128.FromI64(int64(i*i - 9000))
		b.Append(v)
		want = want.Add(v)
	}
	vals := b.NewArray()
	groups, indices := make([]uint32, fewGroups), make([]int32, fewGroups)
	for i := range indices {
		indices[i] = int32(fewGroups - 1 - i)
	}
	w := &wideAcc{arg: typ, scale: 2}
	for _, err := range []error{
		w.Update(groups, 1, []udf.Arg{column(vals)}),
		w.UpdateIndices(groups, 1, vals, indices),
		w.Update(groups[:3], 1, []udf.Arg{column(array.NewSlice(vals, 0, 3))}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	first := decimal128.FromI64(-9000 - 8999 - 8996)
	if total := want.Add(want).Add(first); w.sums[0] != total {
		t.Errorf("%v, not %v", w.sums[0], total)
	}
}

// A long value counts whatever sign those beside it have.
func TestLongValuesBesideNegativeOnes(t *testing.T) {
	typ := sqltype.Decimal(sqltype.MaxDecimalPrecision, 2)
	for lane := range 4 {
		digits, groups := make([]int64, fewGroups), make([]uint32, fewGroups)
		vals := make([]decimal128.Num, fewGroups)
		want := decimal128.Num{}
		for i := range digits {
			digits[i] = -1
			if i%4 == lane {
				digits[i] = 1 << 61
			}
			vals[i] = decimal128.FromI64(digits[i])
			want = want.Add(vals[i])
		}
		short, wide := &wideAcc{arg: typ, scale: 2}, &wideAcc{arg: typ, scale: 2}
		if err := short.UpdateShort(groups, 1, digits); err != nil {
			t.Fatal(err)
		}
		if err := wide.Update(groups, 1, []udf.Arg{column(vector.FromFixed(typ, vals, vector.Validity{}))}); err != nil {
			t.Fatal(err)
		}
		if short.sums[0] != want || wide.sums[0] != want {
			t.Errorf("lane %d: %v and %v, not %v", lane, short.sums[0], wide.sums[0], want)
		}
	}
}
