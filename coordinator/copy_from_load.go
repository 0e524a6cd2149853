package coordinator

import (
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
	"volley/sqlerr"
	"volley/sqltype"
	"volley/udf"
)

// copyBatch is the number of rows that are converted at once.
const copyBatch = 8192

// copyLoad takes the data of COPY FROM: text is cut into rows (copyRows), rows
// are gathered as columns of text, and these are cast to the columns' types.
// Nothing reaches the table before Done.
type copyLoad struct {
	ctx     context.Context
	s       *Session
	table   *memtable.Table
	columns []int // that the data has, in its order
	casts   []cast.Func
	rows    copyRows
	header  bool // a line of names is still to be skipped
	text    []*array.StringBuilder
	lines   []int64 // of the rows in text
	batches []copyColumns
	count   int64
	binary  []arrow.DataType // of the columns, for FORMAT binary
	err     error
}

// copyColumns are rows that have been converted.
type copyColumns struct {
	columns []arrow.Array
	rows    int
}

func (s *Session) newCopyLoad(ctx context.Context, table *memtable.Table, st *ast.Copy, opt *copyOptions) (*copyLoad, error) {
	def := table.Definition()
	l := &copyLoad{ctx: ctx, s: s, table: table, header: opt.header, rows: copyRows{format: opt.text}}
	var err error
	if l.columns, err = columnsAt(def, st.Columns, st.Table.Position()); err != nil {
		return nil, err
	}
	if len(st.Columns) == 0 {
		for i := range def.Columns {
			l.columns = append(l.columns, i)
		}
	}
	for _, c := range l.columns {
		if opt.format == "binary" {
			l.binary = append(l.binary, def.Columns[c].Type)
			continue
		}
		f, err := cast.New(sqltype.Text, def.Columns[c].Type, cast.Options{TimeZone: s.settings.location, Style: s.settings.style()})
		if err != nil {
			return nil, err
		}
		l.casts = append(l.casts, f)
		l.text = append(l.text, array.NewStringBuilder(memory.DefaultAllocator))
	}
	return l, nil
}

// Columns is the number of columns that the data has.
func (l *copyLoad) Columns() int { return len(l.columns) }

// Write takes the next piece of the data.
func (l *copyLoad) Write(p []byte) (int, error) {
	if l.err == nil {
		l.err = l.rows.feed(p, l.row)
	}
	return len(p), l.err
}

// BinaryTypes are the types of the data's columns when it is in binary format,
// nil otherwise. Then WriteRows is called instead of Write.
func (l *copyLoad) BinaryTypes() []arrow.DataType { return l.binary }

// WriteRows takes rows of those types.
func (l *copyLoad) WriteRows(rec arrow.Record) error {
	if rec.NumRows() > 0 {
		l.batches = append(l.batches, copyColumns{rec.Columns(), int(rec.NumRows())})
	}
	return l.err
}

// Done ends the data and adds its rows to the table.
func (l *copyLoad) Done() error {
	if l.err == nil {
		l.err = l.rows.end(l.row)
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

// insert adds all batches.
func (l *copyLoad) insert(ctx context.Context, tx *memtable.Tx) error {
	m := &mutation{kind: "INSERT", table: l.table, columns: l.columns}
	for _, b := range l.batches {
		recs, err := l.s.insertColumns(ctx, tx, m, b.columns, b.rows, nil)
		if err != nil {
			return err
		}
		l.count += countRows(recs)
	}
	l.batches = nil
	return nil
}

// row takes the fields of one row; a nil field is NULL.
func (l *copyLoad) row(line int64, fields []copyField) error {
	if l.header {
		l.header = false
		return nil
	}
	def := l.table.Definition()
	if len(fields) < len(l.columns) {
		return sqlerr.New(sqlerr.BadCopyFileFormat, "missing data for column \"%s\"", def.Columns[l.columns[len(fields)]].Name).
			WithFile("", line, "")
	}
	if len(fields) > len(l.columns) {
		return sqlerr.New(sqlerr.BadCopyFileFormat, "extra data after last expected column").WithFile("", line, "")
	}
	for i, f := range fields {
		if f.null {
			l.text[i].AppendNull()
			continue
		}
		if !utf8.Valid(f.text) {
			return sqlerr.New(sqlerr.CharacterNotInRepertory, "invalid byte sequence for encoding \"UTF8\"").
				WithFile("", line, def.Columns[l.columns[i]].Name)
		}
		l.text[i].BinaryBuilder.Append(f.text)
	}
	l.lines = append(l.lines, line)
	if len(l.lines) >= copyBatch {
		return l.flush()
	}
	return nil
}

// flush converts the rows gathered.
func (l *copyLoad) flush() error {
	if len(l.lines) == 0 {
		return nil
	}
	cols := make([]arrow.Array, len(l.text))
	for i, b := range l.text {
		out, err := l.casts[i](b.NewArray())
		if err != nil {
			line := int64(0)
			if row := (*udf.RowError)(nil); errors.As(err, &row) && row.Row < len(l.lines) {
				line = l.lines[row.Row]
			}
			e := *sqlerr.Find(err)
			return e.WithFile("", line, l.table.Definition().Columns[l.columns[i]].Name)
		}
		cols[i] = out
	}
	l.batches = append(l.batches, copyColumns{cols, len(l.lines)})
	l.lines = l.lines[:0]
	return nil
}
