package app

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"volley/coordinator"
)

// skewFiles are two tables as CSV files: facts with so many rows, of which four of
// five have the key 0 where skewed is set, and the rows of all keys.
func skewFiles(tb testing.TB, rows int, skewed bool) (facts, keys string) {
	tb.Helper()
	dir := tb.TempDir()
	write := func(name, head string, n int, row func(w *bufio.Writer, i int)) string {
		path := filepath.Join(dir, name)
		f, err := os.Create(path)
		if err != nil {
			tb.Fatal(err)
		}
		w := bufio.NewWriter(f)
		fmt.Fprintln(w, head)
		for i := range n {
			row(w, i)
		}
		if err := w.Flush(); err != nil {
			tb.Fatal(err)
		}
		if err := f.Close(); err != nil {
			tb.Fatal(err)
		}
		return path
	}
	keyCount := rows / 10
	facts = write("facts.csv", "k,x,note", rows, func(w *bufio.Writer, i int) {
		k := i * 7919 % keyCount
		if skewed && i%5 > 0 {
			k = 0
		}
		fmt.Fprintf(w, "%d,%d,a note of some length on row %d\n", k, i, i)
	})
	keys = write("keys.csv", "k,name", keyCount, func(w *bufio.Writer, i int) { fmt.Fprintf(w, "%d,name of key %d\n", i, i) })
	return facts, keys
}

// skewQuery joins both by hash and looks at every row.
func skewQuery(facts, keys string) string {
	return fmt.Sprintf("SELECT count(*), sum(x), sum(length(note || name)) FROM '%s' AS f JOIN '%s' AS k ON f.k = k.k", facts, keys)
}

// TestSkewedJoinOnWorkers: where one key has most of the rows, several tasks read
// its partition, also when a worker dies with its outputs, and the rows are those
// that the plan gives which is not changed.
func TestSkewedJoinOnWorkers(t *testing.T) {
	facts, keys := skewFiles(t, 200_000, true)
	c := startFaults(t, 3)
	const shuffle = "SET volley.broadcast_bytes = 1"
	want := <-c.ask(t, "SET volley.broadcast_bytes = 1000000000", skewQuery(facts, keys))
	if want.err != nil {
		t.Fatal(want.err)
	}
	(<-c.ask(t, shuffle, skewQuery(facts, keys))).want(t, want.rows)
	plan := <-c.ask(t, shuffle, "EXPLAIN (ANALYZE) "+skewQuery(facts, keys))
	if plan.err != nil || !strings.Contains(plan.rows, "partition split: a few keys have most of the rows") {
		t.Errorf("%v\n%s", plan.err, plan.rows)
	}
	for round := range rounds(3) {
		c.settle(t, 3)
		place := filepath.Join(t.TempDir(), fmt.Sprintf("skew-%d-", round))
		// stalls where the root reads the first of the split partition's rows
		sql := strings.Replace(skewQuery(facts, keys), "sum(x)", fmt.Sprintf("sum(chaos(x, 'stall', '%s', 1))", place), 1)
		got := c.ask(t, shuffle, sql)
		victim := c.of(t, awaitFired(t, place, 1)[0])
		c.kill(t, victim)
		(<-got).want(t, want.rows)
	}
	c.idle(t, idleWithin)
}

// BenchmarkSkew is a join by hash on three worker processes, of uniform keys and of
// keys of which one has 80 % of the rows; "times" is the ratio of both.
func BenchmarkSkew(b *testing.B) {
	n := openNode(b, 3)
	ctx := context.Background()
	s, err := n.coordinator.NewSession(coordinator.SessionOptions{User: "u", Database: "d"})
	if err != nil {
		b.Fatal(err)
	}
	run := func(sql string) {
		res, err := s.Query(ctx, sql)
		if err != nil {
			b.Fatal(err)
		}
		if err := drain(ctx, res); err != nil {
			b.Fatal(err)
		}
	}
	run("SET volley.broadcast_bytes = 1")
	var each [2]time.Duration
	for i, skewed := range []bool{false, true} {
		facts, keys := skewFiles(b, 2_000_000, skewed)
		b.Run(fmt.Sprintf("skewed=%v", skewed), func(b *testing.B) {
			for b.Loop() {
				run(skewQuery(facts, keys))
			}
			each[i] = b.Elapsed() / time.Duration(b.N)
			if i == 1 && each[0] > 0 {
				b.ReportMetric(float64(each[1])/float64(each[0]), "times")
			}
		})
	}
}
