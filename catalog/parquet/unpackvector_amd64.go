//go:build goexperiment.simd && amd64

package parquet

import (
	"simd/archsimd"
	"unsafe"
)

var hasVectors = archsimd.X86.AVX2()

// pairs is how values that are packed from the lowest bit of 16 bytes come to
// lanes of two values each: those with even numbers by one shuffle of bytes, those
// with odd numbers by another, each then shifted to its half of the lane.
//
//	16 values of 1 to 8 bits in lanes of 16 bits, or 8 of 9 to 16 bits in lanes of 32
type pairs struct {
	evenBytes, oddBytes [32]int8 // −1 is no byte
	evenShift, oddShift [16]uint16
	evenLong, oddLong   [8]uint32
}

// pairsOf has the pairs of values of so many bits.
var pairsOf = func() (all [17]pairs) {
	for width := 1; width <= 8; width++ {
		p := &all[width]
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

// highToLow is the shuffle that moves the high byte of each 16 bits to the low one:
// a shift by a number that all have would go through an instruction that does not
// clear the upper half of a register, which is slow.
var highToLow = func() (to [32]int8) {
	for i := range to {
		if to[i] = -1; i%2 == 0 {
			to[i] = int8(i%16 + 1)
		}
	}
	return to
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
	if !hasVectors || len(dst) < 32 || width == 0 || width > 8 {
		return 0
	}
	p := &pairsOf[width]
	evenBytes, oddBytes := archsimd.LoadInt8x32(&p.evenBytes), archsimd.LoadInt8x32(&p.oddBytes)
	evenShift, oddShift := archsimd.LoadUint16x16(&p.evenShift), archsimd.LoadUint16x16(&p.oddShift)
	high, down := archsimd.BroadcastUint16x16((1<<width-1)<<8), archsimd.LoadInt8x32(&highToLow)
	i, in, step := 0, at/8*int(width), 2*int(width)
	for ; i+32 <= len(dst) && in+step+16 <= len(packed); i, in = i+32, in+2*step {
		var x archsimd.Uint8x32
		x = x.SetLo(archsimd.LoadUint8x16((*[16]uint8)(unsafe.Pointer(&packed[in]))))
		x = x.SetHi(archsimd.LoadUint8x16((*[16]uint8)(unsafe.Pointer(&packed[in+step]))))
		even := x.PermuteOrZeroGrouped(evenBytes).AsUint16x16().Mul(evenShift).And(high).AsUint8x32().PermuteOrZeroGrouped(down)
		odd := x.PermuteOrZeroGrouped(oddBytes).AsUint16x16().Mul(oddShift).And(high)
		even.Or(odd.AsUint8x32()).Store((*[32]uint8)(unsafe.Pointer(&dst[i])))
	}
	archsimd.ClearAVXUpperBits()
	return i
}

// unpackWordVectors is unpackToWords by 16 values at a time.
func unpackWordVectors(dst []uint16, packed []byte, at int, width uint) int {
	if !hasVectors || len(dst) < 16 || width <= 8 || width > 16 {
		return 0
	}
	p := &pairsOf[width]
	evenBytes, oddBytes := archsimd.LoadInt8x32(&p.evenBytes), archsimd.LoadInt8x32(&p.oddBytes)
	evenShift, oddShift := archsimd.LoadUint32x8(&p.evenLong), archsimd.LoadUint32x8(&p.oddLong)
	low := archsimd.BroadcastUint32x8(1<<width - 1)
	high := archsimd.BroadcastUint32x8((1<<width - 1) << 16)
	i, in, step := 0, at/8*int(width), int(width)
	for ; i+16 <= len(dst) && in+step+16 <= len(packed); i, in = i+16, in+2*step {
		var x archsimd.Uint8x32
		x = x.SetLo(archsimd.LoadUint8x16((*[16]uint8)(unsafe.Pointer(&packed[in]))))
		x = x.SetHi(archsimd.LoadUint8x16((*[16]uint8)(unsafe.Pointer(&packed[in+step]))))
		even := x.PermuteOrZeroGrouped(evenBytes).AsUint32x8().ShiftRight(evenShift).And(low)
		odd := x.PermuteOrZeroGrouped(oddBytes).AsUint32x8().ShiftLeft(oddShift).And(high)
		even.Or(odd).AsUint16x16().Store((*[16]uint16)(unsafe.Pointer(&dst[i])))
	}
	archsimd.ClearAVXUpperBits()
	return i
}

// greatestByte is the greatest of the first values, of how many is given, too.
func greatestByte(values []byte) (top byte, n int) {
	if !hasVectors || len(values) < 32 {
		return 0, 0
	}
	top32 := archsimd.LoadUint8x32((*[32]uint8)(values))
	for n = 32; n+32 <= len(values); n += 32 {
		top32 = top32.Max(archsimd.LoadUint8x32((*[32]uint8)(unsafe.Pointer(&values[n]))))
	}
	var all [32]uint8
	top32.Store(&all)
	archsimd.ClearAVXUpperBits()
	for _, v := range all {
		top = max(top, v)
	}
	return top, n
}

// greatestWord is greatestByte for values of two bytes.
func greatestWord(values []uint16) (top uint16, n int) {
	if !hasVectors || len(values) < 16 {
		return 0, 0
	}
	top16 := archsimd.LoadUint16x16((*[16]uint16)(values))
	for n = 16; n+16 <= len(values); n += 16 {
		top16 = top16.Max(archsimd.LoadUint16x16((*[16]uint16)(unsafe.Pointer(&values[n]))))
	}
	var all [16]uint16
	top16.Store(&all)
	archsimd.ClearAVXUpperBits()
	for _, v := range all {
		top = max(top, v)
	}
	return top, n
}
