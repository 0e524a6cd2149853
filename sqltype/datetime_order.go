package sqltype

// takeNumber gives the next number of a date, written with so many digits, to
// the field that it is by what is known already and by the order of fields:
// three digits or more are a year, which may also come last. Beside a month's
// name a number is the day, before or after it, and a year.
func (f *dateFields) takeNumber(v int64, digits int, textMonth bool) parseResult {
	switch y, m, d := f.hasYear, f.hasMonth, f.hasDay; {
	case y && !m && !d && digits == 3 && v >= 1 && v <= 366:
		f.dayOfYear = v
	case !y && !m && !d:
		switch {
		case digits >= 3 || f.order == YearFirst:
			f.setYear(v, digits)
		case f.order == DayFirst:
			f.day, f.hasDay = v, true
		default:
			f.month, f.hasMonth = v, true
		}
	case y && !m && !d:
		f.month, f.hasMonth = v, true
	case !y && m && !d:
		if textMonth && (digits >= 3 || f.order == YearFirst) {
			f.setYear(v, digits)
		} else {
			f.day, f.hasDay = v, true
		}
	case y && m && !d:
		if textMonth && digits >= 3 && f.yearDigits <= 2 { // the first number was the day
			f.day, f.hasDay = f.year, true
			f.setYear(v, digits)
		} else {
			f.day, f.hasDay = v, true
		}
	case !y && !m && d:
		f.month, f.hasMonth = v, true
	case !y && m && d:
		f.setYear(v, digits)
	default:
		return badSyntax
	}
	return readOK
}

func (f *dateFields) setYear(v int64, digits int) {
	f.year, f.hasYear, f.yearDigits = v, true, digits
}
