package flight

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"sync/atomic"
	"time"

	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"

	"volley/certfile"
	"volley/sqlerr"
)

// Processes of one cluster either all use TLS on TCP, or none does. With it each side
// shows a certificate, which must be of an authority that the other trusts; that of a
// server must be for the host that was dialled. Unix sockets have no TLS: the other side
// is a process of the same user, which both look at.
//
// Both sides find out when the other one has TLS and they have not, or the other way
// round, by the first byte that comes: a handshake of TLS, an alert of TLS, or HTTP/2.

// What the first byte of a connection may be.
const (
	firstOfAlert     = 21 // a record of TLS that ends the connection
	firstOfHandshake = 22 // a record of TLS that begins it
)

// What a server answers whoever comes otherwise than it does itself.
var (
	protocolVersion = []byte{firstOfAlert, 3, 3, 0, 2, 2, 70} // an alert of TLS
	settings        = []byte{0, 0, 0, 4, 0, 0, 0, 0, 0}       // a frame of HTTP/2
)

// transport is the transport credentials of a connection or a server.
type transport struct {
	own     *certfile.Source // nil: without TLS
	address string           // of the server; "" on its side
	refused func(peer net.Addr, err error)
	// reason is why the last connection could not be used, if it is known.
	reason atomic.Pointer[sqlerr.Error]
}

// config is that of one handshake, with the certificates that are in force now.
func (t *transport) config() *tls.Config {
	id := t.own.Current()
	host, _, err := net.SplitHostPort(t.address)
	if err != nil {
		host = t.address
	}
	return &tls.Config{
		MinVersion: tls.VersionTLS13, NextProtos: []string{"h2"}, ServerName: host, RootCAs: id.Authorities, ClientCAs: id.Authorities,
		Certificates: []tls.Certificate{id.Certificate}, ClientAuth: tls.RequireAndVerifyClientCert,
		// whatever authorities the server names: it says better than this side what is wrong
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &id.Certificate, nil },
		// a session that is resumed would not have its certificates looked at
		SessionTicketsDisabled: true,
	}
}

// ClientHandshake begins a connection to a server.
func (t *transport) ClientHandshake(ctx context.Context, _ string, raw net.Conn) (net.Conn, credentials.AuthInfo, error) {
	switch {
	case isSocket(raw):
		return insecure.NewCredentials().ClientHandshake(ctx, t.address, raw)
	case t.own == nil:
		return insecure.NewCredentials().ClientHandshake(ctx, t.address, &answered{Conn: raw, transport: t})
	}
	conn, info, err := credentials.NewTLS(t.config()).ClientHandshake(ctx, t.address, raw)
	if err != nil {
		return nil, nil, t.note(explainTLS(err, t.address))
	}
	return &answered{Conn: conn, transport: t}, info, nil
}

// note keeps why a connection cannot be used.
func (t *transport) note(e *sqlerr.Error) error {
	t.reason.Store(e)
	return e
}

// explain is a connection's failure, by its reason where that is known.
func (t *transport) explain(err error) error {
	if reason := t.reason.Load(); reason != nil && sqlerr.Code(err) == sqlerr.ConnectionFailure {
		return reason
	}
	return err
}

// answered is a client's connection, which looks at how the server answers first: it
// judges a client's certificate when the client thinks that the handshake is done.
type answered struct {
	net.Conn
	transport *transport
	begun     bool // something has come; used by the one reader
}

// Read looks at the first bytes, or the error instead of them.
func (c *answered) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if c.begun {
		return n, err
	}
	switch alert := (*net.OpError)(nil); {
	case n > 0 && c.transport.own == nil && b[0] == firstOfAlert:
		return 0, c.transport.note(errTLSWanted(c.transport.address))
	case n > 0:
		c.begun = true
		c.transport.reason.Store(nil)
	case errors.As(err, &alert) && alert.Op == remoteAlert:
		return 0, c.transport.note(explainTLS(err, c.transport.address))
	}
	return n, err
}

// ServerHandshake begins a connection of a client.
func (t *transport) ServerHandshake(raw net.Conn) (net.Conn, credentials.AuthInfo, error) {
	conn, info, err := t.accept(raw)
	if err != nil {
		_ = raw.Close()
		if !errors.Is(err, io.EOF) { // accept's own: nobody has said anything
			t.refused(raw.RemoteAddr(), err)
		}
	}
	return conn, info, err
}

func (t *transport) accept(raw net.Conn) (net.Conn, credentials.AuthInfo, error) {
	if isSocket(raw) {
		if t.own != nil {
			if err := sameUser(raw); err != nil {
				return nil, nil, err
			}
		}
		return insecure.NewCredentials().ServerHandshake(raw)
	}
	c := &begun{Conn: raw}
	if _, err := io.ReadFull(raw, c.first[:]); err != nil {
		return nil, nil, io.EOF // a prober, however it has ended the connection
	}
	peer, _, _ := net.SplitHostPort(raw.RemoteAddr().String())
	switch isTLS := c.first[0] == firstOfHandshake; {
	case t.own == nil && isTLS:
		turnAway(raw, settings)
		return nil, nil, errNoTLSHere(peer)
	case t.own == nil:
		return insecure.NewCredentials().ServerHandshake(c)
	case !isTLS:
		turnAway(raw, protocolVersion)
		return nil, nil, errNoTLS(peer)
	}
	conn := tls.Server(c, t.config())
	if err := conn.Handshake(); err != nil { // within the deadline that the caller has set
		turnAway(raw, nil) // the alert has been sent
		return nil, nil, explainTLS(err, peer)
	}
	info := credentials.TLSInfo{State: conn.ConnectionState(), CommonAuthInfo: credentials.CommonAuthInfo{SecurityLevel: credentials.PrivacyAndIntegrity}}
	return conn, info, nil
}

// turnAway lets a client know what is wanted here. It reads what the client has sent
// meanwhile, since closing the connection before that would take the answer back.
func turnAway(raw net.Conn, answer []byte) {
	_ = raw.SetDeadline(time.Now().Add(time.Second))
	if _, err := raw.Write(answer); err == nil {
		_, _ = io.Copy(io.Discard, io.LimitReader(raw, 64<<10))
	}
}

// begun is a connection whose first byte has been read.
type begun struct {
	net.Conn
	first [1]byte
	given bool
}

// Read gives the first byte again.
func (c *begun) Read(b []byte) (int, error) {
	if !c.given && len(b) > 0 {
		c.given = true
		return copy(b, c.first[:]), nil
	}
	return c.Conn.Read(b)
}

// Info names the protocol.
func (t *transport) Info() credentials.ProtocolInfo {
	if t.own == nil {
		return credentials.ProtocolInfo{SecurityProtocol: "insecure"}
	}
	return credentials.ProtocolInfo{SecurityProtocol: "tls"}
}

// Clone gives t itself: nothing changes it.
func (t *transport) Clone() credentials.TransportCredentials { return t }

// OverrideServerName is refused: the name is that of the address.
func (t *transport) OverrideServerName(string) error {
	return errors.New("the name is that of the address")
}

func isSocket(c net.Conn) bool { return c.LocalAddr().Network() == "unix" }
