package catalog

import (
	"context"

	"volley/catalog/objstore"
)

// Reject is a value or a record of a file that did not fit the table. It has
// been made NULL, or left out with its whole record.
type Reject struct {
	File   string `json:"f"`
	Line   int64  `json:"l,omitempty"` // from 1; see LineFinder
	Byte   int64  `json:"b"`           // offset, from 0, of the value or record in the decoded file
	Record int64  `json:"r"`           // offset of its record
	Column string `json:"c,omitempty"` // "": it is the record that is malformed
	Text   string `json:"t,omitempty"` // as it is in the file; the beginning of a long one
	Reason string `json:"w,omitempty"`
	// Skipped: the record was left out.
	Skipped bool `json:"s,omitempty"`
}

// Rejects are those of one split. List has the first ones only, where there are
// very many; Values and Records count them all.
type Rejects struct {
	List    []Reject `json:"list"`
	Values  int64    `json:"values"`  // made NULL
	Records int64    `json:"records"` // left out
	Cut     bool     `json:"cut,omitempty"`
}

// Rejecter is a Reader that, where its options say so, gives rows although
// values do not fit. Rejects are those so far, nil for none.
type Rejecter interface {
	Rejects() *Rejects
}

// LineFinder is a Format of files that have lines: Lines gives the line, from 1,
// of each of the ascending byte offsets of a file.
type LineFinder interface {
	Lines(ctx context.Context, store objstore.Store, spec *ScanSpec, file FileInfo, offsets []int64) ([]int64, error)
}
