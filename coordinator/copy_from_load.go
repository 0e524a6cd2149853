package coordinator

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/catalog/memtable"
	"volley/exec/cast"
	"volley/parser/ast"
	"volley/planner/expr"
	"volley/sqlerr"
	"volley/sqltype"
	"volley/sqltype/textencoding"
)

// copyBatch is the number of rows that are converted at once.
const copyBatch = 8192

// copyLoad takes the data of COPY FROM: text is cut into rows (copyRows), rows
// are gathered as columns of text, these are cast to the columns' types and
// become records of the table (copy_from_batch.go). Nothing reaches the table
// before Done.
type copyLoad struct {
	ctx     context.Context
	s       *Session
	table   *memtable.Table
	def     *memtable.Definition
	rules   *tableRules
	columns []int // that the data has, in its order
	casts   []cast.Func
	where   expr.Expr // over the table's columns; nil: all rows
	rows    copyRows
	decoder *textencoding.Decoder // nil for UTF-8
	header  bool                  // a line of names is still to be read
	match   bool                  // and checked
	notNull []bool                // by field: FORCE_NOT_NULL
	null    []bool                // by field: FORCE_NULL
	text    []*array.StringBuilder
	source  copySource
	batches []copyRecord
	count   int64
	read    int64            // rows of FORMAT binary
	binary  []arrow.DataType // of the columns, for FORMAT binary
	err     error
}

// copyRecord are rows that are ready for the table; lines are their places in
// the data.
type copyRecord struct {
	rec   arrow.Record
	lines []int64
}

func (s *Session) newCopyLoad(ctx context.Context, table *memtable.Table, st *ast.Copy, opt *copyOptions) (*copyLoad, error) {
	def := table.Definition()
	l := &copyLoad{ctx: ctx, s: s, table: table, def: def, header: opt.header, match: opt.match, rows: copyRows{format: opt.text}}
	var err error
	if l.columns, err = copyColumns(def, st.Columns); err != nil {
		return nil, err
	}
	names, all := columnNamesOf(def, l.columns), columnNamesOf(def, nil)
	if l.notNull, err = opt.forceNotNull.forceColumns("FORCE_NOT_NULL", def.Name, names, all); err != nil {
		return nil, err
	}
	if l.null, err = opt.forceNull.forceColumns("FORCE_NULL", def.Name, names, all); err != nil {
		return nil, err
	}
	if l.where, err = s.bindCopyWhere(ctx, st.Where, table); err != nil {
		return nil, err
	}
	if l.rules, err = s.rulesOf(ctx, table); err != nil {
		return nil, err
	}
	if opt.encoding != nil {
		l.decoder = opt.encoding.NewDecoder()
	}
	for _, c := range l.columns {
		if opt.format == "binary" {
			l.binary = append(l.binary, def.Columns[c].Type)
			continue
		}
		f, err := cast.New(sqltype.Text, def.Columns[c].Type, cast.Options{TimeZone: s.settings.location, Style: s.settings.style(), Now: s.started, Canceled: func() bool { return ctx.Err() != nil }})
		if err != nil {
			return nil, err
		}
		l.casts = append(l.casts, f)
		l.text = append(l.text, array.NewStringBuilder(memory.DefaultAllocator))
	}
	return l, nil
}

// copyColumns are the columns that COPY of a table is about: those listed, or all
// but the generated ones.
func copyColumns(def *memtable.Definition, list []string) ([]int, error) {
	if len(list) == 0 {
		var all []int
		for i, c := range def.Columns {
			if c.Generated == "" {
				all = append(all, i)
			}
		}
		return all, nil
	}
	columns, err := columnsAt(def, list, -1)
	if err != nil {
		return nil, err
	}
	for _, c := range columns {
		if def.Columns[c].Generated != "" {
			return nil, sqlerr.New(sqlerr.InvalidColumnReference, "column \"%s\" is a generated column", def.Columns[c].Name).
				WithDetail("Generated columns cannot be used in COPY.")
		}
	}
	return columns, nil
}

// columnNamesOf are the names of columns; nil is all of them.
func columnNamesOf(def *memtable.Definition, columns []int) (names []string) {
	for i, c := range def.Columns {
		if columns == nil {
			names = append(names, c.Name)
		} else if i < len(columns) {
			names = append(names, def.Columns[columns[i]].Name)
		}
	}
	return names
}

// Columns is the number of columns that the data has.
func (l *copyLoad) Columns() int { return len(l.columns) }

// Write takes the next piece of the data.
func (l *copyLoad) Write(p []byte) (int, error) {
	if l.err == nil {
		l.err = l.take(p, false)
	}
	return len(p), l.err
}

// take converts a piece of the data into UTF-8 and cuts it into rows.
func (l *copyLoad) take(p []byte, final bool) error {
	var fault error
	if l.decoder != nil {
		p, fault = l.decoder.Decode(p, final)
	}
	err := l.rows.feed(p, l.row)
	if err == nil && final && fault == nil {
		err = l.rows.end(l.row)
	}
	if err == nil && fault != nil {
		if !l.rows.begun {
			l.rows.line++
		}
		err = fault
	}
	return l.located(err)
}

