package sqltype

import "volley/sqlerr"

// RoundMicros rounds a time or timestamp in microseconds to precision digits
// behind the second, half away from zero, as timestamp(p) does. Infinities stay.
func RoundMicros(v int64, precision int32) int64 {
	if precision >= 6 || v == TimestampInfinity || v == TimestampNegInfinity {
		return v
	}
	unit := int64(1)
	for range 6 - max(precision, 0) {
		unit *= 10
	}
	if v >= 0 {
		return (v + unit/2) / unit * unit
	}
	return -((-v + unit/2) / unit * unit)
}

// Fit rounds n to scale and checks that it has precision digits, as
// numeric(precision, scale) does for any precision up to 1000: 22003 otherwise.
// NaN fits always, infinities never.
func (n Num) Fit(precision, scale int32) (Num, error) {
	if n.IsNaN() {
		return n, nil
	}
	if n.IsInf() {
		return n, sqlerr.New(sqlerr.NumericOutOfRange, "numeric field overflow").
			WithDetail("A field with precision %d, scale %d cannot hold an infinite value.", precision, scale)
	}
	out := n.Round(scale)
	if !out.IsZero() && out.numDigits()-out.scale > precision-scale {
		return n, fieldOverflow(precision, scale)
	}
	return out, nil
}

// TimestampInRange tells whether v is a finite timestamp that PostgreSQL has, too.
func TimestampInRange(v int64) bool { return v >= minTimestamp && v <= maxTimestamp }

// millennium is 2000-01-01, from which PostgreSQL counts timestamps.
const millennium = 10957 * MicrosPerDay

// RoundTimestamp is RoundMicros for a timestamp, of which halves are rounded away
// from the year 2000.
func RoundTimestamp(v int64, precision int32) int64 {
	if v == TimestampInfinity || v == TimestampNegInfinity || v < minTimestamp {
		return v
	}
	return RoundMicros(v-millennium, precision) + millennium
}
