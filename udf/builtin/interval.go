package builtin

import (
	"math"

	"volley/sqlerr"
)

func errIntervalRange() error {
	return sqlerr.New(sqlerr.DatetimeOverflow, "interval out of range")
}

func addIntervals(a, b interval) (interval, error) {
	months, days := int64(a.Months)+int64(b.Months), int64(a.Days)+int64(b.Days)
	nanos := a.Nanoseconds + b.Nanoseconds
	if int64(int32(months)) != months || int64(int32(days)) != days ||
		(a.Nanoseconds^nanos)&(b.Nanoseconds^nanos) < 0 {
		return interval{}, errIntervalRange()
	}
	return interval{Months: int32(months), Days: int32(days), Nanoseconds: nanos}, nil
}

func negInterval(a interval) (interval, error) {
	if a.Months == math.MinInt32 || a.Days == math.MinInt32 || a.Nanoseconds == math.MinInt64 {
		return interval{}, errIntervalRange()
	}
	return interval{Months: -a.Months, Days: -a.Days, Nanoseconds: -a.Nanoseconds}, nil
}

func subIntervals(a, b interval) (interval, error) {
	months, days := int64(a.Months)-int64(b.Months), int64(a.Days)-int64(b.Days)
	nanos := a.Nanoseconds - b.Nanoseconds
	if int64(int32(months)) != months || int64(int32(days)) != days ||
		(a.Nanoseconds^b.Nanoseconds)&(a.Nanoseconds^nanos) < 0 {
		return interval{}, errIntervalRange()
	}
	return interval{Months: int32(months), Days: int32(days), Nanoseconds: nanos}, nil
}

func divInterval(a interval, d float64) (interval, error) {
	if d == 0 {
		return interval{}, errDivisionByZero()
	}
	return scaleInterval(a, func(x float64) float64 { return x / d })
}

func mulInterval(a interval, f float64) (interval, error) {
	return scaleInterval(a, func(x float64) float64 { return x * f })
}

// scaleInterval applies f to each field, and carries the fractions of months
// into days (of 30 a month) and those of days into time, as PostgreSQL's
// interval_mul and interval_div do.
func scaleInterval(a interval, f func(float64) float64) (interval, error) {
	months, days := f(float64(a.Months)), f(float64(a.Days))
	if !inInt32(months) || !inInt32(days) {
		return interval{}, errIntervalRange()
	}
	r := interval{Months: int32(months), Days: int32(days)}
	monthDays := roundMicro((months - float64(r.Months)) * 30)
	seconds := roundMicro((days - float64(r.Days) + monthDays - math.Trunc(monthDays)) * 86400)
	if math.Abs(seconds) >= 86400 { // rounding has made a whole day
		r.Days += int32(seconds / 86400)
		seconds -= math.Trunc(seconds/86400) * 86400
	}
	whole := float64(r.Days) + math.Trunc(monthDays)
	micros := math.RoundToEven(f(float64(a.Nanoseconds)/1000) + seconds*1e6)
	if !inInt32(whole) || !(math.Abs(micros) < math.MaxInt64/1000) {
		return interval{}, errIntervalRange()
	}
	r.Days = int32(whole)
	r.Nanoseconds = int64(micros) * 1000
	return r, nil
}

func inInt32(x float64) bool { return x > math.MinInt32-1 && x < math.MaxInt32+1 }

// roundMicro is PostgreSQL's TSROUND: to six digits after the point.
func roundMicro(x float64) float64 { return math.RoundToEven(x*1e6) / 1e6 }
