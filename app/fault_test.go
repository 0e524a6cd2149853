package app

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// The tests whose names begin with TestFault break one thing each, with real
// processes: the fault's own evidence is asserted, answers are compared exactly.
// VOLLEY_CHAOS_ROUNDS says how often; without it, each test chooses so few that
// all of them together take minutes.

// rounds is how often a test repeats its fault.
func rounds(usual int) int {
	if n, err := strconv.Atoi(os.Getenv("VOLLEY_CHAOS_ROUNDS")); err == nil && n > 0 {
		return n
	}
	if testing.Short() {
		return 1
	}
	return usual
}

// longForm tells whether the full times of the faults are wanted.
func longForm() bool { return os.Getenv("VOLLEY_CHAOS_ROUNDS") != "" }

// faultCluster is a coordinator and named workers, with a connection on which
// the test watches them.
type faultCluster struct {
	*cluster
	workers map[string]*faultWorker
	watch   *pgx.Conn
	serial  int
	places  int
	spill   string // directory of all processes
}

type faultWorker struct {
	*process
	http string
}

// faultPlace is where a round of a fault happens: the table that it reads, and the
// beginning of the names of the files by which its tasks show what they do.
type faultPlace struct{ file, place string }

// place is the beginning of names of files for one run of a fault.
func (c *faultCluster) place(dir, name string) string {
	c.places++
	return filepath.Join(dir, fmt.Sprintf("%s-%d-", name, c.places))
}

// faultRounds are the rounds of a fault on a cluster of three workers, which are
// all there and idle when one begins, and idle in the end.
func faultRounds(t *testing.T, name string, n int) iter.Seq2[*faultCluster, faultPlace] {
	return func(yield func(*faultCluster, faultPlace) bool) {
		file, dir := tableOf(t, 20000), t.TempDir()
		c := startFaults(t, 3)
		for range rounds(n) {
			c.settle(t, 3)
			if !yield(c, faultPlace{file, c.place(dir, name)}) {
				return
			}
		}
		c.idle(t, idleWithin)
	}
}

// startFaults starts a coordinator and workers w1 to wn.
func startFaults(t *testing.T, workers int, args ...string) *faultCluster {
	t.Helper()
	c := &faultCluster{workers: map[string]*faultWorker{}, spill: t.TempDir()}
	c.cluster = startServer(t, "coordinator", append([]string{"--allow-path", "/", "--spill-dir", c.spill}, args...)...)
	for range workers {
		c.join(t)
	}
	c.watch = c.connect(t, workers)
	return c
}

// join starts one more worker and gives its name.
func (c *faultCluster) join(t *testing.T, args ...string) string {
	t.Helper()
	c.serial++
	id := fmt.Sprintf("w%d", c.serial)
	w := &faultWorker{http: freeAddress(t)}
	w.process = c.worker(t, append([]string{"--id", id, "--http", w.http, "--allow-path", "/", "--spill-dir", c.spill}, args...)...)
	c.workers[id] = w
	return id
}

// idleWithin is how soon workers are idle after a query, on a machine that may not run
// them for seconds.
const idleWithin = 30 * time.Second

// best measures what must take no longer than within, and may take longer where the
// machine has no time for it: of up to three runs one must be in time.
func best(t *testing.T, within time.Duration, what string, run func() time.Duration) {
	t.Helper()
	var took []time.Duration
	for len(took) < 3 {
		d := run()
		if d <= bound(within) {
			return
		}
		took = append(took, d)
	}
	t.Errorf("%s takes %v, not %v", what, took, within)
}

// bound is how long something may take that must take no longer than d. Short runs are
// those under the race detector, which makes programs five to ten times slower.
func bound(d time.Duration) time.Duration {
	if testing.Short() {
		return 10 * d
	}
	return d
}

