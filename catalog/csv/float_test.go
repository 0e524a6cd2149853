package csv

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqltype"
)

// paddedFloat is fastFloat of s amid other digits.
func paddedFloat(s string) (float64, bool) {
	buf := append([]byte("12345678"+s), "98765432.10987654321098765432.109876543210987654321098765432109876"...)
	return fastFloat(buf, 8, 8+len(s))
}

func checkFloat(t *testing.T, s string) bool {
	t.Helper()
	v, ok := paddedFloat(s)
	if !ok {
		return false
	}
	want, err := strconv.ParseFloat(s, 64)
	if err != nil || math.Float64bits(v) != math.Float64bits(want) {
		t.Errorf("%s gives %v, want %v (%v)", s, v, want, err)
	}
	return true
}

func TestFastFloat(t *testing.T) {
	for _, s := range []string{
		"0", "-0", "1", "-1.5", ".5", "5.", "-73.968925476074219", "9007199254740993", "9007199254740992.5",
		"9007199254740993.5", "9999999999999999999", "0.9999999999999999999"[:20], "1844674407370955161.5",
		"0.0000000000000000001"[:21], "18014398509481985", "18014398509481987", "4503599627370497.5", "123456789012345678.9",
	} {
		if len(s) <= maxDigits+1 && !checkFloat(t, s) {
			t.Errorf("%s is not read", s)
		}
	}
	for _, s := range []string{"", "-", ".", "-.", "1e5", "nan", "+1", "1.2.3", " 1", "1 ", "0x1", "1_0", "--1", "12345678901234567890", "1.2345678901234567890", "1.23456a89", "1.2345678 "} {
		if v, ok := paddedFloat(s); ok {
			t.Errorf("%q gives %v", s, v)
		}
	}
	r := rand.New(rand.NewPCG(7, 8))
	for range 200_000 {
		digits := fmt.Sprintf("%019d", r.Uint64N(1e19))[:1+r.IntN(19)]
		p := r.IntN(len(digits) + 1)
		if !checkFloat(t, digits[:p]+"."+digits[p:]) {
			t.Fatal(digits)
		}
		checkFloat(t, strconv.FormatFloat(float64(float32(r.Float64()*200-100)), 'f', -1, 64))
	}
}

// A value just below or above the middle of two doubles, of which the upper half of
// the product with a reciprocal does not tell how to round.
func TestQuotientHalf(t *testing.T) {
	r := rand.New(rand.NewPCG(17, 18))
	for n := range 100_000 {
		low := 1 << 53 >> r.IntN(40)
		v := float64(low+r.IntN(low)) / float64(uint64(1)<<r.IntN(54))
		middle := new(big.Float).SetPrec(200).SetFloat64(v)
		middle.Add(middle, new(big.Float).SetFloat64(math.Nextafter(v, math.Inf(1))))
		digits := middle.Quo(middle, big.NewFloat(2)).Text('f', 25)
		digits = digits[:min(len(digits), maxDigits+1)]
		if !checkFloat(t, digits) {
			t.Fatal(n, digits)
		}
		last := digits[len(digits)-1]
		if last != '9' && last != '.' {
			checkFloat(t, digits[:len(digits)-1]+string(last+1))
		}
	}
}

// The column's loops give what the general parser gives, whatever stands beside a
// field.
func TestFloatColumn(t *testing.T) {
	r := rand.New(rand.NewPCG(19, 20))
	texts := []string{"0", "-0", "-", ".", "-.", "5.", ".5", "-.5", "12345678", "1234567.", ".1234567", "-123456.7", "1.2.3", "nan", "1e5", " 1", "1 ", "-73.968925476074219", "1234567890123", "null", "-1", ""}
	for n := range 3000 {
		o := &options{nulls: []string{""}}
		if n%3 == 0 {
			o.nulls = []string{"null", "-1"}
		}
		c := newPlainColumn(arrow.PrimitiveTypes.Float64, o, 8).(*floatColumn)
		var buf []byte
		var fields []span
		for range 8 {
			s := texts[r.IntN(len(texts))]
			if r.IntN(2) == 0 {
				s = strconv.FormatFloat(r.NormFloat64()*100, 'f', r.IntN(8), 64)
			}
			fields = append(fields, span{uint32(len(buf)), uint32(len(buf) + len(s))})
			switch r.IntN(8) {
			case 0:
				fields[len(fields)-1].beg |= quotedBit
			case 1:
				fields[len(fields)-1] = missingField
			}
			buf = append(append(buf, s...), "0123456789,.-"[r.IntN(13)])
		}
		buf = append(buf, make([]byte, pad)...)
		bad, err := c.append(buf, fields)
		for i, s := range fields {
			want, wantErr := sqltype.ParseFloat(s.bytes(buf), 64)
			isNull := c.isNull(s, s.bytes(buf)) || blank(s.bytes(buf))
			if !isNull && wantErr != nil {
				if bad != i || err.Error() != wantErr.Error() {
					t.Fatalf("%q is bad: %v, want field %d: %v", buf, err, i, wantErr)
				}
				break
			}
			if null := c.valid != nil && c.valid[0]>>i&1 == 0; null != isNull {
				t.Fatalf("field %d of %q NULL: %v", i, buf, null)
			}
			if !isNull && math.Float64bits(c.values[i]) != math.Float64bits(want) {
				t.Fatalf("field %d of %q is %v, want %v", i, buf, c.values[i], want)
			}
			if i == len(fields)-1 && bad != -1 {
				t.Fatalf("%q: %d, %v", buf, bad, err)
			}
		}
	}
}

func FuzzFastFloat(f *testing.F) {
	f.Add("-73.968925476074219")
	f.Fuzz(func(t *testing.T, s string) {
		checkFloat(t, s)
		if n := len(s); n > 0 && n <= 8 { // the loop for short ones reads as much
			var out [1]float64
			buf := append([]byte(s), "98765432.1"...)
			if shortFloats(buf, []span{{0, uint32(n)}}, out[:]) == 1 {
				if want, err := strconv.ParseFloat(s, 64); err != nil || math.Float64bits(out[0]) != math.Float64bits(want) {
					t.Errorf("%q gives %v, want %v (%v)", s, out[0], want, err)
				}
			} else if _, ok := paddedFloat(s); ok {
				t.Errorf("%q is not read", s)
			}
		}
	})
}

func BenchmarkFastFloat(b *testing.B) {
	for _, s := range []string{"9.3", "13.87", "-73.968925476074219"} {
		b.Run(s, func(b *testing.B) {
			buf := append([]byte(s), make([]byte, pad)...)
			for b.Loop() {
				_, _ = fastFloat(buf, 0, len(s))
			}
		})
		b.Run(s+"/sqltype", func(b *testing.B) {
			for b.Loop() {
				if _, ok := sqltype.FastFloat64([]byte(s)); !ok {
					_, _ = sqltype.ParseFloat([]byte(s), 64)
				}
			}
		})
	}
}
