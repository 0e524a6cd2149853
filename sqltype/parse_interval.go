package sqltype

import (
	"math"
	"math/bits"
	"strconv"
	"unsafe"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqlerr"
)

// ParseInterval reads PostgreSQL's interval input: quantities with units and an
// optional "ago", hh:mm:ss, the SQL forms '1-2' and '1-2 3 04:05:06', and ISO
// 8601 durations. 22007 for bad syntax, 22015 out of range.
func ParseInterval(b []byte) (arrow.MonthDayNanoInterval, error) {
	p := intervalParser{}
	t := trimSpace(b)
	var ok bool
	if len(t) > 1 && t[0] == 'P' {
		ok = p.readISO(t[1:])
	} else {
		ok = p.readPostgres(t)
	}
	if !ok && !p.overflow {
		return arrow.MonthDayNanoInterval{}, invalidDateTime("interval", b)
	}
	if p.overflow || int64(int32(p.months)) != p.months || int64(int32(p.days)) != p.days ||
		p.micros > math.MaxInt64/1000 || p.micros < math.MinInt64/1000 {
		return arrow.MonthDayNanoInterval{}, sqlerr.New(sqlerr.IntervalOverflow, "interval field value out of range: \"%s\"", b)
	}
	return arrow.MonthDayNanoInterval{Months: int32(p.months), Days: int32(p.days), Nanoseconds: p.micros * 1000}, nil
}

// intervalUnit says how many months, days or microseconds a unit is. Each bit of
// field may occur once in an interval.
type intervalUnit struct {
	months, days, micros int64
	field                uint16
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
	unitYear   = intervalUnit{months: 12, field: 1 << 8}
	unitDecade = intervalUnit{months: 120, field: 1 << 9}
	unitCent   = intervalUnit{months: 1200, field: 1 << 10}
	unitMil    = intervalUnit{months: 12000, field: 1 << 11}
)

var intervalUnits = map[string]intervalUnit{
	"us": unitMicro, "usec": unitMicro, "usecs": unitMicro, "usecond": unitMicro, "useconds": unitMicro,
	"microsecond": unitMicro, "microseconds": unitMicro, "microsecon": unitMicro,
	"ms": unitMilli, "msec": unitMilli, "msecs": unitMilli, "msecond": unitMilli, "mseconds": unitMilli,
	"millisecond": unitMilli, "milliseconds": unitMilli, "millisecon": unitMilli,
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

type intervalParser struct {
	months, days, micros int64
	overflow             bool
	seen                 uint16 // the fields given so far
}

// quantity is a signed decimal number: its whole part and its fraction, both
// with the sign.
type quantity struct {
	whole int64
	frac  float64
	neg   bool
}

// readQuantity reads [±]digits[.digits] at the start of t.
func (p *intervalParser) readQuantity(t []byte) (q quantity, rest []byte, ok bool) {
	if len(t) > 0 && (t[0] == '-' || t[0] == '+') {
		q.neg = t[0] == '-'
		t = skipSpace(t[1:])
	}
	i := 0
	for i < len(t) && isDigit(t[i]) {
		d := int64(t[i] - '0')
		if q.whole > (math.MaxInt64-d)/10 {
			p.overflow = true
			return q, nil, false
		}
		q.whole = q.whole*10 + d
		i++
	}
	start := i
	if i < len(t) && t[i] == '.' {
		i++
		for i < len(t) && isDigit(t[i]) {
			i++
		}
		if frac := t[start:i]; len(frac) > 1 {
			q.frac, _ = strconv.ParseFloat(unsafe.String(unsafe.SliceData(frac), len(frac)), 64)
		}
	}
	if i == 0 || i == 1 && t[0] == '.' {
		return q, nil, false
	}
	if q.neg {
		q.whole, q.frac = -q.whole, -q.frac
	}
	return q, t[i:], true
}

// add adds q units. Fractions go on into smaller units: years and more into
// months, months and weeks into days, days and less into microseconds.
func (p *intervalParser) add(q quantity, u intervalUnit) {
	switch {
	case u.months > 1:
		p.addTo(&p.months, q.whole, u.months)
		p.addTo(&p.months, int64(math.RoundToEven(q.frac*float64(u.months))), 1)
	case u.months == 1:
		p.addTo(&p.months, q.whole, 1)
		p.addDays(q.frac * 30)
	case u.days == 7:
		p.addTo(&p.days, q.whole, 7)
		p.addDays(q.frac * 7)
	case u.days == 1:
		p.addTo(&p.days, q.whole, 1)
		p.addMicros(q.frac * MicrosPerDay)
	default:
		p.addTo(&p.micros, q.whole, u.micros)
		p.addMicros(q.frac * float64(u.micros))
	}
}

// addTo adds n·unit to *sum and notes an overflow.
func (p *intervalParser) addTo(sum *int64, n, unit int64) {
	mag := uint64(n)
	if n < 0 {
		mag = -mag
	}
	hi, lo := bits.Mul64(mag, uint64(unit))
	v := int64(lo)
	if n < 0 {
		v = -v
	}
	r := *sum + v
	if hi != 0 || lo > math.MaxInt64 || (v > 0) != (r > *sum) && v != 0 {
		p.overflow = true
		return
	}
	*sum = r
}

// addDays adds a small number of days, its fraction as microseconds.
func (p *intervalParser) addDays(days float64) {
	whole := int64(days)
	p.addTo(&p.days, whole, 1)
	p.addMicros((days - float64(whole)) * MicrosPerDay)
}

// addMicros adds microseconds rounded to the nearest, halves towards zero.
func (p *intervalParser) addMicros(f float64) {
	v := int64(f)
	if f -= float64(v); f > 0.5 {
		v++
	} else if f < -0.5 {
		v--
	}
	p.addTo(&p.micros, v, 1)
}

// negate turns the whole interval round, for "ago".
func (p *intervalParser) negate() {
	if p.months == math.MinInt64 || p.days == math.MinInt64 || p.micros == math.MinInt64 {
		p.overflow = true
	}
	p.months, p.days, p.micros = -p.months, -p.days, -p.micros
}
