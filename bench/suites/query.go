package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"volley/bench/server"
)

// statementTimeout ends a statement of a suite that hangs.
const statementTimeout = 20 * time.Second

// memory is what a process of ours may use: statements that end by time-out
// must not take the machine's.
const memory = "2GiB"

// serving runs f with a server that may read the corpora.
func serving(o options, workers int, f func(*session) error) error {
	dir, err := os.MkdirTemp("", "volley-suites-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	return servingIn(o, dir, workers, f)
}

// servingIn is serving by a server that may read dir too.
func servingIn(o options, dir string, workers int, f func(*session) error) error {
	if o.workers > 0 {
		workers = o.workers
	}
	s, err := server.Start(server.Options{Volley: o.volley, Data: filepath.Join(dir, "data"), Allowed: []string{o.corpora}, Workers: workers, Memory: memory})
	if err != nil {
		return err
	}
	defer s.Stop()
	if o.kill == 0 {
		return f(&session{s})
	}
	s.KillWorkers(o.kill)
	return errors.Join(f(&session{s}), o.lost.of(s))
}

// session runs statements by the simple protocol, with values as text.
type session struct{ s *server.Server }

// query gives the rows of the last statement of sql; a NULL is the text null.
func (s *session) query(sql, null string) ([][]string, error) {
	return s.queryWithin(statementTimeout, sql, null)
}

// queryWithin is query with a time-out of its own.
func (s *session) queryWithin(d time.Duration, sql, null string) ([][]string, error) {
	if err := s.reconnect(); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), d)
	defer cancel()
	results, err := s.s.Conn.PgConn().Exec(ctx, sql).ReadAll()
	if err != nil {
		return nil, err
	}
	var rows [][]string
	for _, r := range results {
		rows = rows[:0]
		for _, values := range r.Rows {
			row := make([]string, len(values))
			for i, v := range values {
				if row[i] = string(v); v == nil {
					row[i] = null
				}
			}
			rows = append(rows, row)
		}
	}
	return rows, nil
}

// reconnect makes a new connection where an error or a time-out ended the old.
func (s *session) reconnect() error {
	if s.s.Conn.IsClosed() {
		return s.s.Reconnect()
	}
	return nil
}
