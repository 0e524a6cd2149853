package app

import "syscall"

// childAttributes makes the kernel end a worker process when its parent dies,
// however it dies.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM, Setpgid: true}
}
