package coordinator

import (
	"context"
	"strings"
	"testing"

	"volley/sqlerr"
)

// TestCanceledStatements: what is cancelled is neither parsed nor bound nor
// planned to its end.
func TestCanceledStatements(t *testing.T) {
	s := newTestSession(t, newTestCoordinator(t))
	statements{{"CREATE TABLE t (a int)", "CREATE TABLE"}}.run(t, s)
	over, cancel := context.WithCancel(t.Context())
	cancel()
	long := "SELECT 1" + strings.Repeat(" ", longText)
	if _, err := s.Prepare(over, long, nil); sqlerr.Code(err) != sqlerr.QueryCanceled {
		t.Errorf("parsed: %v", err)
	}
	if _, err := s.Split(over, long); sqlerr.Code(err) != sqlerr.QueryCanceled {
		t.Errorf("split: %v", err)
	}
	items := "SELECT 1" + strings.Repeat(", 1", 500)
	if _, err := s.Prepare(over, items, nil); sqlerr.Code(err) != sqlerr.QueryCanceled {
		t.Errorf("bound: %v", err)
	}
	p, err := s.Prepare(t.Context(), "SELECT count(*) FROM t", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Run(over, nil); sqlerr.Code(err) != sqlerr.QueryCanceled {
		t.Errorf("planned: %v", err)
	}
	statements{
		{"SET statement_timeout = 20", "SET"},
		{"SELECT pg_sleep(60)", "57014 canceling statement due to statement timeout"},
		{"INSERT INTO t SELECT 1 FROM pg_sleep(60)", "57014 canceling statement due to statement timeout"},
		{"INSERT INTO t VALUES (length(pg_sleep(60)::text))", "57014 canceling statement due to statement timeout"},
		{"SET statement_timeout = 0", "SET"},
		{"SELECT count(*) FROM t", "0\nSELECT 1"},
	}.run(t, s)
}
