package csv

import (
	"bytes"
	"strings"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/decimal128"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/sqltype"
)

// span is where a field is in a window. The top bit of beg says that it was
// quoted; missingField stands for a field that the line does not have.
type span struct{ beg, end uint32 }

const quotedBit = 1 << 31

var missingField = span{beg: 1, end: 0}

func (s span) quoted() bool  { return s.beg&quotedBit != 0 }
func (s span) missing() bool { return s.beg&^quotedBit > s.end }

// bytes gives the field; a missing one has none.
func (s span) bytes(buf []byte) []byte {
	if s.missing() {
		return nil
	}
	return buf[s.beg&^quotedBit : s.end]
}

// column parses fields into the typed values of one output column.
type column interface {
	// append parses the fields of some rows. It stops at the first bad one and
	// gives its index with what is wrong; bad is −1 when all are well. Where the
	// options are tolerant, the values before a bad one have been taken then.
	// buf has pad bytes after the last field.
	append(buf []byte, fields []span) (bad int, err error)
	// finish gives the n values appended since the last time.
	finish(n int) arrow.Array
}

// newColumn makes the column of a field for batches of at most rows rows.
func newColumn(f arrow.Field, o *options, rows int) column {
	if c := formatted(f, o, rows); c != nil {
		return c
	}
	return marked(newPlainColumn(f.Type, o, rows), f.Type, o)
}

// formatted is the column of a field whose values have a format, else nil.
func formatted(f arrow.Field, o *options, rows int) column {
	switch t := f.Type.(type) {
	case *arrow.Date32Type:
		if format := formatOf(f.Name, o.dateFormats, o.dateFormat); format != nil {
			return &formattedColumn[int32]{fixedColumn[int32]{nulls: newNulls(o, rows), typ: t}, format, microsPerDay}
		}
	case *arrow.TimestampType:
		if format := formatOf(f.Name, o.timestampFormats, o.timestampFormat); format != nil && t.Unit == arrow.Microsecond {
			return &formattedColumn[int64]{fixedColumn[int64]{nulls: newNulls(o, rows), typ: t}, format, 1}
		}
	}
	return nil
}

// formatOf is the format of a column: its own, else that of all.
func formatOf(name string, own map[string]*timeFormat, all *timeFormat) *timeFormat {
	if len(own) > 0 {
		if f := own[strings.ToLower(name)]; f != nil {
			return f
		}
	}
	return all
}

func newNulls(o *options, rows int) nulls {
	return nulls{words: o.nulls, quoted: true, rows: rows, onlyEmpty: len(o.nulls) == 1 && o.nulls[0] == ""}
}

func newPlainColumn(t arrow.DataType, o *options, rows int) column {
	n := newNulls(o, rows)
	switch t := t.(type) {
	case *arrow.StringType:
		n.quoted = o.quotedNulls
		c := textColumn{nulls: n, typ: t, checked: o.tolerant()}
		if c.checked {
			return &c
		}
		return newEncodedColumn(c)
	case *arrow.Int16Type:
		return &intColumn[int16]{fixedColumn[int16]{nulls: n, typ: t}, 16}
	case *arrow.Int32Type:
		return &intColumn[int32]{fixedColumn[int32]{nulls: n, typ: t}, 32}
	case *arrow.Int64Type:
		return &intColumn[int64]{fixedColumn[int64]{nulls: n, typ: t}, 64}
	case *arrow.Float64Type:
		return &floatColumn{fixedColumn[float64]{nulls: n, typ: t}}
	case *arrow.BooleanType:
		return &boolColumn{nulls: n, typ: t}
	case *arrow.Date32Type:
		return &dateColumn{fixedColumn: fixedColumn[int32]{nulls: n, typ: t}}
	case *arrow.TimestampType:
		if t.Unit == arrow.Microsecond {
			return &timestampColumn{fixedColumn: fixedColumn[int64]{nulls: n, typ: t}, zoned: t.TimeZone != ""}
		}
	case *arrow.Decimal128Type:
		return &decimalColumn{fixedColumn[decimal128.Num]{nulls: n, typ: t}, t.Precision, t.Scale}
	}
	return &builderColumn{
		nulls: n,
		b:     array.NewBuilder(memory.DefaultAllocator, t),
		parse: sqltype.NewTextParser(t, sqltype.TextOptions{TimeZone: time.UTC}),
	}
}

// nulls decides which fields are NULL and keeps the validity bitmap, which
// exists only once a batch has a NULL.
type nulls struct {
	words     []string
	onlyEmpty bool // words is the empty text alone
	quoted    bool // quoted fields can be NULL, too
	rows      int
	n, count  int
	valid     []byte
}

func (u *nulls) isNull(s span, b []byte) bool {
	if s.missing() {
		return true
	}
	if s.quoted() && !u.quoted {
		return false
	}
	if u.onlyEmpty {
		return len(b) == 0
	}
	for _, w := range u.words {
		if string(b) == w {
			return true
		}
	}
	return false
}

// setNull makes row n+i NULL.
func (u *nulls) setNull(i int) {
	if u.valid == nil {
		u.valid = bytes.Repeat([]byte{0xff}, (u.rows+7)/8)
	}
	i += u.n
	u.valid[i>>3] &^= 1 << (i & 7)
	u.count++
}

// data makes the array of n values over its buffers after the bitmap.
func (u *nulls) data(t arrow.DataType, n int, buffers ...*memory.Buffer) *array.Data {
	var valid *memory.Buffer
	if u.count > 0 {
		valid = memory.NewBufferBytes(u.valid[:(n+7)/8])
	}
	d := array.NewData(t, n, append([]*memory.Buffer{valid}, buffers...), nil, u.count, 0)
	u.n, u.count, u.valid = 0, 0, nil
	return d
}

// builderColumn reads the types that are rare in files through an Arrow builder.
type builderColumn struct {
	nulls
	b     array.Builder
	parse sqltype.TextParser
}

func (c *builderColumn) append(buf []byte, fields []span) (int, error) {
	for i, s := range fields {
		b := s.bytes(buf)
		if c.isNull(s, b) {
			c.b.AppendNull()
			continue
		}
		if err := c.parse(c.b, b); err != nil {
			return i, err
		}
	}
	return -1, nil
}

func (c *builderColumn) finish(int) arrow.Array { return c.b.NewArray() }
