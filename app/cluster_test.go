package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

func TestOneStatementOnAnyNumberOfWorkers(t *testing.T) {
	in := numbers(t, 1000)
	dir := t.TempDir()
	first := ""
	for _, workers := range []int{0, 1, 2, 4} {
		out := filepath.Join(dir, fmt.Sprintf("out%d.csv", workers))
		sql := fmt.Sprintf("COPY (SELECT *, slow(n) AS s FROM '%s') TO '%s' (FORMAT csv, HEADER false); SELECT count(DISTINCT worker) AS w FROM volley.tasks", in, out)
		shown, errs, code := volley(t, "", "sql", "--format", "csv", "--workers", fmt.Sprint(workers), "-c", sql)
		if code != 0 {
			t.Fatalf("%d workers: %s", workers, errs)
		}
		if want := fmt.Sprintf("w\n%d\n", max(workers, 1)); shown != want {
			t.Errorf("%d workers: %s of them had tasks", workers, strings.TrimSpace(shown))
		}
		text, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		if first == "" {
			first = string(text)
			if strings.Count(first, "\n") != 2000 || !strings.HasPrefix(first, "1,\"row 1,\nof 1000\",1\n") {
				t.Fatalf("wrong output: %.200s", first)
			}
		}
		if string(text) != first {
			t.Errorf("%d workers: the output differs", workers)
		}
	}
}

// TestAKilledWorkerCostsNoAnswer kills one of two workers with SIGKILL while
// its tasks run, several times over.
func TestAKilledWorkerCostsNoAnswer(t *testing.T) {
	in := numbers(t, 1000)
	out := filepath.Join(t.TempDir(), "out.csv")
	c := startServer(t, "coordinator", "--allow-path", "/")
	c.worker(t, "--id", "steady", "--allow-path", "/")
	for round := range 3 {
		id := fmt.Sprintf("victim-%d", round)
		victim := c.worker(t, "--id", id, "--allow-path", "/")
		conn := c.connect(t, 2)
		if _, err := conn.Exec(context.Background(), "SET volley.speculation = off"); err != nil {
			t.Fatal(err)
		}
		place := filepath.Join(t.TempDir(), id)
		failed := make(chan error, 1)
		go func() { // the first task of each worker is held up
			_, err := conn.Exec(context.Background(), fmt.Sprintf("COPY (SELECT n, chaos(n, 'stall', '%s', 2) + slow(n) - n FROM '%s') TO '%s' (FORMAT csv)", place, in, out))
			failed <- err
		}()
		awaitFired(t, place, 2)
		watch := c.connect(t, 0)
		victim.signal(t, syscall.SIGKILL, 10*time.Second)
		release(t, place)
		if err := <-failed; err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		text, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		var want strings.Builder
		for i := 1; i <= 1000; i++ {
			fmt.Fprintf(&want, "%d,%d\n", i, i)
		}
		if string(text) != want.String() {
			t.Fatalf("round %d: wrong output", round)
		}
		lost := 0
		if err := watch.QueryRow(context.Background(), "SELECT count(*) FROM volley.tasks WHERE worker = '"+id+"' AND state = 'lost'").Scan(&lost); err != nil || lost == 0 {
			t.Fatalf("round %d: no task was lost (%v): the kill came too late to show anything", round, err)
		}
	}
}

// TestWorkersReadBySocket: workers of one machine, and the coordinator, read outputs
// by Unix sockets.
func TestWorkersReadBySocket(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("abstract sockets are Linux's")
	}
	c := startFaults(t, 2)
	file := numbers(t, 1000)
	(<-c.ask(t, small, "SET volley.broadcast_bytes = 1", "SELECT count(*), sum(a.n) FROM '"+file+"' AS a JOIN '"+file+"' AS b ON a.n = b.n")).want(t, "1000|500500\n")
	read := metric(t, c.http, "exchange_socket_bytes_total")
	if read == 0 {
		t.Error("the coordinator has read nothing by a socket")
	}
	workers := 0.0
	for _, w := range c.workers {
		workers += metric(t, w.http, "exchange_socket_bytes_total")
	}
	if workers == 0 {
		t.Error("workers have read nothing from each other by a socket")
	}
}

