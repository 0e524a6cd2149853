package csv

import (
	"math/bits"
	"unsafe"
)

// indexAVX2 is kernel.index by marks of some blocks at a time.
func indexAVX2(buf []byte, from, to int, s symbols, out []block) (limit int, q quoting) {
	base := unsafe.Pointer(unsafe.SliceData(buf))
	var marks [16]blockMarks
	set, hasQuote := s.set(), s.quoteBits()
	q = s.quoting()
	last, state := uint64(1)<<63, uint64(0)
	for i, p := 0, from; p < to; i, p = i+1, p+blockLen {
		if i%len(marks) == 0 {
			marksAVX2(unsafe.Add(base, p), min(len(marks), (to-p+blockLen-1)/blockLen), &set, &marks[0])
		}
		m := &marks[i%len(marks)]
		ends, newlines, quotes := m.ends, m.newlines, m.quotes&hasQuote
		if p+blockLen > to {
			valid := uint64(1)<<(to-p) - 1
			ends, newlines, quotes = ends&valid, newlines&valid, quotes&valid
		}
		if quotes|state == 0 {
			out[i] = block{ends, newlines}
			last = ends
			continue
		}
		b, wrong := q.block(ends, newlines, quotes, m.returns, last>>63)
		out[i] = b
		last, state = b.ends, q.pending()
		if wrong != 0 {
			return min(p+bits.TrailingZeros64(wrong), to), q
		}
	}
	return to, q
}
