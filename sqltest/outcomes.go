package sqltest

import (
	"encoding/json"
	"io"
)

// Entry is a line of a report: how one record of a file's run ended.
type Entry struct {
	// Run is the file that was run, Ordinal the record's number in its run, from
	// 0: records of loops have one for each turn.
	Run     string
	Ordinal int
	// File and Line are where the record stands, in an included file perhaps.
	File   string
	Line   int
	Status string // passed, failed, skipped
	// Error reports that a failed record ended in an error that it did not
	// expect; State is the SQLSTATE of any error.
	Error  bool   `json:",omitempty"`
	State  string `json:",omitempty"`
	Reason string `json:",omitempty"`
	SQL    string `json:",omitempty"`
	// Hash and Lines are the answer to a statement of a script.
	Hash  string   `json:",omitempty"`
	Lines []string `json:",omitempty"`
}

var statusNames = map[Status]string{Passed: "passed", Failed: "failed", Skipped: "skipped"}

// WriteReport writes the outcomes of a file's run as lines of JSON, an Entry each.
func WriteReport(w io.Writer, run string, outcomes []Outcome) error {
	enc := json.NewEncoder(w)
	for i, o := range outcomes {
		err := enc.Encode(Entry{
			Run: run, Ordinal: i, File: o.Place.File, Line: o.Place.Line, Status: statusNames[o.Status],
			Error: o.unexpected, State: o.state, Reason: o.Reason, SQL: cut(o.SQL, 2000),
			Hash: o.answer.Hash, Lines: o.answer.Lines,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// ReadReport calls f with each entry of a report.
func ReadReport(r io.Reader, f func(Entry)) error {
	for dec := json.NewDecoder(r); ; {
		var e Entry
		switch err := dec.Decode(&e); err {
		case nil:
			f(e)
		case io.EOF:
			return nil
		default:
			return err
		}
	}
}
