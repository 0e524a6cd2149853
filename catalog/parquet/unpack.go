package parquet

import "encoding/binary"

// spread moves values of a fixed width, packed from the lowest bit of a word, to
// lanes of 8 or 16 bits, by halving the distance that they have to go.
//
//	width 3: ........ hhhgggff feeedddc ccbbbaaa
//	      →  00000hhh 00000ggg 00000fff 00000eee … 00000bbb 00000aaa
type spread struct {
	half, quarter, eighth uint // shifts
	low2, low3            uint64
}

// newSpread is for lanes of 8 bits, of which a word has 8, with values of at
// most 8 bits; or of 16 bits with values of 9 to 16.
func newSpread(width uint) spread {
	if width <= 8 {
		return spread{
			half: 32 - 4*width, quarter: 16 - 2*width, eighth: 8 - width,
			low2: (1<<(2*width) - 1) * 0x0000_0001_0000_0001,
			low3: (1<<width - 1) * 0x0001_0001_0001_0001,
		}
	}
	return spread{
		half: 32 - 2*width, quarter: 16 - width,
		low2: (1<<width - 1) * 0x0000_0001_0000_0001,
	}
}

// toBytes gives 8 values of at most 8 bits, a byte each.
func (s *spread) toBytes(w uint64) uint64 {
	low := uint64(1)<<(32-s.half) - 1
	w = w&low | w<<(s.half&63)&(low<<32)
	w = w&s.low2 | (w&^s.low2)<<(s.quarter&63)&(s.low2<<16)
	return w&s.low3 | (w&^s.low3)<<(s.eighth&63)&(s.low3<<8)
}

// toWords gives 4 values of 9 to 16 bits, 16 bits each.
func (s *spread) toWords(w uint64) uint64 {
	low := uint64(1)<<(32-s.half) - 1
	w = w&low | w<<(s.half&63)&(low<<32)
	return w&s.low2 | (w&^s.low2)<<(s.quarter&63)&(s.low2<<16)
}

// unpackBytes decodes values of 1 to 8 bits from value number at, a multiple of
// 8, of packed groups of 8. It gives how many it has decoded: all but the last
// few.
func unpackBytes(dst, packed []byte, at int, width uint) int {
	s := newSpread(width)
	i := 0
	for group := at / 8 * int(width); i+8 <= len(dst) && group+8 <= len(packed); i, group = i+8, group+int(width) {
		binary.LittleEndian.PutUint64(dst[i:], s.toBytes(binary.LittleEndian.Uint64(packed[group:])))
	}
	return i
}

// unpackNarrow is unpackBytes for wider results.
func unpackNarrow(dst []int32, packed []byte, at int, width uint) int {
	s := newSpread(width)
	i := 0
	for group := at / 8 * int(width); i+8 <= len(dst) && group+8 <= len(packed); i, group = i+8, group+int(width) {
		w := s.toBytes(binary.LittleEndian.Uint64(packed[group:]))
		d := (*[8]int32)(dst[i:])
		d[0], d[1], d[2], d[3] = int32(w&0xff), int32(w>>8&0xff), int32(w>>16&0xff), int32(w>>24&0xff)
		d[4], d[5], d[6], d[7] = int32(w>>32&0xff), int32(w>>40&0xff), int32(w>>48&0xff), int32(w>>56)
	}
	return i
}

// unpackWide is unpackNarrow for 9 to 16 bits: 4 values from each of two words.
func unpackWide(dst []int32, packed []byte, at int, width uint) int {
	s := newSpread(width)
	i := 0
	half, shift := at/8*int(width)+int(width/2), 4*(width%2)
	for ; i+8 <= len(dst) && half+8 <= len(packed); i, half = i+8, half+int(width) {
		lo := s.toWords(binary.LittleEndian.Uint64(packed[half-int(width/2):]))
		hi := s.toWords(binary.LittleEndian.Uint64(packed[half:]) >> (shift & 63))
		d := (*[8]int32)(dst[i:])
		d[0], d[1], d[2], d[3] = int32(lo&0xffff), int32(lo>>16&0xffff), int32(lo>>32&0xffff), int32(lo>>48)
		d[4], d[5], d[6], d[7] = int32(hi&0xffff), int32(hi>>16&0xffff), int32(hi>>32&0xffff), int32(hi>>48)
	}
	return i
}

// unpackToWords is unpackWide for results of 16 bits.
func unpackToWords(dst []uint16, packed []byte, at int, width uint) int {
	s := newSpread(width)
	to := bytesOf(dst)
	i := 0
	half, shift := at/8*int(width)+int(width/2), 4*(width%2)
	for ; i+8 <= len(dst) && half+8 <= len(packed); i, half = i+8, half+int(width) {
		d := to[i*2 : i*2+16]
		binary.LittleEndian.PutUint64(d, s.toWords(binary.LittleEndian.Uint64(packed[half-int(width/2):])))
		binary.LittleEndian.PutUint64(d[8:], s.toWords(binary.LittleEndian.Uint64(packed[half:])>>(shift&63)))
	}
	return i
}

// unpackBytesToWords is unpackBytes for results of 16 bits.
func unpackBytesToWords(dst []uint16, packed []byte, at int, width uint) int {
	s := newSpread(width)
	to := bytesOf(dst)
	i := 0
	for group := at / 8 * int(width); i+8 <= len(dst) && group+8 <= len(packed); i, group = i+8, group+int(width) {
		w := s.toBytes(binary.LittleEndian.Uint64(packed[group:]))
		d := to[i*2 : i*2+16]
		binary.LittleEndian.PutUint64(d, bytesToWords(w&0xffffffff))
		binary.LittleEndian.PutUint64(d[8:], bytesToWords(w>>32))
	}
	return i
}

// bytesToWords gives 4 bytes 16 bits each.
func bytesToWords(w uint64) uint64 {
	w = (w | w<<16) & 0x0000ffff0000ffff
	return (w | w<<8) & 0x00ff00ff00ff00ff
}

// allWordsBelow tells whether all values are less than n.
func allWordsBelow(values []uint16, n int) bool {
	top, done := greatestWord(values)
	if int(top) >= n {
		return len(values) == 0
	}
	values = values[done:]
	if n <= 1<<15 { // four at a time: the highest bit of a word shows
		const highest = 0x8000800080008000
		add := uint64(1<<15-n) * 0x0001000100010001
		seen := uint64(0)
		for b := bytesOf(values); len(b) >= 8; b = b[8:] {
			w := binary.LittleEndian.Uint64(b)
			seen |= w | (w&^highest + add)
		}
		if seen&highest != 0 {
			return false
		}
		values = values[len(values)&^3:]
	}
	for _, v := range values {
		if int(v) >= n {
			return false
		}
	}
	return true
}
