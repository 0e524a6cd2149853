package app

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"volley/catalog/objstore/s3/s3test"
)

// TestPartitionsAreNotListed: directories of partitions that a query does not want are
// not listed, and the answer is that of all files.
func TestPartitionsAreNotListed(t *testing.T) {
	server := s3test.Start(t)
	server.Setenv(t)
	server.MakeBucket(t, "events")
	data := filepath.Join(t.TempDir(), "data")
	if out, errs, code := volley(t, `
		COPY (SELECT n, 2000 + n % 12 AS year, n % 7 AS month FROM generate_series(1, 8400) n) TO 's3://events/t' (FORMAT csv, HEADER, PARTITION_BY (year, month));
		CREATE EXTERNAL TABLE events STORED AS CSV LOCATION 's3://events/t/';
		ANALYZE events`, "sql", "--data-dir", data); code != 0 {
		t.Fatalf("exit %d\n%s%s", code, out, errs)
	}
	listings := regexp.MustCompile(`Planning Requests: (\d+) for names`)
	for _, q := range []struct {
		from, want string
		requests   string
	}{
		{"FROM events", "8400", "1"},
		{"FROM events WHERE year = 2003", "700", "1"}, // all of the table is one page
		{"FROM events WHERE year = 2003 AND month = '2'", "100", "1"},
		{"FROM events e WHERE e.year IN (2003, 2004) AND 2 = e.month", "200", "1"},
		{"FROM events WHERE year < 2000", "0", "1"},
		{"FROM events WHERE year >= 2001", "7700", "1"},
		{"FROM events WHERE year + 0 = 2003", "700", "1"},
		{"FROM events WHERE year = 2003 OR n = 1", "701", "1"},
		{"FROM (VALUES (2003), (1)) v(y) LEFT JOIN events ON year = y AND month = 2 WHERE year = 2003", "100", "1"},
		{"FROM events a FULL JOIN events b USING (n, year) WHERE year = 2003 AND a.month = 2", "100", ""},
		{"FROM events AS e(year, x, y) WHERE year = 2003", "1", "1"}, // its name for another column
	} {
		out, errs, code := volley(t, "", "sql", "--data-dir", data, "--format", "csv", "-c", "SELECT count(*) "+q.from)
		if code != 0 || out != "count\n"+q.want+"\n" {
			t.Errorf("%s: exit %d, %s%s", q.from, code, out, errs)
		}
		out, errs, code = volley(t, "", "sql", "--data-dir", data, "-c", "EXPLAIN ANALYZE SELECT count(*) "+q.from)
		got := fmt.Sprint(listings.FindStringSubmatch(out))
		if code != 0 || q.requests != "" && !strings.HasSuffix(got, " "+q.requests+"]") {
			t.Errorf("%s: exit %d, %s requests, want %s\n%s%s", q.from, code, got, q.requests, out, errs)
		}
	}
}

// TestPartitionsInLittleMemory: many partitions that are written to S3 hold no more than
// a part of the memory; their rows go to more objects than there are partitions.
func TestPartitionsInLittleMemory(t *testing.T) {
	server := s3test.Start(t)
	server.Setenv(t)
	server.MakeBucket(t, "events")
	out, errs, code := volley(t, `
		COPY (SELECT n, n % 100 AS k, repeat('x', 300) AS text FROM generate_series(1, 100000) n) TO 's3://events/many' (FORMAT csv, HEADER, PARTITION_BY (k));
		SELECT count(*), count(DISTINCT n), sum(n), max(k), count(DISTINCT filename) > 150 FROM read_csv('s3://events/many/**/*.csv', filename = true)`,
		"sql", "--memory", "128MB", "--format", "csv")
	if code != 0 || !strings.HasSuffix(out, "\n100000,100000,5000050000,99,t\n") {
		t.Errorf("exit %d, %s%s", code, out, errs)
	}
}
