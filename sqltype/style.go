package sqltype

// Style is how a session writes and reads values whose text has several forms.
// The zero value is PostgreSQL's default: ISO dates with month before day,
// intervals as "1 day 02:00:00", the shortest digits of floats, bytea in hex.
type Style struct {
	Date     DateFormat
	Order    DateOrder
	Interval IntervalFormat
	// FloatDigits are the significant digits that double precision is rounded
	// to, real to 9 fewer, at least one of each; 0: as many as are needed.
	FloatDigits uint8
	ByteaEscape bool
}

// DateFormat is the output form of dates and timestamps.
type DateFormat uint8

// Output forms of dates: the settings of DateStyle.
const (
	DateISO DateFormat = iota
	DatePostgres
	DateSQL
	DateGerman
)

// DateOrder is the order of the fields in a date like 01/02/03.
type DateOrder uint8

// Orders of the fields of a date.
const (
	MonthFirst DateOrder = iota
	DayFirst
	YearFirst
)

// IntervalFormat is the output form of intervals.
type IntervalFormat uint8

// Output forms of intervals: the settings of IntervalStyle.
const (
	IntervalPostgres IntervalFormat = iota
	IntervalVerbose
	IntervalSQL
	IntervalISO
)
