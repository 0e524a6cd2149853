package sqltype

import (
	"math"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
)

// TestIntegerScalar: constants made without builders equal those made by one.
func TestIntegerScalar(t *testing.T) {
	for _, typ := range []arrow.DataType{Int16, Int32, Int64, Decimal(5, 2), Decimal(38, 0), Decimal(3, 3), Decimal(20, 1)} {
		for _, v := range []int64{0, 1, -1, 999, 1000, -129, 1023, 1024, 32767, 32768, -32769, math.MaxInt32, math.MinInt32 - 1, math.MaxInt64, math.MinInt64} {
			digits := string(NewTextEncoder(Int64, TextOptions{})(nil, Int64Scalar(v), 0))
			want, err := Scalar(typ, digits)
			got := IntegerScalar(typ, v)
			switch {
			case err != nil && got != nil:
				t.Errorf("%s of %d: %v, want %v", typ, v, got, err)
			case err == nil && (got == nil || !array.Equal(got, want)):
				t.Errorf("%s of %d: %v, want %v", typ, v, got, want)
			}
			if n, ok := IntegerValue(Int64Scalar(v), 0); !ok || n != v {
				t.Errorf("%d came back as %d", v, n)
			}
		}
	}
	for text, typ := range map[string]arrow.DataType{
		"2.35": Decimal(3, 2), "0.5": Decimal(1, 1), ".5": Decimal(1, 1), "5.": Decimal(1, 0), "0.00": Decimal(2, 2), "12345678901234.567": Decimal(17, 3),
	} {
		want, err := Scalar(typ, text)
		if got := ShortDecimal(typ, text); err != nil || got == nil || !array.Equal(got, want) {
			t.Errorf("%s: %v, want %v, %v", text, got, want, err)
		}
	}
	for _, text := range []string{"1e5", "123456789012345678.9", "1.5x"} {
		if got := ShortDecimal(Decimal(20, 1), text); got != nil {
			t.Errorf("%s: %v", text, got)
		}
	}
	for _, v := range []bool{true, false} {
		if got := BoolScalar(v).(*array.Boolean); got.Len() != 1 || got.Value(0) != v {
			t.Errorf("%v: %v", v, got)
		}
	}
}
