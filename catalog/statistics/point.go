package statistics

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/exec/kernel"
	"volley/sqltype"
)

// Point is the place of a value in the order of its type. Points of one type are
// compared; the zero Point is no value's.
type Point struct {
	order uint64  // of numbers, dates and times
	real  float64 // the same as a number
	text  string  // of text and bytes
}

// PointOf is the place of value i, which is not NULL; false for a type that has
// no order here.
func PointOf(a arrow.Array, i int) (Point, bool) {
	p := pointsOf(kernel.Slice(a, i, i+1))
	if p == nil || a.IsNull(i) {
		return Point{}, false
	}
	return p[0], true
}

// TextPoint is the place of a text.
func TextPoint(text string) Point { return Point{text: text} }

// Compare is −1, 0 or 1.
func (p Point) Compare(q Point) int {
	if c := cmp.Compare(p.order, q.order); c != 0 {
		return c
	}
	return strings.Compare(p.text, q.text)
}

// Real is the value as a number, for those that are; the days or microseconds of
// dates and times.
func (p Point) Real() float64 { return p.real }

func whole(v int64) Point { return Point{order: uint64(v) ^ 1<<63, real: float64(v)} }

// float orders as PostgreSQL does: NaN is the greatest.
func float(v float64) Point {
	bits := math.Float64bits(v + 0)
	switch {
	case v != v:
		return Point{order: math.MaxUint64, real: math.MaxFloat64}
	case bits>>63 != 0:
		return Point{order: ^bits, real: v}
	}
	return Point{order: bits | 1<<63, real: v}
}

// pointsOf are the places of all values, of any place where they are NULL; nil
// for a type that has no order here.
func pointsOf(a arrow.Array) []Point {
	switch a := a.(type) {
	case *array.Boolean:
		return points(a.Len(), func(i int) Point {
			if a.Value(i) {
				return whole(1)
			}
			return whole(0)
		})
	case *array.Int8:
		return integers(a.Int8Values())
	case *array.Int16:
		return integers(a.Int16Values())
	case *array.Int32:
		return integers(a.Int32Values())
	case *array.Int64:
		return integers(a.Int64Values())
	case *array.Uint8:
		return integers(a.Uint8Values())
	case *array.Uint16:
		return integers(a.Uint16Values())
	case *array.Uint32:
		return integers(a.Uint32Values())
	case *array.Date32:
		return integers(a.Date32Values())
	case *array.Timestamp:
		return integers(a.TimestampValues())
	case *array.Time64:
		return integers(a.Time64Values())
	case *array.Float32:
		return points(a.Len(), func(i int) Point { return float(float64(a.Value(i))) })
	case *array.Float64:
		return points(a.Len(), func(i int) Point { return float(a.Value(i)) })
	case *array.Decimal128:
		scale := a.DataType().(*arrow.Decimal128Type).Scale
		return points(a.Len(), func(i int) Point { return float(a.Value(i).ToFloat64(scale)) })
	case *sqltype.NumericArray:
		return points(a.Len(), func(i int) Point {
			if a.IsNull(i) {
				return Point{}
			}
			return float(a.Value(i).ToFloat64())
		})
	case *array.String:
		return points(a.Len(), func(i int) Point { return Point{text: a.Value(i)} })
	case *array.Binary:
		return points(a.Len(), func(i int) Point { return Point{text: string(a.Value(i))} })
	}
	return nil
}

func points(n int, at func(i int) Point) []Point {
	out := make([]Point, n)
	for i := range out {
		out[i] = at(i)
	}
	return out
}

func integers[T ~int8 | ~int16 | ~int32 | ~int64 | ~uint8 | ~uint16 | ~uint32](values []T) []Point {
	return points(len(values), func(i int) Point { return whole(int64(values[i])) })
}

// groupsOf are the values that are not NULL, in order.
func groupsOf(values arrow.Array) ([]group, bool) {
	points := pointsOf(values)
	if points == nil {
		return nil, false
	}
	rows := make([]int32, 0, len(points))
	for i := range points {
		if !values.IsNull(i) {
			rows = append(rows, int32(i))
		}
	}
	slices.SortFunc(rows, func(a, b int32) int { return cmp.Or(points[a].Compare(points[b]), int(a-b)) })
	var out []group
	for i, r := range rows {
		if i > 0 && points[r] == points[rows[i-1]] {
			out[len(out)-1].count++
			continue
		}
		out = append(out, group{int(r), 1})
	}
	return out, true
}

// Fraction guesses which share of the values between lo and hi is less than p:
// as if numbers were spread evenly. Text is a number to the base of the range of
// its bytes, after what lo and hi begin with alike (PostgreSQL's
// convert_string_to_scalar).
func Fraction(p, lo, hi Point) float64 {
	switch {
	case p.Compare(lo) <= 0:
		return 0
	case p.Compare(hi) >= 0:
		return 1
	case lo.text == "" && hi.text == "":
		return clamp((p.real - lo.real) / (hi.real - lo.real))
	}
	same := 0
	for same < min(len(lo.text), len(hi.text)) && lo.text[same] == hi.text[same] {
		same++
	}
	a, b, c := lo.text[same:], hi.text[same:], p.text[min(same, len(p.text)):]
	low, high := byteRange(a, b, c)
	from, to, at := digits(a, low, high), digits(b, low, high), digits(c, low, high)
	if to <= from {
		return 0.5
	}
	return clamp((at - from) / (to - from))
}

func clamp(f float64) float64 {
	if !(f >= 0) {
		return 0
	}
	return min(f, 1)
}

// byteRange is the range of bytes to expect where these are: letters and digits
// come with all others.
func byteRange(texts ...string) (low, high byte) {
	low, high = 255, 0
	for _, t := range texts {
		for i := range len(t) {
			low, high = min(low, t[i]), max(high, t[i])
		}
	}
	for _, kind := range []string{"AZ", "az", "09"} {
		if low <= kind[1] && high >= kind[0] {
			low, high = min(low, kind[0]), max(high, kind[1])
		}
	}
	return low, high
}

// digits is text as a fraction to the base of a range of bytes.
func digits(text string, low, high byte) float64 {
	base := float64(high) - float64(low) + 2 // no byte is less than any
	value, place := 0.0, base
	for i := range min(len(text), 12) {
		value += (float64(text[i]) - float64(low) + 1) / place
		place *= base
	}
	return value
}
