package app

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"volley/parser"
	"volley/sqlerr"
)

// printError writes an error as one line, with the line of SQL it is in and a
// caret under the place, where that is known.
//
//	ERROR 42703: column "x" does not exist
//	LINE 1: SELECT x FROM t
//	               ^
func printError(w io.Writer, err error, sql string, offset int) {
	e := sqlerr.Find(err)
	message := e.Error()
	if e.Worker != "" {
		message += " (worker " + e.Worker + ")"
	}
	fmt.Fprintf(w, "ERROR %s: %s\n", e.Code, message)
	if e.Position > 0 && sql != "" && !parser.HoldsSecrets(sql) {
		at := min(offset+e.Position-1, len(sql))
		start := strings.LastIndexByte(sql[:at], '\n') + 1
		line := sql[start:]
		if end := strings.IndexByte(line, '\n'); end >= 0 {
			line = line[:end]
		}
		before := sql[start:at]
		line, before = around(line, before)
		label := fmt.Sprintf("LINE %d: ", strings.Count(sql[:at], "\n")+1)
		fmt.Fprintf(w, "%s%s\n%s^\n", label, strings.ReplaceAll(line, "\t", " "), strings.Repeat(" ", len(label)+utf8.RuneCountInString(before)))
	}
	if e.Detail != "" {
		fmt.Fprintln(w, "DETAIL:", e.Detail)
	}
	if e.Hint != "" {
		fmt.Fprintln(w, "HINT:", e.Hint)
	}
	if e.Context != "" {
		fmt.Fprintln(w, "CONTEXT:", e.Context)
	}
}

// around cuts a long line to what is near its place.
func around(line, before string) (string, string) {
	const width = 120
	if len(line) <= width {
		return line, before
	}
	from := max(0, len(before)-width/2)
	for from > 0 && from < len(line) && !utf8.RuneStart(line[from]) {
		from--
	}
	to := min(len(line), from+width)
	for to < len(line) && !utf8.RuneStart(line[to]) {
		to++
	}
	lead := ""
	if from > 0 {
		lead = "..."
	}
	tail := ""
	if to < len(line) {
		tail = "..."
	}
	return lead + line[from:to] + tail, lead + before[from:]
}
