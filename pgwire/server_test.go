package pgwire

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"
	"go.uber.org/goleak"

	"volley/sqltype"

	"volley/sqlerr"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func connect(t testing.TB, addr, params string) *pgx.Conn {
	t.Helper()
	c, err := pgx.Connect(context.Background(), "postgres://ann:secret@"+addr+"/db?"+params)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close(context.Background()) })
	return c
}

func TestSimpleProtocol(t *testing.T) {
	_, addr := serve(t, Config{Backend: &fakeBackend{}})
	c := connect(t, addr, "sslmode=disable").PgConn()
	ctx := context.Background()
	results, err := c.Exec(ctx, "rows 20; ; begin; rows 0").ReadAll()
	if err != nil || len(results) != 3 || len(results[0].Rows) != 20 || string(results[0].Rows[19][0]) != "19" || len(results[2].Rows) != 0 {
		t.Fatalf("%v %v", results, err)
	}
	if c.TxStatus() != 'T' {
		t.Fatalf("status %c", c.TxStatus())
	}
	var pe *pgconn.PgError
	sql := "rows 1; fail äx"
	if _, err := c.Exec(ctx, sql).ReadAll(); !errors.As(err, &pe) || pe.Code != "42703" {
		t.Fatal(err)
	}
	if want := int32(strings.Index("rows 1; fail .x", "x") + 1); pe.Position != want {
		t.Fatalf("position %d, want %d", pe.Position, want)
	}
	if c.TxStatus() != 'E' {
		t.Fatalf("status %c", c.TxStatus())
	}
	if _, err := c.Exec(ctx, "").ReadAll(); err != nil {
		t.Fatalf("empty query: %v", err)
	}
}

func TestRowLimitSuspendsThePortal(t *testing.T) {
	_, addr := serve(t, Config{Backend: &fakeBackend{}})
	c := connect(t, addr, "sslmode=disable").PgConn()
	nc, err := c.Hijack()
	if err != nil {
		t.Fatal(err)
	}
	f := nc.Frontend
	f.SendParse(parseMessage("rows 20"))
	f.SendBind(bindMessage())
	for range 3 {
		f.SendExecute(executeMessage(9))
	}
	f.SendSync(syncMessage())
	if err := f.Flush(); err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	for {
		m, err := f.Receive()
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimPrefix(fmt.Sprintf("%T", m), "*pgproto3.")
		got.WriteByte(name[0])
		if name == "ReadyForQuery" {
			break
		}
	}
	_ = nc.Conn.Close()
	if want := "PB" + strings.Repeat("D", 9) + "P" + strings.Repeat("D", 9) + "PDDCR"; got.String() != want {
		t.Fatalf("got %s, want %s", got.String(), want)
	}
}

func TestExtendedErrorSkipsToSync(t *testing.T) {
	_, addr := serve(t, Config{Backend: &fakeBackend{params: []arrow.DataType{sqltype.Int32}}})
	c := connect(t, addr, "sslmode=disable")
	ctx := context.Background()
	for range 3 {
		var pe *pgconn.PgError
		if _, err := c.Exec(ctx, "fail x", pgx.QueryExecModeDescribeExec); !errors.As(err, &pe) || pe.Code != "42703" || pe.Position != 6 {
			t.Fatal(err)
		}
		var v int32
		if err := c.QueryRow(ctx, "echo $1", 42).Scan(&v); err != nil || v != 42 {
			t.Fatal(v, err)
		}
	}
}

func TestCancelRequest(t *testing.T) {
	b := &fakeBackend{ended: make(chan struct{}, 1)}
	_, addr := serve(t, Config{Backend: b})
	c := connect(t, addr, "sslmode=disable").PgConn()
	go func() {
		time.Sleep(20 * time.Millisecond)
		_ = c.CancelRequest(context.Background())
	}()
	var pe *pgconn.PgError
	if _, err := c.Exec(context.Background(), "block").ReadAll(); !errors.As(err, &pe) || pe.Code != "57014" {
		t.Fatal(err)
	}
	<-b.ended
	if _, err := c.Exec(context.Background(), "rows 1").ReadAll(); err != nil {
		t.Fatalf("after the cancel: %v", err)
	}
}