// BinaryTypes are the types of the data's columns when it is in binary format,
// nil otherwise. Then WriteRows is called instead of Write.
func (l *copyLoad) BinaryTypes() []arrow.DataType { return l.binary }

// WriteRows takes rows of those types.
func (l *copyLoad) WriteRows(rec arrow.Record) error {
	if l.err == nil && rec.NumRows() > 0 {
		for range rec.NumRows() {
			l.read++
			l.source.add(nil, l.read)
		}
		l.err = l.prepare(rec.Columns())
	}
	return l.err
}

// Done ends the data and adds its rows to the table.
func (l *copyLoad) Done() error {
	if l.err == nil && l.binary == nil {
		l.err = l.take(nil, true)
	}
	if l.err == nil {
		l.err = l.flush()
	}
	if l.err == nil {
		l.err = l.s.write(l.ctx, l.insert)
	}
	if l.err != nil {
		l.s.tx.fail()
	}
	return l.err
}

// Abort gives the data up.
func (l *copyLoad) Abort(reason error) {
	if l.err == nil {
		l.err = reason
	}
	l.batches = nil
	l.s.tx.fail()
}

func (l *copyLoad) tag() string { return fmt.Sprintf("COPY %d", l.count) }

// row takes the fields of one row.
func (l *copyLoad) row(text []byte, fields []copyField) error {
	if l.header {
		l.header = false
		if l.match {
			return l.checkHeader(text, fields)
		}
		return nil
	}
	if len(fields) > len(l.columns) && (len(l.columns) > 0 || len(text) > 0) {
		return &badRow{text, sqlerr.New(sqlerr.BadCopyFileFormat, "extra data after last expected column")}
	}
	for i, b := range l.text {
		if i >= len(fields) {
			return &badRow{text, sqlerr.New(sqlerr.BadCopyFileFormat, "missing data for column \"%s\"", l.def.Columns[l.columns[i]].Name)}
		}
		f := fields[i]
		switch {
		case f.null && l.notNull != nil && l.notNull[i]:
			f.text, f.null = []byte(l.rows.format.Null), false
		case !f.null && l.null != nil && l.null[i]:
			f.null = string(f.text) == l.rows.format.Null
		}
		if f.null {
			b.AppendNull()
			continue
		}
		if err := validText(f.text); err != nil {
			return &badRow{text, err}
		}
		b.BinaryBuilder.Append(f.text)
	}
	if l.source.add(text, l.rows.line); l.source.rows() >= copyBatch {
		return l.flush()
	}
	return nil
}

// validText refuses text that is not UTF-8 (22021).
func validText(text []byte) error {
	if utf8.Valid(text) && bytes.IndexByte(text, 0) < 0 {
		return nil
	}
	for at := 0; ; {
		r, n := utf8.DecodeRune(text[at:])
		if r == 0 || r == utf8.RuneError && n < 2 {
			width := 1
			switch c := text[at]; {
			case c >= 0xf0 && c < 0xf8:
				width = 4
			case c >= 0xe0 && c < 0xf0:
				width = 3
			case c >= 0xc0 && c < 0xe0:
				width = 2
			}
			return sqlerr.New(sqlerr.CharacterNotInRepertory, "invalid byte sequence for encoding \"UTF8\": %s", textencoding.ByteSequence(text[at:min(at+width, len(text))]))
		}
		at += n
	}
}

// checkHeader compares the names in the first line with the columns'.
func (l *copyLoad) checkHeader(text []byte, fields []copyField) error {
	if len(fields) != len(l.columns) {
		return &badRow{text, sqlerr.New(sqlerr.BadCopyFileFormat, "wrong number of fields in header line: got %d, expected %d", len(fields), len(l.columns))}
	}
	for i, f := range fields {
		name := l.def.Columns[l.columns[i]].Name
		switch {
		case f.null:
			return &badRow{text, sqlerr.New(sqlerr.BadCopyFileFormat, "column name mismatch in header line field %d: got null value (\"%s\"), expected \"%s\"", i+1, l.rows.format.Null, name)}
		case string(f.text) != name:
			return &badRow{text, sqlerr.New(sqlerr.BadCopyFileFormat, "column name mismatch in header line field %d: got \"%s\", expected \"%s\"", i+1, f.text, name)}
		}
	}
	return nil
}

// located gives an error of the current row its context.
func (l *copyLoad) located(err error) error {
	if err == nil {
		return nil
	}
	e := *sqlerr.Find(err)
	if bad := (*badRow)(nil); errors.As(err, &bad) {
		return e.WithContext("COPY %s, line %d: \"%s\"", l.def.Name, l.rows.line, shortened(bad.text))
	}
	return e.WithContext("COPY %s, line %d", l.def.Name, l.rows.line)
}
