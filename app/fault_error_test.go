package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
)

// TestFaultOfTheQuery has tasks fail for reasons of their own: the query ends at
// once with that error and the place, and nothing is tried again.
func TestFaultOfTheQuery(t *testing.T) {
	good, dir := tableOf(t, 20000), t.TempDir()
	text, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	bad := filepath.Join(dir, "bad.csv")
	if err := os.WriteFile(bad, []byte(strings.Replace(string(text), "\n15000\n", "\nfifteen\n", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	c := startFaults(t, 3)
	for round := range rounds(3) {
		place := func(fault string) string { return filepath.Join(dir, fmt.Sprintf("%s-%d-", fault, round)) }
		for _, test := range []struct{ name, sql, code, says string }{
			{"bad row", "SELECT sum(n) FROM read_csv('" + bad + "', types = {'n': 'bigint'})", "22P02", "line 15001"},
			{"division", "SELECT sum(1 / (n - 15000)) FROM '" + good + "'", "22012", "division by zero"},
			{"function", "SELECT sum(chaos(CASE n WHEN 15000 THEN n END, 'fail', '" + place("fail") + "', 1)) FROM '" + good + "'", "22023", "line 15001"},
			{"panic", "SELECT sum(chaos(CASE n WHEN 15000 THEN n END, 'panic', '" + place("panic") + "', 1)) FROM '" + good + "'", "38000", "line 15001"},
			{"cast after a shuffle", "SELECT max(('x' || s)::int) FROM (SELECT n % 500 AS g, sum(n) AS s FROM '" + good + "' GROUP BY 1) AS t", "22P02", "invalid input syntax"},
		} {
			t.Run(fmt.Sprintf("%s %d", test.name, round), func(t *testing.T) {
				a := <-c.ask(t, small, test.sql)
				var pe *pgconn.PgError
				if !errors.As(a.err, &pe) || pe.Code != test.code {
					t.Fatalf("%v, want %s", a.err, test.code)
				}
				all := pe.Message + "\n" + pe.Detail + "\n" + pe.Where
				if !strings.Contains(all, test.says) {
					t.Errorf("the error does not say %q: %s", test.says, all)
				}
				if !strings.Contains(all, "worker w") {
					t.Errorf("the error does not say which worker: %s", all)
				}
				mark := strings.ReplaceAll(test.sql[7:40], "'", "''")
				attempts := c.attempts(t, mark)
				if len(attempts) == 0 {
					t.Error("no attempts are known")
				}
				for _, at := range attempts {
					if at.number > 0 && at.state != "discarded" {
						t.Errorf("a task was tried again: %+v", at)
					}
				}
			})
		}
	}
	c.idle(t, idleWithin)
}

// TestFaultInOperators injects faults into operators of every stage: those of
// the way are made up for, and each is shown to have been there.
func TestFaultInOperators(t *testing.T) {
	file, dir := tableOf(t, 20000), t.TempDir()
	c := startFaults(t, 3)
	queries := map[string]string{
		"scan":      "SELECT count(*), sum(chaos(n, '%[1]s', '%[2]s', %[3]d)) FROM '" + file + "'",
		"filter":    "SELECT count(*), sum(n) FROM '" + file + "' WHERE chaos(n, '%[1]s', '%[2]s', %[3]d) > 0",
		"aggregate": "SELECT sum(c), sum(s) FROM (SELECT n %% 500 AS g, count(*) AS c, sum(n) AS s FROM '" + file + "' GROUP BY 1 HAVING chaos(sum(n)::bigint, '%[1]s', '%[2]s', %[3]d) > 0) AS t",
		"join":      "SELECT count(*), sum(chaos(a.n, '%[1]s', '%[2]s', %[3]d)) FROM '" + file + "' AS a JOIN '" + file + "' AS b ON a.n = b.n",
		"sort":      "SELECT count(*), sum(x) FROM (SELECT chaos(n, '%[1]s', '%[2]s', %[3]d) AS x FROM '" + file + "' ORDER BY n DESC OFFSET 0) AS t",
		"window":    "SELECT count(*), sum(chaos(x, '%[1]s', '%[2]s', %[3]d)) FROM (SELECT n AS x, row_number() OVER (PARTITION BY n %% 100 ORDER BY n) AS r FROM '" + file + "') AS t WHERE r > 0",
	}
	for round := range rounds(1) {
		for _, fault := range []string{"transport", "exit"} {
			for name, sql := range queries {
				c.settle(t, 3)
				t.Run(fmt.Sprintf("%s in %s %d", fault, name, round), func(t *testing.T) {
					place := filepath.Join(dir, fmt.Sprintf("%s-%s-%d-", fault, name, round))
					a := <-c.ask(t, small, fmt.Sprintf(sql, fault, place, 2))
					a.want(t, scanAnswer)
					pids := fired(place)
					if len(pids) != 2 {
						t.Errorf("the fault was there %d times, not twice", len(pids))
					}
					for _, pid := range pids {
						for id, w := range c.workers {
							if fault == "exit" && w.cmd.Process.Pid == pid {
								<-w.done
								delete(c.workers, id)
							}
						}
					}
				})
			}
		}
	}
	c.settle(t, 3)
	c.idle(t, idleWithin)
}

// TestFaultErrorsKeepTheirKind compares the errors that a process and a cluster
// give: all that a client sees must be the same, but for the worker's name.
func TestFaultErrorsKeepTheirKind(t *testing.T) {
	file := tableOf(t, 20000)
	c := startFaults(t, 2)
	alone := startServer(t, "serve", "--allow-path", "/").connect(t, 1)
	for _, expression := range []string{
		"1 / (n - n)", "(n || 'x')::int", "sqrt(-n)", "ln(0 * n)", "(n * 1000000000)::int", "repeat('x', n::int)::date",
		"substr('x', 1, (-n)::int)", "n::text::uuid", "broken(n)", "('[' || n)::jsonb",
		"chr((-n)::int)", "(ARRAY[n])[1]::smallint * 30000::smallint", "n::numeric(2, 1)", "decode(n::text, 'hex')", "regexp_replace(n::text, '(', '')",
	} {
		sql := "SELECT max((" + expression + ")::text), count(*) FROM '" + file + "'"
		_, want := alone.Exec(context.Background(), sql)
		a := <-c.ask(t, small, sql)
		var one, other *pgconn.PgError
		if !errors.As(want, &one) || !errors.As(a.err, &other) {
			t.Errorf("%s: %v in a process, %v in a cluster", expression, want, a.err)
			continue
		}
		if one.Code != other.Code || one.Position != other.Position || one.Detail != other.Detail || one.Hint != other.Hint {
			t.Errorf("%s:\n%+v in a process\n%+v in a cluster", expression, one, other)
		}
	}
}
