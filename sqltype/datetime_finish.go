package sqltype

// finish checks the fields against each other and computes the day and the time.
func (f *dateFields) finish() parseResult {
	if r := f.finishDate(); r != readOK {
		return r
	}
	if (f.am || f.pm) && f.hour > 12 {
		return badField
	}
	if f.am && f.hour == 12 {
		f.hour = 0
	} else if f.pm && f.hour != 12 {
		f.hour += 12
	}
	f.hasDate = f.has(fieldsDate)
	switch {
	case f.timeOnly:
		if f.overflows() {
			return badField
		}
		if !f.has(fieldsTime) {
			return badSyntax
		}
	case f.special != specialNone:
		return readOK
	case !f.hasDate:
		return badSyntax
	}
	f.micros = f.clock()
	return f.finishZone()
}

// finishDate turns the year into that of the calendar, in which 0 is 1 BC, and
// checks month and day.
func (f *dateFields) finishDate() parseResult {
	if f.mask&fieldYear != 0 && !f.julian {
		switch {
		case f.bc:
			if f.year <= 0 {
				return badField
			}
			f.year = 1 - f.year
		case f.shortYear:
			switch {
			case f.year < 0:
				return badField
			case f.year < 70:
				f.year += 2000
			case f.year < 100:
				f.year += 1900
			}
		case f.year <= 0:
			return badField
		}
	}
	if f.mask&fieldDayOfYear != 0 {
		f.setDays(DaysFromCivil(f.year, 1, 1) + f.yearDay - 1)
	}
	if f.mask&fieldMonth != 0 && (f.month < 1 || f.month > 12) || f.mask&fieldDay != 0 && (f.day < 1 || f.day > 31) {
		return badMonthDay
	}
	if !f.has(fieldsDate) {
		return readOK
	}
	if int(f.day) > DaysInMonth(f.year, int(f.month)) {
		return badField
	}
	f.days = DaysFromCivil(f.year, int(f.month), int(f.day))
	return readOK
}

// finishZone refuses the word DST beside anything but a fixed offset, and for a
// time the name of a zone whose offset changes without a date.
func (f *dateFields) finishZone() parseResult {
	if f.mask&fieldDSTMod != 0 && (f.mask&fieldZone == 0 || f.zone.region != nil || f.zone.abbrev != nil) {
		return badSyntax
	}
	if f.timeOnly && f.zone.region != nil && !f.hasDate && !fixedZone(f.zone.region) {
		return badSyntax
	}
	return readOK
}
