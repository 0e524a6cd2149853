package pgwire

import (
	"crypto/tls"
	"encoding/binary"
	"net"
	"runtime/debug"
	"time"

	"github.com/jackc/pgproto3/v2"

	"volley/sqlerr"
)

// Codes that stand where the protocol version does in a start-up packet.
const (
	codeCancel = 80877102
	codeSSL    = 80877103
	codeGSS    = 80877104
	version30  = 196608
)

// startupTimeout bounds how long a client may take until it is logged in.
const startupTimeout = 30 * time.Second

// handle serves one connection from its first byte to its last. A panic below
// ends this session only.
func (s *Server) handle(nc net.Conn) {
	defer func() {
		if r := recover(); r != nil {
			s.cfg.Log.Error("session ended by a panic", "remote", nc.RemoteAddr().String(), "panic", r, "stack", string(debug.Stack()))
		}
		_ = nc.Close()
	}()
	_ = nc.SetDeadline(time.Now().Add(startupTimeout))
	c := newConn(s, nc)
	start, err := c.startup()
	if err != nil || start == nil {
		if err != nil {
			c.fatal(err)
		}
		return
	}
	if err := c.authenticate(start.User); err != nil {
		c.fatal(err)
		return
	}
	if err := s.add(c); err != nil {
		c.fatal(err)
		return
	}
	defer s.remove(c)
	c.session, err = s.cfg.Backend.Open(c.ctx, *start)
	if err != nil {
		c.fatal(err)
		return
	}
	defer func() { _ = c.session.Close() }()
	_ = nc.SetDeadline(time.Time{})
	if err := c.welcome(); err != nil {
		return
	}
	c.loop()
}

// startup reads packets until the real start-up message; nil without an error
// means that there is nothing more to do (a cancel request, or a client that
// went away).
func (c *conn) startup() (*Startup, error) {
	for range 4 { // GSS, SSL, start-up; a client has no reason for more
		head, err := c.reader.Next(4)
		if err != nil {
			return nil, nil //nolint:nilerr // port scanners and health checks say nothing
		}
		n := int(int32(binary.BigEndian.Uint32(head))) - 4
		if n < 4 || n > maxStartupBytes {
			return nil, sqlerr.New(sqlerr.ProtocolViolation, "invalid length of startup packet")
		}
		body, err := c.reader.Next(n)
		if err != nil {
			return nil, nil //nolint:nilerr // the client has gone
		}
		switch code := binary.BigEndian.Uint32(body); {
		case code == codeSSL:
			if err := c.upgrade(); err != nil {
				return nil, err
			}
		case code == codeGSS:
			if _, err := c.nc.Write([]byte{'N'}); err != nil {
				return nil, nil //nolint:nilerr // the client has gone
			}
		case code == codeCancel:
			if len(body) == 12 {
				c.server.cancel(binary.BigEndian.Uint32(body[4:]), binary.BigEndian.Uint32(body[8:]))
			}
			return nil, nil
		case code>>16 == 3:
			return c.startupMessage(body, code)
		default:
			return nil, sqlerr.New(sqlerr.ProtocolViolation, "unsupported frontend protocol %d.%d: server supports 3.0 to 3.0", code>>16, code&0xffff)
		}
	}
	return nil, sqlerr.New(sqlerr.ProtocolViolation, "too many negotiation requests")
}

// upgrade answers an SSLRequest and moves the connection to TLS. Bytes sent
// before the handshake are refused (CVE-2021-23222).
func (c *conn) upgrade() error {
	if c.server.cfg.TLS == nil || c.secure {
		_, err := c.nc.Write([]byte{'N'})
		return err
	}
	if c.reader.r.Buffered() > 0 {
		return sqlerr.New(sqlerr.ProtocolViolation, "received unencrypted data after SSL request")
	}
	if _, err := c.nc.Write([]byte{'S'}); err != nil {
		return err
	}
	t := tls.Server(c.nc, c.server.cfg.TLS)
	if err := t.Handshake(); err != nil {
		return sqlerr.Wrap(err, sqlerr.ProtocolViolation, "TLS handshake failed")
	}
	c.setTransport(t)
	c.secure = true
	return nil
}

// startupMessage decodes the parameters. A minor version above 3.0 or an option
// of the protocol that is not known is negotiated down.
func (c *conn) startupMessage(body []byte, code uint32) (*Startup, error) {
	if c.server.cfg.RequireTLS && !c.secure {
		return nil, sqlerr.New(sqlerr.InvalidAuthorization, "this server requires TLS")
	}
	binary.BigEndian.PutUint32(body, version30)
	var m pgproto3.StartupMessage
	if err := m.Decode(body); err != nil {
		return nil, sqlerr.Wrap(err, sqlerr.ProtocolViolation, "invalid startup packet")
	}
	st := &Startup{Remote: c.nc.RemoteAddr().String(), Settings: map[string]string{}}
	var unknown []string
	for k, v := range m.Parameters {
		switch {
		case k == "user":
			st.User = v
		case k == "database":
			st.Database = v
		case k == "application_name":
			st.Application = v
			st.Settings[k] = v
		case len(k) > 5 && k[:5] == "_pq_.":
			unknown = append(unknown, k)
		default:
			st.Settings[k] = v
		}
	}
	if st.User == "" {
		return nil, sqlerr.New(sqlerr.InvalidAuthorization, "no PostgreSQL user name specified in startup packet")
	}
	if st.Database == "" {
		st.Database = st.User
	}
	if code != version30 || len(unknown) > 0 {
		c.out = appendNegotiate(c.out, unknown)
	}
	return st, nil
}

// appendNegotiate appends NegotiateProtocolVersion, which pgproto3 cannot send.
func appendNegotiate(dst []byte, unknown []string) []byte {
	at := len(dst) + 1
	dst = append(dst, 'v', 0, 0, 0, 0)
	dst = binary.BigEndian.AppendUint32(dst, 0) // newest minor version supported
	dst = binary.BigEndian.AppendUint32(dst, uint32(len(unknown)))
	for _, u := range unknown {
		dst = append(append(dst, u...), 0)
	}
	binary.BigEndian.PutUint32(dst[at:], uint32(len(dst)-at))
	return dst
}
