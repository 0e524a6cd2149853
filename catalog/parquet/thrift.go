package parquet

import (
	"encoding/binary"
	"errors"
)

// The few parts of Thrift's compact protocol that are decoded here rather than
// by the library: whole footers are walked once to bound what they claim, and
// page headers are read field by field.
// See https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md

const (
	thriftStop   = 0
	thriftTrue   = 1
	thriftFalse  = 2
	thriftByte   = 3
	thriftI16    = 4
	thriftI32    = 5
	thriftI64    = 6
	thriftDouble = 7
	thriftBinary = 8
	thriftList   = 9
	thriftSet    = 10
	thriftMap    = 11
	thriftStruct = 12

	maxThriftDepth = 32
)

var (
	errThriftShort = errors.New("metadata ends too early")
	errThriftType  = errors.New("metadata has a field of unknown type")
	errThriftSize  = errors.New("metadata has a list longer than itself")
	errThriftDepth = errors.New("metadata is nested too deeply")
)

// thriftReader decodes buf from pos on. The first error sticks; after it every
// method gives zeros.
type thriftReader struct {
	buf []byte
	pos int
	err error
}

func (r *thriftReader) fail(err error) {
	if r.err == nil {
		r.err = err
	}
	r.pos = len(r.buf)
}

func (r *thriftReader) byte() byte {
	if r.pos >= len(r.buf) {
		r.fail(errThriftShort)
		return 0
	}
	b := r.buf[r.pos]
	r.pos++
	return b
}

func (r *thriftReader) uvarint() uint64 {
	v, n := binary.Uvarint(r.buf[r.pos:])
	if n <= 0 {
		r.fail(errThriftShort)
		return 0
	}
	r.pos += n
	return v
}

func (r *thriftReader) int() int64 {
	u := r.uvarint()
	return int64(u>>1) ^ -int64(u&1)
}

func (r *thriftReader) skipBytes(n uint64) {
	if n > uint64(len(r.buf)-r.pos) {
		r.fail(errThriftShort)
		return
	}
	r.pos += int(n)
}

// field reads the head of a struct's next field after field last; kind is
// thriftStop at the end.
func (r *thriftReader) field(last int16) (id int16, kind byte) {
	b := r.byte()
	if kind = b & 0x0f; kind == thriftStop {
		return 0, thriftStop
	}
	if delta := int16(b >> 4); delta != 0 {
		return last + delta, kind
	}
	return int16(r.int()), kind
}

// list reads the head of a list or set. Every element takes a byte at least.
func (r *thriftReader) list() (n int, kind byte) {
	b := r.byte()
	size := uint64(b >> 4)
	if size == 15 {
		size = r.uvarint()
	}
	if size > uint64(len(r.buf)-r.pos) {
		r.fail(errThriftSize)
		return 0, 0
	}
	return int(size), b & 0x0f
}

// skip passes over a value of a kind as a field has it.
func (r *thriftReader) skip(kind byte, depth int) {
	if depth > maxThriftDepth {
		r.fail(errThriftDepth)
		return
	}
	switch kind {
	case thriftTrue, thriftFalse: // the value is the kind
	case thriftByte:
		r.byte()
	case thriftI16, thriftI32, thriftI64:
		r.uvarint()
	case thriftDouble:
		r.skipBytes(8)
	case thriftBinary:
		r.skipBytes(r.uvarint())
	case thriftList, thriftSet:
		n, elem := r.list()
		for i := 0; i < n && r.err == nil; i++ {
			r.skipElement(elem, depth+1)
		}
	case thriftMap:
		r.skipMap(depth)
	case thriftStruct:
		for id, k := r.field(0); k != thriftStop && r.err == nil; id, k = r.field(id) {
			r.skip(k, depth+1)
		}
	default:
		r.fail(errThriftType)
	}
}

// skipElement passes over a value inside a container, where a boolean takes a
// byte of its own.
func (r *thriftReader) skipElement(kind byte, depth int) {
	if kind == thriftTrue || kind == thriftFalse {
		r.byte()
		return
	}
	r.skip(kind, depth)
}

func (r *thriftReader) skipMap(depth int) {
	n := r.uvarint()
	if n == 0 {
		return
	}
	if n > uint64(len(r.buf)-r.pos) {
		r.fail(errThriftSize)
		return
	}
	kinds := r.byte()
	for i := uint64(0); i < n && r.err == nil; i++ {
		r.skipElement(kinds>>4, depth+1)
		r.skipElement(kinds&0x0f, depth+1)
	}
}
