package app

import (
	"slices"
	"syscall"
	"testing"
	"time"
)

// TestFaultCoordinatorRestart kills the coordinator with SIGKILL while a query
// runs, and starts it again: clients are told, workers come back, nothing of
// before is left on them, and the catalog is as it was.
func TestFaultCoordinatorRestart(t *testing.T) {
	t.Parallel() // it mostly waits
	file, dir, data := tableOf(t, 20000), t.TempDir(), t.TempDir()
	c := startFaults(t, 3, "--data-dir", data)
	for _, sql := range []string{
		"CREATE EXTERNAL TABLE numbers STORED AS CSV LOCATION '" + file + "'",
		"CREATE VIEW odd AS SELECT n FROM numbers WHERE n % 2 = 1",
		"CREATE FUNCTION twice(x bigint) RETURNS bigint LANGUAGE sql AS 'SELECT 2 * x'",
	} {
		if _, err := rowsOf(c.watch, sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	var back []time.Duration // until the workers were there again
	for round := range rounds(3) {
		place := c.place(dir, "restart")
		got := c.ask(t, small, groupQuery(file, place, 1))
		awaitFired(t, place, 1)
		kept := 0.0
		for _, w := range c.workers {
			kept += metric(t, w.http, "outputs")
		}
		if kept == 0 {
			t.Error("no outputs are kept: there is nothing to become an orphan")
		}
		c.signal(t, syscall.SIGKILL, 10*time.Second)
		if a := <-got; a.err == nil {
			t.Fatalf("an answer from a killed coordinator: %s", a.rows)
		}
		if round == 0 { // before it comes back
			release(t, place)
			c.idle(t, 30*time.Second)
		}
		c.process = start(t, "coordinator", "--listen", c.listen, "--flight", c.flight, "--http", c.http, "--allow-path", "/", "--data-dir", data)
		restarted := time.Now()
		c.watch = c.connect(t, 3)
		back = append(back, time.Since(restarted))
		release(t, place)
		c.idle(t, idleWithin)
		(<-c.ask(t, small, groupQuery(file, place, 0))).want(t, groupAnswer)
		(<-c.ask(t, "SELECT count(*), sum(twice(n)) FROM odd")).want(t, "10000|200000000\n")
	}
	if slices.Min(back) > 5*time.Second { // a busy machine may take longer
		t.Errorf("the workers are back after %v", back)
	}
}