// endless is a client's file that does not end; told is closed when some of it was read.
type endless struct {
	once sync.Once
	told chan struct{}
}

func (e *endless) Read(b []byte) (int, error) {
	e.once.Do(func() { close(e.told) })
	return copy(b, "x,1\n"), nil
}

func TestCancelRequestDuringCopyIn(t *testing.T) {
	_, addr := serve(t, Config{Backend: &fakeBackend{}})
	c := connect(t, addr, "sslmode=disable").PgConn()
	data := &endless{told: make(chan struct{})}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var asking sync.WaitGroup
	over := make(chan struct{})
	asking.Go(func() {
		for <-data.told; ; time.Sleep(10 * time.Millisecond) { // one may come before the statement
			select {
			case <-over:
				return
			default:
				_ = c.CancelRequest(ctx)
			}
		}
	})
	var pe *pgconn.PgError
	_, err := c.CopyFrom(ctx, data, "copyin")
	close(over)
	asking.Wait()
	if !errors.As(err, &pe) || pe.Code != "57014" {
		t.Fatal(err)
	}
	if _, err := c.Exec(ctx, "rows 1").ReadAll(); err != nil {
		t.Fatalf("after the cancel: %v", err)
	}
}

func TestLostClientCancelsItsStatement(t *testing.T) {
	b := &fakeBackend{ended: make(chan struct{}, 1)}
	_, addr := serve(t, Config{Backend: b})
	c := connect(t, addr, "sslmode=disable").PgConn()
	nc, err := c.Hijack()
	if err != nil {
		t.Fatal(err)
	}
	nc.Frontend.SendQuery(queryMessage("block"))
	if err := nc.Frontend.Flush(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(2 * watchAfter)
	_ = nc.Conn.Close()
	select {
	case <-b.ended:
	case <-time.After(10 * time.Second):
		t.Fatal("the statement still runs")
	}
}

// A client may take its time between two parts of a result, or of COPY: what
// watches for its leaving must not take its messages then.
func TestSlowClient(t *testing.T) {
	_, addr := serve(t, Config{Backend: &fakeBackend{}})
	c := connect(t, addr, "sslmode=disable").PgConn()
	if tag, err := c.CopyFrom(context.Background(), &slowly{parts: []string{"x,1\n", "y,2\n", "z,3\n"}}, "copyin"); err != nil || tag.String() != "COPY 12" {
		t.Errorf("%v %v", tag, err)
	}
	nc, err := c.Hijack()
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Conn.Close()
	_ = nc.Conn.SetDeadline(time.Now().Add(20 * time.Second))
	f := nc.Frontend
	f.Send(parseMessage("rows 5"))
	f.Send(bindMessage())
	rows := 0
	for suspended := true; suspended; {
		f.Send(executeMessage(2))
		f.Send(&pgproto3.Flush{})
		if err := f.Flush(); err != nil {
			t.Fatal(err)
		}
		for waiting := true; waiting; {
			m, err := f.Receive()
			if err != nil {
				t.Fatal(err)
			}
			switch m.(type) {
			case *pgproto3.DataRow:
				rows++
			case *pgproto3.PortalSuspended:
				waiting = false
			case *pgproto3.CommandComplete:
				waiting, suspended = false, false
			}
		}
		time.Sleep(2 * watchAfter)
	}
	if rows != 5 {
		t.Errorf("%d rows", rows)
	}
}

// slowly gives its parts with pauses.
type slowly struct{ parts []string }

func (s *slowly) Read(p []byte) (int, error) {
	if len(s.parts) == 0 {
		return 0, io.EOF
	}
	time.Sleep(2 * watchAfter)
	n := copy(p, s.parts[0])
	s.parts = s.parts[1:]
	return n, nil
}

func TestCopy(t *testing.T) {
	_, addr := serve(t, Config{Backend: &fakeBackend{}})
	c := connect(t, addr, "sslmode=disable").PgConn()
	ctx := context.Background()
	var out bytes.Buffer
	if tag, err := c.CopyTo(ctx, &out, "copyout"); err != nil || out.String() != "a,1\nb,2\nc,3\n" || tag.String() != "COPYOUT" {
		t.Fatalf("%q %v %v", out.String(), tag, err)
	}
	if tag, err := c.CopyFrom(ctx, strings.NewReader("x,1\ny,2\n"), "copyin"); err != nil || tag.String() != "COPY 8" {
		t.Fatalf("%v %v", tag, err)
	}
	var pe *pgconn.PgError
	if _, err := c.CopyFrom(ctx, strings.NewReader("bad"), "copyin"); !errors.As(err, &pe) || pe.Code != "22P04" {
		t.Fatal(err)
	}
	if _, err := c.CopyFrom(ctx, io.MultiReader(strings.NewReader("x"), failingReader{}), "copyin"); err == nil {
		t.Fatal("CopyFail was not reported")
	}
	if _, err := c.Exec(ctx, "rows 3").ReadAll(); err != nil {
		t.Fatalf("afterwards: %v", err)
	}
}

type failingReader struct{}

func (failingReader) Read([]byte) (int, error) { return 0, errors.New("no more") }

func TestPasswordsAndTLS(t *testing.T) {
	users, err := ReadUsers(strings.NewReader("# people\nann:secret\n\nbob:other\n"))
	if err != nil {
		t.Fatal(err)
	}
	_, addr := serve(t, Config{Backend: &fakeBackend{}, Users: users, TLS: selfSigned(t), RequireTLS: true})
	ctx := context.Background()
	c := connect(t, addr, "sslmode=require")
	if _, ok := c.PgConn().Conn().(*tls.Conn); !ok {
		t.Fatal("not encrypted")
	}
	if _, err := c.Exec(ctx, "rows 1", pgx.QueryExecModeSimpleProtocol); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct{ url, code string }{
		{"postgres://ann:wrong@%s/db?sslmode=require", "28P01"},
		{"postgres://carl:secret@%s/db?sslmode=require", "28P01"},
		{"postgres://ann:secret@%s/missing?sslmode=require", "3D000"},
		{"postgres://ann:secret@%s/db?sslmode=disable", "28000"},
	} {
		_, err := pgx.Connect(ctx, fmt.Sprintf(tc.url, addr))
		var pe *pgconn.PgError
		if !errors.As(err, &pe) || pe.Code != tc.code {
			t.Errorf("%s: %v", tc.url, err)
		}
	}
	for _, bad := range []string{"ann\n", "ann:\n", ":x\n", "ann:SCRAM-SHA-256$4096:xx\n"} {
		if _, err := ReadUsers(strings.NewReader(bad)); err == nil {
			t.Errorf("accepted user file %q", bad)
		}
	}
}

func TestStoredVerifier(t *testing.T) {
	// made by PostgreSQL 15 for the password "secret"-independent salt: derived here from its own parts
	cred, err := derive("secret", []byte("0123456789abcdef"))
	if err != nil {
		t.Fatal(err)
	}
	line := fmt.Sprintf("ann:SCRAM-SHA-256$4096:%s$%s:%s", b64(cred.Salt), b64(string(cred.StoredKey)), b64(string(cred.ServerKey)))
	users, err := ReadUsers(strings.NewReader(line))
	if err != nil {
		t.Fatal(err)
	}
	_, addr := serve(t, Config{Backend: &fakeBackend{}, Users: users})
	connect(t, addr, "sslmode=disable")
}

func TestCheckAddress(t *testing.T) {
	open := Config{}
	safe := Config{Users: &Users{}, TLS: &tls.Config{}}
	for _, tc := range []struct {
		cfg      *Config
		addr     string
		insecure bool
		ok       bool
	}{
		{&open, "127.0.0.1:5433", false, true},
		{&open, "localhost:5433", false, true},
		{&open, "[::1]:5433", false, true},
		{&open, "0.0.0.0:5433", false, false},
		{&open, ":5433", false, false},
		{&open, "0.0.0.0:5433", true, true},
		{&safe, "0.0.0.0:5433", false, true},
		{&open, "nonsense", false, false},
	} {
		if err := tc.cfg.CheckAddress(tc.addr, tc.insecure); (err == nil) != tc.ok {
			t.Errorf("%s insecure=%v: %v", tc.addr, tc.insecure, err)
		}
	}
}

// TestHostileClients sends what no client should; the server must answer others
// afterwards.
func TestHostileClients(t *testing.T) {
	_, addr := serve(t, Config{Backend: &fakeBackend{}})
	startup := func(params string) []byte {
		b := binary.BigEndian.AppendUint32(nil, uint32(8+len(params)))
		return append(binary.BigEndian.AppendUint32(b, version30), params...)
	}
	login := startup("user\x00ann\x00\x00")
	for name, bytes := range map[string][]byte{
		"huge startup length":     {0x7f, 0xff, 0xff, 0xff},
		"negative startup length": {0xff, 0xff, 0xff, 0xff},
		"tiny startup length":     {0, 0, 0, 4},
		"unknown protocol":        {0, 0, 0, 8, 0, 9, 0, 0},
		"unterminated parameters": startup("user\x00ann"),
		"no user":                 startup("database\x00x\x00\x00"),
		"HTTP":                    []byte("GET / HTTP/1.1\r\n\r\n"),
		"empty Q":                 append(login[:len(login):len(login)], 'Q', 0, 0, 0, 4),
		"gigabyte Q":              append(login[:len(login):len(login)], 'Q', 0x40, 0, 0, 0, 'x'),
		"negative length":         append(login[:len(login):len(login)], 'Q', 0xff, 0, 0, 0),
		"unknown message":         append(login[:len(login):len(login)], 'z', 0, 0, 0, 4),
		"short Bind":              append(login[:len(login):len(login)], 'B', 0, 0, 0, 5, 1),
		"Bind with many values":   append(login[:len(login):len(login)], 'B', 0, 0, 0, 10, 0, 0, 0, 0, 0x7f, 0xff),
		"panic in the backend":    append(login[:len(login):len(login)], "Q\x00\x00\x00\x0apanic\x00"...),
	} {
		nc, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := nc.Write(bytes); err != nil {
			t.Fatal(err)
		}
		_ = nc.(*net.TCPConn).CloseWrite()
		_ = nc.SetReadDeadline(time.Now().Add(5 * time.Second))
		if _, err := io.Copy(io.Discard, nc); err != nil && errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: the connection stays open", name)
		}
		_ = nc.Close()
		if _, err := connect(t, addr, "sslmode=disable").PgConn().Exec(context.Background(), "rows 1").ReadAll(); err != nil {
			t.Fatalf("after %s: %v", name, err)
		}
	}
}

