package app

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// TestFaultCancel cancels statements in every phase and measures how long it takes
// until every worker has stopped and given its memory back.
func TestFaultCancel(t *testing.T) {
	c := startFaults(t, 3)
	c.cancelAll(t, rounds(2), cancelPhases(t, c))
	eventually(t, idleWithin, "the sessions have ended", func() bool { return metric(t, c.http, "connections") == 1 })
}

// TestFaultCancelWaiting is about statements that wait for something that does not
// come: workers, a place among the queries that run, a lock.
func TestFaultCancelWaiting(t *testing.T) {
	c := startFaults(t, 0, "--memory", "128MB")
	file := tableOf(t, 1000)
	ctx := context.Background()
	holder := c.connect(t, 0)
	for _, sql := range []string{"CREATE TABLE locked (n integer)", "BEGIN", "INSERT INTO locked VALUES (1)"} {
		if _, err := holder.Exec(ctx, sql); err != nil {
			t.Fatal(err)
		}
	}
	c.cancelAll(t, rounds(2), []cancelPhase{
		{name: "waiting for workers", sql: "SELECT count(*) FROM '" + file + "'"},
		{name: "waiting for a lock", sql: "INSERT INTO locked VALUES (2)"},
		{name: "waiting for a lock in a block", before: []string{"BEGIN"}, sql: "DELETE FROM locked"},
	})
	sleepers, wake := context.WithCancel(ctx)
	defer wake()
	_, accounts := divideMemory(128_000_000)
	places := runningQueries(accounts)
	for range places {
		conn := c.connect(t, -1)
		go func() { _, _ = conn.Exec(sleepers, "SELECT pg_sleep(600)") }()
	}
	eventually(t, idleWithin, "all places are taken", func() bool { return metric(t, c.http, "queries_running") == float64(places) })
	waits := cancelPhase{name: "waiting for a place", sql: "SELECT 1", quiet: func(t *testing.T) bool { return metric(t, c.http, "queries_waiting") == 0 }}
	c.cancelAll(t, rounds(2), []cancelPhase{waits})
	wake()
	c.released(t, "waiting")
}

// cancelAll cancels the phases, in different ways after different times, and fails when
// more than one of twenty takes too long.
func (c *faultCluster) cancelAll(t *testing.T, rounds int, phases []cancelPhase) {
	t.Helper()
	var took []time.Duration
	turn := 0
	for round := range rounds {
		for _, p := range phases {
			after := []time.Duration{150 * time.Millisecond, 20 * time.Millisecond, 400 * time.Millisecond}[(round+turn/3)%3]
			least := time.Hour
			for range 3 { // on a busy machine, one of three must be in time
				d := c.cancel(t, p, &after, turn%3)
				if least = min(least, d); least <= bound(cancelWithin) {
					break
				}
				t.Logf("%s, cancelled after %v by way %d: %v until all was idle", p.name, after, turn%3, d)
			}
			turn++
			took = append(took, least)
		}
	}
	slices.Sort(took)
	p95 := took[len(took)*95/100]
	t.Logf("%d statements: median %v, p95 %v, longest %v", len(took), took[len(took)/2], p95, took[len(took)-1])
	if p95 > bound(cancelWithin) {
		t.Errorf("p95 is %v", p95)
	}
}

// cancelWithin is how soon a statement that is cancelled has stopped everywhere, of 19
// of 20.
const cancelWithin = 500 * time.Millisecond

// cancelAgain is when a request to cancel is sent once more: one that comes before its
// statement is nobody's.
const cancelAgain = 2 * time.Second

// cancel runs a phase, cancels it after a while, and measures how long it takes until
// the client has the error, and everything that the statement held is given back. By 0
// is a request, as of psql's Ctrl-C; 1 a timeout; 2 the end of pgx's context. A phase
// that has ended before is run again and cancelled sooner.
func (c *faultCluster) cancel(t *testing.T, p cancelPhase, after *time.Duration, by int) time.Duration {
	t.Helper()
	conn := c.connect(t, -1) // a query of its own might have to wait
	background := context.Background()
	defer func() { _ = conn.Close(background) }()
	before := slices.Clone(p.before)
	if by == 1 {
		before = append(before, fmt.Sprintf("SET statement_timeout = %d", after.Milliseconds()))
	}
	for _, sql := range before {
		if _, err := conn.Exec(background, sql); err != nil {
			t.Fatalf("%s: %s: %v", p.name, sql, err)
		}
	}
	ctx, leave := context.WithCancel(background)
	defer leave()
	ended, goOn := make(chan error, 1), make(chan struct{})
	go func() {
		if p.run != nil {
			ended <- p.run(ctx, conn.PgConn(), goOn)
			return
		}
		_, err := conn.PgConn().Exec(ctx, p.sql).ReadAll()
		ended <- err
	}()
	time.Sleep(*after)
	canceled := time.Now()
	again := make(<-chan time.Time)
	switch by {
	case 0:
		if err := conn.PgConn().CancelRequest(background); err != nil {
			t.Fatal(err)
		}
		ticker := time.NewTicker(cancelAgain)
		defer ticker.Stop()
		again = ticker.C
	case 2:
		leave()
	}
	if p.stuck {
		c.idle(t, idleWithin)
		c.released(t, "all")
	}
	took := time.Since(canceled)
	close(goOn)
	var err error
	for waits := true; waits; {
		select {
		case err = <-ended:
			waits = false
		case <-again:
			if err := conn.PgConn().CancelRequest(background); err != nil {
				t.Fatal(err)
			}
		case <-time.After(time.Minute):
			t.Fatalf("%s, cancelled after %v by way %d: it goes on", p.name, *after, by)
		}
	}
	if err == nil {
		if *after /= 2; *after < time.Millisecond {
			t.Fatalf("%s ends before it can be cancelled", p.name)
		}
		_ = conn.Close(background)
		return c.cancel(t, p, after, by)
	}
	if pe := (*pgconn.PgError)(nil); by != 2 && (!errors.As(err, &pe) || pe.Code != "57014") {
		t.Fatalf("%s: %v, want 57014", p.name, err)
	}
	if !p.stuck {
		c.idle(t, idleWithin)
		if p.quiet != nil {
			eventually(t, idleWithin, p.name+" is over", func() bool { return p.quiet(t) })
		} else {
			c.released(t, p.name)
		}
		took = time.Since(canceled)
	}
	return took
}

// released waits until the coordinator runs no query, none waits for a place, and
// neither memory nor spill files are held by any, after a phase.
func (c *faultCluster) released(t *testing.T, phase string) {
	t.Helper()
	for _, name := range []string{"queries_running", "queries_waiting", "memory_used_bytes"} {
		left := 0.0
		for start := time.Now(); ; time.Sleep(time.Millisecond) {
			if left = metric(t, c.http, name); left == 0 {
				break
			}
			if time.Since(start) > idleWithin {
				t.Fatalf("%s: %s is %v after %v", phase, name, left, idleWithin)
			}
		}
	}
	eventually(t, idleWithin, "no spill files are left", func() bool {
		left, err := filepath.Glob(filepath.Join(c.spill, "*", "volley-spill-*"))
		if err != nil {
			t.Fatal(err)
		}
		return len(left) == 0
	})
}
