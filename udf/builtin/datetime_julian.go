package builtin

// The calendar by Julian days, in 32 bits and without a check of its arguments,
// as templates need it for fields of any size. Year 0 is 1 BC; weeks are those of
// ISO 8601.

// julianOf is the Julian day of a date of the proleptic Gregorian calendar; month
// and day may be out of range.
func julianOf(year, month, day int32) int32 {
	if month > 2 {
		month, year = month+1, year+4800
	} else {
		month, year = month+13, year+4799
	}
	century := year / 100
	return year*365 - 32167 + year/4 - century + century/4 + 7834*month/256 + day
}

// dateOfJulian is the inverse of julianOf, for days from 0.
func dateOfJulian(day int32) (year, month, dayOfMonth int32) {
	n := uint32(day) + 32044
	quad := n / 146097
	extra := (n-quad*146097)*4 + 3
	n += 60 + quad*3 + extra/146097
	quad = n / 1461
	n -= quad * 1461
	y := n * 4 / 1461
	if y != 0 {
		n = (n+305)%365 + 123
	} else {
		n = (n+306)%366 + 123
	}
	year = int32(y+quad*4) - 4800
	quad = n * 2141 / 65536
	return year, int32((quad+10)%12) + 1, int32(n - 7834*quad/256)
}

// mondayOf is how many days a Julian day is after its Monday.
func mondayOf(julian int32) int32 {
	d := julian % 7
	if d < 0 {
		d += 7
	}
	return d
}

// isoWeekStart is the Monday of a week.
func isoWeekStart(year, week int32) int32 {
	jan4 := julianOf(year, 1, 4)
	return (week-1)*7 + jan4 - mondayOf(jan4)
}

// isoYearOf is the year to which the week of a date belongs.
func isoYearOf(year, month, day int32) int32 {
	year, _ = isoWeekDate(year, month, day)
	return year
}

// isoWeekOf is the week of a date.
func isoWeekOf(year, month, day int32) int32 {
	_, week := isoWeekDate(year, month, day)
	return week
}

func isoWeekDate(year, month, day int32) (isoYear, week int32) {
	d := julianOf(year, month, day)
	first := isoWeekStart(year, 1)
	if d < first {
		year--
		first = isoWeekStart(year, 1)
	}
	week = (d-first)/7 + 1
	if week >= 52 {
		if next := isoWeekStart(year+1, 1); d >= next {
			return year + 1, (d-next)/7 + 1
		}
	}
	return year, week
}
