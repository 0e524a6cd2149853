package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// The budget of these tests and the limit of resident memory, 1.25 times of it.
// What the rows below take, with the tables and keys over them, is five times the
// budget and more.
const (
	smallBudget = "128MB"
	mostBytes   = 160_000_000
)

// bigRows writes a Parquet file of n rows whose keys are all different.
func bigRows(t *testing.T, n int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "big.parquet")
	sql := fmt.Sprintf(`COPY (SELECT (g * 2654435761) %% 100000007 AS k, g %% 1000 AS s, g * 0.5::float8 AS v,
		'name of the customer ' || ((g * 2654435761) %% 100000007) AS t FROM generate_series(1::bigint, %d) g) TO '%s' (FORMAT parquet)`, n, path)
	if _, errs, code := volley(t, "", "sql", "-c", sql); code != 0 {
		t.Fatal(errs)
	}
	return path
}

// resident runs a command and gives its output and the most memory it has been
// resident with, the program's own pages included.
func resident(t *testing.T, args ...string) (stdout, stderr string, peak int64) {
	t.Helper()
	cmd := program(args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		_ = cmd.Wait()
		close(done)
	}()
	for {
		select {
		case <-done:
			return out.String(), errs.String(), peak
		case <-time.After(5 * time.Millisecond):
			peak = max(peak, residentPeak(cmd.Process.Pid))
		}
	}
}

// residentPeak is the kernel's high-water mark of a process, 0 when it is gone.
func residentPeak(pid int) int64 {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid)) // no file: it is gone
	for _, line := range strings.Split(string(text), "\n") {
		if f := strings.Fields(line); len(f) > 1 && f[0] == "VmHWM:" {
			n, _ := strconv.ParseInt(f[1], 10, 64)
			return n << 10
		}
	}
	return 0
}

func TestQueriesStayWithinTheBudget(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a minute")
	}
	if _, err := os.Stat("/proc/self/status"); err != nil {
		t.Skip("resident memory is not known here")
	}
	const rows = 3_000_000
	path := bigRows(t, rows)
	for _, c := range []struct{ name, sql, want string }{
		{"group by", "SELECT count(*), sum(c) FROM (SELECT k, t, count(*) AS c, max(v) FROM '%s' GROUP BY k, t) x", "3000000,3000000"},
		{"join", "SELECT count(*), sum(a.s - b.s) FROM '%[1]s' a JOIN '%[1]s' b ON a.k = b.k AND a.t = b.t", "3000000,0"},
		{"not in", "SELECT count(*) FROM '%[1]s' WHERE k NOT IN (SELECT k + 1 FROM '%[1]s')", "3000000"},
		{"array_agg", "SELECT count(*), sum(array_length(a, 1)) FROM (SELECT array_agg(v) AS a FROM '%s' GROUP BY k %% 2000000) x", "1873329,3000000"},
		{"order by", "SELECT count(*), min(t) FROM (SELECT * FROM '%s' ORDER BY t, k OFFSET 1) x WHERE length(t) > 3", "2999999,name of the customer 100"},
		{"count distinct", "SELECT count(DISTINCT t), count(DISTINCT k) FROM '%s'", "3000000,3000000"},
		{"percentile", "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY v) FROM '%s'", "750000.25"},
		{"mode", "SELECT count(*), min(m) FROM (SELECT mode() WITHIN GROUP (ORDER BY t) AS m FROM '%s' GROUP BY s %% 3) x", "3,name of the customer 10000012"},
		{"window", "SELECT sum(r), count(*) FROM (SELECT row_number() OVER (PARTITION BY s ORDER BY t) AS r FROM '%s') x", "4501500000,3000000"},
		{"partition", "SELECT sum(s - m), count(t), max(v) - max(x) FROM (SELECT s, t, v, min(s) OVER () AS m, max(v) OVER () AS x FROM '%s') x", "1498500000,3000000,0"},
	} {
		t.Run(c.name, func(t *testing.T) { staysWithinTheBudget(t, fmt.Sprintf(c.sql, path), c.want) })
	}
}

