package physical

import (
	"encoding/binary"
	"math"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/decimal128"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/planner/expr"
	"volley/sqlerr"
	"volley/sqltype"
)

// array is a type and a count, then each value: a byte 0 for NULL, or 1 and the
// value. Arrow IPC would frame every constant with some 500 bytes, and its
// reader trusts the lengths it reads.
func (c *codec) array(a *arrow.Array) {
	var t arrow.DataType
	n := -1
	if *a != nil {
		t, n = (*a).DataType(), (*a).Len()
	}
	c.dataType(&t)
	n = c.count(n)
	switch {
	case c.err != nil || t == nil && n < 0:
	case t == nil || n < 0:
		c.corrupt()
	case c.writing:
		for i := range n {
			c.writeValue(*a, i)
		}
	default:
		*a = c.readArray(t, n)
	}
}

func (c *codec) readArray(t arrow.DataType, n int) arrow.Array {
	if !holdable(t) {
		c.corrupt()
		return nil
	}
	if t.ID() == arrow.NULL {
		for range n {
			var valid bool
			c.bool(&valid)
		}
		return array.NewNull(n)
	}
	b := array.NewBuilder(memory.DefaultAllocator, t)
	for i := 0; i < n && c.err == nil; i++ {
		c.readValue(b)
	}
	if c.err != nil {
		return nil
	}
	return b.NewArray()
}

// holdable tells whether the codec knows values of type t.
func holdable(t arrow.DataType) bool {
	switch t := t.(type) {
	case *arrow.NullType, *arrow.BooleanType, *arrow.Int16Type, *arrow.Int32Type, *arrow.Int64Type, *arrow.Float32Type,
		*arrow.Float64Type, *arrow.StringType, *arrow.BinaryType, *arrow.FixedSizeBinaryType, *arrow.Date32Type, *arrow.Time64Type,
		*arrow.TimestampType, *arrow.MonthDayNanoIntervalType, *arrow.Decimal128Type:
		return true
	case arrow.ExtensionType:
		return holdable(t.StorageType())
	case *arrow.ListType:
		return holdable(t.Elem())
	case *arrow.StructType:
		for _, f := range t.Fields() {
			if !holdable(f.Type) {
				return false
			}
		}
		return true
	}
	return false
}

// writeValue writes row i.
func (c *codec) writeValue(a arrow.Array, i int) {
	valid := a.IsValid(i)
	c.bool(&valid)
	if !valid || c.err != nil {
		return
	}
	switch a := a.(type) {
	case *array.Boolean:
		v := a.Value(i)
		c.bool(&v)
	case *array.Int16:
		c.buf = binary.AppendVarint(c.buf, int64(a.Value(i)))
	case *array.Int32:
		c.buf = binary.AppendVarint(c.buf, int64(a.Value(i)))
	case *array.Int64:
		c.buf = binary.AppendVarint(c.buf, a.Value(i))
	case *array.Float32:
		c.buf = binary.LittleEndian.AppendUint32(c.buf, math.Float32bits(a.Value(i)))
	case *array.Float64:
		c.buf = binary.LittleEndian.AppendUint64(c.buf, math.Float64bits(a.Value(i)))
	case *array.String:
		v := a.Value(i)
		c.string(&v)
	case *array.Binary:
		v := append([]byte{}, a.Value(i)...)
		c.bytes(&v)
	case *array.FixedSizeBinary:
		c.buf = append(c.buf, a.Value(i)...)
	case *array.Date32:
		c.buf = binary.AppendVarint(c.buf, int64(a.Value(i)))
	case *array.Time64:
		c.buf = binary.AppendVarint(c.buf, int64(a.Value(i)))
	case *array.Timestamp:
		c.buf = binary.AppendVarint(c.buf, int64(a.Value(i)))
	case *array.MonthDayNanoInterval:
		v := a.Value(i)
		c.buf = binary.AppendVarint(c.buf, int64(v.Months))
		c.buf = binary.AppendVarint(c.buf, int64(v.Days))
		c.buf = binary.AppendVarint(c.buf, v.Nanoseconds)
	case *array.Decimal128:
		v := a.Value(i)
		c.buf = binary.LittleEndian.AppendUint64(c.buf, v.LowBits())
		c.buf = binary.LittleEndian.AppendUint64(c.buf, uint64(v.HighBits()))
	case array.ExtensionArray:
		c.buf = c.buf[:len(c.buf)-1] // the storage writes its own validity
		c.writeValue(a.Storage(), i)
	case *array.List:
		from, to := a.ValueOffsets(i)
		c.count(int(to - from))
		for j := from; j < to; j++ {
			c.writeValue(a.ListValues(), int(j))
		}
	case *array.Struct:
		for f := range a.NumField() {
			c.writeValue(a.Field(f), i)
		}
	default:
		c.err = sqlerr.New(sqlerr.InternalError, "a plan cannot hold a constant of type %s", a.DataType())
	}
}

// readValue appends what writeValue wrote.
func (c *codec) readValue(b array.Builder) {
	if x, ok := b.(*array.ExtensionBuilder); ok {
		c.readValue(x.StorageBuilder())
		return
	}
	defer c.leave()
	var valid bool
	if c.enter() {
		c.bool(&valid)
	}
	if !valid {
		b.AppendNull()
		return
	}
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
	case *array.FixedSizeBinaryBuilder:
		b.Append(c.fixed(b.Type().(*arrow.FixedSizeBinaryType).ByteWidth))
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
	case *array.ListBuilder:
		b.Append(true)
		n := c.count(0)
		for i := 0; i < n && c.err == nil; i++ {
			c.readValue(b.ValueBuilder())
		}
	case *array.StructBuilder:
		b.Append(true)
		for f := range b.NumField() {
			c.readValue(b.FieldBuilder(f))
		}
	default:
		c.corrupt()
	}
}

func (c *codec) varint() (v int64) {
	c.int64(&v)
	return v
}

// fixed is the next n bytes; zeros after an error.
func (c *codec) fixed(n int) []byte {
	if len(c.buf) < n {
		c.corrupt()
		return make([]byte, n)
	}
	b := c.buf[:n]
	c.buf = c.buf[n:]
	return b
}

// constants is a list of expressions that are nearly always literals of one
// type, and may be very many: those travel as one array.
func (c *codec) constants(list *[]expr.Expr) {
	packed := c.writing && oneType(*list)
	c.bool(&packed)
	if !packed {
		c.exprs(list)
		return
	}
	if c.writing {
		t := (*list)[0].DataType()
		c.dataType(&t)
		c.count(len(*list))
		for _, e := range *list {
			c.writeValue(e.(*expr.Literal).Value, 0)
		}
		return
	}
	var all arrow.Array
	if c.array(&all); c.err != nil || all == nil {
		c.corrupt()
		return
	}
	n := int64(all.Len())
	*list = make([]expr.Expr, n)
	for i := range n {
		(*list)[i] = &expr.Literal{Value: array.NewSlice(all, i, i+1)}
	}
}

func oneType(list []expr.Expr) bool {
	for _, e := range list {
		if l, ok := e.(*expr.Literal); !ok || !sqltype.Equal(l.DataType(), list[0].DataType()) {
			return false
		}
	}
	return len(list) > 1
}
