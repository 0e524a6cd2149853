package csv

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"testing"

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

func FuzzFastFloat(f *testing.F) {
	f.Add("-73.968925476074219")
	f.Fuzz(func(t *testing.T, s string) { checkFloat(t, s) })
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