// staysWithinTheBudget runs a query with the smallest memory and two threads.
func staysWithinTheBudget(t *testing.T, sql, want string) {
	t.Helper()
	dir := t.TempDir()
	out, errs, peak := resident(t, "sql", "--threads", "2", "--memory", smallBudget, "--spill-dir", dir, "--format", "csv", "-c", sql)
	if _, got, _ := strings.Cut(strings.TrimSpace(out), "\n"); !strings.HasPrefix(got, want) {
		t.Errorf("%q, not %q: %s", got, want, errs)
	}
	if peak == 0 || peak > mostBytes {
		t.Errorf("resident with %d bytes, which is more than %d", peak, mostBytes)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) > 0 {
		t.Errorf("left in the spill directory: %v", left)
	}
}

// TestWideRowsStayWithinTheBudget: a batch of the usual number of rows would be
// larger than the budget, wherever its long values are made.
func TestWideRowsStayWithinTheBudget(t *testing.T) {
	if testing.Short() {
		t.Skip("the race detector's memory is not the budget's")
	}
	if _, err := os.Stat("/proc/self/status"); err != nil {
		t.Skip("resident memory is not known here")
	}
	for name, c := range map[string]struct{ sql, want string }{
		"projection":  {"SELECT count(*), sum(length(x)) FROM (SELECT repeat('x', 20000) || n AS x FROM generate_series(1, 10000) n OFFSET 0) t", "10000,200038894"},
		"constant":    {"SELECT count(*), sum(length(x)) FROM (SELECT repeat('x', 20000) AS x, n FROM generate_series(1, 10000) n OFFSET 0) t WHERE n > 0", "10000,200000000"},
		"argument":    {"SELECT count(*), sum(length(repeat(n::text, 5000))) FROM generate_series(1, 10000) n", "10000,194470000"},
		"filter":      {"SELECT count(*) FROM generate_series(1, 10000) n WHERE length(repeat(md5(n::text), 600)) = 19200", "10000"},
		"order by":    {"SELECT count(*), sum(length(x)) FROM (SELECT n, repeat(md5(n::text), 600) AS x FROM generate_series(1, 10000) n ORDER BY md5(n::text) OFFSET 1) t", "9999,191980800"},
		"group by":    {"SELECT count(*), sum(length(s)) FROM (SELECT string_agg(repeat(md5(n::text), 60), ',') AS s FROM generate_series(1, 90000) n GROUP BY n % 3000) t", "3000,172887000"},
		"join":        {"SELECT count(*), sum(length(x || b.n)) FROM (SELECT n, repeat(md5(n::text), 600) AS x FROM generate_series(1, 1000) n) a JOIN generate_series(1, 10000) b(n) ON a.n = b.n % 1000", "9990,191846853"},
		"long values": {"SELECT count(*), sum(length(x)) FROM (SELECT repeat(md5(n::text), 300000) AS x FROM generate_series(1, 20) n OFFSET 0) t", "20,192000000"},
	} {
		t.Run(name, func(t *testing.T) { staysWithinTheBudget(t, c.sql, c.want) })
	}
}

// TestManagedTablesStayWithinTheBudget: tables of several times the budget are made,
// changed and read, with what does not fit on disk.
func TestManagedTablesStayWithinTheBudget(t *testing.T) {
	if testing.Short() {
		t.Skip("the race detector's memory is not the budget's")
	}
	if _, err := os.Stat("/proc/self/status"); err != nil {
		t.Skip("resident memory is not known here")
	}
	staysWithinTheBudget(t, `
		CREATE TABLE m AS SELECT n, repeat(md5(n::text), 16) AS t FROM generate_series(1, 300000) n;
		INSERT INTO m SELECT n + 300000, t FROM m WHERE n <= 100000;
		UPDATE m SET n = -n WHERE n % 3 = 0;
		DELETE FROM m WHERE n % 2 = 0;
		ALTER TABLE m ADD COLUMN more int DEFAULT 7;
		SELECT count(*), sum(n), sum(length(t)), sum(more) FROM m`,
		"200000,13333066666,102400000,1400000")
}

