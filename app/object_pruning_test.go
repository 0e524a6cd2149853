package app

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"volley/catalog/objstore/s3/s3test"
)

// writeTree writes files of one row each, year=2010…2013/month=1…12/0…99.csv, into a
// directory.
func writeTree(t *testing.T, dir string) {
	t.Helper()
	for i := range 4800 {
		dir := filepath.Join(dir, fmt.Sprintf("year=%d/month=%d", 2010+i/1200, 1+i/100%12))
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%d.csv", i%100)), fmt.Appendf(nil, "n\n%d\n", i), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// TestStatementsListWhatTheyWant: whatever kind of statement reads a table, and wherever
// the condition on its partitions comes from, other directories are not listed.
func TestStatementsListWhatTheyWant(t *testing.T) {
	server := s3test.Start(t)
	server.Setenv(t)
	server.MakeBucket(t, "events")
	writeTree(t, filepath.Join(server.Dir, "events", "t"))
	data := filepath.Join(t.TempDir(), "data")
	if out, errs, code := volley(t, `
		CREATE EXTERNAL TABLE events STORED AS CSV LOCATION 's3://events/t/';
		CREATE VIEW february AS SELECT n, year AS y FROM events WHERE month = 2;
		CREATE TABLE kept AS SELECT i AS n, 0 AS seen FROM generate_series(0, 4799) i`, "sql", "--data-dir", data); code != 0 {
		t.Fatalf("exit %d\n%s%s", code, out, errs)
	}
	const (
		one = "year = 2012 AND month = 2" // a page, and then the years, the months, and one of them
		all = "Planning Requests: ([89]|1[0-9]) "
		few = "Planning Requests: 4 "
	)
	for _, c := range []struct{ sql, want string }{
		{"EXPLAIN ANALYZE SELECT count(*) FROM events", all},
		{"EXPLAIN ANALYZE SELECT count(*) FROM events WHERE n < 10", all},
		{"EXPLAIN ANALYZE SELECT count(*) FROM events WHERE " + one, few},
		{"EXPLAIN ANALYZE SELECT count(*) FROM events WHERE year % 10 = 2 AND month + 1 = 3", few},
		{"EXPLAIN ANALYZE SELECT count(*) FROM events WHERE year BETWEEN 2012 AND 2012 AND month IN (2, 2)", few},
		{"EXPLAIN ANALYZE SELECT count(*) FROM events WHERE year * 100 + month = 201202", "Planning Requests: 7 "},
		{"EXPLAIN ANALYZE SELECT count(*) FROM events WHERE year = 2012 AND month = 2 OR year = 2013 AND month = 3", "Planning Requests: 6 "},
		{"EXPLAIN ANALYZE SELECT count(*) FROM events WHERE year IS NULL", "Planning Requests: 2 "},
		{"EXPLAIN ANALYZE SELECT count(*) FROM events WHERE false AND " + one, "Execution Time"},
		{"EXPLAIN ANALYZE SELECT count(*) FROM february WHERE y = 2012", few},
		{"EXPLAIN ANALYZE SELECT count(*) FROM (SELECT n, year, month FROM events GROUP BY 1, 2, 3) e WHERE " + one, few},
		{"EXPLAIN ANALYZE WITH e AS (SELECT * FROM events) SELECT count(*) FROM e WHERE " + one, few},
		{"EXPLAIN ANALYZE SELECT count(*) FROM kept WHERE n IN (SELECT n FROM events WHERE " + one + ")", few},
		{"EXPLAIN ANALYZE SELECT count(*) FROM kept WHERE EXISTS (SELECT 1 FROM events e WHERE e.n = kept.n AND " + one + ")", few},
		{"EXPLAIN ANALYZE SELECT count(*) FROM events e JOIN (VALUES (2012::bigint)) v(y) ON e.year = v.y WHERE v.y = 2012 AND month = 2", few},
		{"EXPLAIN ANALYZE CREATE TABLE copied AS SELECT * FROM events WHERE " + one, few},
		{"EXPLAIN ANALYZE INSERT INTO kept SELECT n, 1 FROM events WHERE " + one, few},
		{"EXPLAIN ANALYZE UPDATE kept SET seen = 2 FROM events e WHERE e.n = kept.n AND " + one, few},
		{"EXPLAIN ANALYZE DELETE FROM kept USING events e WHERE e.n = kept.n AND " + one, few},
		{"EXPLAIN ANALYZE WITH gone AS (DELETE FROM kept RETURNING n) SELECT count(*) FROM events e JOIN gone USING (n) WHERE " + one, few},
		{"PREPARE p(bigint, bigint) AS SELECT count(*) FROM events WHERE year = $1 AND month = $2; EXPLAIN ANALYZE EXECUTE p(2012, 2)", few},
		{"PREPARE p(bigint, bigint) AS SELECT count(*) FROM events WHERE year = $1 AND month = $2; EXECUTE p(2012, 2); EXECUTE p(2012, 2); EXPLAIN ANALYZE EXECUTE p(2012, 2)", few},
		{"SET plan_cache_mode = force_generic_plan; PREPARE p(bigint, bigint) AS SELECT count(*) FROM events WHERE year = $1 AND month = $2; EXECUTE p(2013, 2); EXPLAIN ANALYZE EXECUTE p(2012, 2)", few},
		{"SET plan_cache_mode = force_generic_plan; PREPARE p(bigint) AS UPDATE kept SET seen = 2 FROM events e WHERE e.n = kept.n AND year = $1 AND month = 2; EXPLAIN ANALYZE EXECUTE p(2012)", few},
		{"PREPARE p AS SELECT count(*) FROM events WHERE " + one + "; EXECUTE p; EXECUTE p; EXPLAIN ANALYZE EXECUTE p", few},
		{"COPY (SELECT n FROM events WHERE year = 2012 AND month = 12 AND n > 3598) TO STDOUT", "^3599\n$"},
		{"BEGIN; DECLARE c CURSOR FOR SELECT count(*), min(n), max(n) FROM events WHERE " + one + "; FETCH c", "100.*2500.*2599"},
	} {
		out, errs, code := volley(t, "", "sql", "--data-dir", data, "-c", c.sql)
		if code != 0 || !regexp.MustCompile(c.want).MatchString(out) {
			t.Errorf("%s: exit %d, want %s\n%s%s", c.sql, code, c.want, out, errs)
		}
		if strings.Contains(c.sql, "count(*)") && c.want == few && !strings.Contains(out, "Scan events") {
			t.Errorf("%s: another plan\n%s", c.sql, out)
		}
	}
}
