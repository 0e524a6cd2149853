package app

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	_ "github.com/jackc/pgx/v5/stdlib"
	"github.com/lib/pq"
)

// everyType is one value of each type, in SQL, and its text.
var everyType = []struct{ expr, text string }{
	{"true", "true"},
	{"(-7)::smallint", "-7"},
	{"42", "42"},
	{"9007199254740993", "9007199254740993"},
	{"1.5::real", "1.5"},
	{"0.1::double precision", "0.1"},
	{"12345.678::numeric(12,3)", "12345.678"},
	{"'text ü'::text", "text ü"},
	{"'\\x00ff'::bytea", "\x00\xff"},
	{"date '2015-01-31'", "2015-01-31"},
	{"timestamp '2015-01-31 12:34:56.789'", "2015-01-31 12:34:56.789"},
	{"timestamptz '2015-01-31 12:34:56+02'", "2015-01-31 10:34:56"},
	{"NULL::bigint", "<nil>"},
}

func typesQuery() string {
	var parts []string
	for _, e := range everyType {
		parts = append(parts, e.expr)
	}
	return "SELECT " + strings.Join(parts, ", ")
}

// show is a driver's value as text.
func show(v any) string {
	switch v := v.(type) {
	case nil:
		return "<nil>"
	case time.Time:
		v = v.UTC()
		if v.Equal(v.Truncate(24 * time.Hour)) {
			return v.Format(time.DateOnly)
		}
		return v.Format("2006-01-02 15:04:05.999")
	case []byte:
		return string(v)
	}
	return fmt.Sprint(v)
}

// TestDatabaseSQLReadsEveryType has two drivers read every type: lib/pq in text,
// and in binary with binary_parameters, pgx in binary and, by the simple
// protocol, in text.
func TestDatabaseSQLReadsEveryType(t *testing.T) {
	c := startServer(t, "serve")
	c.connect(t, 1)
	base := "postgres://ann@" + c.listen + "/db?sslmode=disable"
	for name, source := range map[string][2]string{
		"lib/pq":                   {"postgres", base},
		"lib/pq binary parameters": {"postgres", base + "&binary_parameters=yes"},
		"pgx":                      {"pgx", base},
		"pgx simple protocol":      {"pgx", base + "&default_query_exec_mode=simple_protocol"},
	} {
		db, err := sql.Open(source[0], source[1])
		if err != nil {
			t.Fatal(err)
		}
		rows, err := db.Query(typesQuery())
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !rows.Next() {
			t.Fatalf("%s: %v", name, rows.Err())
		}
		values := make([]any, len(everyType))
		targets := make([]any, len(everyType))
		for i := range values {
			targets[i] = &values[i]
		}
		if err := rows.Scan(targets...); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for i, e := range everyType {
			if got := show(values[i]); got != e.text {
				t.Errorf("%s: %s is %q (%T), want %q", name, e.expr, got, values[i], e.text)
			}
		}
		_ = rows.Close()
		var n int64
		var s string
		if err := db.QueryRow("SELECT $1::bigint + 1, upper($2)", 41, "abc").Scan(&n, &s); err != nil || n != 42 || s != "ABC" {
			t.Errorf("%s: parameters: %d %q %v", name, n, s, err)
		}
		tx, err := db.Begin()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if _, err := tx.Exec("SELECT 1/0"); err == nil {
			t.Errorf("%s: division by zero succeeded", name)
		}
		if _, err := tx.Exec("SELECT 1"); err == nil {
			t.Errorf("%s: a failed transaction goes on", name)
		}
		if err := tx.Rollback(); err != nil {
			t.Errorf("%s: rollback: %v", name, err)
		}
		_ = db.Close()
	}
}

