package parquet

import (
	"math/bits"
	"sync"

	"volley/exec/kernel"
)

// Windows of files and uncompressed pages are large, and what is new from the
// system costs as much as reading it: readers hand them on. Small ones are not
// worth it, and very large ones are not to be kept.
const (
	minPageBuffer = 1 << 17
	maxPageBuffer = 1 << 23
)

// pageBuffers are *[]byte by the logarithm of their capacity.
var pageBuffers [24]sync.Pool

// pageBuffer is n bytes of any value.
func pageBuffer(n int) []byte {
	if n < minPageBuffer || n > maxPageBuffer {
		return kernel.Raw[byte](n)
	}
	class := bits.Len(uint(n - 1))
	if b, ok := pageBuffers[class].Get().(*[]byte); ok {
		return (*b)[:n]
	}
	return kernel.Raw[byte](1 << class)[:n]
}

// freePageBuffer takes a buffer that nobody reads any more.
func freePageBuffer(b []byte) {
	if n := cap(b); n >= minPageBuffer && n <= maxPageBuffer && n&(n-1) == 0 {
		b = b[:0]
		pageBuffers[bits.Len(uint(n-1))].Put(&b)
	}
}
