package sqltype

import (
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
)

// hotPaths are the functions that run once per value.
var hotPaths = []struct {
	name string
	run  func(dst []byte) []byte
}{
	{"FastInt64", parses(FastInt64, "-12345678")},
	{"FastFloat64", parses(FastFloat64, "1234.5678")},
	{"FastDate", parses(FastDate, "2015-01-02")},
	{"FastTimestamp", parses(FastTimestamp, "2015-01-02 03:04:05.678")},
	{"FastDecimal", func(dst []byte) []byte {
		v, ok := FastDecimal(decimalText, 10, 2)
		return keep(dst, ok && v.LowBits() > 0)
	}},
	{"ParseInt", func(dst []byte) []byte {
		v, err := ParseInt(intText, 32)
		return keep(dst, err == nil && v > 0)
	}},
	{"ParseFloat", func(dst []byte) []byte {
		v, err := ParseFloat(floatText, 64)
		return keep(dst, err == nil && v > 0)
	}},
	{"ParseNum", func(dst []byte) []byte {
		n, err := ParseNum(numText)
		return keep(dst, err == nil && n.Sign() > 0)
	}},
	{"ParseTimestampSlow", func(dst []byte) []byte {
		v, err := ParseTimestamp(timestampText)
		return keep(dst, err == nil && v > 0)
	}},
	{"ParseInterval", func(dst []byte) []byte {
		v, err := ParseInterval(intervalText)
		return keep(dst, err == nil && v.Days > 0)
	}},
	{"AppendFloat64", func(dst []byte) []byte { return AppendFloat64(dst, 1234.5678) }},
	{"AppendFloat32", func(dst []byte) []byte { return AppendFloat32(dst, 0.00024414062) }},
	{"AppendTimestamp", func(dst []byte) []byte { return AppendTimestamp(dst, 1420167845678000) }},
	{"AppendInterval", func(dst []byte) []byte {
		return AppendInterval(dst, arrow.MonthDayNanoInterval{Months: 14, Days: -3, Nanoseconds: 5e9})
	}},
	{"DecimalAppendText", func(dst []byte) []byte {
		return DecimalAppendText(dst, signedDecimal(uint128{1, 5}, true), 4)
	}},
	{"NumAdd", func(dst []byte) []byte { return must(left.Add(right)).AppendText(dst) }},
	{"NumMul", func(dst []byte) []byte { return must(left.Mul(right)).AppendText(dst) }},
	{"NumDiv", func(dst []byte) []byte { return must(left.Div(right)).AppendText(dst) }},
	{"NumCodec", func(dst []byte) []byte {
		var buf [32]byte
		return DecodeNum(AppendNum(buf[:0], left)).AppendKey(dst)
	}},
}

// The inputs exist before the functions run: a conversion there would count.
var (
	decimalText   = []byte("1234.56")
	intText       = []byte(" 1234 ")
	floatText     = []byte("1.2345678901234567e-8")
	numText       = []byte("1234567890.123456789")
	timestampText = []byte("Jan 2, 2015 3:04 PM")
	intervalText  = []byte("1 day 02:03:04.5")
)

var left, right = Num{coef: uint128{0, 123456789}, scale: 2}, Num{coef: uint128{0, 700}, scale: 2}

func parses[T int64 | int32 | float64](parse func([]byte) (T, bool), text string) func([]byte) []byte {
	b := []byte(text)
	return func(dst []byte) []byte {
		v, ok := parse(b)
		return keep(dst, ok && v != 0)
	}
}

// keep appends a byte when the result is as it should be.
func keep(dst []byte, ok bool) []byte {
	if ok {
		dst = append(dst, 1)
	}
	return dst
}

func must(n Num, err error) Num {
	if err != nil {
		return NaN()
	}
	return n
}

func TestHotPathsDoNotAllocate(t *testing.T) {
	buf := make([]byte, 0, 128)
	for _, h := range hotPaths {
		if len(h.run(buf)) == 0 {
			t.Errorf("%s: no result", h.name)
		}
		if n := testing.AllocsPerRun(100, func() { h.run(buf) }); n != 0 {
			t.Errorf("%s: %v allocations", h.name, n)
		}
	}
}

func TestEncodersDoNotAllocate(t *testing.T) {
	buf := make([]byte, 0, 128)
	for _, c := range texts {
		a, err := Scalar(c.typ, c.text)
		if err != nil {
			t.Fatal(err)
		}
		enc := NewTextEncoder(c.typ, TextOptions{})
		if n := testing.AllocsPerRun(100, func() { enc(buf, a, 0) }); n != 0 {
			t.Errorf("%s: %v allocations", Name(c.typ), n)
		}
	}
}

func BenchmarkHotPaths(b *testing.B) {
	for _, h := range hotPaths {
		b.Run(h.name, func(b *testing.B) {
			buf := make([]byte, 0, 128)
			b.ReportAllocs()
			for b.Loop() {
				h.run(buf)
			}
		})
	}
}