// settle starts workers until there are n, and waits until they have registered.
func (c *faultCluster) settle(t *testing.T, n int) {
	t.Helper()
	for len(c.workers) < n {
		c.join(t)
	}
	c.await(t, 30*time.Second, n)
}

// await waits until exactly n workers are active.
func (c *faultCluster) await(t *testing.T, within time.Duration, n int) time.Duration {
	t.Helper()
	return eventually(t, within, fmt.Sprintf("%d workers are active", n), func() bool {
		return c.count(t, "SELECT count(*) FROM volley.workers WHERE state = 'active'") == n
	})
}

func (c *faultCluster) count(t *testing.T, sql string) (n int) {
	t.Helper()
	if err := c.watch.QueryRow(context.Background(), sql).Scan(&n); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return n
}

// of is the worker that is a process.
func (c *faultCluster) of(t *testing.T, pid int) string {
	t.Helper()
	for id, w := range c.workers {
		if w.cmd.Process.Pid == pid {
			return id
		}
	}
	t.Fatalf("process %d is no worker", pid)
	return ""
}

// kill ends a worker with SIGKILL.
func (c *faultCluster) kill(t *testing.T, id string) {
	t.Helper()
	c.workers[id].signal(t, syscall.SIGKILL, 10*time.Second)
	delete(c.workers, id)
}

// send sends a signal to a worker. SIGSTOP is waited for.
func (c *faultCluster) send(t *testing.T, id string, s syscall.Signal) {
	t.Helper()
	p := c.workers[id].cmd.Process
	if err := p.Signal(s); err != nil {
		t.Fatal(err)
	}
	if s == syscall.SIGSTOP {
		eventually(t, 10*time.Second, "worker "+id+" has stopped", func() bool { return stopped(p.Pid) })
	}
}

// stopped tells whether no thread of a process runs. The others run on until the one
// that was given SIGSTOP gets a processor to take it, which on a busy machine is long
// enough for a query to end. Where there is no /proc, it is taken for granted.
func stopped(pid int) bool {
	threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", pid))
	for _, thread := range threads {
		text, err := os.ReadFile(thread)
		if err != nil {
			continue // it has just ended
		}
		_, state, _ := strings.Cut(string(text), ") ")
		if !strings.HasPrefix(state, "T") {
			return false
		}
	}
	return true
}

// reply is what a query gave.
type reply struct {
	rows string // a row a line, columns parted by bars
	err  error
	took time.Duration
}

// ask runs statements on a connection of their own; the last one's rows count.
func (c *faultCluster) ask(t *testing.T, statements ...string) <-chan reply {
	t.Helper()
	conn := c.connect(t, 0)
	out := make(chan reply, 1)
	go func() {
		var a reply
		for _, sql := range statements {
			start := time.Now()
			if a.rows, a.err = rowsOf(conn, sql); a.err != nil {
				a.took = time.Since(start)
				break
			}
			a.took = time.Since(start)
		}
		out <- a
	}()
	return out
}

// rowsOf is a query's result as text.
func rowsOf(conn *pgx.Conn, sql string) (string, error) {
	results, err := conn.PgConn().Exec(context.Background(), sql).ReadAll()
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for _, row := range results[len(results)-1].Rows {
		for i, v := range row {
			if i > 0 {
				b.WriteByte('|')
			}
			b.Write(v)
		}
		b.WriteByte('\n')
	}
	return b.String(), nil
}

// run is the result of a statement, which must not fail, on the watching connection.
func (c *faultCluster) run(t *testing.T, sql string) string {
	t.Helper()
	rows, err := rowsOf(c.watch, sql)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return rows
}

// want fails the test unless the answer is this.
func (a reply) want(t *testing.T, rows string) {
	t.Helper()
	if a.err != nil {
		t.Fatalf("the query failed after %v: %v", a.took, a.err)
	}
	if a.rows != rows {
		t.Fatalf("wrong answer\n%s\nwant\n%s", a.rows, rows)
	}
}

