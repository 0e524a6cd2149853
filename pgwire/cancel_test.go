package pgwire

import (
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"github.com/jackc/pgproto3/v2"
	"github.com/jackc/pgx/v5/pgconn"
)

// rawClient speaks messages, so that it can stop in the middle of one.
type rawClient struct {
	t        *testing.T
	nc       net.Conn
	front    *pgproto3.Frontend
	pid, key uint32
}

func newRawClient(t *testing.T, addr string) *rawClient {
	t.Helper()
	nc, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = nc.Close() })
	return newRawClientOver(t, nc)
}

// newRawClientOver begins a session on a connection.
func newRawClientOver(t *testing.T, nc net.Conn) *rawClient {
	t.Helper()
	_ = nc.SetDeadline(time.Now().Add(time.Minute))
	c := &rawClient{t: t, nc: nc, front: pgproto3.NewFrontend(pgproto3.NewChunkReader(nc), nc)}
	c.send(&pgproto3.StartupMessage{ProtocolVersion: pgproto3.ProtocolVersionNumber, Parameters: map[string]string{"user": "ann"}})
	key := c.until(func(m pgproto3.BackendMessage) bool { _, ok := m.(*pgproto3.BackendKeyData); return ok }).(*pgproto3.BackendKeyData)
	c.pid, c.key = key.ProcessID, key.SecretKey
	c.ready()
	return c
}

func (c *rawClient) send(m pgproto3.FrontendMessage) {
	c.t.Helper()
	if err := c.front.Send(m); err != nil {
		c.t.Fatal(err)
	}
}

// until reads messages up to the one that is wanted.
func (c *rawClient) until(wanted func(pgproto3.BackendMessage) bool) pgproto3.BackendMessage {
	c.t.Helper()
	for {
		m, err := c.front.Receive()
		if err != nil {
			c.t.Fatal(err)
		}
		if wanted(m) {
			return m
		}
	}
}

// canceled reads the error of a cancelled statement, and what ends it.
func (c *rawClient) canceled() {
	c.t.Helper()
	m := c.until(func(m pgproto3.BackendMessage) bool { _, ok := m.(*pgproto3.ErrorResponse); return ok }).(*pgproto3.ErrorResponse)
	if m.Code != "57014" {
		c.t.Fatalf("%s: %s", m.Code, m.Message)
	}
	c.ready()
}

func (c *rawClient) ready() {
	c.t.Helper()
	c.until(func(m pgproto3.BackendMessage) bool { _, ok := m.(*pgproto3.ReadyForQuery); return ok })
}

// cancel sends a cancel request on a connection of its own.
func (c *rawClient) cancel() {
	c.t.Helper()
	nc, err := net.Dial("tcp", c.nc.RemoteAddr().String())
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = nc.Close() }()
	c.cancelOver(nc)
}

// cancelOver sends a cancel request on a connection.
func (c *rawClient) cancelOver(nc net.Conn) {
	c.t.Helper()
	m, err := (&pgproto3.CancelRequest{ProcessID: c.pid, SecretKey: c.key}).Encode(nil)
	if err != nil {
		c.t.Fatal(err)
	}
	if _, err := nc.Write(m); err != nil {
		c.t.Fatal(err)
	}
}

func TestCancelOfAPausedCopyIn(t *testing.T) {
	_, addr := serve(t, Config{Backend: &fakeBackend{}})
	c := newRawClient(t, addr)
	message := append([]byte{'d', 0, 0, 0, 0}, "some,1\nmore,2\n"...)
	binary.BigEndian.PutUint32(message[1:], uint32(len(message)-1))
	for _, sent := range []int{0, 3, 5, 9, len(message)} { // nothing, in the header, after it, in the data, all
		c.send(&pgproto3.Query{String: "copyin"})
		c.until(func(m pgproto3.BackendMessage) bool { _, ok := m.(*pgproto3.CopyInResponse); return ok })
		if _, err := c.nc.Write(message[:sent]); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Millisecond) // what was sent is read
		c.cancel()
		c.canceled()
		if sent > 0 {
			if _, err := c.nc.Write(message[sent:]); err != nil {
				t.Fatal(err)
			}
		}
		c.send(&pgproto3.CopyDone{})
		c.send(&pgproto3.Query{String: "rows 1"})
		c.until(func(m pgproto3.BackendMessage) bool { _, ok := m.(*pgproto3.CommandComplete); return ok })
		c.ready()
	}
}