func TestPgxPreparedStatementsAndRowLimits(t *testing.T) {
	in := numbers(t, 5000)
	c := startServer(t, "serve", "--allow-path", "/")
	conn := c.connect(t, 1)
	ctx := context.Background()
	if _, err := conn.Prepare(ctx, "q", "SELECT n, text FROM '"+in+"' WHERE n > $1 ORDER BY n LIMIT $2"); err != nil {
		t.Fatal(err)
	}
	for _, limit := range []int{0, 1, 3} {
		rows, err := conn.Query(ctx, "q", 100, limit)
		if err != nil {
			t.Fatal(err)
		}
		got, err := pgx.CollectRows(rows, pgx.RowToStructByPos[struct {
			N    int64
			Text string
		}])
		if err != nil || len(got) != limit || limit > 0 && (got[0].N != 101 || got[0].Text != "row 101,\nof 5000") {
			t.Fatalf("limit %d: %v %v", limit, got, err)
		}
	}
	var pe *pgconn.PgError
	if _, err := conn.Exec(ctx, "SELECT nothing FROM '"+in+"'"); !errors.As(err, &pe) || pe.Code != "42703" || pe.Position != 8 {
		t.Errorf("%v", err)
	}
	count := filepath.Join(filepath.Dir(in), "*.csv")
	for files := 1; files <= 3; files++ { // a prepared statement sees files that came later
		n := 0
		if err := conn.QueryRow(ctx, "SELECT count(*) FROM '"+count+"'").Scan(&n); err != nil || n != 5000*files {
			t.Errorf("%d files: %d rows, %v", files, n, err)
		}
		text, err := os.ReadFile(in)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(fmt.Sprintf("%s-%d.csv", in, files), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	batch := &pgx.Batch{}
	for i := range 5 {
		batch.Queue("SELECT $1::int * 2", i)
	}
	results := conn.SendBatch(ctx, batch)
	for i := range 5 {
		n := 0
		if err := results.QueryRow().Scan(&n); err != nil || n != 2*i {
			t.Errorf("batch %d: %d %v", i, n, err)
		}
	}
	if err := results.Close(); err != nil {
		t.Error(err)
	}
	limited, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
	defer cancel()
	if _, err := conn.Exec(limited, "SELECT sum(slow(n)) FROM '"+in+"'"); err == nil {
		t.Error("a cancelled query succeeded")
	}
	if _, err := c.connect(t, 1).Exec(ctx, "SET statement_timeout = 50; SELECT sum(slow(n)) FROM '"+in+"'"); !errors.As(err, &pe) || pe.Code != "57014" {
		t.Errorf("statement_timeout: %v", err)
	}
}

func TestErrorsThroughLibPQ(t *testing.T) {
	c := startServer(t, "serve")
	c.connect(t, 1)
	db, err := sql.Open("postgres", "postgres://ann@"+c.listen+"/db?sslmode=disable")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	_, err = db.Exec("SELECT missing")
	var pe *pq.Error
	if !errors.As(err, &pe) || pe.Code != "42703" || pe.Position != "8" {
		t.Errorf("%v", err)
	}
}

// TestPsql runs psql where it is installed.
func TestPsql(t *testing.T) {
	psql, err := exec.LookPath("psql")
	if err != nil {
		t.Skip("psql is not installed")
	}
	in := numbers(t, 10)
	c := startServer(t, "serve", "--allow-path", "/")
	c.connect(t, 1)
	host, port, _ := strings.Cut(c.listen, ":")
	out, err := exec.Command(psql, "-X", "-h", host, "-p", port, "-U", "ann", "-A", "-d", "db",
		"-c", "SELECT count(*), sum(n) FROM '"+in+"'", "-c", "BEGIN; SELECT 1 AS one; COMMIT", "-c", "SHOW server_version",
		"-c", "COPY (SELECT n FROM '"+in+"' LIMIT 2) TO STDOUT (FORMAT csv)").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	want := "count|sum\n10|55\n(1 row)\nBEGIN\none\n1\n(1 row)\nCOMMIT\nserver_version\n15.0\n(1 row)\n1\n2\n"
	if string(out) != want {
		t.Errorf("got\n%s\nwant\n%s", out, want)
	}
}