func TestWorkersComeAndGo(t *testing.T) {
	in := numbers(t, 100)
	c := startServer(t, "coordinator", "--allow-path", "/")
	conn := c.connect(t, 0)
	ctx := context.Background()
	if h, r, m := status(t, c.http, "/healthz"), status(t, c.http, "/readyz"), status(t, c.http, "/metrics"); h != 200 || r != 503 || m != 200 {
		t.Errorf("without workers: healthz %d, readyz %d, metrics %d", h, r, m)
	}
	address := freeAddress(t)
	w := c.worker(t, "--allow-path", "/", "--http", address)
	c.connect(t, 1)
	if r := status(t, c.http, "/readyz"); r != 200 {
		t.Errorf("with a worker: readyz %d", r)
	}
	eventually(t, 30*time.Second, "a worker that has registered is ready", func() bool { return status(t, address, "/readyz") == 200 })
	sum := 0
	question := "SELECT sum(n) FROM '" + in + "'"
	if err := conn.QueryRow(ctx, question).Scan(&sum); err != nil || sum != 5050 {
		t.Fatal(sum, err)
	}
	w.signal(t, syscall.SIGTERM, 20*time.Second)
	var pe *pgconn.PgError
	if err := conn.QueryRow(ctx, question).Scan(&sum); !errors.As(err, &pe) || pe.Code != "57P03" {
		t.Errorf("without workers: %v", err)
	}
	c.worker(t, "--allow-path", "/")
	c.connect(t, 1)
	if err := conn.QueryRow(ctx, question).Scan(&sum); err != nil || sum != 5050 {
		t.Errorf("with a new worker: %d %v", sum, err)
	}
	c.signal(t, syscall.SIGTERM, 20*time.Second)
}

// TestAWorkerWithoutACoordinatorIsNotReady, although it lives.
func TestAWorkerWithoutACoordinatorIsNotReady(t *testing.T) {
	address := freeAddress(t)
	start(t, "worker", "--coordinator", freeAddress(t), "--http", address)
	eventually(t, 30*time.Second, "the worker serves its health", func() bool { return status(t, address, "/healthz") == 200 })
	if r := status(t, address, "/readyz"); r != 503 {
		t.Errorf("readyz %d", r)
	}
}

// TestASecondSignalEnds a server that waits for a statement.
func TestASecondSignalEnds(t *testing.T) {
	in := numbers(t, 100_000)
	c := startServer(t, "serve", "--allow-path", "/", "--threads", "1")
	conn := c.connect(t, 1)
	failed := make(chan error, 1)
	go func() {
		_, err := conn.Exec(context.Background(), "SELECT sum(slow(n)) FROM '"+in+"'") // 100 s
		failed <- err
	}()
	eventually(t, 30*time.Second, "the statement runs", func() bool { return metric(t, c.http, "queries_running") > 0 })
	if err := c.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	eventually(t, 20*time.Second, "the server drains", func() bool { return status(t, c.http, "/readyz") == 503 })
	if h := status(t, c.http, "/healthz"); h != 200 {
		t.Errorf("while it drains: healthz %d", h)
	}
	c.signal(t, syscall.SIGTERM, 10*time.Second)
	if <-failed == nil {
		t.Error("the statement has ended in time")
	}
}

// TestWorkersJoinAServer has tasks of one query on a server's own worker and on
// another process, each reading the other's output.
func TestWorkersJoinAServer(t *testing.T) {
	in := numbers(t, 1000)
	c := startServer(t, "serve", "--allow-path", "/", "--threads", "1")
	c.worker(t, "--allow-path", "/")
	conn := c.connect(t, 2)
	if _, err := conn.Exec(context.Background(), "SET volley.speculation = off"); err != nil {
		t.Fatal(err)
	}
	for range 5 {
		rows, sum := 0, 0
		if err := conn.QueryRow(context.Background(), "SELECT count(*), sum(s) FROM (SELECT n % 100 AS g, sum(slow(n)) AS s FROM '"+in+"' GROUP BY 1) t").Scan(&rows, &sum); err != nil || rows != 100 || sum != 500500 {
			t.Fatal(rows, sum, err)
		}
	}
	used, bad := 0, 0
	if err := conn.QueryRow(context.Background(), "SELECT count(DISTINCT worker), count(*) FILTER (WHERE state <> 'finished') FROM volley.tasks").Scan(&used, &bad); err != nil || used != 2 || bad != 0 {
		t.Errorf("%d workers used, %d attempts not finished, %v", used, bad, err)
	}
}

