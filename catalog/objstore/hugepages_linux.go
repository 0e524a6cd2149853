package objstore

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

const hugePage = 2 << 20

// hugePages asks the system to provide memory in few large pages: page by page it
// takes longer than the network takes to fill it. That is a hint, which may be refused.
func hugePages(p []byte) {
	from := -uintptr(unsafe.Pointer(unsafe.SliceData(p))) % hugePage // to the first one's beginning
	if whole := (uintptr(len(p)) - min(from, uintptr(len(p)))) / hugePage * hugePage; whole > 0 {
		_ = unix.Madvise(p[from:from+whole], unix.MADV_HUGEPAGE)
	}
}
