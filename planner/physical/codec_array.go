package physical

import (
	"bytes"
	"encoding/binary"
	"math"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/decimal128"
	"github.com/apache/arrow/go/v15/arrow/ipc"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/sqlerr"
)

// Forms of an array of constants. A scalar is by far the most frequent one (an
// IN list may have 100,000), so it does without Arrow IPC's framing.
const (
	arrayNone   byte = iota // nil
	arrayNull               // type; length 1, null
	arrayScalar             // type, value; length 1
	arrayIPC                // an Arrow IPC stream of one record with one column
)

func (c *codec) array(a *arrow.Array) {
	if c.err != nil {
		return
	}
	if c.writing {
		c.writeArray(*a)
		return
	}
	var form byte
	c.byte(&form)
	if form == arrayNone || c.err != nil {
		return
	}
	if form == arrayIPC {
		var b []byte
		c.bytes(&b)
		if c.err == nil {
			if *a = readIPC(b); *a == nil {
				c.corrupt()
			}
		}
		return
	}
	var t arrow.DataType
	c.dataType(&t)
	switch {
	case c.err != nil:
	case t == nil:
		c.corrupt()
	case form == arrayNull:
		*a = array.MakeArrayOfNull(memory.DefaultAllocator, t, 1)
	case form == arrayScalar:
		c.readScalar(a, t)
	default:
		c.corrupt()
	}
}

func (c *codec) writeArray(a arrow.Array) {
	switch {
	case a == nil:
		c.buf = append(c.buf, arrayNone)
	case a.Len() == 1 && a.IsNull(0):
		c.buf = append(c.buf, arrayNull)
		t := a.DataType()
		c.dataType(&t)
	case a.Len() == 1:
		mark := len(c.buf)
		c.buf = append(c.buf, arrayScalar)
		t := a.DataType()
		c.dataType(&t)
		if !c.writeScalar(a) {
			c.buf = c.buf[:mark]
			c.writeIPC(a)
		}
	default:
		c.writeIPC(a)
	}
}

// writeScalar writes row 0, or tells that it has no compact form.
func (c *codec) writeScalar(a arrow.Array) bool {
	var b [16]byte
	switch a := a.(type) {
	case *array.Boolean:
		v := a.Value(0)
		c.bool(&v)
	case *array.Int16:
		c.buf = binary.AppendVarint(c.buf, int64(a.Value(0)))
	case *array.Int32:
		c.buf = binary.AppendVarint(c.buf, int64(a.Value(0)))
	case *array.Int64:
		c.buf = binary.AppendVarint(c.buf, a.Value(0))
	case *array.Float32:
		c.buf = binary.LittleEndian.AppendUint32(c.buf, math.Float32bits(a.Value(0)))
	case *array.Float64:
		c.buf = binary.LittleEndian.AppendUint64(c.buf, math.Float64bits(a.Value(0)))
	case *array.String:
		v := a.Value(0)
		c.string(&v)
	case *array.Binary:
		c.buf = binary.AppendVarint(c.buf, int64(len(a.Value(0)))+1)
		c.buf = append(c.buf, a.Value(0)...)
	case *array.Date32:
		c.buf = binary.AppendVarint(c.buf, int64(a.Value(0)))
	case *array.Time64:
		c.buf = binary.AppendVarint(c.buf, int64(a.Value(0)))
	case *array.Timestamp:
		c.buf = binary.AppendVarint(c.buf, int64(a.Value(0)))
	case *array.MonthDayNanoInterval:
		v := a.Value(0)
		c.buf = binary.AppendVarint(c.buf, int64(v.Months))
		c.buf = binary.AppendVarint(c.buf, int64(v.Days))
		c.buf = binary.AppendVarint(c.buf, v.Nanoseconds)
	case *array.Decimal128:
		v := a.Value(0)
		binary.LittleEndian.PutUint64(b[:8], v.LowBits())
		binary.LittleEndian.PutUint64(b[8:], uint64(v.HighBits()))
		c.buf = append(c.buf, b[:]...)
	case array.ExtensionArray:
		return c.writeScalar(a.Storage())
	default:
		return false
	}
	return true
}

func (c *codec) readScalar(a *arrow.Array, t arrow.DataType) {
	if x, ok := t.(arrow.ExtensionType); ok {
		var storage arrow.Array
		if c.readScalar(&storage, x.StorageType()); c.err == nil {
			*a = array.NewExtensionArrayWithStorage(x, storage)
		}
		return
	}
	b := array.NewBuilder(memory.DefaultAllocator, t)
	switch b := b.(type) {
	case *array.BooleanBuilder:
		var v bool
		c.bool(&v)
		b.Append(v)
	case *array.Int16Builder:
		b.Append(int16(c.varint()))
	case *array.Int32Builder:
		b.Append(int32(c.varint()))
	case *array.Int64Builder:
		b.Append(c.varint())
	case *array.Float32Builder:
		b.Append(math.Float32frombits(binary.LittleEndian.Uint32(c.fixed(4))))
	case *array.Float64Builder:
		b.Append(math.Float64frombits(binary.LittleEndian.Uint64(c.fixed(8))))
	case *array.StringBuilder:
		var v string
		c.string(&v)
		b.Append(v)
	case *array.BinaryBuilder:
		var v []byte
		c.bytes(&v)
		b.Append(v)
	case *array.Date32Builder:
		b.Append(arrow.Date32(c.varint()))
	case *array.Time64Builder:
		b.Append(arrow.Time64(c.varint()))
	case *array.TimestampBuilder:
		b.Append(arrow.Timestamp(c.varint()))
	case *array.MonthDayNanoIntervalBuilder:
		b.Append(arrow.MonthDayNanoInterval{Months: int32(c.varint()), Days: int32(c.varint()), Nanoseconds: c.varint()})
	case *array.Decimal128Builder:
		raw := c.fixed(16)
		b.Append(decimal128.New(int64(binary.LittleEndian.Uint64(raw[8:])), binary.LittleEndian.Uint64(raw[:8])))
	default:
		c.corrupt()
		return
	}
	if c.err == nil {
		*a = b.NewArray()
	}
}

func (c *codec) varint() (v int64) {
	c.int64(&v)
	return v
}

// fixed is the next n bytes, n ≤ 16; zeros after an error.
func (c *codec) fixed(n int) []byte {
	if len(c.buf) < n {
		c.corrupt()
		return make([]byte, n)
	}
	b := c.buf[:n]
	c.buf = c.buf[n:]
	return b
}

func (c *codec) writeIPC(a arrow.Array) {
	schema := arrow.NewSchema([]arrow.Field{{Name: "v", Type: a.DataType(), Nullable: true}}, nil)
	var out bytes.Buffer
	w := ipc.NewWriter(&out, ipc.WithSchema(schema))
	err := w.Write(array.NewRecord(schema, []arrow.Array{a}, int64(a.Len())))
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		c.err = sqlerr.Wrap(err, sqlerr.InternalError, "a plan cannot hold a constant of type %s", a.DataType())
		return
	}
	b := out.Bytes()
	c.buf = append(c.buf, arrayIPC)
	c.bytes(&b)
}

// readIPC is nil for a corrupt stream, on which the library may panic.
func readIPC(b []byte) (a arrow.Array) {
	defer func() {
		if recover() != nil {
			a = nil
		}
	}()
	r, err := ipc.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil
	}
	rec, err := r.Read()
	if err != nil || rec.NumCols() != 1 {
		return nil
	}
	rec.Retain() // the reader lets go of it on its next read
	return rec.Column(0)
}