// code is the SQLSTATE of the answer's error.
func (a reply) code() string {
	var pe *pgconn.PgError
	if errors.As(a.err, &pe) {
		return pe.Code
	}
	return ""
}

// attempt is a row of volley.tasks.
type attempt struct {
	stage, task, number int
	worker, state       string
}

// attempts lists the attempts of the last query whose text has mark in it.
func (c *faultCluster) attempts(t *testing.T, mark string) (out []attempt) {
	t.Helper()
	rows, err := c.watch.Query(context.Background(), `SELECT stage, task, attempt, worker, state FROM volley.tasks WHERE query =
		(SELECT id FROM volley.queries WHERE sql LIKE '%`+mark+`%' AND sql NOT LIKE '%volley.%' ORDER BY started DESC LIMIT 1) ORDER BY 1, 2, 3`)
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		var a attempt
		if err := rows.Scan(&a.stage, &a.task, &a.number, &a.worker, &a.state); err != nil {
			t.Fatal(err)
		}
		out = append(out, a)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// onlyTheLostRanAgain checks that no task ran again but those that ran on one of
// the victims, whose output was there, or that found an input lost; that the
// fault has shown; and gives how many attempts and outputs were lost.
func onlyTheLostRanAgain(t *testing.T, attempts []attempt, victims ...string) (running, outputs int) {
	t.Helper()
	if len(attempts) == 0 {
		t.Fatal("no attempts are known")
	}
	for i, a := range attempts {
		last := i+1 == len(attempts) || attempts[i+1].stage != a.stage || attempts[i+1].task != a.task
		on := slices.Contains(victims, a.worker)
		switch {
		case a.state == "lost" && on:
			running++
		case a.state == "discarded" && on:
			outputs++
		case a.state == "finished" && last, a.state == "canceled":
		case a.state == "failed" && a.stage > 0: // an input was lost
		default:
			t.Errorf("attempt %+v, with the workers %v lost, in\n%v", a, victims, attempts)
		}
	}
	if running+outputs == 0 {
		t.Fatalf("nothing was lost with %v: %v", victims, attempts)
	}
	return running, outputs
}

// status is the HTTP status that a process answers with, 0 where it does not answer.
func status(t *testing.T, address, path string) int {
	t.Helper()
	resp, err := http.Get("http://" + address + path)
	if err != nil {
		return 0
	}
	_ = resp.Body.Close()
	return resp.StatusCode
}

// metric reads one value of a process's /metrics.
func metric(t *testing.T, address, name string) float64 {
	t.Helper()
	resp, err := http.Get("http://" + address + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
		if value, ok := strings.CutPrefix(lines.Text(), "volley_"+name+" "); ok {
			v, err := strconv.ParseFloat(value, 64)
			if err != nil {
				t.Fatal(err)
			}
			return v
		}
	}
	t.Fatalf("no metric volley_%s at %s", name, address)
	return 0
}

// idle waits until no worker runs, keeps or reserves anything.
func (c *faultCluster) idle(t *testing.T, within time.Duration) {
	t.Helper()
	for id, w := range c.workers {
		eventually(t, within, "worker "+id+" is idle", func() bool {
			return metric(t, w.http, "tasks_running") == 0 && metric(t, w.http, "outputs") == 0 && metric(t, w.http, "memory_used_bytes") == 0
		})
	}
}

// tableOf writes the numbers 1 to n, one a line, into a CSV file.
func tableOf(t *testing.T, n int) string {
	t.Helper()
	b := []byte("n\n")
	for i := 1; i <= n; i++ {
		b = append(strconv.AppendInt(b, int64(i), 10), '\n')
	}
	path := filepath.Join(t.TempDir(), "table.csv")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// small makes a stage have many tasks, no plan change while it runs, and no task run
// twice at once: one that stalls holds up its query until the test has done its work.
const small = "SET volley.split_bytes = 8000; SET volley.broadcast_bytes = -1; SET volley.speculation = off"
