package memtable

import (
	"strings"
	"unicode/utf8"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/sqlerr"
	"volley/sqltype"
)

// Conform makes a record of the table out of columns that have its types:
// lengths of character columns are applied (22001) and NOT NULL is checked
// (23502).
func (t *Table) Conform(cols []arrow.Array, rows int64) (arrow.Record, error) {
	return t.Definition().conform(t.schema, cols, rows)
}

// Conform is Table.Conform for a table that is yet to be made.
func (d *Definition) Conform(cols []arrow.Array, rows int64) (arrow.Record, error) {
	return d.conform(d.arrowSchema(), cols, rows)
}

// ArrowSchema is that of the records of a table of this definition.
func (d *Definition) ArrowSchema() *arrow.Schema { return d.arrowSchema() }

func (d *Definition) conform(schema *arrow.Schema, cols []arrow.Array, rows int64) (arrow.Record, error) {
	if len(cols) != len(d.Columns) {
		return nil, sqlerr.New(sqlerr.InternalError, "%d columns for table \"%s\", which has %d", len(cols), d.Name, len(d.Columns))
	}
	fitted := make([]arrow.Array, len(cols))
	for i, c := range d.Columns {
		if !sqltype.Equal(cols[i].DataType(), c.Type) {
			return nil, sqlerr.New(sqlerr.InternalError, "column \"%s\" is of type %s but its values are of type %s",
				c.Name, sqltype.Name(c.Type), sqltype.Name(cols[i].DataType()))
		}
		var err error
		if fitted[i], err = d.Fit(i, cols[i]); err != nil {
			return nil, err
		}
	}
	rec := array.NewRecord(schema, fitted, rows)
	for i, c := range d.Columns {
		if c.NotNull && fitted[i].NullN() > 0 {
			return nil, nullIn(d, c, rec, i)
		}
	}
	return rec, nil
}

// Fit applies the modifiers of a column's type to values of that type.
func (d *Definition) Fit(column int, a arrow.Array) (arrow.Array, error) {
	c := d.Columns[column]
	if text, ok := a.(*array.String); ok && (c.Length > 0 || c.Char) {
		return fit(text, c)
	}
	if c.Length > 0 && sqltype.IsBits(sqltype.ElementType(c.Type)) {
		return a, checkBits(a, int(c.Length))
	}
	return modify(a, c)
}

// checkBits tells whether the bits of a, or of its elements, are as long as the
// column says: 22026 and 22001.
func checkBits(a arrow.Array, n int) error {
	switch x := a.(type) {
	case *array.List:
		for i := range x.Len() {
			if lo, hi := x.ValueOffsets(i); x.IsValid(i) && lo < hi {
				if err := checkBits(array.NewSlice(x.ListValues(), lo, hi), n); err != nil {
					return err
				}
			}
		}
	case *sqltype.BitArray:
		varying := sqltype.Equal(x.DataType(), sqltype.VarBit)
		for i := range x.Len() {
			if x.IsNull(i) {
				continue
			}
			if err := sqltype.CheckBits(len(x.Value(i)), n, varying); err != nil {
				return err
			}
		}
	}
	return nil
}

func nullIn(def *Definition, c Column, rec arrow.Record, i int) error {
	row := 0
	for !rec.Column(i).IsNull(row) {
		row++
	}
	return sqlerr.New(sqlerr.NotNullViolation, "null value in column \"%s\" of relation \"%s\" violates not-null constraint", c.Name, def.Name).
		WithDetail("Failing row contains (%s).", RowText(rec, row))
}

// fit applies the length of varchar(n) or char(n): blanks beyond it are cut,
// other characters are an error. Char(n) loses all trailing blanks.
func fit(a *array.String, c Column) (arrow.Array, error) {
	changed := false
	for i := range a.Len() {
		if a.IsNull(i) {
			continue
		}
		v, ok := fitted(a.Value(i), c)
		if !ok {
			kind := "character varying"
			if c.Char {
				kind = "character"
			}
			return nil, sqlerr.New(sqlerr.StringDataRightTrunc, "value too long for type %s(%d)", kind, c.Length)
		}
		changed = changed || len(v) != len(a.Value(i))
	}
	if !changed {
		return a, nil
	}
	b := array.NewStringBuilder(memory.DefaultAllocator)
	for i := range a.Len() {
		if a.IsNull(i) {
			b.AppendNull()
			continue
		}
		v, _ := fitted(a.Value(i), c)
		b.Append(v)
	}
	return b.NewArray(), nil
}

// fitted is a value as the column keeps it; ok is false when it is too long.
func fitted(v string, c Column) (out string, ok bool) {
	if c.Char {
		v = strings.TrimRight(v, " ")
	}
	n := int(c.Length)
	if n == 0 || len(v) <= n || utf8.RuneCountInString(v) <= n {
		return v, true
	}
	at := 0
	for range n {
		_, size := utf8.DecodeRuneInString(v[at:])
		at += size
	}
	return v[:at], strings.TrimLeft(v[at:], " ") == ""
}
