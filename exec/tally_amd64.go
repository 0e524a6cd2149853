package exec

import "golang.org/x/sys/cpu"

// hasTally tells whether this processor has the instructions of tallyFourAVX2.
var hasTally = cpu.X86.HasAVX2

// vectorValues is how many values there may be for each to be compared with all
// bytes.
const vectorValues = 24

// tallyVectors adds how often each of the n least bytes is among the first codes,
// and gives how many codes these were: each 32 codes are compared with four values
// in turn.
func tallyVectors(codes []uint8, n int, totals *[256]uint32) (done int) {
	const block = 255 * 32 // so many do not overflow counts of a byte
	if !hasTally || n > vectorValues {
		return 0
	}
	for len(codes)-done >= 32 {
		size := min(block, (len(codes)-done)&^31)
		for v := 0; v < n; v += 4 {
			tallyFourAVX2(&codes[done], size, uint8(v), (*[4]uint32)(totals[v:]))
		}
		done += size
	}
	return done
}

// tallyFourAVX2 adds the numbers of v to v+3 in n codes, a multiple of 32 and at most
// 255 times that.
//
//go:noescape
func tallyFourAVX2(codes *uint8, n int, v uint8, totals *[4]uint32)
