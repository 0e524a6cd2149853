//go:build !linux

package link

import "net"

// mover copies bytes from a connection to another.
type mover struct {
	to, from *net.TCPConn
	buf      [burst]byte
}

func newMover(to, from *net.TCPConn) (*mover, error) { return &mover{to: to, from: from}, nil }

// move waits for bytes and moves up to limit of them.
func (m *mover) move(limit int) (int, error) {
	n, err := m.from.Read(m.buf[:limit])
	if n == 0 {
		return 0, err
	}
	return m.to.Write(m.buf[:n])
}

func (m *mover) close() {}
