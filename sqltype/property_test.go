package sqltype

import (
	"bytes"
	"math"
	"math/big"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/decimal128"
	"pgregory.net/rapid"
)

func drawNum(t *rapid.T, label string) Num {
	s := rapid.OneOf(
		rapid.StringMatching(`-?[0-9]{1,60}(\.[0-9]{1,40})?`),
		rapid.StringMatching(`-?[0-9]{1,10}(\.[0-9]{1,3})?`),
		rapid.SampledFrom([]string{"NaN", "Infinity", "-Infinity", "0", "0.00", "340282366920938463463374607431768211455", "-340282366920938463463374607431768211456"}),
	).Draw(t, label)
	n, err := ParseNum([]byte(s))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestNumRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := drawNum(t, "n")
		text := n.String()
		if d := DecodeNum(AppendNum(nil, n)); d.String() != text {
			t.Fatalf("decoded as %s", d)
		}
		if p, err := ParseNum([]byte(text)); err != nil || p.String() != text {
			t.Fatalf("read back as %s, %v", p, err)
		}
		if DecodeNum(n.AppendKey(nil)).Cmp(n) != 0 {
			t.Fatal("the key has another value")
		}
	})
}

func TestNumKeyMeansEqual(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawNum(t, "a"), drawNum(t, "b")
		if rapid.Bool().Draw(t, "same") {
			b = a.Round(a.Scale() + 3)
		}
		same := bytes.Equal(a.AppendKey(nil), b.AppendKey(nil))
		if same != (a.Cmp(b) == 0) || a.Cmp(b) != -b.Cmp(a) {
			t.Fatalf("%s and %s: same key %v, cmp %d and %d", a, b, same, a.Cmp(b), b.Cmp(a))
		}
	})
}

func TestNumAlgebra(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawNum(t, "a"), drawNum(t, "b")
		if a.form|b.form != finite {
			return
		}
		sum, err := a.Add(b)
		if err != nil {
			t.Fatal(err)
		}
		if d, err := sum.Sub(b); err != nil || d.Cmp(a) != 0 {
			t.Fatalf("(a+b)-b = %s, %v", d, err)
		}
		if b.IsZero() {
			return
		}
		q, err1 := a.DivTrunc(b)
		r, err2 := a.Mod(b)
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		p, err1 := q.Mul(b)
		if p, err2 = p.Add(r); err1 != nil || err2 != nil || p.Cmp(a) != 0 || r.Abs().Cmp(b.Abs()) >= 0 {
			t.Fatalf("%s = %s·%s + %s", a, q, b, r)
		}
	})
}

func TestUint128Division(t *testing.T) {
	word := rapid.OneOf(rapid.Uint64(), rapid.SampledFrom([]uint64{0, 1, 1 << 63, math.MaxUint64}))
	rapid.Check(t, func(t *rapid.T) {
		a := uint128{word.Draw(t, "ahi"), word.Draw(t, "alo")}
		d := uint128{word.Draw(t, "dhi"), word.Draw(t, "dlo")}
		if d.isZero() {
			return
		}
		q, r := a.div(d)
		var wantR big.Int
		wantQ, _ := new(big.Int).QuoRem(bigFrom(a), bigFrom(d), &wantR)
		if bigFrom(q).Cmp(wantQ) != 0 || bigFrom(r).Cmp(&wantR) != 0 {
			t.Fatalf("%v / %v = %v rest %v", a, d, q, r)
		}
		if int(a.digits()) != len(bigFrom(a).String()) || string(a.appendText(nil, 1)) != bigFrom(a).String() {
			t.Fatalf("%v has %d digits: %s", a, a.digits(), a.appendText(nil, 1))
		}
	})
}

