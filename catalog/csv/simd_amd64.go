//go:build goexperiment.simd && amd64

package csv

import (
	"math/bits"
	"simd/archsimd"
	"unsafe"
)

// simdKernels are the vector builds that this processor has.
func simdKernels() []kernel {
	var k []kernel
	if archsimd.X86.AVX512() {
		k = append(k, kernel{"avx512", indexAVX512})
	}
	if archsimd.X86.AVX2() {
		k = append(k, kernel{"avx2", indexAVX2})
	}
	return k
}

// quoteBits is all ones if there is a quote character, 0 otherwise.
func (s symbols) quoteBits() uint64 {
	if s.quote == 0 {
		return 0
	}
	return ^uint64(0)
}

// indexAVX2 is kernel.index by two loads of 32 bytes a block.
func indexAVX2(buf []byte, from, to int, s symbols, out []block) (limit int, q quoting) {
	base := unsafe.Pointer(unsafe.SliceData(buf))
	delim, newline := archsimd.BroadcastUint8x32(s.delim), archsimd.BroadcastUint8x32(s.newline)
	quote, ret := archsimd.BroadcastUint8x32(s.quote), archsimd.BroadcastUint8x32('\r')
	hasQuote := s.quoteBits()
	q = s.quoting()
	last := uint64(1) << 63
	state := uint64(0)
	for i, p := 0, from; p < to; i, p = i+1, p+blockLen {
		lo := archsimd.LoadUint8x32((*[32]uint8)(unsafe.Add(base, p)))
		hi := archsimd.LoadUint8x32((*[32]uint8)(unsafe.Add(base, p+32)))
		loNew, hiNew := lo.Equal(newline), hi.Equal(newline)
		newlines := uint64(loNew.ToBits()) | uint64(hiNew.ToBits())<<32
		ends := uint64(lo.Equal(delim).ToBits()) | uint64(hi.Equal(delim).ToBits())<<32 | newlines
		quotes := (uint64(lo.Equal(quote).ToBits()) | uint64(hi.Equal(quote).ToBits())<<32) & hasQuote
		if p+blockLen > to {
			valid := uint64(1)<<(to-p) - 1
			ends, newlines, quotes = ends&valid, newlines&valid, quotes&valid
		}
		if quotes|state == 0 {
			out[i] = block{ends, newlines}
			last = ends
			continue
		}
		returns := uint64(lo.Equal(ret).ToBits()) | uint64(hi.Equal(ret).ToBits())<<32
		b, wrong := q.block(ends, newlines, quotes, returns, last>>63)
		out[i] = b
		last, state = b.ends, q.pending()
		if wrong != 0 {
			to = min(p+bits.TrailingZeros64(wrong), to)
			break
		}
	}
	archsimd.ClearAVXUpperBits()
	return to, q
}

// indexAVX512 is kernel.index by one load a block.
func indexAVX512(buf []byte, from, to int, s symbols, out []block) (limit int, q quoting) {
	base := unsafe.Pointer(unsafe.SliceData(buf))
	delim, newline := archsimd.BroadcastUint8x64(s.delim), archsimd.BroadcastUint8x64(s.newline)
	quote, ret := archsimd.BroadcastUint8x64(s.quote), archsimd.BroadcastUint8x64('\r')
	hasQuote := s.quoteBits()
	q = s.quoting()
	last := uint64(1) << 63
	state := uint64(0)
	for i, p := 0, from; p < to; i, p = i+1, p+blockLen {
		v := archsimd.LoadUint8x64((*[64]uint8)(unsafe.Add(base, p)))
		newlines := v.Equal(newline).ToBits()
		ends := v.Equal(delim).ToBits() | newlines
		quotes := v.Equal(quote).ToBits() & hasQuote
		if p+blockLen > to {
			valid := uint64(1)<<(to-p) - 1
			ends, newlines, quotes = ends&valid, newlines&valid, quotes&valid
		}
		if quotes|state == 0 {
			out[i] = block{ends, newlines}
			last = ends
			continue
		}
		b, wrong := q.block(ends, newlines, quotes, v.Equal(ret).ToBits(), last>>63)
		out[i] = b
		last, state = b.ends, q.pending()
		if wrong != 0 {
			to = min(p+bits.TrailingZeros64(wrong), to)
			break
		}
	}
	archsimd.ClearAVXUpperBits()
	return to, q
}
