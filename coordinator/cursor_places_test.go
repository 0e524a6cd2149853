package coordinator

import (
	"testing"

	"volley/coordinator/sched"
	"volley/sqlerr"
)

// What a client has not read to its end takes no place from other queries: an open
// cursor, or a portal that is suspended.
func TestPausedQueriesTakeNoPlace(t *testing.T) {
	c := newTestCoordinator(t, func(cfg *sched.Config) { cfg.MaxRunning, cfg.MaxWaiting = 1, 1 })
	s := newTestSession(t, c)
	for _, sql := range []string{
		"SET statement_timeout = '20s'", "BEGIN",
		"DECLARE a CURSOR FOR SELECT * FROM generate_series(1, 100000) AS s(i)", "FETCH 1 FROM a",
		"DECLARE b CURSOR FOR SELECT * FROM generate_series(1, 100000) AS s(i)", "FETCH 1 FROM b",
		"SELECT 1", "FETCH ALL FROM a",
	} {
		runToEnd(t, s, sql)
	}
	portal, err := s.Query(t.Context(), "SELECT * FROM generate_series(1, 100000) AS s(i)")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = portal.Close() }()
	if _, err := portal.Next(t.Context()); err != nil {
		t.Fatal(err)
	}
	portal.Pause()
	runToEnd(t, s, "SELECT 2")
	if _, err := portal.Next(t.Context()); err != nil {
		t.Errorf("the rest of it: %v", err)
	}
	runToEnd(t, s, "COMMIT")
}

// A cursor's query outlives its statement, but not the wait for its beginning.
func TestDeclareCursorTimesOut(t *testing.T) {
	c := newTestCoordinator(t, func(cfg *sched.Config) { cfg.MaxRunning, cfg.MaxWaiting = 1, 1 })
	other, s := newTestSession(t, c), newTestSession(t, c)
	running, err := other.Query(t.Context(), "SELECT * FROM generate_series(1, 100000) AS s(i)")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = running.Close() }()
	for _, sql := range []string{"BEGIN", "SET statement_timeout = '50ms'"} {
		runToEnd(t, s, sql)
	}
	if _, err := s.Query(t.Context(), "DECLARE a CURSOR FOR SELECT 1"); sqlerr.Code(err) != sqlerr.QueryCanceled {
		t.Errorf("%v", err)
	}
}
