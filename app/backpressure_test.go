package app

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"
)

// startSmall is a cluster of three workers, all of the smallest memory.
func startSmall(t *testing.T) *faultCluster {
	t.Helper()
	c := startFaults(t, 0, "--memory", smallBudget)
	for range 3 {
		c.join(t, "--memory", smallBudget)
	}
	_ = c.watch.Close(context.Background())
	c.watch = c.connect(t, 3)
	return c
}

// TestSlowClientHoldsTheWorkers: while a client reads nothing of a large result, workers
// begin no more tasks than fill the buffer, and nobody's memory grows.
func TestSlowClientHoldsTheWorkers(t *testing.T) {
	const (
		rows    = 60_000
		tasks   = 40     // and more, of 8,000 bytes of the table
		wide    = 20_000 // bytes of a row: all of them are several buffers
		mark    = "slow reader"
		reading = 500
	)
	file := tableOf(t, rows)
	c := startSmall(t)
	conn := c.connect(t, 0)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if _, err := conn.Exec(ctx, small); err != nil {
		t.Fatal(err)
	}
	result := conn.PgConn().Exec(ctx, "SELECT n, repeat('x', 20000) /* "+mark+" */ FROM '"+file+"'")
	if !result.NextResult() {
		t.Fatal(result.Close())
	}
	read := 0
	some := func() {
		for range reading {
			if !result.ResultReader().NextRow() {
				t.Fatalf("the result ends after %d rows", read)
			}
			if v := result.ResultReader().Values()[1]; len(v) != wide {
				t.Fatalf("a value of %d bytes", len(v))
			}
			read++
		}
	}
	some()
	paused := c.steady(t, mark)
	if paused >= tasks {
		t.Errorf("%d tasks have begun for a client that reads nothing", paused)
	}
	for name, p := range c.processes() {
		if testing.Short() { // the race detector needs several times the memory
			break
		}
		if peak := residentPeak(p.cmd.Process.Pid); peak > mostBytes {
			t.Errorf("%s was resident with %d bytes, which is more than %d", name, peak, mostBytes)
		}
	}
	for range 20 { // it goes on when the client does
		some()
	}
	if now := c.steady(t, mark); now <= paused {
		t.Errorf("%d tasks have begun when the client had read on, as before", now)
	}
	cancel()
	_ = result.Close()
	c.idle(t, idleWithin)
}

// steady waits until no more attempts of a query begin for a second, and gives their
// number.
func (c *faultCluster) steady(t *testing.T, mark string) int {
	t.Helper()
	for before := -1; ; time.Sleep(time.Second) {
		now := len(c.attempts(t, mark))
		if now == before && now > 0 {
			return now
		}
		before = now
	}
}

// processes are all of the cluster's, by name.
func (c *faultCluster) processes() map[string]*process {
	all := map[string]*process{"coordinator": c.process}
	for id, w := range c.workers {
		all[id] = w.process
	}
	return all
}

// TestSmallResultsTouchNoDisk: queries with exchanges whose rows are few work where
// there is no directory to spill to, and one with many fails there.
func TestSmallResultsTouchNoDisk(t *testing.T) {
	file := tableOf(t, 20_000)
	c := startSmall(t)
	if err := os.RemoveAll(c.spill); err != nil {
		t.Fatal(err)
	}
	for sql, want := range map[string]string{
		"SELECT count(*), sum(s) FROM (SELECT n % 5000 AS k, sum(n) AS s FROM '" + file + "' GROUP BY 1) AS g": "5000|200010000\n",
		"SELECT count(*) FROM '" + file + "' AS a JOIN '" + file + "' AS b ON a.n = b.n":                       "20000\n",
		"SELECT max(n) FROM (SELECT n FROM '" + file + "' ORDER BY md5(n::text) LIMIT 5000) AS o":              "",
	} {
		got := <-c.ask(t, small, sql)
		if want == "" && got.err == nil {
			continue
		}
		got.want(t, want)
	}
	got := <-c.ask(t, small, "SELECT count(*) FROM (SELECT md5(n::text) || g AS w FROM '"+file+"', generate_series(1, 150) AS g ORDER BY 1 OFFSET 1) AS o WHERE w > ''")
	if got.err == nil || !strings.Contains(got.err.Error(), "spill") && !strings.Contains(got.err.Error(), "no such file") {
		t.Errorf("a large sort without a directory: %v", got.err)
	}
}
