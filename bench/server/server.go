// Package server starts the servers that the programs of bench/ talk to, on
// free ports of 127.0.0.1, and stops them.
package server

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// Server is a running server, its workers and a connection to it.
type Server struct {
	// Address is host:port for PostgreSQL clients.
	Address string
	Conn    *pgx.Conn

	url, http string
	processes []*exec.Cmd
	killer    *killer // nil: none was asked for
}

// Options say what Start starts.
type Options struct {
	Volley  string   // the program
	Data    string   // its --data-dir; what is beside it may be read and written too
	Allowed []string // directories that SQL may read and write
	// Workers is the number of worker processes of one thread each; 0: one
	// process with two threads.
	Workers int
	Memory  string   // --memory of each process; empty: its default
	Flags   []string // others of each process
}

// Start starts volley serve, or a coordinator and its workers, and connects.
func Start(o Options) (*Server, error) {
	addrs, err := freeAddresses(3)
	if err != nil {
		return nil, err
	}
	s := &Server{Address: addrs[0], http: addrs[2]}
	common := []string{"--log-level", "error", "--allow-path", filepath.Dir(o.Data)}
	if o.Memory != "" {
		common = append(common, "--memory", o.Memory)
	}
	for _, a := range o.Allowed {
		common = append(common, "--allow-path", a)
	}
	common = append(common, o.Flags...)
	args := []string{"serve", "--threads", "2"}
	if o.Workers > 0 {
		args = []string{"coordinator"}
	}
	args = append(args, "--listen", addrs[0], "--flight", addrs[1], "--http", addrs[2], "--data-dir", o.Data)
	if err := s.start(o.Volley, append(args, common...)...); err != nil {
		return nil, err
	}
	for range o.Workers {
		args := []string{"worker", "--coordinator", addrs[1], "--flight", "127.0.0.1:0", "--http", "", "--threads", "1"}
		if err := s.start(o.Volley, append(args, common...)...); err != nil {
			s.Stop()
			return nil, err
		}
	}
	if err := s.connect("postgres://bench@" + addrs[0] + "/bench?sslmode=disable"); err != nil {
		s.Stop()
		return nil, err
	}
	if err := s.joined(o.Workers, 30*time.Second); err != nil {
		s.Stop()
		return nil, err
	}
	return s, nil
}

// joined waits until so many workers have registered.
func (s *Server) joined(workers int, within time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	for have := 0; have < workers; time.Sleep(20 * time.Millisecond) {
		if err := s.Conn.QueryRow(ctx, "SELECT count(*) FROM volley.workers").Scan(&have); err != nil {
			return fmt.Errorf("%d of %d workers have registered in %s: %w", have, workers, within, err)
		}
	}
	return nil
}

// Stop ends the processes; it may be called at any time.
func (s *Server) Stop() {
	s.killer.end()
	s.killer = nil
	if s.Conn != nil {
		_ = s.Conn.Close(context.Background())
	}
	for _, p := range s.processes {
		_ = p.Process.Signal(syscall.SIGINT)
	}
	for _, p := range s.processes {
		timer := time.AfterFunc(5*time.Second, func() { _ = p.Process.Kill() })
		_ = p.Wait()
		timer.Stop()
	}
	s.processes = nil
}

// Ask runs a statement to its end.
func (s *Server) Ask(sql string) (time.Duration, error) {
	began := time.Now()
	_, err := s.Conn.PgConn().Exec(context.Background(), sql).ReadAll()
	return time.Since(began), err
}

func (s *Server) start(name string, args ...string) error {
	cmd := exec.Command(name, args...)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return err
	}
	s.processes = append(s.processes, cmd)
	return nil
}

// Reconnect replaces a connection that is closed.
func (s *Server) Reconnect() (err error) {
	s.Conn, err = pgx.Connect(context.Background(), s.url)
	return err
}

func (s *Server) connect(url string) (err error) {
	s.url = url
	for range 400 {
		if s.Conn, err = pgx.Connect(context.Background(), url); err == nil {
			return nil
		}
		time.Sleep(25 * time.Millisecond)
	}
	return err
}

// freeAddresses are some at which nobody listens, below the ports that the system gives
// to those who ask for any: a worker that did could have taken its coordinator's.
func freeAddresses(n int) ([]string, error) {
	var out []string
	for tries := 0; len(out) < n; tries++ {
		l, err := net.Listen("tcp", fmt.Sprint("127.0.0.1:", 10_000+rand.IntN(22_000)))
		if err != nil && tries > 1000 {
			return nil, err
		}
		if err == nil {
			defer func() { _ = l.Close() }()
			out = append(out, l.Addr().String())
		}
	}
	return out, nil
}
