package app

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
)

// cancelPhase is what a session does when it is cancelled, for long enough.
type cancelPhase struct {
	name   string
	before []string // statements before it
	sql    string
	// run is instead of sql. It does what a client does that waits until goOn is closed.
	run func(ctx context.Context, conn *pgconn.PgConn, goOn <-chan struct{}) error
	// stuck: the client waits, so everything must be released before it goes on.
	stuck bool
	// quiet tells that the statement holds nothing any more; nil: that nobody does.
	quiet func(t *testing.T) bool
}

// cancelPhases makes the tables that the phases of TestFaultCancel work on.
func cancelPhases(t *testing.T, c *faultCluster) []cancelPhase {
	dir := t.TempDir()
	big := filepath.Join(dir, "big.csv")
	for _, sql := range []string{
		"CREATE TABLE big AS SELECT n, md5(n::text) AS t, n % 1000 AS g FROM generate_series(1, 2000000) AS x(n)",
		"COPY big TO '" + big + "' (FORMAT csv, HEADER)",
		"CREATE TABLE loaded (n bigint, t text, g bigint)",
		"CREATE TABLE keyed (n bigint PRIMARY KEY, t text, g bigint)",
		"CREATE FUNCTION upto(x bigint) RETURNS bigint LANGUAGE sql AS 'SELECT sum(g) FROM big WHERE n <= x'",
	} {
		if _, err := c.watch.Exec(context.Background(), sql); err != nil {
			t.Fatal(sql, err)
		}
	}
	many := filepath.Join(dir, "many")
	if err := os.Mkdir(many, 0o700); err != nil {
		t.Fatal(err)
	}
	for i := range 2000 {
		if err := os.WriteFile(filepath.Join(many, fmt.Sprint(i, ".csv")), []byte(fmt.Sprintf("a,b\n%d,x\n", i)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	file, wide := "'"+tableOf(t, 20000)+"'", "'"+tableOf(t, 300000)+"'"
	big = "'" + big + "'"
	var or []string
	for i := range 30000 {
		or = append(or, fmt.Sprintf("(n = %d AND n * 2 < %d)", i, i+5))
	}
	var lookups []string
	for i := range 1000 {
		lookups = append(lookups, fmt.Sprintf("(SELECT count(*) FROM big AS b%d WHERE b%d.g = a.g + %d)", i, i, i))
	}
	block, little := []string{"BEGIN"}, []string{"SET volley.memory = 4000000"}
	endless := "SELECT a.n, b.n FROM " + wide + " AS a, " + file + " AS b"
	return []cancelPhase{
		{name: "planning and first tasks", sql: "SELECT count(*) FROM " + wide + " AS a JOIN " + big + " AS b ON a.n = b.n % 1000 WHERE b.t < md5(a.n::text)"},
		{name: "planning many conditions", sql: "SELECT count(*) FROM " + wide + " WHERE " + strings.Join(or, " OR ")},
		{name: "planning many subqueries", sql: "EXPLAIN SELECT " + strings.Join(lookups, ", ") + " FROM big AS a"},
		{name: "sniffing many files", sql: "SELECT count(*) FROM '" + many + "/*.csv'"},
		{name: "a native function", sql: "SELECT sum(slow(n)) FROM " + file},
		{name: "a function of SQL", sql: "SELECT sum(upto(n)) FROM " + wide},
		{name: "a shuffle", sql: "SELECT count(*), sum(s) FROM (SELECT t, n, sum(g) AS s FROM " + big + ", generate_series(1, 5) GROUP BY 1, 2) AS t"},
		{name: "a join", sql: "SELECT count(*) FROM " + wide + " AS a JOIN " + wide + " AS b ON a.n % 100 = b.n % 100"},
		{name: "a join that spills", before: little, sql: "SELECT count(*), max(a.t) FROM " + big + " AS a JOIN " + big + " AS b ON a.t = b.t"},
		{name: "a nested loop", sql: "SELECT count(*) FROM " + file + " AS a JOIN " + wide + " AS b ON a.n * 2 < b.n - a.n"},
		{name: "a sort", sql: "SELECT max(r) FROM (SELECT row_number() OVER (ORDER BY md5(t), n) AS r FROM " + big + ") AS t"},
		{name: "a sort that spills", before: little, sql: "SELECT max(r) FROM (SELECT row_number() OVER (ORDER BY md5(t), n) AS r FROM " + big + ") AS t"},
		{name: "a window", sql: "SELECT max(s) FROM (SELECT sum(n) OVER (PARTITION BY n % 3 ORDER BY n ROWS BETWEEN 5000 PRECEDING AND CURRENT ROW) AS s FROM " + wide + ") AS t"},
		{name: "a sorted aggregate", sql: "SELECT length(string_agg(t, ',' ORDER BY md5(t))) FROM " + big},
		{name: "several DISTINCT", sql: "SELECT count(DISTINCT t), count(DISTINCT n), count(DISTINCT n * 7 % 1000003), count(DISTINCT t || g) FROM " + big},
		{name: "a recursive query", sql: "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 1000000000) SELECT max(n) FROM r"},
		{name: "a long series", sql: "SELECT count(*) FROM generate_series(1, 1000000000000)"},
		{name: "sleep", sql: "SELECT count(pg_sleep(0.01)) FROM " + file},
		{name: "a regular expression", sql: "SELECT count(*) FROM " + wide + " WHERE repeat(n::text || 'ab', 30) ~ '^(([a-z0-9])+.)+[A-Z]([a-z])+$'"},
		{name: "a regular expression that backtracks", sql: `SELECT count(*) FROM ` + file + ` WHERE repeat('a', 40) || n ~ '^(a+)+\1b$'`},
		{name: "a regular expression in a long text", sql: `SELECT length(regexp_replace(repeat('ab', 3000000), '(a)(b)', '\2\1', 'g'))`},
		{name: "a long JSON document", sql: "SELECT ('[' || repeat('1,', 20000000) || '1]')::json IS NULL"},
		{name: "the result", sql: endless},
		{name: "COPY TO STDOUT", run: func(ctx context.Context, conn *pgconn.PgConn, _ <-chan struct{}) error {
			_, err := conn.CopyTo(ctx, io.Discard, "COPY ("+endless+") TO STDOUT")
			return err
		}},
		{name: "a result that nobody reads", stuck: true, run: func(ctx context.Context, conn *pgconn.PgConn, goOn <-chan struct{}) error {
			results := conn.Exec(ctx, endless)
			results.NextResult()
			<-goOn
			return results.Close()
		}},
		{name: "COPY TO a file", sql: "COPY (" + endless + ") TO '" + filepath.Join(dir, "out.csv") + "'"},
		{name: "COPY TO partitions", sql: "COPY (SELECT a.n, b.n % 20 AS p FROM " + wide + " AS a, " + file + " AS b) TO '" + filepath.Join(dir, "out") + "' (FORMAT parquet, PARTITION_BY (p))"},
		{name: "COPY FROM a file", sql: "COPY loaded FROM '" + strings.Trim(big, "'") + "' (FORMAT csv, HEADER)"},
		{name: "COPY FROM a file, with a key", sql: "COPY keyed FROM '" + strings.Trim(big, "'") + "' (FORMAT csv, HEADER)"},
		{name: "COPY FROM STDIN", run: func(ctx context.Context, conn *pgconn.PgConn, _ <-chan struct{}) error {
			_, err := conn.CopyFrom(ctx, endlessRows{}, "COPY loaded FROM STDIN (FORMAT csv)")
			return err
		}},
		{name: "COPY FROM STDIN, paused", stuck: true, run: func(ctx context.Context, conn *pgconn.PgConn, goOn <-chan struct{}) error {
			_, err := conn.CopyFrom(ctx, pausedRows{goOn}, "COPY loaded FROM STDIN (FORMAT csv)")
			return err
		}},
		{name: "INSERT", before: block, sql: "INSERT INTO loaded SELECT b.n, b.t, b.g FROM big AS b, generate_series(1, 20)"},
		{name: "INSERT with a key", before: block, sql: "INSERT INTO keyed SELECT b.n + x * 10000000, b.t, b.g FROM big AS b, generate_series(1, 2) AS y(x)"},
		{name: "UPDATE", before: block, sql: "UPDATE big SET t = md5(t || g), g = g + 1"},
		{name: "UPDATE by a join", before: block, sql: "UPDATE big SET g = a.c FROM (SELECT n, count(*) AS c FROM big GROUP BY n) AS a WHERE a.n = big.n"},
		{name: "DELETE", before: block, sql: "DELETE FROM big WHERE n * 7 % 13 < 12"},
		{name: "CREATE INDEX", before: block, sql: "CREATE UNIQUE INDEX ON big (t, n)"},
		{name: "ANALYZE", before: block, sql: "ANALYZE big"},
		{name: "FETCH", before: []string{"BEGIN", "DECLARE c CURSOR FOR SELECT count(*) FROM " + wide + " AS a JOIN " + wide + " AS b ON a.n % 100 = b.n % 100"}, sql: "FETCH ALL FROM c"},
	}
}

// endlessRows are rows of loaded.
type endlessRows struct{}

// Read gives some of them.
func (endlessRows) Read(b []byte) (int, error) { return copy(b, strings.Repeat("1,x,2\n", 1000)), nil }

// pausedRows are a client's rows that do not come.
type pausedRows struct{ goOn <-chan struct{} }

// Read waits, and gives none.
func (r pausedRows) Read([]byte) (int, error) {
	<-r.goOn
	return 0, io.EOF
}
