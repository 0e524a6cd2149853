package pgwire

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"log/slog"
	"net"
	"sync"
	"time"

	"volley/sqlerr"
)

// Config is how a Server listens and whom it lets in.
type Config struct {
	Backend Backend
	Users   *Users      // nil: everybody is let in (trust)
	TLS     *tls.Config // nil: no TLS is offered
	// RequireTLS refuses clients that do not ask for TLS.
	RequireTLS bool
	// MaxConnections refuses further clients with 53300; 0 is 1,000.
	MaxConnections int
	Log            *slog.Logger
	// Secret tells of statements whose text is not for logs; nil: of none.
	Secret func(sql string) bool
}

// shown is what logs have of a statement.
func (s *Server) shown(sql string) string {
	if s.cfg.Secret != nil && s.cfg.Secret(sql) {
		return "(not shown, since it may hold a secret)"
	}
	return sql
}

// CheckAddress refuses to listen beyond the loopback interface without
// passwords and TLS, unless insecure is set.
func (c *Config) CheckAddress(addr string, insecure bool) error {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return sqlerr.New(sqlerr.InvalidParameterValue, "invalid address %q: %v", addr, err)
	}
	ip := net.ParseIP(host)
	if insecure || host == "localhost" || ip != nil && ip.IsLoopback() || c.Users != nil && c.TLS != nil {
		return nil
	}
	return sqlerr.New(sqlerr.InvalidParameterValue, "refusing to listen on %s without passwords and TLS", addr).
		WithHint("Give --user-file, --tls-cert and --tls-key, listen on 127.0.0.1, or say --insecure.")
}

// Server accepts connections. Its methods are safe for concurrent use.
type Server struct {
	cfg    Config
	ctx    context.Context
	stop   context.CancelCauseFunc
	conns  sync.WaitGroup
	mu     sync.Mutex
	active map[uint32]*conn // by process id, for cancel requests
	lis    map[net.Listener]struct{}
	nextID uint32
}

// NewServer makes a server; Serve starts it.
func NewServer(cfg Config) *Server {
	if cfg.MaxConnections == 0 {
		cfg.MaxConnections = 1000
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	ctx, stop := context.WithCancelCause(context.Background())
	return &Server{cfg: cfg, ctx: ctx, stop: stop, active: map[uint32]*conn{}, lis: map[net.Listener]struct{}{}}
}

// Serve accepts connections until Shutdown, then gives nil.
func (s *Server) Serve(l net.Listener) error {
	s.mu.Lock()
	s.lis[l] = struct{}{}
	s.mu.Unlock()
	for {
		nc, err := l.Accept()
		if err != nil {
			if errors.Is(err, net.ErrClosed) {
				return nil
			}
			if ne := net.Error(nil); errors.As(err, &ne) && ne.Timeout() {
				continue
			}
			return err
		}
		s.conns.Add(1)
		go func() {
			defer s.conns.Done()
			s.handle(nc)
		}()
	}
}

// errShutdown is why statements are cancelled and sessions end at Shutdown.
var errShutdown = sqlerr.New(sqlerr.AdminShutdown, "terminating connection due to administrator command")

// Shutdown stops accepting, lets running statements finish until ctx ends, then
// cancels them, and returns when every session is over.
func (s *Server) Shutdown(ctx context.Context) {
	s.mu.Lock()
	for l := range s.lis {
		_ = l.Close()
	}
	for _, c := range s.active {
		c.drain()
	}
	s.mu.Unlock()
	done := make(chan struct{})
	go func() { s.conns.Wait(); close(done) }()
	select {
	case <-done:
	case <-ctx.Done():
	}
	s.stop(errShutdown)
	s.mu.Lock()
	for _, c := range s.active {
		_ = c.nc.SetDeadline(time.Now().Add(time.Second))
	}
	s.mu.Unlock()
	<-done
}

// Connections is the number of sessions open now.
func (s *Server) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.active)
}

// add gives the connection its process id and secret.
func (s *Server) add(c *conn) error {
	var key [4]byte
	if _, err := rand.Read(key[:]); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.active) >= s.cfg.MaxConnections {
		return sqlerr.New(sqlerr.TooManyConnections, "sorry, too many clients already")
	}
	if s.ctx.Err() != nil {
		return sqlerr.New(sqlerr.CannotConnectNow, "the server is shutting down")
	}
	for s.nextID++; s.nextID == 0 || s.active[s.nextID] != nil; s.nextID++ {
	}
	c.pid, c.secret = s.nextID, binary.BigEndian.Uint32(key[:])
	s.active[c.pid] = c
	return nil
}

func (s *Server) remove(c *conn) {
	s.mu.Lock()
	delete(s.active, c.pid)
	s.mu.Unlock()
}

// cancel serves a CancelRequest; a wrong secret is ignored, as in PostgreSQL.
func (s *Server) cancel(pid, secret uint32) {
	s.mu.Lock()
	c := s.active[pid]
	s.mu.Unlock()
	if c != nil && c.secret == secret {
		c.cancelStatement(sqlerr.New(sqlerr.QueryCanceled, "canceling statement due to user request"))
	}
}