func TestCancelOfAResultThatNobodyReads(t *testing.T) {
	b := &fakeBackend{ended: make(chan struct{}, 1)}
	_, addr := serve(t, Config{Backend: b})
	c := newRawClient(t, addr)
	c.send(&pgproto3.Query{String: "endless"})
	time.Sleep(100 * time.Millisecond) // the socket's buffers are full
	c.cancel()
	select {
	case <-b.ended:
	case <-time.After(10 * time.Second):
		t.Fatal("the statement goes on until the client reads")
	}
	c.canceled()
	c.send(&pgproto3.Query{String: "rows 1"})
	c.until(func(m pgproto3.BackendMessage) bool { _, ok := m.(*pgproto3.CommandComplete); return ok })
}

// slowSplit is a backend whose Split takes until it is told to go on.
type slowSplit struct {
	fakeBackend
	begun, goOn chan struct{}
}

func (b *slowSplit) Open(ctx context.Context, start Startup) (Session, error) {
	s, err := b.fakeBackend.Open(ctx, start)
	return &slowSplitSession{s, b}, err
}

type slowSplitSession struct {
	Session
	b *slowSplit
}

func (s *slowSplitSession) Split(ctx context.Context, sql string) ([]string, []int, error) {
	if sql == "block" {
		s.b.begun <- struct{}{}
		<-s.b.goOn
	}
	return s.Session.Split(ctx, sql)
}

func TestCancelBeforeTheStatementIsPrepared(t *testing.T) {
	b := &slowSplit{fakeBackend{ended: make(chan struct{}, 1)}, make(chan struct{}), make(chan struct{})}
	_, addr := serve(t, Config{Backend: b})
	c := connect(t, addr, "sslmode=disable").PgConn()
	failed := make(chan error, 1)
	go func() {
		_, err := c.Exec(context.Background(), "block").ReadAll()
		failed <- err
	}()
	<-b.begun
	if err := c.CancelRequest(context.Background()); err != nil {
		t.Fatal(err)
	}
	close(b.goOn)
	var pe *pgconn.PgError
	if err := <-failed; !errors.As(err, &pe) || pe.Code != "57014" {
		t.Fatal(err)
	}
}

// encrypted asks for TLS on a new connection, as drivers do.
func encrypted(t *testing.T, addr string) *tls.Conn {
	t.Helper()
	nc, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = nc.Close() })
	_ = nc.SetDeadline(time.Now().Add(time.Minute))
	request, err := (&pgproto3.SSLRequest{}).Encode(nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := nc.Write(request); err != nil {
		t.Fatal(err)
	}
	answer := []byte{0}
	if _, err := io.ReadFull(nc, answer); err != nil || answer[0] != 'S' {
		t.Fatalf("the answer to an SSLRequest is %q, %v", answer, err)
	}
	c := tls.Client(nc, &tls.Config{InsecureSkipVerify: true}) //nolint:gosec // what is sent over it is looked at here
	if err := c.Handshake(); err != nil {
		t.Fatal(err)
	}
	return c
}

// A cancel request over TLS, as libpq 17 and JDBC send it, cancels like a plain one; so
// does a plain one where sessions must have TLS, since it has nothing to hide but its key.
func TestCancelRequestOverTLS(t *testing.T) {
	backend := &fakeBackend{began: make(chan struct{}, 1), ended: make(chan struct{}, 1)}
	_, addr := serve(t, Config{Backend: backend, TLS: selfSigned(t), RequireTLS: true})
	c := newRawClientOver(t, encrypted(t, addr))
	for name, cancel := range map[string]func(){
		"TLS":   func() { c.cancelOver(encrypted(t, addr)) },
		"plain": c.cancel,
		"wrong keys first": func() {
			wrong := *c
			wrong.key++
			wrong.cancelOver(encrypted(t, addr))
			select {
			case <-backend.ended:
				t.Error("cancelled with a wrong key")
			case <-time.After(100 * time.Millisecond):
			}
			c.cancelOver(encrypted(t, addr))
		},
	} {
		c.send(&pgproto3.Query{String: "block"})
		<-backend.began
		cancel()
		select {
		case <-backend.ended:
		case <-time.After(10 * time.Second):
			t.Fatalf("%s: not cancelled", name)
		}
		c.canceled()
	}
	// The connection of the request ends, as its sender waits for.
	nc := encrypted(t, addr)
	c.cancelOver(nc)
	if n, err := nc.Read([]byte{0}); n > 0 || !errors.Is(err, io.EOF) {
		t.Errorf("%d bytes, %v", n, err)
	}
}
