package link

import (
	"io"
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// mover moves bytes from a connection to another within the kernel, through a pipe.
type mover struct {
	to, from syscall.RawConn
	r, w     int // the pipe
}

func newMover(to, from *net.TCPConn) (*mover, error) {
	m := &mover{}
	var err error
	if m.to, err = to.SyscallConn(); err != nil {
		return nil, err
	}
	if m.from, err = from.SyscallConn(); err != nil {
		return nil, err
	}
	var pipe [2]int
	if err := unix.Pipe2(pipe[:], unix.O_CLOEXEC|unix.O_NONBLOCK); err != nil {
		return nil, err
	}
	m.r, m.w = pipe[0], pipe[1]
	// without it the pipe is smaller, and more calls are made
	_, _ = unix.FcntlInt(uintptr(m.w), unix.F_SETPIPE_SZ, 2*burst)
	return m, nil
}

// move waits for bytes and moves up to limit of them. 0: there are no more.
func (m *mover) move(limit int) (int, error) {
	n, err := splice(m.from.Read, func(fd int) (int64, error) {
		return unix.Splice(fd, nil, m.w, nil, limit, unix.SPLICE_F_NONBLOCK|unix.SPLICE_F_MOVE)
	})
	if n == 0 && err == nil {
		err = io.EOF
	}
	for left := n; left > 0; {
		moved, err := splice(m.to.Write, func(fd int) (int64, error) {
			return unix.Splice(m.r, nil, fd, nil, left, unix.SPLICE_F_NONBLOCK|unix.SPLICE_F_MOVE)
		})
		if err != nil {
			return n - left, err
		}
		left -= moved
	}
	return n, err
}

// splice calls f when the connection is ready, until it has not to be waited for.
func splice(ready func(func(uintptr) bool) error, f func(fd int) (int64, error)) (n int, err error) {
	waited := ready(func(fd uintptr) bool {
		var moved int64
		for {
			if moved, err = f(int(fd)); err != unix.EINTR {
				break
			}
		}
		n = int(moved)
		return err != unix.EAGAIN
	})
	if err != nil {
		return 0, err
	}
	return n, waited
}

func (m *mover) close() {
	_ = unix.Close(m.r)
	_ = unix.Close(m.w)
}
