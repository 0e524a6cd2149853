package csv

import (
	"bytes"
	"encoding/binary"
	"math"
	"unicode/utf8"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/sqlerr"
	"volley/sqltype"
)

// textColumn is text: offsets into one buffer a batch.
type textColumn struct {
	nulls
	typ     arrow.DataType
	offsets []int32
	values  []byte
	room    int // bytes that the last batch took
	// checked: texts are validated before they are taken, so that reading can
	// go on after a bad one.
	checked bool
}

func (c *textColumn) append(buf []byte, fields []span) (int, error) {
	if c.offsets == nil {
		c.offsets = make([]int32, 1, c.rows+1)
		c.values = make([]byte, 0, c.room+c.room/8)
	}
	if c.checked {
		if bad, err := c.firstBad(buf, fields); bad >= 0 {
			if bad > 0 {
				_, _ = c.append(buf, fields[:bad])
			}
			return bad, err
		}
	}
	start := len(c.values)
	for i, s := range fields {
		b := s.bytes(buf)
		if c.isNull(s, b) {
			c.setNull(i)
		} else {
			c.values = append(c.values, b...)
		}
		if len(c.values) > math.MaxInt32 {
			return i, sqlerr.New(sqlerr.ProgramLimitExceeded, "a batch of this column takes more than 2 GB")
		}
		c.offsets = append(c.offsets, int32(len(c.values)))
	}
	if !c.checked && !plainASCII(c.values[start:]) {
		if bad, err := c.firstBad(buf, fields); bad >= 0 {
			return bad, err
		}
	}
	c.n += len(fields)
	return -1, nil
}

// firstBad finds the first field that is not valid text, −1 for none.
func (c *textColumn) firstBad(buf []byte, fields []span) (int, error) {
	for i, s := range fields {
		b := s.bytes(buf)
		if plainASCII(b) {
			continue
		}
		if err := checkText(b); err != nil {
			return i, err
		}
	}
	return -1, nil
}

// plainASCII tells whether b has neither bytes above 0x7f nor NUL.
func plainASCII(b []byte) bool {
	if bytes.IndexByte(b, 0) >= 0 {
		return false
	}
	i := 0
	for ; i+8 <= len(b); i += 8 {
		if binary.LittleEndian.Uint64(b[i:])&high != 0 {
			return false
		}
	}
	for ; i < len(b); i++ {
		if b[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

const encodingHint = "give the option encoding, such as 'windows-1252', 'shift_jis' or 'utf-16'"

// checkText refuses what PostgreSQL's text cannot hold.
func checkText(b []byte) error {
	if bytes.IndexByte(b, 0) >= 0 {
		return sqlerr.New(sqlerr.CharacterNotInRepertory, `invalid byte sequence for encoding "UTF8": 0x00`)
	}
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n == 1 {
			return sqlerr.New(sqlerr.CharacterNotInRepertory, `invalid byte sequence for encoding "UTF8": 0x%02x`, b[0]).
				WithHint(encodingHint)
		}
		b = b[n:]
	}
	return nil
}

func (c *textColumn) finish(n int) arrow.Array {
	if c.offsets == nil {
		c.offsets = make([]int32, n+1)
	}
	c.room = len(c.values)
	offsets := memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(c.offsets))
	values := memory.NewBufferBytes(c.values)
	c.offsets, c.values = nil, nil
	return array.MakeFromData(c.data(c.typ, n, offsets, values))
}

// boolColumn is boolean: a bitmap.
type boolColumn struct {
	nulls
	typ    arrow.DataType
	values []byte
}

func (c *boolColumn) append(buf []byte, fields []span) (int, error) {
	if c.values == nil {
		c.values = make([]byte, (c.rows+7)/8)
	}
	for i, s := range fields {
		b := s.bytes(buf)
		if c.isNull(s, b) {
			c.setNull(i)
			continue
		}
		v, err := sqltype.ParseBool(b)
		if err != nil {
			if !blank(b) {
				c.n += i
				return i, err
			}
			c.setNull(i)
			continue
		}
		if v {
			at := c.n + i
			c.values[at>>3] |= 1 << (at & 7)
		}
	}
	c.n += len(fields)
	return -1, nil
}

func (c *boolColumn) finish(n int) arrow.Array {
	if c.values == nil {
		c.values = make([]byte, (n+7)/8)
	}
	values := memory.NewBufferBytes(c.values[:(n+7)/8])
	c.values = nil
	return array.MakeFromData(c.data(c.typ, n, values))
}
