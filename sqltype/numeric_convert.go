package sqltype

import (
	"math"
	"strconv"
	"unsafe"

	"github.com/apache/arrow/go/v15/arrow/decimal128"

	"volley/sqlerr"
)

// ToInt64 rounds half away from zero; 22003 "bigint out of range".
func (n Num) ToInt64() (int64, error) { return n.ToInt(64) }

// ToInt is ToInt64 for an integer of 16, 32 or 64 bits; 0A000 for NaN and
// infinity.
func (n Num) ToInt(bits int) (int64, error) {
	name := intName(bits)
	switch n.form {
	case notANumber:
		return 0, sqlerr.New(sqlerr.FeatureNotSupported, "cannot convert NaN to %s", name)
	case infinite:
		return 0, sqlerr.New(sqlerr.FeatureNotSupported, "cannot convert infinity to %s", name)
	}
	r := n.Round(0)
	limit := uint64(1) << (bits - 1)
	if !r.neg {
		limit--
	}
	if r.large != nil || r.coef.hi != 0 || r.coef.lo > limit {
		return 0, sqlerr.New(sqlerr.NumericOutOfRange, "%s out of range", name)
	}
	if r.neg {
		return int64(-r.coef.lo), nil
	}
	return int64(r.coef.lo), nil
}

// ToFloat64 is the nearest double; ±Inf beyond its range.
func (n Num) ToFloat64() float64 {
	switch {
	case n.form == notANumber:
		return math.NaN()
	case n.form == infinite:
		return math.Inf(n.Sign())
	case n.large == nil && n.coef.hi == 0:
		if f, ok := exactFloat(n.coef.lo, int(-n.scale)); ok {
			if n.neg {
				return -f
			}
			return f
		}
	}
	var buf [64]byte
	b := n.AppendText(buf[:0])
	f, _ := strconv.ParseFloat(unsafe.String(unsafe.SliceData(b), len(b)), 64) // ±Inf on overflow
	return f
}

// ToDecimal128 rounds half away from zero to numeric(precision, scale); 22003
// when the result has more digits, or is NaN or infinite.
func (n Num) ToDecimal128(precision, scale int32) (decimal128.Num, error) {
	if n.form != finite {
		return decimal128.Num{}, sqlerr.New(sqlerr.NumericOutOfRange, "numeric field overflow").
			WithDetail("A field with precision %d, scale %d cannot hold %s value.", precision, scale, nonFiniteName(n))
	}
	r := n.Round(scale)
	if scale < 0 {
		r.coef = r.coef.divPow10Half(-scale)
	}
	if r.large != nil || r.coef.cmp(pow10[min(precision, maxPow10)]) >= 0 {
		return decimal128.Num{}, fieldOverflow(precision, scale)
	}
	return signedDecimal(r.coef, r.neg), nil
}

func nonFiniteName(n Num) string {
	if n.IsNaN() {
		return "a NaN"
	}
	return "an infinite"
}

// fieldOverflow is PostgreSQL's 22003 for a value too large for numeric(p, s).
func fieldOverflow(precision, scale int32) error {
	limit := "1"
	if precision != scale {
		limit = "10^" + strconv.Itoa(int(precision-scale))
	}
	return sqlerr.New(sqlerr.NumericOutOfRange, "numeric field overflow").
		WithDetail("A field with precision %d, scale %d must round to an absolute value less than %s.", precision, scale, limit)
}

func intName(bits int) string {
	switch {
	case bits <= 16:
		return "smallint"
	case bits <= 32:
		return "integer"
	}
	return "bigint"
}
