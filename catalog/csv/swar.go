package csv

import (
	"encoding/binary"
	"math/bits"
	"unsafe"
)

// Eight bytes at a time (SIMD within a register).
const (
	ones = 0x0101010101010101
	low7 = 0x7f7f7f7f7f7f7f7f
	high = 0x8080808080808080
)

// repeat is c in each of eight bytes.
func repeat(c byte) uint64 { return uint64(c) * ones }

// equalBytes has the top bit set in exactly those bytes in which word and
// pattern are equal. (The shorter test (x−ones)&^x&high is wrong for the byte
// after an equal one, as in ",-".)
func equalBytes(word, pattern uint64) uint64 {
	x := word ^ pattern
	return ^((x&low7 + low7) | x | low7)
}

// nthByte is the position of the n-th byte (n ≥ 1) equal to pattern's in
// buf[p:e], or −1. Windows have pad bytes after their data, so that the words
// read here, which reach up to 7 bytes beyond e, stay within buf's memory.
func nthByte(buf []byte, p, e int, pattern uint64, n int) int {
	base := unsafe.Pointer(unsafe.SliceData(buf))
	for p < e {
		word := (*[8]byte)(unsafe.Add(base, p))
		m := equalBytes(binary.LittleEndian.Uint64(word[:]), pattern)
		if c := bits.OnesCount64(m); c < n {
			n -= c
			p += 8
			continue
		}
		for ; n > 1; n-- {
			m &= m - 1
		}
		if p += bits.TrailingZeros64(m) >> 3; p < e {
			return p
		}
		return -1
	}
	return -1
}
