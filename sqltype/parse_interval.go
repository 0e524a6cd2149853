package sqltype

import (
	"math"
	"math/bits"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqlerr"
)

// ParseInterval reads PostgreSQL's interval input: quantities with units and an
// optional "ago", hh:mm:ss, the SQL forms '1-2' and '1-2 3 04:05:06', and ISO
// 8601 durations. 22007 for bad syntax, 22015 for a field out of range, 22008 for
// their sum.
func ParseInterval(b []byte) (arrow.MonthDayNanoInterval, error) {
	return ParseIntervalFields(b, 0, IntervalPostgres)
}

// ParseIntervalFields is ParseInterval for a type of only some fields, the last
// of which is that of a number without a unit. In the SQL standard's style a sign
// before everything is that of all parts.
func ParseIntervalFields(b []byte, fields IntervalFields, style IntervalFormat) (arrow.MonthDayNanoInterval, error) {
	var out arrow.MonthDayNanoInterval
	p := intervalParser{last: fields.last(), sqlStyle: style == IntervalSQL, minuteToSecond: fields == IntervalMinute|IntervalSecond}
	r := badSyntax
	if p.tokens.split(b, maxIntervalText) {
		r = p.readTokens()
	}
	if r == badSyntax && len(b) > 1 && b[0] == 'P' {
		p = intervalParser{}
		r = p.readISO(b[1:])
	}
	switch r {
	case badSyntax:
		return out, invalidDateTime("interval", b)
	case badField:
		return out, sqlerr.New(sqlerr.IntervalOverflow, "interval field value out of range: \"%s\"", b)
	}
	months := p.years*12 + p.months
	if int64(int32(months)) != months {
		return out, sqlerr.New(sqlerr.DatetimeOverflow, "interval out of range")
	}
	if p.micros > math.MaxInt64/1000 || p.micros < math.MinInt64/1000 {
		return out, sqlerr.New(sqlerr.IntervalOverflow, "interval field value out of range: \"%s\"", b).
			WithDetail("The time of an interval is a number of nanoseconds in 64 bits, not quite 2562048 hours.")
	}
	return arrow.MonthDayNanoInterval{Months: int32(months), Days: int32(p.days), Nanoseconds: p.micros * 1000}, nil
}

// intervalUnit says how many years, months, days or microseconds a unit is; one
// of them is set. Each bit of field may occur once in an interval.
type intervalUnit struct {
	years, months, days, micros int64
	field                       uint16
}

// allTime are the fields that hh:mm:ss gives.
const allTime = 1<<5 - 1

var (
	unitMicro  = intervalUnit{micros: 1, field: 1}
	unitMilli  = intervalUnit{micros: 1000, field: 1 << 1}
	unitSecond = intervalUnit{micros: MicrosPerSecond, field: 1 << 2}
	unitMinute = intervalUnit{micros: 60 * MicrosPerSecond, field: 1 << 3}
	unitHour   = intervalUnit{micros: 3600 * MicrosPerSecond, field: 1 << 4}
	unitDay    = intervalUnit{days: 1, field: 1 << 5}
	unitWeek   = intervalUnit{days: 7, field: 1 << 6}
	unitMonth  = intervalUnit{months: 1, field: 1 << 7}
	unitYear   = intervalUnit{years: 1, field: 1 << 8}
	unitDecade = intervalUnit{years: 10, field: 1 << 9}
	unitCent   = intervalUnit{years: 100, field: 1 << 10}
	unitMil    = intervalUnit{years: 1000, field: 1 << 11}
)

