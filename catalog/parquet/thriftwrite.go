package parquet

import "encoding/binary"

// thriftWriter encodes structures in Thrift's compact protocol. Fields are
// written in ascending order of their ids, as every structure here has them.
type thriftWriter struct {
	buf  []byte
	last []int16 // the id of the field before, by nested structure
}

func newThriftWriter() *thriftWriter { return &thriftWriter{last: []int16{0}} }

func (w *thriftWriter) field(id int16, kind byte) {
	top := &w.last[len(w.last)-1]
	if delta := id - *top; delta > 0 && delta < 16 {
		w.buf = append(w.buf, byte(delta)<<4|kind)
	} else {
		w.buf = append(w.buf, kind)
		w.int(int64(id))
	}
	*top = id
}

func (w *thriftWriter) int(v int64) {
	w.buf = binary.AppendUvarint(w.buf, uint64(v<<1)^uint64(v>>63))
}

func (w *thriftWriter) i32(id int16, v int32) {
	w.field(id, thriftI32)
	w.int(int64(v))
}

func (w *thriftWriter) i64(id int16, v int64) {
	w.field(id, thriftI64)
	w.int(v)
}

func (w *thriftWriter) i8(id int16, v byte) {
	w.field(id, thriftByte)
	w.buf = append(w.buf, v)
}

func (w *thriftWriter) boolean(id int16, v bool) {
	if v {
		w.field(id, thriftTrue)
	} else {
		w.field(id, thriftFalse)
	}
}

func (w *thriftWriter) bytes(id int16, v []byte) {
	w.field(id, thriftBinary)
	w.element(v)
}

func (w *thriftWriter) text(id int16, v string) { w.bytes(id, []byte(v)) }

// element is a string inside of a list.
func (w *thriftWriter) element(v []byte) {
	w.buf = binary.AppendUvarint(w.buf, uint64(len(v)))
	w.buf = append(w.buf, v...)
}

// list begins a list of n elements, which follow.
func (w *thriftWriter) list(id int16, kind byte, n int) {
	w.field(id, thriftList)
	if n < 15 {
		w.buf = append(w.buf, byte(n)<<4|kind)
		return
	}
	w.buf = append(w.buf, 0xf0|kind)
	w.buf = binary.AppendUvarint(w.buf, uint64(n))
}

// structure begins a structure as a field; end ends it.
func (w *thriftWriter) structure(id int16) {
	w.field(id, thriftStruct)
	w.begin()
}

// empty writes a structure without fields, as unions of the format have them.
func (w *thriftWriter) empty(id int16) {
	w.structure(id)
	w.end()
}

// begin begins a structure as an element of a list, or the outermost one below
// the writer's own.
func (w *thriftWriter) begin() { w.last = append(w.last, 0) }

func (w *thriftWriter) end() {
	w.buf = append(w.buf, thriftStop)
	w.last = w.last[:len(w.last)-1]
}

// done ends the outermost structure and gives the bytes.
func (w *thriftWriter) done() []byte { return append(w.buf, thriftStop) }
