package flight

import (
	"context"
	"net"
	"strconv"
	"sync/atomic"
)

// Processes on the same machine read from each other by a Unix socket, which costs
// less than TCP: a server that listens on a TCP address also listens on a socket whose
// name is made of that address, and who dials the address looks for the socket first.
//
// The socket is an abstract one of Linux. Its name exists in one network namespace
// only, the one in which the server's TCP port is, too; so a reader that finds it is
// where the TCP address would lead to the same server. Nothing is left in a file
// system. A name can be taken by anybody, so that the reader looks who has: it must be
// a process of the same user, before it is told the cluster's secret. Whatever is not
// as it should be, TCP is used.

// socketName is the name of the socket of a server that listens on an address; host
// "*" is that of one that listens on all of the machine's.
func socketName(host, port string) string { return "@volley-flight/" + host + "/" + port }

// socketNameOf is the name of the socket of a server with a listener.
func socketNameOf(l net.Listener) (string, bool) {
	a, ok := l.Addr().(*net.TCPAddr)
	if !ok {
		return "", false
	}
	host := a.IP.String()
	if a.IP.IsUnspecified() {
		host = "*"
	}
	return socketName(host, strconv.Itoa(a.Port)), true
}

// socketNames are the names that the socket of a server at an address may have.
func socketNames(address string) []string {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil
	}
	if host == "localhost" {
		host = "127.0.0.1"
	}
	ip := net.ParseIP(host)
	if ip == nil {
		return nil
	}
	if !isLocal(ip) {
		return nil
	}
	if ip.IsUnspecified() {
		return []string{socketName("*", port)}
	}
	return []string{socketName(ip.String(), port), socketName("*", port)}
}

// isLocal tells whether an address is one of this machine.
func isLocal(ip net.IP) bool {
	if ip.IsLoopback() || ip.IsUnspecified() {
		return true
	}
	own, err := net.InterfaceAddrs()
	if err != nil {
		return false
	}
	for _, a := range own {
		if n, ok := a.(*net.IPNet); ok && n.IP.Equal(ip) {
			return true
		}
	}
	return false
}

// dial connects to a server, by its socket if it is on this machine.
func (p *Pool) dial(ctx context.Context, address string) (net.Conn, error) {
	for _, name := range socketNames(address) {
		if c, err := dialSocket(ctx, name); err == nil {
			return countedConn{c, &p.bySocket}, nil
		}
	}
	return dialTCP(ctx, address)
}

// dialTCP connects to a server by TCP.
func dialTCP(ctx context.Context, address string) (net.Conn, error) {
	var d net.Dialer
	return d.DialContext(ctx, "tcp", address)
}

// SocketBytes is how many bytes have come from other processes by Unix sockets.
func (p *Pool) SocketBytes() int64 { return p.bySocket.Load() }

// countedConn counts the bytes that are read. Only sockets have one: of a TCP
// connection the transport wants more than net.Conn says.
type countedConn struct {
	net.Conn
	read *atomic.Int64
}

// Read counts what it reads.
func (c countedConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.read.Add(int64(n))
	return n, err
}
