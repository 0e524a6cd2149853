package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"sort"
	"strconv"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// server is a running server, its workers and a connection to it.
type server struct {
	processes []*exec.Cmd
	conn      *pgx.Conn
}

func (s *server) stop() {
	if s.conn != nil {
		_ = s.conn.Close(context.Background())
	}
	for _, p := range s.processes {
		_ = p.Process.Signal(syscall.SIGINT)
	}
	for _, p := range s.processes {
		timer := time.AfterFunc(5*time.Second, func() { _ = p.Process.Kill() })
		_ = p.Wait()
		timer.Stop()
	}
}

// ask runs a statement to its end.
func (s *server) ask(sql string) (time.Duration, error) {
	began := time.Now()
	_, err := s.conn.PgConn().Exec(context.Background(), sql).ReadAll()
	return time.Since(began), err
}

// startServer starts volley serve with two threads, or a coordinator with so
// many workers of one thread each.
func startServer(volley, data, allowed string, workers int) (*server, error) {
	addrs, err := freeAddresses(3)
	if err != nil {
		return nil, err
	}
	s := &server{}
	args := []string{"serve", "--threads", "2"}
	if workers > 0 {
		args = []string{"coordinator"}
	}
	args = append(args, "--listen", addrs[0], "--flight", addrs[1], "--http", addrs[2], "--data-dir", data,
		"--allow-path", allowed, "--allow-path", filepath.Dir(data), "--log-level", "error")
	if err := s.start(volley, args...); err != nil {
		return nil, err
	}
	for range workers {
		if err := s.start(volley, "worker", "--coordinator", addrs[1], "--flight", "127.0.0.1:0", "--http", "", "--threads", "1",
			"--allow-path", allowed, "--allow-path", filepath.Dir(data), "--log-level", "error"); err != nil {
			s.stop()
			return nil, err
		}
	}
	if err := s.connect("postgres://bench@" + addrs[0] + "/bench?sslmode=disable"); err != nil {
		s.stop()
		return nil, err
	}
	for have := 0; have < workers; time.Sleep(20 * time.Millisecond) {
		if err := s.conn.QueryRow(context.Background(), "SELECT count(*) FROM volley.workers").Scan(&have); err != nil {
			s.stop()
			return nil, err
		}
	}
	return s, nil
}

func (s *server) start(name string, args ...string) error {
	cmd := exec.Command(name, args...)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return err
	}
	s.processes = append(s.processes, cmd)
	return nil
}

func (s *server) connect(url string) (err error) {
	for range 400 {
		if s.conn, err = pgx.Connect(context.Background(), url); err == nil {
			return nil
		}
		time.Sleep(25 * time.Millisecond)
	}
	return err
}

// startPostgres makes a cluster in dir and starts it, as user postgres when
// this process is root's.
func startPostgres(dir string) (*server, error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if len(found) == 0 {
		return nil, errors.New("its server is not installed (apt-get install postgresql)")
	}
	sort.Strings(found)
	bin := filepath.Dir(found[len(found)-1])
	as := &syscall.SysProcAttr{}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	if os.Getuid() == 0 {
		u, err := user.Lookup("postgres")
		if err != nil {
			return nil, err
		}
		uid, _ := strconv.Atoi(u.Uid)
		gid, _ := strconv.Atoi(u.Gid)
		as.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		for _, d := range []string{dir, filepath.Dir(dir)} {
			if err := os.Chmod(d, 0o755); err != nil {
				return nil, err
			}
		}
		if err := os.Chown(dir, uid, gid); err != nil {
			return nil, err
		}
	}
	addrs, err := freeAddresses(1)
	if err != nil {
		return nil, err
	}
	_, port, err := net.SplitHostPort(addrs[0])
	if err != nil {
		return nil, err
	}
	initdb := exec.Command(filepath.Join(bin, "initdb"), "-D", filepath.Join(dir, "data"), "-U", "bench", "--auth=trust")
	initdb.SysProcAttr, initdb.Dir = as, dir
	if out, err := initdb.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w: %s", err, bytes.TrimSpace(out))
	}
	cmd := exec.Command(filepath.Join(bin, "postgres"), "-D", filepath.Join(dir, "data"), "-h", "127.0.0.1", "-p", port, "-k", dir)
	cmd.SysProcAttr, cmd.Dir = as, dir
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	s := &server{processes: []*exec.Cmd{cmd}}
	if err := s.connect("postgres://bench@127.0.0.1:" + port + "/postgres?sslmode=disable"); err != nil {
		s.stop()
		return nil, err
	}
	return s, nil
}

func freeAddresses(n int) ([]string, error) {
	var out []string
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer func() { _ = l.Close() }()
		out = append(out, l.Addr().String())
	}
	return out, nil
}
