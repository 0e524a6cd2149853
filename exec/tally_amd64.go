//go:build goexperiment.simd && amd64

package exec

import (
	"simd/archsimd"
	"unsafe"
)

var hasVectors = archsimd.X86.AVX2()

// vectorValues is how many values there may be for each to be compared with all
// bytes.
const vectorValues = 24

// tallyVectors adds how often each of the n least bytes is among the first codes,
// and gives how many codes these were: each 32 codes are compared with four values
// in turn.
func tallyVectors(codes []uint8, n int, totals *[256]uint32) (done int) {
	const block = 255 * 32 // so many do not overflow counts of a byte
	if !hasVectors || n > vectorValues {
		return 0
	}
	for len(codes)-done >= 32 {
		size := min(block, (len(codes)-done)&^31)
		for v := 0; v < n; v += 4 {
			tallyFour(codes[done:done+size], uint8(v), (*[4]uint32)(totals[v:]))
		}
		done += size
	}
	archsimd.ClearAVXUpperBits()
	return done
}

// tallyFour adds the numbers of v to v+3 in a block of codes.
func tallyFour(codes []uint8, v uint8, totals *[4]uint32) {
	v0, v1 := archsimd.BroadcastUint8x32(v), archsimd.BroadcastUint8x32(v+1)
	v2, v3 := archsimd.BroadcastUint8x32(v+2), archsimd.BroadcastUint8x32(v+3)
	var n0, n1, n2, n3 archsimd.Int8x32
	for i := 0; i+32 <= len(codes); i += 32 {
		x := archsimd.LoadUint8x32((*[32]uint8)(unsafe.Pointer(&codes[i])))
		// a mask has −1 where it is true
		n0 = n0.Sub(x.Equal(v0).ToInt8x32())
		n1 = n1.Sub(x.Equal(v1).ToInt8x32())
		n2 = n2.Sub(x.Equal(v2).ToInt8x32())
		n3 = n3.Sub(x.Equal(v3).ToInt8x32())
	}
	var zero archsimd.Uint8x32
	for i, n := range [4]archsimd.Int8x32{n0, n1, n2, n3} {
		var sums [4]uint64
		n.AsUint8x32().SumAbsDiff(zero).AsUint64x4().Store(&sums)
		totals[i] += uint32(sums[0] + sums[1] + sums[2] + sums[3])
	}
}
