//go:build !linux

package app

import "syscall"

// childAttributes puts a worker process into a group of its own; it ends by
// itself when its coordinator is gone.
func childAttributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
