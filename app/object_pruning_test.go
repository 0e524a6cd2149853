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
		CREATE VIEW march AS SELECT n, year AS y FROM 's3://events/t/**/*.csv' WHERE month = 3;
		CREATE VIEW february AS SELECT n, year AS y FROM events WHERE month = 2;
		CREATE TABLE kept AS SELECT i AS n, 0 AS seen FROM generate_series(0, 4799) i`, "sql", "--data-dir", data); code != 0 {
		t.Fatalf("exit %d\n%s%s", code, out, errs)
	}
	const (
		one = "year = 2012 AND month = 2" // a page, and then the years, the months, and one of them
		all = "Planning Requests: ([89]|1[0-9]) "
		few = "Planning Requests: 4 "
	)
	const (
		files = "read_csv('s3://events/t/**/*.csv')"
		// A page, the years, the months of each of four, samples of eight months: 14. Then as of a table.
		outline = "Planning Requests: 18 "
	)
	for _, c := range []struct{ sql, want string }{
		{"EXPLAIN ANALYZE SELECT count(*) FROM " + files, "Planning Requests: ([5-9]|1[0-9]) "},
		{"EXPLAIN ANALYZE SELECT count(*) FROM " + files + " WHERE n < 10", "Planning Requests: ([5-9]|1[0-9]) "},
		{"EXPLAIN ANALYZE SELECT count(*) FROM " + files + " WHERE " + one, outline},
		{"EXPLAIN ANALYZE SELECT count(*) FROM 's3://events/t/**/*.csv' e WHERE e.year = 2012 AND month < 3 AND 1 < month", outline},
		{"EXPLAIN ANALYZE SELECT count(*) FROM 's3://events/t/year=20*/month=*/*.csv' WHERE " + one, outline},
		{"EXPLAIN ANALYZE SELECT count(*) FROM 's3://events/t/year=2012/*/*.csv' WHERE month = 2", "Planning Requests: ([2-9]|1[0-5]) "},
		{"EXPLAIN ANALYZE SELECT count(*) FROM march WHERE y = 2012", outline},
		{"EXPLAIN ANALYZE SELECT count(*) FROM (SELECT *, n + 1 FROM " + files + ") e WHERE " + one, outline},
		{"EXPLAIN ANALYZE UPDATE kept SET seen = 2 FROM " + files + " e WHERE e.n = kept.n AND " + one, outline},
		{"PREPARE p(bigint, bigint) AS SELECT count(*) FROM " + files + " WHERE year = $1 AND month = $2; EXPLAIN ANALYZE EXECUTE p(2012, 2)", few},
		{"SET plan_cache_mode = force_generic_plan; PREPARE p(bigint) AS SELECT count(*) FROM " + files + " WHERE year = $1 AND month = 2; EXPLAIN ANALYZE EXECUTE p(2012)", few},
		{"SELECT count(*), min(year), max(month), pg_typeof(min(year)) FROM " + files + " WHERE " + one, "100.*2012.*2.*bigint"},
		{"SELECT count(*), min(n), max(n) FROM " + files + " WHERE month = 12 AND year > 2011", "200.*3500.*4799"},
		{"DESCRIBE SELECT * FROM " + files + " WHERE year = 2012", "(?s)n .*bigint.*year .*bigint.*month .*bigint"},
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
		if strings.Contains(c.sql, "count(*)") && c.want == few && !strings.Contains(out, "Scan ") {
			t.Errorf("%s: another plan\n%s", c.sql, out)
		}
	}
	// With another value the year is text, which only the listing of all files tells.
	if err := os.MkdirAll(filepath.Join(server.Dir, "events", "t", "year=old", "month=1"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(server.Dir, "events", "t", "year=old", "month=1", "a.csv"), []byte("n\n1\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	out, errs, code := volley(t, "", "sql", "--format", "csv", "-c", "SELECT count(*), pg_typeof(max(year)), sum(n) FROM "+files+" WHERE year = '2012' AND month = 2 OR year > '3'")
	if code != 0 || out != "count,pg_typeof,sum\n101,text,254951\n" {
		t.Errorf("mixed values: exit %d\n%s%s", code, out, errs)
	}
}

// TestOtherColumnsInOtherDirectories: Parquet files that are wanted have the columns of all
// where they are not those of the files that were looked at first.
func TestOtherColumnsInOtherDirectories(t *testing.T) {
	server := s3test.Start(t)
	server.Setenv(t)
	server.MakeBucket(t, "events")
	dir := t.TempDir()
	if out, errs, code := volley(t, "COPY (SELECT 1::bigint AS n) TO '"+dir+"/long.parquet'; COPY (SELECT 2::integer AS n) TO '"+dir+"/short.parquet'", "sql"); code != 0 {
		t.Fatalf("exit %d\n%s%s", code, out, errs)
	}
	for i, name := range []string{"long", "short"} {
		content, err := os.ReadFile(filepath.Join(dir, name+".parquet"))
		if err != nil {
			t.Fatal(err)
		}
		below := filepath.Join(server.Dir, "events", "p", fmt.Sprintf("year=%d", 2010+i))
		for month := range 2 {
			if err := os.MkdirAll(filepath.Join(below, fmt.Sprintf("month=%d", month)), 0o755); err != nil {
				t.Fatal(err)
			}
			for n := range 501 {
				if err := os.WriteFile(filepath.Join(below, fmt.Sprintf("month=%d/%d.parquet", month, n)), content, 0o644); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	for _, c := range []struct{ sql, want string }{
		{"EXPLAIN ANALYZE SELECT sum(n) FROM 's3://events/p/**/*.parquet' WHERE year = 2010 AND month = 1", "read 501 of 501 parquet files"},
		{"SELECT count(*), sum(n), pg_typeof(max(n)) FROM 's3://events/p/**/*.parquet' WHERE year = 2011 AND month = 1", "501.*1002.*bigint"},
	} {
		out, errs, code := volley(t, "", "sql", "-c", c.sql)
		if code != 0 || !regexp.MustCompile(c.want).MatchString(out) {
			t.Errorf("%s: exit %d, want %s\n%s%s", c.sql, code, c.want, out, errs)
		}
	}
}
