package csv

import (
	"bytes"
	"time"
	"unsafe"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/decimal128"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/sqltype"
)

// fixedColumn is what the columns of fixed-width values share. Their append
// loops differ in the fast parser alone: it is called directly, since a call
// through a function value for each field costs more than parsing it.
type fixedColumn[T arrow.FixedWidthType] struct {
	nulls
	typ    arrow.DataType
	values []T
}

// next gives the values of the next n rows for writing.
func (c *fixedColumn[T]) next(n int) []T {
	if c.values == nil {
		c.values = make([]T, c.rows)
	}
	return c.values[c.n : c.n+n]
}

func (c *fixedColumn[T]) finish(n int) arrow.Array {
	c.n = 0
	values := memory.NewBufferBytes(arrow.GetBytes(c.next(n)))
	c.values = nil
	return array.MakeFromData(c.data(c.typ, n, values))
}

// slow finishes a field that the fast parser refused: v and err come from the
// exact one. Blank text is NULL.
func (c *fixedColumn[T]) slow(out []T, i int, b []byte, v T, err error) error {
	if err != nil {
		if !blank(b) {
			return err
		}
		c.setNull(i)
		return nil
	}
	out[i] = v
	return nil
}

// blank tells whether b has spaces only.
func blank(b []byte) bool { return len(bytes.TrimSpace(b)) == 0 }

// intColumn is smallint, integer or bigint.
type intColumn[T int16 | int32 | int64] struct {
	fixedColumn[T]
	bits int
}

func (c *intColumn[T]) append(buf []byte, fields []span) (int, error) {
	out := c.next(len(fields))
	for i := 0; i < len(fields); i++ {
		if c.onlyEmpty {
			if i += shortInts(buf, fields[i:], out[i:]); i == len(fields) {
				break
			}
		}
		s := fields[i]
		b := s.bytes(buf)
		if c.isNull(s, b) {
			c.setNull(i)
			continue
		}
		if v, ok := sqltype.FastInt64(b); ok && int64(T(v)) == v {
			out[i] = T(v)
			continue
		}
		v, err := sqltype.ParseInt(b, c.bits)
		if err = c.slow(out, i, b, T(v), err); err != nil {
			c.n += i
			return i, err
		}
	}
	c.n += len(fields)
	return -1, nil
}

// shortInts reads the first fields, up to one that is quoted, is missing, has not 1
// to 8 bytes, or is not digits after at most a minus sign. It gives how many it has
// read.
func shortInts[T int16 | int32 | int64](buf []byte, fields []span, out []T) int {
	base := unsafe.Pointer(unsafe.SliceData(buf))
	out = out[:len(fields)]
	for i, s := range fields {
		n := s.end - s.beg
		if n-1 >= 8 {
			return i
		}
		w := load(base, int(s.beg))
		// Flags, passenger counts, months: one digit is worth a test of its own.
		if d := byte(w) - '0'; n == 1 && d <= 9 {
			out[i] = T(d)
			continue
		}
		negative := byte(w) == '-'
		if negative {
			w, n = w>>8, n-1
		}
		d := endDigits(w, n)
		if !digitsOnly(d) || n == 0 {
			return i
		}
		v := int64(digitsValue(d))
		if negative {
			v = -v
		}
		if out[i] = T(v); int64(out[i]) != v {
			return i
		}
	}
	return len(fields)
}

// floatColumn is double precision.
type floatColumn struct{ fixedColumn[float64] }

func (c *floatColumn) append(buf []byte, fields []span) (int, error) {
	out := c.next(len(fields))
	for i := 0; i < len(fields); {
		if c.onlyEmpty {
			if i += shortFloats(buf, fields[i:], out[i:]); i == len(fields) {
				break
			}
		}
		for long := true; long && i < len(fields); i++ { // the one that stopped it, and long ones after it
			if err := c.field(buf, fields[i], out, i); err != nil {
				c.n += i
				return i, err
			}
			long = i+1 < len(fields) && fields[i+1].end-fields[i+1].beg > 8
		}
	}
	c.n += len(fields)
	return -1, nil
}

// field takes one field as out[i].
func (c *floatColumn) field(buf []byte, s span, out []float64, i int) error {
	b := s.bytes(buf)
	if c.isNull(s, b) {
		c.setNull(i)
		return nil
	}
	v, ok := fastFloat(buf, int(s.beg&^quotedBit), int(s.end))
	if !ok {
		v, err := sqltype.ParseFloat(b, 64)
		return c.slow(out, i, b, v, err)
	}
	out[i] = v
	return nil
}

// decimalColumn is numeric(p,s).
type decimalColumn struct {
	fixedColumn[decimal128.Num]
	precision, scale int32
}

func (c *decimalColumn) append(buf []byte, fields []span) (int, error) {
	out := c.next(len(fields))
	for i, s := range fields {
		b := s.bytes(buf)
		if c.isNull(s, b) {
			c.setNull(i)
			continue
		}
		if v, ok := sqltype.FastDecimal(b, c.precision, c.scale); ok {
			out[i] = v
			continue
		}
		v, err := sqltype.ParseDecimal(b, c.precision, c.scale)
		if err = c.slow(out, i, b, v, err); err != nil {
			c.n += i
			return i, err
		}
	}
	c.n += len(fields)
	return -1, nil
}

// dateColumn is date.
type dateColumn struct{ fixedColumn[int32] }

func (c *dateColumn) append(buf []byte, fields []span) (int, error) {
	out := c.next(len(fields))
	for i, s := range fields {
		if s.end-s.beg == uint32(len(isoDate)) && c.onlyEmpty { // not quoted
			if v, ok := isoDateAt(buf, int(s.beg)); ok {
				out[i] = int32(v)
				continue
			}
		}
		b := s.bytes(buf)
		if c.isNull(s, b) {
			c.setNull(i)
			continue
		}
		if v, ok := sqltype.FastDate(b); ok {
			out[i] = v
			continue
		}
		v, err := sqltype.ParseDate(b)
		if err = c.slow(out, i, b, v, err); err != nil {
			c.n += i
			return i, err
		}
	}
	c.n += len(fields)
	return -1, nil
}

// timestampColumn is timestamp or timestamptz. Without an offset in the text a
// timestamptz is UTC: what a file says must not hang on who reads it.
type timestampColumn struct {
	fixedColumn[int64]
	zoned bool
}

func (c *timestampColumn) append(buf []byte, fields []span) (int, error) {
	out := c.next(len(fields))
	iso := c.onlyEmpty && !c.zoned
	for i, s := range fields {
		if s.end-s.beg == uint32(len(isoTimestamp)) && iso { // not quoted
			if v, ok := isoTimestampAt(buf, int(s.beg)); ok {
				out[i] = v
				continue
			}
		}
		b := s.bytes(buf)
		if c.isNull(s, b) {
			c.setNull(i)
			continue
		}
		if v, ok := fastTimestamp(b, c.zoned); ok {
			out[i] = v
			continue
		}
		v, err := parseTimestamp(b, c.zoned)
		if err = c.slow(out, i, b, v, err); err != nil {
			c.n += i
			return i, err
		}
	}
	c.n += len(fields)
	return -1, nil
}

func fastTimestamp(b []byte, zoned bool) (int64, bool) {
	if zoned {
		return sqltype.FastTimestampTZ(b)
	}
	return sqltype.FastTimestamp(b)
}

func parseTimestamp(b []byte, zoned bool) (int64, error) {
	if zoned {
		return sqltype.ParseTimestampTZ(b, time.UTC)
	}
	return sqltype.ParseTimestamp(b)
}
