package sqltype

import (
	"reflect"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
)

// TimeTZ is time with time zone: one integer, which orders as PostgreSQL orders
// such times, by the moment in UTC and then by the zone.
//
//	bits 63–18  microseconds since midnight, in UTC (may be negative)
//	bits 17–0   the zone: seconds west of UTC + 2^17
var TimeTZ arrow.DataType = &extensionType{
	ExtensionBase: arrow.ExtensionBase{Storage: Int64},
	name:          "volley.timetz",
	array:         reflect.TypeFor[TimeTZArray](),
}

func init() {
	if err := arrow.RegisterExtensionType(TimeTZ.(arrow.ExtensionType)); err != nil {
		panic(err) // two packages claim one name: a programming error
	}
}

// TimeTZArray is an array of type TimeTZ.
type TimeTZArray struct{ array.ExtensionArrayBase }

// Value is row i.
func (a *TimeTZArray) Value(i int) int64 { return a.Storage().(*array.Int64).Value(i) }

// ValueStr is the text of row i.
func (a *TimeTZArray) ValueStr(i int) string {
	if a.IsNull(i) {
		return array.NullValueStr
	}
	return string(AppendTimeTZ(nil, a.Value(i)))
}

const zoneBits = 18

// MakeTimeTZ is a time of day in microseconds, in a zone so many seconds east of
// UTC.
func MakeTimeTZ(micros, east int64) int64 {
	return (micros-east*MicrosPerSecond)<<zoneBits | (-east + 1<<(zoneBits-1))
}

// SplitTimeTZ is the inverse of MakeTimeTZ.
func SplitTimeTZ(v int64) (micros, east int64) {
	east = 1<<(zoneBits-1) - v&(1<<zoneBits-1)
	return v>>zoneBits + east*MicrosPerSecond, east
}

// TimeTZIn is v's moment in another zone; the date does not count.
func TimeTZIn(v, east int64) int64 {
	utc := v >> zoneBits
	micros := utc + east*MicrosPerSecond
	return MakeTimeTZ(micros-floorDiv(micros, MicrosPerDay)*MicrosPerDay, east)
}

// AppendTimeTZ appends a time with its zone: 10:00:00+02.
func AppendTimeTZ(dst []byte, v int64) []byte {
	micros, east := SplitTimeTZ(v)
	return AppendOffset(AppendTime(dst, micros), east)
}

// ParseTimeTZ reads a time with a zone, or in loc, the session's, without one.
// A zone whose offset depends on the date needs one.
func ParseTimeTZ(b []byte, loc *time.Location) (int64, error) {
	return parseTimeTZIn(b, TextOptions{TimeZone: loc})
}

func parseTimeTZIn(b []byte, o TextOptions) (int64, error) {
	loc := o.TimeZone
	f, err := parseDateTime(b, "time with time zone", o)
	if err != nil {
		return 0, err
	}
	day := f.days
	if !f.hasDate {
		day = floorDiv(UTCToLocal(now().UnixMicro(), loc), MicrosPerDay)
	}
	if day > maxTimestamp/MicrosPerDay-2 { // beyond timestamps; zones repeat themselves after 400 years
		day = day%146097 + 146097
	}
	wall := day*MicrosPerDay + f.micros
	return MakeTimeTZ(f.micros, (wall-f.zone.toUTC(wall, loc))/MicrosPerSecond), nil
}