// TestKeysStayWithinTheBudget: keys that memory has no room for are on disk, of tables that
// are made and of those that a process with more memory has left. They hold all the same.
func TestKeysStayWithinTheBudget(t *testing.T) {
	if testing.Short() {
		t.Skip("the race detector's memory is not the budget's")
	}
	if _, err := os.Stat("/proc/self/status"); err != nil {
		t.Skip("resident memory is not known here")
	}
	const table = "CREATE TABLE m (k bigint PRIMARY KEY, t text UNIQUE); INSERT INTO m SELECT n, 'name ' || n FROM generate_series(1::bigint, 700000) n;"
	const changes = `BEGIN;
		INSERT INTO m SELECT n, 'name ' || n FROM generate_series(650001, 750000) n ON CONFLICT DO NOTHING;
		DELETE FROM m WHERE k % 3 = 0;
		SAVEPOINT s;
		INSERT INTO m SELECT n, 'name ' || n FROM generate_series(3, 90000, 3) n;
		ROLLBACK TO s;
		INSERT INTO m SELECT -n, 'name ' || n FROM generate_series(3, 300000, 3) n;
		INSERT INTO m SELECT n, 'again ' || n FROM generate_series(3, 150000, 3) n;
		SELECT count(*), sum(k) FROM m;
		ROLLBACK;
		SELECT count(*), sum(k) FROM m`
	const changed = "count,sum\n650000,176249925000\ncount,sum\n700000,245000350000"
	data := t.TempDir()
	if _, errs, code := volley(t, "", "sql", "--memory", "1GB", "--data-dir", data, "-c", table); code != 0 {
		t.Fatal(errs)
	}
	for _, c := range []struct {
		name, data, sql, out, err string
	}{
		{"made", "", table + changes, changed, ""},
		{"opened", data, changes, changed, ""},
		{"a number again", data, "INSERT INTO m SELECT n, 'more ' || n FROM generate_series(1000000, 1, -1) n", "", "Key (k)=(700000) already exists."},
		{"a text again", data, "INSERT INTO m VALUES (-1, 'name 7')", "", "Key (t)=(name 7) already exists."},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, errs, peak := resident(t, "sql", "--threads", "2", "--memory", smallBudget, "--spill-dir", t.TempDir(), "--data-dir", c.data, "--format", "csv", "-c", c.sql)
			if strings.TrimSpace(out) != c.out {
				t.Errorf("%q, want %q", out, c.out)
			}
			if (errs == "") != (c.err == "") || !strings.Contains(errs, c.err) {
				t.Errorf("error %q, want %q", errs, c.err)
			}
			if peak == 0 || peak > mostBytes {
				t.Errorf("resident with %d bytes, which is more than %d", peak, mostBytes)
			}
		})
	}
}

// wideTable has rows of more than the budget.
const wideTable = "CREATE TABLE m (n int PRIMARY KEY, t text); INSERT INTO m SELECT n, repeat(md5(n::text), 64) FROM generate_series(1, 70000) n;"

// TestChangedRowsStayWithinTheBudget: rows whose keys are set all at once and those of
// RETURNING are on disk where memory is short.
func TestChangedRowsStayWithinTheBudget(t *testing.T) {
	if testing.Short() {
		t.Skip("the race detector's memory is not the budget's")
	}
	if _, err := os.Stat("/proc/self/status"); err != nil {
		t.Skip("resident memory is not known here")
	}
	for name, c := range map[string]struct{ sql, want string }{
		"keys are set":    {"UPDATE m SET n = n + 1; SELECT count(*), sum(n), sum(length(t)) FROM m", "70000,2450105000,143360000"},
		"rows of UPDATE":  {"WITH c AS (UPDATE m SET n = 70001 - n RETURNING n, t) SELECT count(*), sum(n), sum(length(t)) FROM c", "70000,2450035000,143360000"},
		"rows of DELETE":  {"WITH c AS (DELETE FROM m WHERE n > 100 RETURNING n, t) SELECT count(*), sum(n), sum(length(t)) FROM c", "69900,2450029950,143155200"},
		"rows of INSERT":  {"INSERT INTO m SELECT n + 70000, t FROM m RETURNING n, t", "70001," + strings.Repeat("c4ca4238a0b923820dcc509a6f75849b", 64) + "\n70002,"},
		"rows for nobody": {"UPDATE m SET t = t || 'x' RETURNING length(t)", "2049\n2049\n"},
	} {
		t.Run(name, func(t *testing.T) { staysWithinTheBudget(t, wideTable+c.sql, c.want) })
	}
}