func TestPanicEndsOnlyItsStatement(t *testing.T) {
	_, addr := serve(t, Config{Backend: &fakeBackend{}})
	conn := connect(t, addr, "sslmode=disable")
	ctx := context.Background()
	for name, run := range map[string]func() error{
		"simple":   func() error { _, err := conn.PgConn().Exec(ctx, "panic").ReadAll(); return err },
		"extended": func() error { return conn.PgConn().ExecParams(ctx, "panic", nil, nil, nil, nil).Read().Err },
	} {
		var pe *pgconn.PgError
		if err := run(); !errors.As(err, &pe) || pe.Code != sqlerr.InternalError || pe.Hint == "" || pe.Detail != "" {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := conn.PgConn().Exec(ctx, "rows 1").ReadAll(); err != nil {
			t.Errorf("after %s: %v", name, err)
		}
	}
}

// TestPanicShowsNoSecret: the log has a statement that panicked unless it may hold a
// secret.
func TestPanicShowsNoSecret(t *testing.T) {
	for secret, want := range map[bool]bool{false: true, true: false} {
		var log bytes.Buffer
		server, addr := serve(t, Config{
			Backend: &fakeBackend{}, Log: slog.New(slog.NewTextHandler(&log, nil)),
			Secret: func(sql string) bool { return secret && sql == "panic" },
		})
		_, _ = connect(t, addr, "sslmode=disable").PgConn().Exec(context.Background(), "panic").ReadAll()
		server.Shutdown(context.Background())
		if got := strings.Contains(log.String(), "statement=panic"); got != want || log.Len() == 0 {
			t.Errorf("secret %t: %.200s", secret, log.String())
		}
	}
}

func TestNewerMinorVersionIsNegotiated(t *testing.T) {
	_, addr := serve(t, Config{Backend: &fakeBackend{}})
	nc, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = nc.Close() }()
	body := append(binary.BigEndian.AppendUint32(nil, version30+2), "user\x00ann\x00_pq_.x\x001\x00\x00"...)
	if _, err := nc.Write(append(binary.BigEndian.AppendUint32(nil, uint32(4+len(body))), body...)); err != nil {
		t.Fatal(err)
	}
	head := make([]byte, 1)
	if _, err := io.ReadFull(nc, head); err != nil || head[0] != 'v' {
		t.Fatalf("%q %v", head, err)
	}
}

