// Package csv reads delimited text: it infers how a file is written and what
// its columns are, cuts files into splits at any byte, and reads a split as
// Arrow records.
//
// A split does not know whether it starts inside a quoted field that holds
// newlines. Its reader speculates on the first record boundary at or after
// Split.Start, reads the records that start before Split.End, and reports in
// Bounds where the first one really started and the last one ended. The chain
// of splits of a file equals a serial read when each one's Bounds.Start is its
// predecessor's Bounds.End; a split for which that is not so is opened again
// with Exact set and Start = the predecessor's end.
//
//	file   |header|rec|rec|"rec with a\nnewline"|rec|rec|rec|
//	split  0─────────────────│─────────────────────│────────
//	bounds 0─────────────────────────────│────────────│─────
//
// Only what is asked for is examined: a reader looks at the bytes up to the
// last projected column and then jumps to the end of the line. Faults further
// right in a line (a missing or a surplus column) are found only by scans that
// read that far. Quotes are honoured wherever they stand.
//
// The way of the data in a reader: source (bytes, decompressed, UTF-8) →
// window (a block of the file and its whole records) → structure (a bit for each
// byte that ends a field or a row, by vector instructions where
// the processor has them) → spans (where each projected field of each row is)
// → columns (typed slices, one loop per column) → record.
package csv

import (
	"volley/catalog"
)

// Format is the csv catalog.Format; it holds no state.
type Format struct{}

var _ catalog.Format = Format{}

// New gives the format named "csv".
func New() catalog.Format { return Format{} }

// Name is "csv".
func (Format) Name() string { return "csv" }