// TestWhatChangesHoldIsInTheBudget: rows that are found in no order are in memory, so that
// what does not fit is refused.
func TestWhatChangesHoldIsInTheBudget(t *testing.T) {
	if testing.Short() {
		t.Skip("the race detector's memory is not the budget's")
	}
	if _, err := os.Stat("/proc/self/status"); err != nil {
		t.Skip("resident memory is not known here")
	}
	_, errs, peak := resident(t, "sql", "--threads", "2", "--memory", smallBudget, "--spill-dir", t.TempDir(), "-c", wideTable+
		"UPDATE m SET t = o.u FROM (SELECT n % 70000 + 1 AS i, repeat(md5(n::text), 64) AS u FROM generate_series(140000, 1, -1) n) o WHERE o.i = m.n")
	if !strings.Contains(errs, "53200") {
		t.Errorf("not refused: %s", errs)
	}
	if peak == 0 || peak > mostBytes {
		t.Errorf("resident with %d bytes, which is more than %d", peak, mostBytes)
	}
}

// TestWhatCannotSpillIsRefused: one value beyond the budget.
func TestWhatCannotSpillIsRefused(t *testing.T) {
	_, errs, code := volley(t, "", "sql", "--memory", smallBudget, "-c", "SELECT length(string_agg(repeat(g::text, 1000), '')) FROM generate_series(1, 1000000) g")
	if code != 1 || !strings.Contains(errs, "53200") && !strings.Contains(errs, "54000") {
		t.Errorf("exit %d: %s", code, errs)
	}
}

// TestManyClientsOnASmallBudget: 200 clients at once are answered or refused, and
// the server lives.
func TestManyClientsOnASmallBudget(t *testing.T) {
	if testing.Short() {
		t.Skip("the race detector's memory is not the budget's")
	}
	path := bigRows(t, 20_000)
	c := startServer(t, "serve", "--threads", "2", "--memory", smallBudget, "--allow-path", filepath.Dir(path))
	c.connect(t, 1)
	var mu sync.Mutex
	answered, refused := 0, 0
	var group sync.WaitGroup
	for i := range 200 {
		group.Go(func() {
			n, ctx := 0, t.Context()
			conn, err := pgx.Connect(ctx, fmt.Sprintf("postgres://user%d@%s/db?sslmode=disable", i%7, c.listen))
			if err == nil {
				defer func() { _ = conn.Close(context.Background()) }()
				err = conn.QueryRow(ctx, "SELECT count(*) FROM (SELECT k, t, count(*), max(v) FROM '"+path+"' GROUP BY k, t ORDER BY t) x").Scan(&n)
			}
			mu.Lock()
			defer mu.Unlock()
			var pe *pgconn.PgError
			switch {
			case err == nil && n == 20_000:
				answered++
			case errors.As(err, &pe) && (pe.Code == "53200" || pe.Code == "53300"):
				refused++
			default:
				t.Errorf("client %d: %d, %v", i, n, err)
			}
		})
	}
	group.Wait()
	if answered == 0 || answered+refused != 200 {
		t.Errorf("%d answered, %d refused", answered, refused)
	}
	if peak := residentPeak(c.cmd.Process.Pid); peak > mostBytes*5/4 {
		t.Errorf("resident with %d bytes", peak)
	}
	t.Logf("%d answered, %d refused, %d bytes resident", answered, refused, residentPeak(c.cmd.Process.Pid))
}

// TestSpillFilesOfAKilledProcessAreRemoved by the next one.
func TestSpillFilesOfAKilledProcessAreRemoved(t *testing.T) {
	dir := t.TempDir()
	c := startServer(t, "serve", "--spill-dir", dir)
	c.connect(t, 1)
	claims := func() int {
		dirs, err := filepath.Glob(filepath.Join(dir, "volley-spill-*"))
		if err != nil {
			t.Fatal(err)
		}
		return len(dirs)
	}
	if claims() != 1 {
		t.Fatalf("%d directories", claims())
	}
	c.signal(t, syscall.SIGKILL, 10*time.Second)
	if claims() != 1 {
		t.Fatal("the killed process has removed its directory")
	}
	if _, errs, code := volley(t, "", "sql", "--spill-dir", dir, "-c", "SELECT 1"); code != 0 {
		t.Fatal(errs)
	}
	if claims() != 0 {
		t.Errorf("%d directories are left", claims())
	}
}