// intervalUnits are the names of units, cut to the letters that count.
var intervalUnits = map[string]intervalUnit{
	"us": unitMicro, "usec": unitMicro, "usecs": unitMicro, "usecond": unitMicro, "useconds": unitMicro, "microsecon": unitMicro,
	"ms": unitMilli, "msec": unitMilli, "msecs": unitMilli, "msecond": unitMilli, "mseconds": unitMilli, "millisecon": unitMilli,
	"s": unitSecond, "sec": unitSecond, "secs": unitSecond, "second": unitSecond, "seconds": unitSecond,
	"m": unitMinute, "min": unitMinute, "mins": unitMinute, "minute": unitMinute, "minutes": unitMinute,
	"h": unitHour, "hr": unitHour, "hrs": unitHour, "hour": unitHour, "hours": unitHour,
	"d": unitDay, "day": unitDay, "days": unitDay,
	"w": unitWeek, "week": unitWeek, "weeks": unitWeek,
	"mon": unitMonth, "mons": unitMonth, "month": unitMonth, "months": unitMonth,
	"y": unitYear, "yr": unitYear, "yrs": unitYear, "year": unitYear, "years": unitYear,
	"dec": unitDecade, "decs": unitDecade, "decade": unitDecade, "decades": unitDecade,
	"c": unitCent, "cent": unitCent, "century": unitCent, "centuries": unitCent,
	"mil": unitMil, "mils": unitMil, "millennia": unitMil, "millennium": unitMil,
}

// intervalParser sums the parts of an interval. Years, months and days have 32
// bits.
type intervalParser struct {
	tokens                      dateTokens
	years, months, days, micros int64
	seen                        uint16       // the fields given so far
	unit                        intervalUnit // of the next number; tokens are read backwards
	last                        intervalUnit // of a last number without a unit
	minuteToSecond              bool         // h:mm is mm:ss
	sqlStyle, negative          bool
}

// add adds whole and frac units, and tells whether the sum fits. Fractions of
// years go on into months, those of months and weeks into days, those of days
// into time.
func (p *intervalParser) add(whole int64, frac float64, u intervalUnit) bool {
	switch {
	case u.years > 0:
		return addScaled(&p.years, whole, u.years) &&
			addTo32(&p.months, int64(math.RoundToEven(frac*float64(u.years)*12)))
	case u.months > 0:
		return addScaled(&p.months, whole, 1) && p.addDays(frac*30)
	case u.days == 7:
		return addScaled(&p.days, whole, 7) && p.addDays(frac*7)
	case u.days == 1:
		return addScaled(&p.days, whole, 1) && p.addMicros(frac*MicrosPerDay)
	}
	return p.addTime(whole, u.micros) && p.addMicros(frac*float64(u.micros))
}

// addScaled adds n·scale to a sum of 32 bits.
func addScaled(sum *int64, n, scale int64) bool {
	return int64(int32(n)) == n && int64(int32(n*scale)) == n*scale && addTo32(sum, n*scale)
}

func addTo32(sum *int64, n int64) bool {
	*sum += n
	return int64(int32(*sum)) == *sum
}

// addTime adds n·unit microseconds.
func (p *intervalParser) addTime(n, unit int64) bool {
	hi, lo := bits.Mul64(uint64(magnitude(n)), uint64(unit))
	if hi != 0 || lo > math.MaxInt64 {
		return false
	}
	v := int64(lo)
	if n < 0 {
		v = -v
	}
	sum := p.micros + v
	if (p.micros^sum)&(v^sum) < 0 {
		return false
	}
	p.micros = sum
	return true
}

// addDays adds a small number of days, its fraction as microseconds.
func (p *intervalParser) addDays(days float64) bool {
	whole := int64(days)
	return addTo32(&p.days, whole) && p.addMicros((days-float64(whole))*MicrosPerDay)
}

// addMicros adds microseconds rounded to the nearest, halves towards zero.
func (p *intervalParser) addMicros(f float64) bool {
	v := int64(f)
	if f -= float64(v); f > 0.5 {
		v++
	} else if f < -0.5 {
		v--
	}
	return p.addTime(v, 1)
}

// negate turns the whole interval round, for "ago".
func (p *intervalParser) negate() bool {
	if p.years == math.MinInt32 || p.months == math.MinInt32 || p.days == math.MinInt32 || p.micros == math.MinInt64 {
		return false
	}
	p.years, p.months, p.days, p.micros = -p.years, -p.months, -p.days, -p.micros
	return true
}
