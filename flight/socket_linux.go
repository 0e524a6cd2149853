package flight

import (
	"context"
	"errors"
	"net"
	"os"
	"syscall"
)

// listenSocket listens on an abstract socket.
func listenSocket(name string) (net.Listener, error) { return net.Listen("unix", name) }

// dialSocket connects to an abstract socket of a process of the same user.
func dialSocket(ctx context.Context, name string) (net.Conn, error) {
	var d net.Dialer
	c, err := d.DialContext(ctx, "unix", name)
	if err != nil {
		return nil, err
	}
	if err := sameUser(c); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// sameUser is an error unless the other side belongs to this process's user.
func sameUser(c net.Conn) error {
	socket, ok := c.(*net.UnixConn)
	if !ok {
		return errors.New("no Unix socket")
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return err
	}
	var peer *syscall.Ucred
	var failed error
	if err := raw.Control(func(fd uintptr) {
		peer, failed = syscall.GetsockoptUcred(int(fd), syscall.SOL_SOCKET, syscall.SO_PEERCRED)
	}); err != nil {
		return err
	}
	if failed == nil && int(peer.Uid) != os.Geteuid() {
		failed = errors.New("the socket is another user's")
	}
	return failed
}
