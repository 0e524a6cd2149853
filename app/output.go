package app

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"volley/sqlerr"
	"volley/sqltype"
)

// writer prints one result. begin is called once, then record for each batch,
// then end with the number of rows.
type writer interface {
	begin(schema *arrow.Schema) error
	record(rec arrow.Record) error
	end(rows int64) error
}

// newWriter makes the writer of a format: table, csv, json, jsonl or markdown.
func newWriter(format string, w io.Writer, text sqltype.TextOptions) (writer, error) {
	c := cells{options: text}
	switch format {
	case "table":
		return &tableWriter{w: w, cells: c}, nil
	case "markdown":
		return &tableWriter{w: w, cells: c, markdown: true}, nil
	case "csv":
		return &csvWriter{w: csv.NewWriter(w), cells: c}, nil
	case "json":
		return &jsonWriter{w: w, cells: c, array: true}, nil
	case "jsonl":
		return &jsonWriter{w: w, cells: c}, nil
	}
	return nil, sqlerr.New(sqlerr.InvalidParameterValue, "unknown format %q: table, csv, json, jsonl or markdown", format)
}

// cells gives the text of values, column by column.
type cells struct {
	options sqltype.TextOptions
	encode  []func([]byte, arrow.Array, int) []byte
	buf     []byte
}

func (c *cells) resolve(schema *arrow.Schema) {
	c.encode = nil
	for _, f := range schema.Fields() {
		c.encode = append(c.encode, sqltype.NewTextEncoder(f.Type, c.options))
	}
}

func (c *cells) text(rec arrow.Record, col, row int) string {
	c.buf = c.encode[col](c.buf[:0], rec.Column(col), row)
	return string(c.buf)
}

// maxTableRows is how many rows are aligned together.
const maxTableRows = 10_000

// tableWriter prints aligned columns in psql's manner, or a Markdown table.
type tableWriter struct {
	cells
	w        io.Writer
	markdown bool
	header   table.Row
	columns  []table.ColumnConfig
	t        table.Writer
	n        int
	printed  bool
}

func (tw *tableWriter) begin(schema *arrow.Schema) error {
	tw.resolve(schema)
	for i, f := range schema.Fields() {
		tw.header = append(tw.header, f.Name)
		align := text.AlignLeft
		if sqltype.Category(f.Type) == 'N' {
			align = text.AlignRight
		}
		tw.columns = append(tw.columns, table.ColumnConfig{Number: i + 1, Align: align, AlignHeader: text.AlignCenter})
	}
	tw.restart()
	return nil
}

func (tw *tableWriter) restart() {
	tw.t = table.NewWriter()
	style := table.StyleDefault
	style.Format.Header = text.FormatDefault
	style.Options = table.Options{SeparateColumns: true, SeparateHeader: true}
	style.Box.MiddleVertical = "|"
	tw.t.SetStyle(style)
	tw.t.SetColumnConfigs(tw.columns)
	if !tw.printed {
		tw.t.AppendHeader(tw.header)
	}
	tw.n = 0
}

func (tw *tableWriter) record(rec arrow.Record) error {
	for row := range int(rec.NumRows()) {
		line := make(table.Row, rec.NumCols())
		for col := range line {
			line[col] = ""
			if !rec.Column(col).IsNull(row) {
				line[col] = tw.text(rec, col, row)
			}
		}
		tw.t.AppendRow(line)
		if tw.n++; tw.n >= maxTableRows {
			if err := tw.print(); err != nil {
				return err
			}
			tw.restart()
		}
	}
	return nil
}

func (tw *tableWriter) print() error {
	out := tw.t.Render()
	if tw.markdown {
		out = tw.t.RenderMarkdown()
	}
	tw.printed = true
	if out == "" {
		return nil
	}
	var b strings.Builder
	for _, line := range strings.Split(out, "\n") {
		b.WriteString(strings.TrimRight(line, " "))
		b.WriteByte('\n')
	}
	_, err := io.WriteString(tw.w, b.String())
	return err
}

func (tw *tableWriter) end(rows int64) error {
	if tw.n > 0 || !tw.printed {
		if err := tw.print(); err != nil {
			return err
		}
	}
	if tw.markdown {
		return nil
	}
	plural := "s"
	if rows == 1 {
		plural = ""
	}
	_, err := fmt.Fprintf(tw.w, "(%d row%s)\n", rows, plural)
	return err
}

// csvWriter prints RFC 4180 with a header; NULL is the empty field.
type csvWriter struct {
	cells
	w *csv.Writer
}

func (cw *csvWriter) begin(schema *arrow.Schema) error {
	cw.resolve(schema)
	var names []string
	for _, f := range schema.Fields() {
		names = append(names, f.Name)
	}
	return cw.w.Write(names)
}

func (cw *csvWriter) record(rec arrow.Record) error {
	line := make([]string, rec.NumCols())
	for row := range int(rec.NumRows()) {
		for col := range line {
			line[col] = ""
			if !rec.Column(col).IsNull(row) {
				line[col] = cw.text(rec, col, row)
			}
		}
		if err := cw.w.Write(line); err != nil {
			return err
		}
	}
	return nil
}

func (cw *csvWriter) end(int64) error {
	cw.w.Flush()
	return cw.w.Error()
}

// jsonWriter prints one array of objects, or an object a line. Numbers and
// booleans are JSON's own; everything else is text, NaN and infinities too.
type jsonWriter struct {
	cells
	w     io.Writer
	array bool
	names [][]byte
	kinds []byte
	rows  int64
}

func (jw *jsonWriter) begin(schema *arrow.Schema) error {
	jw.resolve(schema)
	for _, f := range schema.Fields() {
		name, err := json.Marshal(f.Name)
		if err != nil {
			return err
		}
		jw.names = append(jw.names, name)
		jw.kinds = append(jw.kinds, sqltype.Category(f.Type))
	}
	return nil
}

func (jw *jsonWriter) record(rec arrow.Record) error {
	var b []byte
	for row := range int(rec.NumRows()) {
		b = b[:0]
		switch {
		case jw.array && jw.rows == 0:
			b = append(b, "[\n"...)
		case jw.array:
			b = append(b, ",\n"...)
		}
		b = append(b, '{')
		for col := range jw.names {
			if col > 0 {
				b = append(b, ',')
			}
			b = append(append(b, jw.names[col]...), ':')
			b = jw.appendValue(b, rec, col, row)
		}
		b = append(b, '}')
		if !jw.array {
			b = append(b, '\n')
		}
		jw.rows++
		if _, err := jw.w.Write(b); err != nil {
			return err
		}
	}
	return nil
}

func (jw *jsonWriter) appendValue(b []byte, rec arrow.Record, col, row int) []byte {
	if rec.Column(col).IsNull(row) {
		return append(b, "null"...)
	}
	v := jw.text(rec, col, row)
	switch jw.kinds[col] {
	case 'B':
		return append(b, map[string]string{"t": "true", "f": "false"}[v]...)
	case 'N':
		if json.Valid([]byte(v)) {
			return append(b, v...)
		}
	}
	quoted, _ := json.Marshal(v) // a string always has a JSON form
	return append(b, quoted...)
}

func (jw *jsonWriter) end(int64) error {
	if !jw.array {
		return nil
	}
	closing := "\n]\n"
	if jw.rows == 0 {
		closing = "[]\n"
	}
	_, err := io.WriteString(jw.w, closing)
	return err
}
