//go:build unix

package journal

import (
	"os"
	"syscall"
)

// lockFile locks a file for this process, or fails if another one has.
func lockFile(f *os.File) error { return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) }
