package builtin

import (
	"encoding/binary"
	"math"
)

// registerSend adds the functions that give values in the binary form of
// PostgreSQL's protocol.
func registerSend(b *registrar) {
	b.strict("boolsend", types(tBool), tBytea, text1(tBytea, func(dst []byte, v bool) ([]byte, error) {
		return append(dst, byte(boolBit(v))), nil
	}))
	b.strict("int2send", types(tInt2), tBytea, text1(tBytea, func(dst []byte, v int16) ([]byte, error) {
		return binary.BigEndian.AppendUint16(dst, uint16(v)), nil
	}))
	b.strict("int4send", types(tInt4), tBytea, text1(tBytea, func(dst []byte, v int32) ([]byte, error) {
		return binary.BigEndian.AppendUint32(dst, uint32(v)), nil
	}))
	b.strict("int8send", types(tInt8), tBytea, text1(tBytea, func(dst []byte, v int64) ([]byte, error) {
		return binary.BigEndian.AppendUint64(dst, uint64(v)), nil
	}))
	b.strict("float4send", types(tFloat4), tBytea, text1(tBytea, func(dst []byte, v float32) ([]byte, error) {
		return binary.BigEndian.AppendUint32(dst, math.Float32bits(v)), nil
	}))
	b.strict("float8send", types(tFloat8), tBytea, text1(tBytea, func(dst []byte, v float64) ([]byte, error) {
		return binary.BigEndian.AppendUint64(dst, math.Float64bits(v)), nil
	}))
	same := text1(tBytea, func(dst, v []byte) ([]byte, error) { return append(dst, v...), nil })
	b.strict("textsend", types(tText), tBytea, same)
	b.strict("byteasend", types(tBytea), tBytea, same)
}
