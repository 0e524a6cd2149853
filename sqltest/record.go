package sqltest

import "time"

// Record is one record of a test file. The set of implementations is closed:
// Statement, Query, System, Let, Control, Halt, Sleep, Loop and, in psql scripts,
// Ask and Assign.
type Record interface {
	// Position is where the record begins.
	Position() Place
}

// Place is a line, from 1, of a file.
type Place struct {
	File string
	Line int
}

// Position gives p itself; records embed it.
func (p Place) Position() Place { return p }

// Conditions of a record: it runs only if every onlyif label is one of the
// runner's and no skipif label is.
type Conditions struct {
	OnlyIf, SkipIf []string
}

// Retry says how often a failing record is tried, and how long to wait between.
type Retry struct {
	Attempts int // 0: no retry
	Backoff  time.Duration
}

// ExpectedError is what an error must be. The zero value accepts any error.
type ExpectedError struct {
	Pattern  string // regular expression found in the message
	SQLState string
	Exact    string // the whole message, but for white space around it
}

// Statement is `statement ok | error … | count N`.
type Statement struct {
	Place
	Conditions
	Retry
	SQL        string
	Connection string
	Error      *ExpectedError // nil: it must succeed
	Count      int64          // rows affected; −1: not checked
	// errorText is the span of lines of the message after "----".
	errorText span
}

// Query is `query types [sortmode] [label]` or `query error …`.
type Query struct {
	Place
	Conditions
	Retry
	SQL        string
	Connection string
	Types      string
	Sort       SortMode
	Label      string
	Expected   []string // lines
	Error      *ExpectedError
	results    span
}

// span is a range of lines of the file, first to last−1, from 0.
type span struct{ first, last int }

// System is `system ok`: a shell command that must succeed and, if Output is
// not nil, print just that.
type System struct {
	Place
	Conditions
	Retry
	Command string
	Output  *string
}

// Let binds the columns of a query's one row to variables.
type Let struct {
	Place
	Conditions
	Names      []string
	SQL        string
	Connection string
}

// Control changes a setting of the runner for the rest of the file: "sortmode",
// "resultmode", "substitution", "hash-threshold".
type Control struct {
	Place
	Conditions
	Name, Value string
}

// Halt ends the file.
type Halt struct {
	Place
	Conditions
}

// Sleep waits.
type Sleep struct {
	Place
	Conditions
	For time.Duration
}

// Loop runs Body once for each value, with ${Name} replaced in it.
type Loop struct {
	Place
	Conditions
	Name   string
	Values []string
	Body   []Record
}

// SortMode says how results are ordered before they are compared.
type SortMode uint8

// Modes of sorting. DefaultSort is what `control sortmode` said, NoSort at first.
const (
	DefaultSort SortMode = iota
	NoSort
	RowSort
	ValueSort
)

var sortModes = map[string]SortMode{"nosort": NoSort, "rowsort": RowSort, "valuesort": ValueSort}
