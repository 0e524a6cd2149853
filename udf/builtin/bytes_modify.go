package builtin

import (
	"math"
	"math/bits"

	"volley/sqlerr"
)

// registerByteChange adds the functions that read and write single bytes and
// bits of bytea, and OVERLAY of it.
func registerByteChange(b *registrar) {
	b.strict("get_bit", types(tBytea, tInt8), tInt4, map2(tInt4, getBit))
	b.strict("set_bit", types(tBytea, tInt8, tInt4), tBytea, text3(tBytea, setBit))
	b.strict("set_byte", types(tBytea, tInt4, tInt4), tBytea, text3(tBytea, setByte))
	b.strict("bit_count", types(tBytea), tInt8, pure1(tInt8, bitCount))
	b.strict("overlay", types(tBytea, tBytea, tInt4), tBytea, text3(tBytea, func(dst, s, by []byte, from int32) ([]byte, error) {
		return overlayBytes(dst, s, by, from, int32(len(by)))
	}))
	b.strict("overlay", types(tBytea, tBytea, tInt4, tInt4), tBytea, text4(tBytea, overlayBytes))
}

func errIndex(i int64, last int64) error {
	return sqlerr.New(subscriptError, "index %d out of valid range, 0..%d", i, last)
}

func getBit(s []byte, i int64) (int32, error) {
	if last := int64(len(s))*8 - 1; i < 0 || i > last {
		return 0, errIndex(i, last)
	}
	return int32(s[i/8] >> (i % 8) & 1), nil
}

func setBit(dst, s []byte, i int64, bit int32) ([]byte, error) {
	if last := int64(len(s))*8 - 1; i < 0 || i > last {
		return dst, errIndex(i, last)
	}
	if bit != 0 && bit != 1 {
		return dst, sqlerr.New(sqlerr.InvalidParameterValue, "new bit must be 0 or 1")
	}
	at := len(dst) + int(i/8)
	dst = append(dst, s...)
	dst[at] = dst[at]&^(1<<(i%8)) | byte(bit)<<(i%8)
	return dst, nil
}

func setByte(dst, s []byte, i, v int32) ([]byte, error) {
	if i < 0 || int(i) >= len(s) {
		return dst, errIndex(int64(i), int64(len(s))-1)
	}
	at := len(dst) + int(i)
	dst = append(dst, s...)
	dst[at] = byte(v)
	return dst, nil
}

func bitCount(s []byte) int64 {
	n := 0
	for _, c := range s {
		n += bits.OnesCount8(c)
	}
	return int64(n)
}

func overlayBytes(dst, s, by []byte, from, length int32) ([]byte, error) {
	if from <= 0 {
		return dst, sqlerr.New(sqlerr.SubstringError, "negative substring length not allowed")
	}
	if int64(from)+int64(length) > math.MaxInt32 {
		return dst, errIntRange[int32]()
	}
	size := int64(len(s))
	head := min(int64(from)-1, size)
	tail := min(max(int64(from)-1+int64(length), 0), size)
	return append(append(append(dst, s[:head]...), by...), s[tail:]...), nil
}
