package kernel

import (
	"strings"
	"unsafe"
)

// Raw is n elements of any value, for results that write every one of them: a
// batch's memory need not be cleared first. T must not have pointers.
func Raw[T any](n int) []T {
	size := int(unsafe.Sizeof(*new(T)))
	if n*size < minRaw {
		return make([]T, n)
	}
	var b strings.Builder
	b.Grow(n * size) // the one way to memory that is not cleared
	b.WriteByte(0)
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.StringData(b.String()))), n)
}

// minRaw is the size from which memory is aligned for every type, and clearing
// it takes time.
const minRaw = 1 << 10
