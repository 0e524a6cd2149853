package parquet

import "golang.org/x/sys/cpu"

// pairs is how values that are packed from the lowest bit of 16 bytes come to
// lanes of two values each: those with even numbers by one shuffle of bytes, those
// with odd numbers by another, each then shifted to its half of the lane.
//
//	16 values of 1 to 8 bits in lanes of 16 bits, or 8 of 9 to 16 bits in lanes of 32
type pairs struct {
	evenBytes, oddBytes [32]int8 // −1 is no byte
	evenShift, oddShift [16]uint16
	evenLong, oddLong   [8]uint32
	high                uint16 // the bits of a value of up to 8 bits, in the high byte
	low                 uint32 // the bits of one of up to 16
}

// pairsOf has the pairs of values of so many bits.
var pairsOf = func() (all [17]pairs) {
	for width := 1; width <= 8; width++ {
		p := &all[width]
		p.high = (1<<width - 1) << 8
		for half := range 2 {
			for lane := range 8 {
				even, odd := 2*lane*width, (2*lane+1)*width
				placeBytes(p.evenBytes[half*16+lane*2:][:2], even/8)
				placeBytes(p.oddBytes[half*16+lane*2:][:2], odd/8)
				// products with these have the value in the high byte
				p.evenShift[half*8+lane], p.oddShift[half*8+lane] = 1<<(8-even%8), 1<<(8-odd%8)
			}
		}
	}
	for width := 9; width <= 16; width++ {
		p := &all[width]
		p.low = 1<<width - 1
		for half := range 2 {
			for lane := range 4 {
				even, odd := 2*lane*width, (2*lane+1)*width
				placeBytes(p.evenBytes[half*16+lane*4:][:4], even/8)
				placeBytes(p.oddBytes[half*16+lane*4:][:4], odd/8)
				p.evenLong[half*4+lane], p.oddLong[half*4+lane] = uint32(even%8), uint32(16-odd%8)
			}
		}
	}
	return all
}()

// placeBytes names the bytes from the given one on, of 16.
func placeBytes(to []int8, from int) {
	for i := range to {
		if to[i] = int8(from + i); from+i > 15 {
			to[i] = -1
		}
	}
}

// unpackByteVectors is unpackBytes by 32 values at a time.
func unpackByteVectors(dst, packed []byte, at int, width uint) int {
	in := at / 8 * int(width)
	if !cpu.X86.HasAVX2 || len(dst) < 32 || width == 0 || width > 8 || in >= len(packed) {
		return 0
	}
	return unpackBytesAVX2(&dst[0], len(dst), &packed[in], len(packed)-in, int(width), &pairsOf[width])
}

// unpackWordVectors is unpackToWords by 16 values at a time.
func unpackWordVectors(dst []uint16, packed []byte, at int, width uint) int {
	in := at / 8 * int(width)
	if !cpu.X86.HasAVX2 || len(dst) < 16 || width <= 8 || width > 16 || in >= len(packed) {
		return 0
	}
	return unpackWordsAVX2(&dst[0], len(dst), &packed[in], len(packed)-in, int(width), &pairsOf[width])
}

// greatestByte is the greatest of the first values, of how many is given, too.
func greatestByte(values []byte) (top byte, n int) {
	if !cpu.X86.HasAVX2 || len(values) < 32 {
		return 0, 0
	}
	var all [32]uint8
	n = len(values) &^ 31
	greatestBytesAVX2(&values[0], n, &all)
	for _, v := range all {
		top = max(top, v)
	}
	return top, n
}

// greatestWord is greatestByte for values of two bytes.
func greatestWord(values []uint16) (top uint16, n int) {
	if !cpu.X86.HasAVX2 || len(values) < 16 {
		return 0, 0
	}
	var all [16]uint16
	n = len(values) &^ 15
	greatestWordsAVX2(&values[0], n, &all)
	for _, v := range all {
		top = max(top, v)
	}
	return top, n
}

// unpackBytesAVX2 unpacks up to n values from packed, of size bytes, as long as there
// are 32 values, and bytes for two loads of 16, and gives how many it was.
//
//go:noescape
func unpackBytesAVX2(dst *uint8, n int, packed *byte, size int, width int, p *pairs) (done int)

// unpackWordsAVX2 is unpackBytesAVX2 for values of 9 to 16 bits, 16 at a time.
//
//go:noescape
func unpackWordsAVX2(dst *uint16, n int, packed *byte, size int, width int, p *pairs) (done int)

// greatestBytesAVX2 gives the greatest of each 32nd of n values, a multiple of 32.
//
//go:noescape
func greatestBytesAVX2(values *uint8, n int, out *[32]uint8)

// greatestWordsAVX2 is greatestBytesAVX2 for 16 values at a time.
//
//go:noescape
func greatestWordsAVX2(values *uint16, n int, out *[16]uint16)
