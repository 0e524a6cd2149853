package builtin

import (
	"bytes"
	"math"

	"volley/sqlerr"
	"volley/sqltype"
)

// registerBitStrings adds the operators and functions of bit strings, whose values
// have a character a bit.
func registerBitStrings(b *registrar) {
	one, two := types(tBit), types(tBit, tBit)
	b.strict("&", two, tBit, text2(tBit, pairedBits("AND", func(x, y byte) byte { return x & y })))
	b.strict("|", two, tBit, text2(tBit, pairedBits("OR", func(x, y byte) byte { return x | y })))
	b.strict("#", two, tBit, text2(tBit, pairedBits("XOR", func(x, y byte) byte { return '0' + (x^y)&1 })))
	b.strict("~", one, tBit, text1(tBit, func(dst, s []byte) ([]byte, error) {
		for _, c := range s {
			dst = append(dst, c^1)
		}
		return dst, nil
	}))
	b.strict("<<", types(tBit, tInt4), tBit, text2(tBit, func(dst, s []byte, n int32) ([]byte, error) {
		return shiftBits(dst, s, int64(n)), nil
	}))
	b.strict(">>", types(tBit, tInt4), tBit, text2(tBit, func(dst, s []byte, n int32) ([]byte, error) {
		return shiftBits(dst, s, -int64(n)), nil
	}))
	b.strict("||", types(tVarbit, tVarbit), tVarbit, text2(tVarbit, func(dst, s, t []byte) ([]byte, error) {
		return append(append(dst, s...), t...), nil
	}))
	length := pure1(tInt4, func(s []byte) int32 { return int32(len(s)) })
	b.total("length", one, tInt4, length)
	b.total("bit_length", one, tInt4, length)
	b.total("octet_length", one, tInt4, pure1(tInt4, func(s []byte) int32 { return int32((len(s) + 7) / 8) }))
	b.strict("bit_count", one, tInt8, pure1(tInt8, func(s []byte) int64 { return int64(bytes.Count(s, []byte{'1'})) }))
	b.strict("substring", types(tBit, tInt4), tBit, text2(tBit, func(dst, s []byte, from int32) ([]byte, error) {
		return append(dst, s[min(max(int64(from)-1, 0), int64(len(s))):]...), nil
	}))
	b.strict("substring", types(tBit, tInt4, tInt4), tBit, text3(tBit, appendSubbytes))
	b.strict("overlay", types(tBit, tBit, tInt4), tBit, text3(tBit, func(dst, s, by []byte, from int32) ([]byte, error) {
		return overlayBytes(dst, s, by, from, int32(len(by)))
	}))
	b.strict("overlay", types(tBit, tBit, tInt4, tInt4), tBit, text4(tBit, overlayBytes))
	b.strict("position", two, tInt4, pure2(tInt4, bitPosition))
	b.strict("get_bit", types(tBit, tInt4), tInt4, map2(tInt4, func(s []byte, i int32) (int32, error) {
		if i < 0 || int(i) >= len(s) {
			return 0, errBitIndex(i, len(s))
		}
		return int32(s[i] - '0'), nil
	}))
	b.strict("set_bit", types(tBit, tInt4, tInt4), tBit, text3(tBit, setBitAt))
	registerBitCasts(b)
}

// registerBitCasts adds the functions behind casts to types of bits, and those
// that send them.
func registerBitCasts(b *registrar) {
	b.strict("bit", types(tInt4, tInt4), tBit, text2(tBit, intBits[int32]))
	b.strict("bit", types(tInt8, tInt4), tBit, text2(tBit, intBits[int64]))
	fitted := func(varying bool) func(dst, s []byte, n int32, explicit bool) ([]byte, error) {
		return func(dst, s []byte, n int32, explicit bool) ([]byte, error) {
			at := len(dst)
			dst = append(dst, s...)
			if n <= 0 || int64(n) > math.MaxInt32-8 {
				return dst, nil
			}
			if !explicit {
				return dst, sqltype.CheckBits(len(s), int(n), varying)
			}
			return sqltype.FitBits(dst, at, int(n), varying), nil
		}
	}
	b.strict("bit", types(tBit, tInt4, tBool), tBit, text3(tBit, fitted(false)))
	b.strict("varbit", types(tVarbit, tInt4, tBool), tVarbit, text3(tVarbit, fitted(true)))
	send := text1(tBytea, func(dst []byte, s string) ([]byte, error) { return sqltype.AppendPackedBits(dst, s), nil })
	b.strict("bit_send", types(tBit), tBytea, send)
	b.strict("varbit_send", types(tVarbit), tBytea, send)
}

// intBits is bit(v, n): n bits, one where n says nothing.
func intBits[T integer](dst []byte, v T, n int32) ([]byte, error) {
	if n <= 0 || n > sqltype.MaxBitLength {
		n = 1
	}
	return sqltype.AppendIntBits(dst, int64(v), int(n)), nil
}

// pairedBits combines the bits of two values of one length; 22026 for others.
func pairedBits(verb string, combine func(x, y byte) byte) func(dst, s, t []byte) ([]byte, error) {
	return func(dst, s, t []byte) ([]byte, error) {
		if len(s) != len(t) {
			return dst, errBitSizes(verb)
		}
		for i, c := range s {
			dst = append(dst, combine(c, t[i]))
		}
		return dst, nil
	}
}

func errBitSizes(verb string) error {
	return sqlerr.New(sqlerr.StringDataLengthMismatch, "cannot %s bit strings of different sizes", verb)
}

// shiftBits moves the bits to the left, or for negative n to the right, and fills
// up with zeros.
func shiftBits(dst, s []byte, n int64) []byte {
	size := int64(len(s))
	left := min(max(n, 0), size)
	right := min(max(-n, 0), size)
	dst = appendZeros(dst, right)
	dst = append(dst, s[left:size-right]...)
	return appendZeros(dst, left)
}

func appendZeros(dst []byte, n int64) []byte {
	for range n {
		dst = append(dst, '0')
	}
	return dst
}

// bitPosition is that of sub in s, counted from 1; nothing is found in s without
// bits.
func bitPosition(s, sub []byte) int32 {
	if len(s) == 0 {
		return 0
	}
	return int32(bytes.Index(s, sub) + 1)
}

func errBitIndex(i int32, size int) error {
	return sqlerr.New(sqlerr.ArraySubscript, "bit index %d out of valid range (0..%d)", i, size-1)
}

func setBitAt(dst, s []byte, i, bit int32) ([]byte, error) {
	if i < 0 || int(i) >= len(s) {
		return dst, errBitIndex(i, len(s))
	}
	if bit != 0 && bit != 1 {
		return dst, sqlerr.New(sqlerr.InvalidParameterValue, "new bit must be 0 or 1")
	}
	at := len(dst) + int(i)
	dst = append(dst, s...)
	dst[at] = '0' + byte(bit)
	return dst, nil
}
