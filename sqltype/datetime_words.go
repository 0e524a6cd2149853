package sqltype

// fieldMask is a set of fields that a text has given; each may be given once.
type fieldMask uint32

const (
	fieldYear fieldMask = 1 << iota
	fieldMonth
	fieldDay
	fieldHour
	fieldMinute
	fieldSecond
	fieldMilli
	fieldMicro
	fieldZone
	fieldDST    // an abbreviation of summer time
	fieldDSTMod // the word DST
	fieldMeridiem
	fieldEra
	fieldWeekday
	fieldDayOfYear
	fieldReserved
	fieldDynamicZone

	fieldsSeconds = fieldSecond | fieldMilli | fieldMicro
	fieldsDate    = fieldYear | fieldMonth | fieldDay
	fieldsTime    = fieldHour | fieldMinute | fieldsSeconds
)

// keywordKind is what sort of word a keyword is.
type keywordKind uint8

const (
	wordIgnored keywordKind = iota + 1
	wordMonth
	wordWeekday
	wordMeridiem
	wordEra
	wordDST
	wordPrefix // names the field of the number after it
	wordTime   // the T between date and time
	wordMoment
)

// prefix is the field that the next number is for, as in Y2001M12D27.
type prefix uint8

const (
	noPrefix prefix = iota
	prefixYear
	prefixMonth
	prefixDay
	prefixHour
	prefixMinute
	prefixSecond
	prefixJulian
	prefixTime
	prefixNone // a field that no number can be for
)

// moment is what a word like 'today' stands for.
type moment uint8

const (
	momentNow moment = iota + 1
	momentToday
	momentTomorrow
	momentYesterday
	momentMidnight // allballs
	momentEpoch
	momentInfinity
	momentNegInfinity
)

const (
	meridiemAM = 1
	meridiemPM = 2
	eraBC      = 1
)

// keyword is a word of dates and times.
type keyword struct {
	kind  keywordKind
	value uint8
}

// maxKeyword is how many letters of a word count.
const maxKeyword = 10

// keywordOf looks up a word in lower case.
func keywordOf(t []byte) (keyword, bool) {
	k, ok := keywords[string(t[:min(len(t), maxKeyword)])]
	return k, ok
}

var keywords = map[string]keyword{
	"-infinity": {wordMoment, uint8(momentNegInfinity)}, "infinity": {wordMoment, uint8(momentInfinity)},
	"epoch": {wordMoment, uint8(momentEpoch)}, "allballs": {wordMoment, uint8(momentMidnight)},
	"now": {wordMoment, uint8(momentNow)}, "today": {wordMoment, uint8(momentToday)},
	"tomorrow": {wordMoment, uint8(momentTomorrow)}, "yesterday": {wordMoment, uint8(momentYesterday)},
	"ad": {wordEra, 0}, "bc": {wordEra, eraBC}, "am": {wordMeridiem, meridiemAM}, "pm": {wordMeridiem, meridiemPM},
	"at": {wordIgnored, 0}, "on": {wordIgnored, 0}, "dst": {wordDST, 0}, "t": {wordTime, 0},
	"y": {wordPrefix, uint8(prefixYear)}, "m": {wordPrefix, uint8(prefixMonth)}, "d": {wordPrefix, uint8(prefixDay)},
	"h": {wordPrefix, uint8(prefixHour)}, "mm": {wordPrefix, uint8(prefixMinute)}, "s": {wordPrefix, uint8(prefixSecond)},
	"j": {wordPrefix, uint8(prefixJulian)}, "jd": {wordPrefix, uint8(prefixJulian)}, "julian": {wordPrefix, uint8(prefixJulian)},
	"dow": {wordPrefix, uint8(prefixNone)}, "doy": {wordPrefix, uint8(prefixNone)},
	"isodow": {wordPrefix, uint8(prefixNone)}, "isoyear": {wordPrefix, uint8(prefixNone)},
	"jan": {wordMonth, 1}, "january": {wordMonth, 1}, "feb": {wordMonth, 2}, "february": {wordMonth, 2},
	"mar": {wordMonth, 3}, "march": {wordMonth, 3}, "apr": {wordMonth, 4}, "april": {wordMonth, 4},
	"may": {wordMonth, 5}, "jun": {wordMonth, 6}, "june": {wordMonth, 6}, "jul": {wordMonth, 7}, "july": {wordMonth, 7},
	"aug": {wordMonth, 8}, "august": {wordMonth, 8}, "sep": {wordMonth, 9}, "sept": {wordMonth, 9}, "september": {wordMonth, 9},
	"oct": {wordMonth, 10}, "october": {wordMonth, 10}, "nov": {wordMonth, 11}, "november": {wordMonth, 11},
	"dec": {wordMonth, 12}, "december": {wordMonth, 12},
	"sun": {wordWeekday, 0}, "sunday": {wordWeekday, 0}, "mon": {wordWeekday, 1}, "monday": {wordWeekday, 1},
	"tue": {wordWeekday, 2}, "tues": {wordWeekday, 2}, "tuesday": {wordWeekday, 2},
	"wed": {wordWeekday, 3}, "weds": {wordWeekday, 3}, "wednesday": {wordWeekday, 3},
	"thu": {wordWeekday, 4}, "thur": {wordWeekday, 4}, "thurs": {wordWeekday, 4}, "thursday": {wordWeekday, 4},
	"fri": {wordWeekday, 5}, "friday": {wordWeekday, 5}, "sat": {wordWeekday, 6}, "saturday": {wordWeekday, 6},
}
