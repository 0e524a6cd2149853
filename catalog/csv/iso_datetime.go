package csv

import (
	"unsafe"

	"volley/sqltype"
)

// The forms of dates and timestamps that are read eight bytes at a time; the
// other forms, and what is wrong, are for the general parsers.
const (
	isoDate      = "0000-00-00"
	isoTimestamp = "0000-00-00 00:00:00"
)

// Words of the forms, the first byte in the lowest bits: what they are with all
// digits 0, and what carries into the upper half of each byte that is too large
// then, a 9 in a digit's place and a 0 in a separator's being the largest.
const (
	yearMonth, yearMonthCarry = 0x2d30302d30303030, 0x0f06060f06060606 // 0000-00-
	day, dayCarry             = 0x3030, 0x0606                         // 00
	daySpace, daySpaceCarry   = 0x203030, 0x0f0606                     // 00 and a space
	clock, clockCarry         = 0x30303a30303a3030, 0x06060f06060f0606 // 00:00:00
)

// digitsOf gives the digits of word as numbers; ok tells whether it has a form.
func digitsOf(word, form, carry uint64) (digits uint64, ok bool) {
	digits = word ^ form
	return digits, (digits|(digits+carry))&0xf0f0f0f0f0f0f0f0 == 0
}

// pairs has in each byte the number of the two digits that begin there.
func pairs(digits uint64) uint64 { return digits*10 + digits>>8 }

// isoDateAt reads the isoDate at buf[beg]; pad bytes can be read after it.
func isoDateAt(buf []byte, beg int) (days int64, ok bool) {
	base := unsafe.Pointer(unsafe.SliceData(buf))
	d, ok := digitsOf(load(base, beg+8)&0xffff, day, dayCarry)
	if !ok {
		return 0, false
	}
	return dayOf(load(base, beg), int64(pairs(d)&0xff))
}

// isoTimestampAt reads the isoTimestamp at buf[beg] as microseconds likewise.
func isoTimestampAt(buf []byte, beg int) (micros int64, ok bool) {
	base := unsafe.Pointer(unsafe.SliceData(buf))
	d, ok1 := digitsOf(load(base, beg+8)&0xffffff, daySpace, daySpaceCarry)
	t, ok2 := digitsOf(load(base, beg+11), clock, clockCarry)
	if !ok1 || !ok2 {
		return 0, false
	}
	t = pairs(t)
	h, m, s := t&0xff, t>>24&0xff, t>>48&0xff
	if h > 23 || m > 59 || s > 59 {
		return 0, false
	}
	days, ok := dayOf(load(base, beg), int64(pairs(d)&0xff))
	return days*sqltype.MicrosPerDay + int64(h*3600+m*60+s)*sqltype.MicrosPerSecond, ok
}

// isoAt reads the isoDate or isoTimestamp of so many bytes, in its type's unit.
func isoAt(buf []byte, beg, length int) (v int64, ok bool) {
	if length == len(isoDate) {
		return isoDateAt(buf, beg)
	}
	return isoTimestampAt(buf, beg)
}

// dayOf is the date of a day in the month whose text word is.
func dayOf(word uint64, d int64) (days int64, ok bool) {
	text, ok := digitsOf(word, yearMonth, yearMonthCarry)
	if !ok {
		return 0, false
	}
	p := pairs(text)
	year, month := int64(p&0xff*100+p>>16&0xff), int64(p>>40&0xff)
	if at := uint64(year-tableYear)*16 + uint64(month); at < uint64(len(isoMonths)) && month < 16 {
		m := isoMonths[at]
		return int64(m>>5) + d - 1, d >= 1 && d <= int64(m&31)
	}
	if year == 0 || month < 1 || month > 12 {
		return 0, false
	}
	return sqltype.DaysFromCivil(year, int(month), 1) + d - 1, d >= 1 && d <= int64(sqltype.DaysInMonth(year, int(month)))
}

// isoMonths has for 16 months of each of the years that are usual, from tableYear
// on, the month's first day and, in the low five bits, how many it has: none if
// there is no such month. Dates of a file are in any order; computing these for each
// takes more than all the rest.
var isoMonths = func() (table [tableYears * 16]int32) {
	for i := range table {
		if month := i % 16; month >= 1 && month <= 12 {
			year := int64(tableYear + i/16)
			table[i] = int32(sqltype.DaysFromCivil(year, month, 1))<<5 | int32(sqltype.DaysInMonth(year, month))
		}
	}
	return table
}()

const tableYear, tableYears = 1900, 256