// TestWorkersJoinACommand has a single command wait for workers that others start.
func TestWorkersJoinACommand(t *testing.T) {
	in, flight := numbers(t, 1000), freeAddress(t)
	for i := range 2 {
		start(t, "worker", "--coordinator", flight, "--threads", "1", "--id", fmt.Sprintf("joined-%d", i), "--allow-path", "/")
	}
	out, errs, code := volley(t, "", "sql", "--flight", flight, "--workers", "2", "--format", "csv", "-c",
		"SELECT sum(slow(n)) AS s FROM '"+in+"'; SELECT count(DISTINCT worker) AS w FROM volley.tasks WHERE worker LIKE 'joined-%'")
	if code != 0 || out != "s\n500500\nw\n2\n" {
		t.Errorf("exit %d: %s%s", code, out, errs)
	}
	// one that does not come is waited for no longer than asked
	out, errs, code = volley(t, "", "sql", "--flight", flight, "--workers", "3", "--join-timeout", "3s", "-c", "SELECT 1 AS one", "--format", "csv")
	if code != 0 || out != "one\n1\n" || !strings.Contains(errs, "2 of 3 workers have registered") {
		t.Errorf("exit %d: %s%s", code, out, errs)
	}
	if _, errs, code := volley(t, "", "sql", "--flight", freeAddress(t), "--workers", "1", "--join-timeout", "100ms", "-c", "SELECT 1"); code != 1 || !strings.Contains(errs, "0 of 1 workers have registered") {
		t.Errorf("exit %d: %s", code, errs)
	}
	if _, errs, code := volley(t, "", "sql", "--flight", "0.0.0.0:0", "--workers", "1", "-c", "SELECT 1"); code == 0 || !strings.Contains(errs, "without a secret") {
		t.Errorf("exit %d: %s", code, errs)
	}
}

func TestAWorkerWithoutTheSecretIsRefused(t *testing.T) {
	c := startServer(t, "coordinator", "--cluster-secret", "s3cret")
	c.connect(t, 0)
	for _, args := range [][]string{{"--cluster-secret", "wrong"}, {}} {
		w := c.worker(t, args...)
		select {
		case <-w.done:
		case <-time.After(10 * time.Second):
			t.Fatalf("%v: it runs", args)
		}
		if w.cmd.ProcessState.ExitCode() != 1 {
			t.Errorf("%v: exit %d", args, w.cmd.ProcessState.ExitCode())
		}
	}
}

func TestPathsOutsideTheAllowedAreRefused(t *testing.T) {
	in := numbers(t, 10)
	c := startServer(t, "serve", "--allow-path", filepath.Dir(in))
	conn := c.connect(t, 1)
	n := 0
	if err := conn.QueryRow(context.Background(), "SELECT count(*) FROM '"+in+"'").Scan(&n); err != nil || n != 10 {
		t.Fatal(n, err)
	}
	for _, sql := range []string{
		"SELECT * FROM read_csv('/etc/passwd', delim = ':')", "COPY (SELECT 1) TO '/tmp/volley-must-not-be-written.csv'",
		"SELECT * FROM '" + filepath.Dir(in) + "/../../../../../../etc/*.csv'",
	} {
		_, err := conn.Exec(context.Background(), sql)
		var pe *pgconn.PgError
		if !errors.As(err, &pe) || pe.Code != "42501" {
			t.Errorf("%s: %v", sql, err)
		}
	}
}
