package csv

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/catalog"
	"volley/sqlerr"
)

// onError is what becomes of values and records that do not fit the table.
type onError uint8

const (
	failOnError  onError = iota
	nullOnError          // values become NULL, missing fields too; surplus ones are cut off
	skipOnError          // the record is left out
	widenOnError         // Infer reads the whole files, so that the types hold every value
)

const (
	maxRejectText  = 4 << 10  // bytes of one text
	maxRejectBytes = 16 << 20 // of all texts of a split
)

// tolerant tells whether rows come although something does not fit.
func (o *options) tolerant() bool { return o.onError == nullOnError || o.onError == skipOnError }

// rejects are what a reader has made NULL or left out.
type rejects struct {
	catalog.Rejects
	bytes int
	// of the batch being made:
	records []int64 // offset of each row
	dropped []int   // rows to leave out, not in order, perhaps several times
}

var _ catalog.Rejecter = (*reader)(nil)

// Rejects are the values and records that did not fit, so far.
func (r *reader) Rejects() *catalog.Rejects {
	if r.rejects.Values+r.rejects.Records == 0 {
		return nil
	}
	return &r.rejects.Rejects
}

func (r *reader) reject(j catalog.Reject, text []byte) {
	x := &r.rejects
	if len(x.List) >= r.rejectsLimit || x.bytes >= maxRejectBytes {
		x.Cut = true
		return
	}
	j.File, j.Text, j.Reason = r.split.File.Path, rejectText(text), rejectText([]byte(j.Reason))
	x.bytes += len(j.Text) + len(j.Reason) + 100
	x.List = append(x.List, j)
}

// rejectText is a field or record as valid text.
func rejectText(b []byte) string {
	cut := len(b) > maxRejectText
	if cut {
		b = b[:maxRejectText]
	}
	var sb strings.Builder
	for len(b) > 0 {
		c, n := utf8.DecodeRune(b)
		if c == utf8.RuneError && n == 1 || c == 0 {
			fmt.Fprintf(&sb, `\x%02x`, b[0])
		} else {
			sb.Write(b[:n])
		}
		b = b[n:]
	}
	if cut {
		sb.WriteString("…")
	}
	return sb.String()
}

// excusable tells whether an error is the data's, not one of limits or storage.
func excusable(err error) bool { return strings.HasPrefix(sqlerr.Code(err), "22") }

// parseTolerant is parse where bad values become NULL. The rows are those from
// row index rows of the batch on.
func (r *reader) parseTolerant(rows, n int) error {
	for i := range n {
		at := r.offset()
		if len(r.spans) > 0 {
			at = r.base + int64(r.spans[0][i].beg&^quotedBit)
		}
		r.rejects.records = append(r.rejects.records, at)
	}
	for k, c := range r.parsers {
		spans := r.spans[k][:n]
		for at := 0; at < n; {
			bad, err := c.append(r.buf, spans[at:])
			if bad < 0 {
				break
			}
			at += bad
			if !excusable(err) {
				return r.valueFault(spans[at], r.schemaColumns[k], err)
			}
			r.rejectValue(k, rows+at, spans[at], err)
			spans[at] = missingField
		}
	}
	return nil
}

func (r *reader) rejectValue(k, row int, s span, err error) {
	skip := r.onError == skipOnError
	if skip {
		r.rejects.dropped = append(r.rejects.dropped, row)
	} else {
		r.rejects.Values++
	}
	if r.misfit != nil {
		r.misfit(r.schemaColumns[k], s.bytes(r.buf))
	}
	r.reject(catalog.Reject{
		Byte: r.base + int64(s.beg&^quotedBit), Record: r.rejects.records[row],
		Column: r.spec.Schema.Field(r.schemaColumns[k]).Name, Reason: sqlerr.Find(err).Message, Skipped: skip,
	}, s.bytes(r.buf))
}

// tolerate deals with the record that find has stopped at: it makes a row of
// it, or goes past it.
func (r *reader) tolerate(ctx context.Context, row int) (rows int, err error) {
	f := r.fault
	r.fault = nil
	fields, next, status := r.record(r.buf[:r.lim], r.pos, r.eof, r.fields[:0])
	r.fields = fields
	switch status {
	case recordBadQuote, recordUnclosed: // go on at the next line
		if status == recordUnclosed {
			next = r.pos
		}
		if next, err = r.nextLine(ctx, next-r.pos); err != nil {
			return 0, err
		}
	case recordIncomplete:
		return 0, f
	}
	keep := r.onError == nullOnError && status == recordWhole
	at := r.offset()
	r.reject(catalog.Reject{Byte: at, Record: at, Reason: sqlerr.Find(f.err).Message, Skipped: !keep},
		bytes.TrimRight(r.buf[r.pos:next], "\r\n"))
	if !keep {
		r.rejects.Records++
		r.pos = next
		return 0, nil
	}
	r.rejects.Values++
	r.lenient = true
	n, _ := r.exactRow(0)
	r.lenient = false
	return n, r.parseTolerant(row, n)
}

// nextLine gives the position after the first newline that is at least ahead
// bytes after pos, reading on as needed.
func (r *reader) nextLine(ctx context.Context, ahead int) (int, error) {
	for {
		next, status := r.lineEnd(r.buf[:r.lim], min(r.pos+ahead, r.lim), r.eof)
		if status != recordIncomplete {
			return next, nil
		}
		if err := r.refill(ctx); err != nil {
			return 0, err
		}
	}
}

// dropRows leaves the dropped rows out of a batch.
func (r *reader) dropRows(rec arrow.Record) (arrow.Record, error) {
	x := &r.rejects
	if len(x.dropped) == 0 {
		return rec, nil
	}
	keep := make([]bool, rec.NumRows())
	for i := range keep {
		keep[i] = true
	}
	for _, row := range x.dropped {
		if keep[row] {
			keep[row] = false
			x.Records++
		}
	}
	x.dropped = x.dropped[:0]
	n := int64(0)
	for i, k := range keep {
		if k {
			x.records[n] = x.records[i]
			n++
		}
	}
	x.records = x.records[:n]
	columns := make([]arrow.Array, rec.NumCols())
	for i := range columns {
		var err error
		if columns[i], err = keptValues(rec.Column(i), keep); err != nil {
			return nil, sqlerr.Wrap(err, sqlerr.InternalError, "could not leave out rows")
		}
	}
	return array.NewRecord(rec.Schema(), columns, n), nil
}

// keptValues joins the runs of values that are kept.
func keptValues(a arrow.Array, keep []bool) (arrow.Array, error) {
	if ext, ok := a.(array.ExtensionArray); ok {
		storage, err := keptValues(ext.Storage(), keep)
		if err != nil {
			return nil, err
		}
		return array.NewExtensionArrayWithStorage(ext.ExtensionType(), storage), nil
	}
	var runs []arrow.Array
	for i := 0; i < len(keep); i++ {
		j := i
		for j < len(keep) && keep[j] {
			j++
		}
		if j > i {
			runs = append(runs, array.NewSlice(a, int64(i), int64(j)))
			i = j
		}
	}
	if len(runs) == 0 {
		return array.NewSlice(a, 0, 0), nil
	}
	return array.Concatenate(runs, memory.DefaultAllocator)
}
