package flight

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/certfile"
	"volley/certfile/certtest"
	"volley/planner/physical"
	"volley/sqlerr"
)

// syncLog is a log that is read while it is written.
type syncLog struct {
	mu sync.Mutex
	bytes.Buffer
}

func (l *syncLog) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.Buffer.Write(b)
}

func (l *syncLog) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.String()
}

// says is an error unless the log comes to have so many lines, all with a text.
func (l *syncLog) says(t *testing.T, times int, text string) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); strings.Count(l.text(), text) < times && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
	if got := l.text(); strings.Count(got, text) != times || strings.Count(got, "\n") != times {
		t.Errorf("not %d lines with %q:\n%s", times, text, got)
	}
}

func openFiles(t *testing.T, files certfile.Files) *certfile.Source {
	t.Helper()
	s, err := certfile.Open(files, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// serveTLS serves rows by TCP alone.
func serveTLS(t *testing.T, own *certfile.Source) (*Server, *syncLog) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	log, rec := &syncLog{}, ints(10)
	s := Serve(tcpOnly{l}, ServerConfig{
		TLS: own, Logger: slog.New(slog.NewTextHandler(log, nil)), Control: func(*Link) error { return nil },
		Open: func(context.Context, physical.TaskID, int) (Records, error) {
			return &batches{schema: rec.Schema(), records: []arrow.Record{rec}}, nil
		},
	})
	t.Cleanup(func() { _ = s.Close() })
	return s, log
}

// read fetches an output over a new connection.
func read(t *testing.T, address string, own *certfile.Source) error {
	t.Helper()
	p := NewPool("", own)
	defer p.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	s, err := p.Fetch(ctx, address, physical.TaskID{}, 0, 0)
	if err != nil {
		return err
	}
	defer s.Close()
	_, err = s.Next(ctx)
	return err
}

// Whatever keeps two processes apart, both are told in words, and the log of the server,
// to whom others come again and again, says it once.
func TestTLS(t *testing.T) {
	ours, theirs := certtest.NewAuthority(t, "ours"), certtest.NewAuthority(t, "theirs")
	make := func(a *certtest.Authority, c certtest.Certificate) *certfile.Source {
		return openFiles(t, a.Write(t, t.TempDir(), c))
	}
	good := make(ours, certtest.Certificate{})
	for name, tc := range map[string]struct {
		server, client *certfile.Source
		heard, logged  string
	}{
		"the same authority":         {good, make(ours, certtest.Certificate{Name: "other"}), "", ""},
		"no TLS":                     {nil, nil, "", ""},
		"a client without TLS":       {good, nil, "wants TLS, and this process has no certificate", "came without TLS"},
		"a server without TLS":       {nil, good, "answers without TLS", "came with TLS, and this process has no certificate"},
		"a client of another":        {good, make(theirs, certtest.Certificate{}), "by CN=ours, which is no authority", "refuses this process's certificate"},
		"a server of another":        {make(theirs, certtest.Certificate{}), good, "by CN=theirs, which is no authority", "refuses this process's certificate"},
		"a client that has ended":    {good, make(ours, certtest.Certificate{Name: "old", Ended: true}), "refuses this process's certificate: tls: expired certificate", "(CN=old) is valid from"},
		"a server that has ended":    {make(ours, certtest.Certificate{Name: "old", Ended: true}), good, "(CN=old) is valid from", "refuses this process's certificate"},
		"a server of another name":   {make(ours, certtest.Certificate{Hosts: []string{"a.example", "10.1.1.1"}}), good, "is for a.example, 10.1.1.1, not for 127.0.0.1", "refuses this process's certificate"},
		"a client for servers alone": {good, make(ours, certtest.Certificate{Usages: x509.ExtKeyUsageServerAuth}), "refuses this process's certificate", "another usage"},
		"a server for clients alone": {make(ours, certtest.Certificate{Usages: x509.ExtKeyUsageClientAuth}), good, "another usage", "refuses this process's certificate"},
	} {
		t.Run(name, func(t *testing.T) {
			s, log := serveTLS(t, tc.server)
			for range 3 {
				err := read(t, s.Addr(), tc.client)
				if tc.heard == "" {
					if err != nil {
						t.Fatal(err)
					}
					continue
				}
				e := sqlerr.Find(err)
				if e == nil || !strings.Contains(e.Message, tc.heard) || e.Code != sqlerr.ConnectionFailure || !e.Retryable {
					t.Fatalf("%v", err)
				}
			}
			if tc.heard == "" {
				log.says(t, 0, "connection refused")
			} else {
				log.says(t, 1, tc.logged)
			}
		})
	}
}

// A client that is wrong about its certificate only, whose authority it shares with the
// server, is told so by the server.
func TestTLSOfAClientThatTheServerDoesNotTrust(t *testing.T) {
	ours, theirs := certtest.NewAuthority(t, "ours"), certtest.NewAuthority(t, "theirs")
	mixed := theirs.Write(t, t.TempDir(), certtest.Certificate{Name: "stranger"})
	mixed.Authorities = ours.Write(t, t.TempDir(), certtest.Certificate{}).Authorities
	s, log := serveTLS(t, openFiles(t, ours.Write(t, t.TempDir(), certtest.Certificate{})))
	err := read(t, s.Addr(), openFiles(t, mixed))
	if err == nil || !strings.Contains(err.Error(), "refuses this process's certificate: tls: unknown certificate authority") {
		t.Error(err)
	}
	log.says(t, 1, "(CN=stranger) is by CN=theirs, which is no authority")
}

// Clients without a certificate, and with an older TLS, are refused.
func TestTLSIsMutualAndNew(t *testing.T) {
	a := certtest.NewAuthority(t, "ours")
	own := openFiles(t, a.Write(t, t.TempDir(), certtest.Certificate{}))
	s, log := serveTLS(t, own)
	id := own.Current()
	for name, cfg := range map[string]*tls.Config{
		"no certificate": {RootCAs: id.Authorities, NextProtos: []string{"h2"}},
		"TLS 1.2":        {RootCAs: id.Authorities, NextProtos: []string{"h2"}, Certificates: []tls.Certificate{id.Certificate}, MaxVersion: tls.VersionTLS12},
	} {
		c, err := tls.Dial("tcp", s.Addr(), cfg)
		if err == nil {
			_ = c.SetReadDeadline(time.Now().Add(10 * time.Second))
			_, err = c.Read([]byte{0})
			_ = c.Close()
		}
		if err == nil || !strings.Contains(err.Error(), "remote error: tls") {
			t.Errorf("%s: %v", name, err)
		}
	}
	log.says(t, 2, "TLS with 127.0.0.1 failed")
}

// Certificates are replaced, and their authority too, while both sides run.
func TestTLSWithNewCertificates(t *testing.T) {
	dir, kept := t.TempDir(), t.TempDir()
	first, second := certtest.NewAuthority(t, "first"), certtest.NewAuthority(t, "second")
	own := openFiles(t, first.Write(t, dir, certtest.Certificate{}))
	old := openFiles(t, first.Write(t, kept, certtest.Certificate{}))
	s, _ := serveTLS(t, own)
	p := NewPool("", own)
	defer p.Close()
	ping := func() error {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		return p.Ping(ctx, s.Addr())
	}
	if err := ping(); err != nil {
		t.Fatal(err)
	}
	second.Write(t, dir, certtest.Certificate{})
	if err := ping(); err != nil { // the connection that stands goes on
		t.Fatal(err)
	}
	p.Forget(s.Addr())
	if err := ping(); err != nil {
		t.Fatal(err)
	}
	if err := read(t, s.Addr(), old); err == nil || !strings.Contains(err.Error(), "by CN=second, which is no authority") {
		t.Error(err)
	}
	first.Write(t, dir, certtest.Certificate{})
	if err := read(t, s.Addr(), old); err != nil {
		t.Error(err)
	}
}

// A worker whose certificate is not for the address it gives is found out before anybody
// wants to read from it.
func TestTLSOfAControlStream(t *testing.T) {
	a := certtest.NewAuthority(t, "ours")
	own := openFiles(t, a.Write(t, t.TempDir(), certtest.Certificate{Hosts: []string{"127.0.0.1", "w1.example"}}))
	checked := make(chan error, 1)
	s, err := Listen("127.0.0.1:0", ServerConfig{TLS: own, Control: func(l *Link) error {
		checked <- l.CheckAddress("w1.example:1")
		checked <- l.CheckAddress("w2.example:1")
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	p := NewPool("", own)
	defer p.Close()
	l, err := p.Control(context.Background(), s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close(nil)
	if err := <-checked; err != nil {
		t.Error(err)
	}
	if err := <-checked; sqlerr.Code(err) != sqlerr.InvalidAuthorization || !strings.Contains(err.Error(), "is for w1.example, 127.0.0.1, not for w2.example") {
		t.Error(err)
	}
	if p.SocketBytes() > 0 {
		t.Error("the control stream goes by a socket")
	}
}

// Processes of one machine have no TLS between them, whatever their certificates say.
func TestSocketsHaveNoTLS(t *testing.T) {
	a := certtest.NewAuthority(t, "ours")
	elsewhere := openFiles(t, a.Write(t, t.TempDir(), certtest.Certificate{Hosts: []string{"elsewhere"}}))
	s, err := Listen("127.0.0.1:0", ServerConfig{TLS: elsewhere})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	p := NewPool("", elsewhere)
	defer p.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := p.Ping(ctx, s.Addr()); err != nil || p.SocketBytes() == 0 {
		t.Errorf("%d bytes, %v", p.SocketBytes(), err)
	}
}