func TestTooManyConnections(t *testing.T) {
	_, addr := serve(t, Config{Backend: &fakeBackend{}, MaxConnections: 1})
	connect(t, addr, "sslmode=disable")
	_, err := pgx.Connect(context.Background(), "postgres://ann@"+addr+"/db?sslmode=disable")
	var pe *pgconn.PgError
	if !errors.As(err, &pe) || pe.Code != "53300" {
		t.Fatal(err)
	}
}

func TestShutdownEndsSessions(t *testing.T) {
	b := &fakeBackend{ended: make(chan struct{}, 1)}
	s, addr := serve(t, Config{Backend: b})
	idle := connect(t, addr, "sslmode=disable").PgConn()
	busy := connect(t, addr, "sslmode=disable").PgConn()
	done := make(chan error, 1)
	go func() {
		_, err := busy.Exec(context.Background(), "block").ReadAll()
		done <- err
	}()
	time.Sleep(20 * time.Millisecond)
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	s.Shutdown(ctx)
	<-b.ended
	var pe *pgconn.PgError
	if err := <-done; !errors.As(err, &pe) || pe.Code != "57P01" {
		t.Fatal(err)
	}
	if _, err := idle.Exec(context.Background(), "rows 1").ReadAll(); err == nil {
		t.Fatal("the idle session lives")
	}
	if s.Connections() != 0 {
		t.Fatal("sessions are left")
	}
}

// selfSigned makes a certificate for 127.0.0.1.
func selfSigned(t *testing.T) *tls.Config {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "volley test"},
		NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
}

// A client that has chosen a parameter's type hears the same type again: JDBC
// refuses varchar turned into text.
func TestDescribedParametersKeepTheClientsTypes(t *testing.T) {
	_, addr := serve(t, Config{Backend: &fakeBackend{params: []arrow.DataType{sqltype.Text, sqltype.Text, sqltype.Int64}}})
	c := connect(t, addr, "sslmode=disable").PgConn()
	desc, err := c.Prepare(context.Background(), "s", "echo", []uint32{oidVarchar, 0, oidUnknown})
	if err != nil {
		t.Fatal(err)
	}
	if want := []uint32{oidVarchar, oidText, oidInt8}; !slices.Equal(desc.ParamOIDs, want) {
		t.Errorf("types %v, want %v", desc.ParamOIDs, want)
	}
}