func TestDecimalArithmetic(t *testing.T) {
	limit := new(big.Int).Exp(big.NewInt(10), big.NewInt(38), nil)
	draw := func(t *rapid.T, label string) decimal128.Num {
		s := rapid.StringMatching(`-?[0-9]{1,38}`).Draw(t, label)
		v, err := ParseDecimal([]byte(s), 38, 0)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	rapid.Check(t, func(t *rapid.T) {
		a, b := draw(t, "a"), draw(t, "b")
		check := func(name string, got decimal128.Num, ok bool, want *big.Int) {
			if fits := want.CmpAbs(limit) < 0; ok != fits || ok && got.BigInt().Cmp(want) != 0 {
				t.Fatalf("%s: got %v %v, want %v", name, got.BigInt(), ok, want)
			}
		}
		sum, ok := DecimalAdd(a, b)
		check("sum", sum, ok, new(big.Int).Add(a.BigInt(), b.BigInt()))
		diff, ok := DecimalSub(a, b)
		check("difference", diff, ok, new(big.Int).Sub(a.BigInt(), b.BigInt()))
		product, ok := DecimalMul(a, b)
		check("product", product, ok, new(big.Int).Mul(a.BigInt(), b.BigInt()))
		from, to := rapid.Int32Range(0, 38).Draw(t, "from"), rapid.Int32Range(0, 38).Draw(t, "to")
		want := NumFromDecimal128(a, from).Round(to).signedBig(to)
		r, ok := DecimalRescale(a, from, to)
		check("rescale", r, ok, want)
	})
}

func TestFastPathsAgree(t *testing.T) {
	text := rapid.OneOf(
		rapid.StringMatching(`[-+]?[0-9]{0,20}`),
		rapid.StringMatching(`-?[0-9]{0,12}\.[0-9]{0,10}`),
		rapid.StringMatching(`[0-9]{4}-[01][0-9]-[0-3][0-9]([ T][0-2][0-9]:[0-6][0-9](:[0-6][0-9](\.[0-9]{0,7})?)?(Z|[+-][01][0-9](:[0-9]{2})?)?)?`),
	)
	rapid.Check(t, func(t *rapid.T) {
		b := []byte(text.Draw(t, "text"))
		if v, ok := FastInt64(b); ok {
			if n, err := ParseNum(b); err != nil || n.Cmp(NumFromInt64(v)) != 0 {
				t.Fatalf("FastInt64 %q = %d", b, v)
			}
		}
		if v, ok := FastFloat64(b); ok {
			if n, err := ParseNum(b); err != nil || n.ToFloat64() != v {
				t.Fatalf("FastFloat64 %q = %v", b, v)
			}
		}
		if v, ok := FastDecimal(b, 12, 4); ok {
			n, err := ParseNum(b)
			if err != nil {
				t.Fatalf("FastDecimal %q = %v", b, v)
			}
			if w, err := n.ToDecimal128(12, 4); err != nil || w != v {
				t.Fatalf("FastDecimal %q = %v, not %v, %v", b, v, w, err)
			}
		}
		if v, ok := FastDate(b); ok {
			if w, err := parseDateIn(b, TextOptions{}); err != nil || w != v {
				t.Fatalf("FastDate %q = %v, not %v, %v", b, v, w, err)
			}
		}
		if v, ok := FastTimestamp(b); ok {
			if w, err := parseTimestampIn(b, TextOptions{}); err != nil || w != v {
				t.Fatalf("FastTimestamp %q = %v, not %v, %v", b, v, w, err)
			}
		}
	})
}

func TestCalendarRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := rapid.Int32Range(minDate, maxDate).Draw(t, "days")
		y, m, day := CivilFromDays(int64(d))
		if DaysFromCivil(y, m, day) != int64(d) || m < 1 || m > 12 || day < 1 || day > DaysInMonth(y, m) {
			t.Fatalf("%d is %d-%d-%d", d, y, m, day)
		}
		if back, err := ParseDate(AppendDate(nil, d)); err != nil || back != d {
			t.Fatalf("%s read back as %d, %v", AppendDate(nil, d), back, err)
		}
	})
}

func TestTemporalRoundTrip(t *testing.T) {
	loc := newYork(t)
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.Int64Range(minTimestamp+MicrosPerDay, maxTimestamp-2*MicrosPerDay).Draw(t, "micros")
		if back, err := ParseTimestamp(AppendTimestamp(nil, v)); err != nil || back != v {
			t.Fatalf("%s read back as %d, %v", AppendTimestamp(nil, v), back, err)
		}
		text := AppendTimestampTZ(nil, v, loc)
		if back, err := ParseTimestampTZ(text, nil); err != nil || back != v {
			t.Fatalf("%s read back as %d, %v", text, back, err)
		}
		i := arrow.MonthDayNanoInterval{
			Months: rapid.Int32().Draw(t, "months"), Days: rapid.Int32().Draw(t, "days"),
			Nanoseconds: rapid.Int64Range(-1<<52, 1<<52).Draw(t, "micros of the interval") * 1000,
		}
		if back, err := ParseInterval(AppendInterval(nil, i)); err != nil || back != i {
			t.Fatalf("%s read back as %v, %v", AppendInterval(nil, i), back, err)
		}
	})
}

func TestFloatRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := math.Float64frombits(rapid.Uint64().Draw(t, "bits"))
		back, err := ParseFloat(AppendFloat64(nil, v), 64)
		if err != nil || back != v && !math.IsNaN(v) {
			t.Fatalf("%s read back as %v, %v", AppendFloat64(nil, v), back, err)
		}
		f := math.Float32frombits(rapid.Uint32().Draw(t, "bits of real"))
		back, err = ParseFloat(AppendFloat32(nil, f), 32)
		if err != nil || float32(back) != f && f == f {
			t.Fatalf("%s read back as %v, %v", AppendFloat32(nil, f), back, err)
		}
	})
}
