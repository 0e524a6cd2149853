package app

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"volley/catalog/objstore/s3/s3test"
	"volley/catalog/objstore/s3/s3test/faults"
)

// presumptions is a server whose S3 store holds listings back until a task has read.
type presumptions struct {
	proxy *faults.Proxy
	store *s3test.Server
	conn  *pgx.Conn
	began atomic.Int64 // listings that ended after a task had begun to read
}

// hold has each listing wait for a task that reads, but no longer than the others do.
func (b *presumptions) hold(after faults.Spoil) { b.holdFor(3*time.Second, after) }

func (b *presumptions) holdFor(limit time.Duration, after faults.Spoil) {
	b.began.Store(0)
	b.proxy.Set(faults.Fault{Applies: faults.Listing, Spoil: func(w http.ResponseWriter, r *http.Request, pass http.Handler) {
		for late := time.Now().Add(limit); time.Now().Before(late); time.Sleep(time.Millisecond) {
			if b.proxy.Counts().Data > 0 {
				b.began.Add(1)
				break
			}
		}
		after(w, r, pass)
	}})
}

// pass is what is behind the proxy.
func pass(w http.ResponseWriter, r *http.Request, next http.Handler) { next.ServeHTTP(w, r) }

// ask is the answer to a query in the simple protocol, its columns first.
func (b *presumptions) ask(sql string) (string, error) {
	results, err := b.conn.PgConn().Exec(context.Background(), sql).ReadAll()
	return lastAnswer(results), err
}

// lastAnswer is the last of some results as text.
func lastAnswer(results []*pgconn.Result) string {
	if len(results) == 0 {
		return ""
	}
	last := results[len(results)-1]
	var lines []string
	var names []string
	for _, f := range last.FieldDescriptions {
		names = append(names, f.Name)
	}
	lines = append(lines, strings.Join(names, ","))
	for _, row := range last.Rows {
		var values []string
		for _, v := range row {
			values = append(values, string(v))
		}
		lines = append(lines, strings.Join(values, ","))
	}
	return strings.Join(lines, " ")
}

// must runs statements that do not fail.
func (b *presumptions) must(t *testing.T, sql string) string {
	t.Helper()
	out, err := b.ask(sql)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return out
}

// write makes objects by COPY, in each of which the sum of n is one of values. All are of
// one size, and too large for what is read of a file's end.
func (b *presumptions) write(t *testing.T, prefix, format string, values ...int) {
	t.Helper()
	for i, v := range values {
		b.copy(t, fmt.Sprintf("SELECT CASE i WHEN 1 THEN %d ELSE 0 END AS n, md5(i::text) AS t FROM generate_series(1, %d) i", v, rowsOfObject), prefix, i, format)
	}
}

const rowsOfObject = 5000

// copy writes an object.
func (b *presumptions) copy(t *testing.T, sql, prefix string, i int, format string) {
	t.Helper()
	options := map[string]string{"csv": "HEADER", "parquet": "COMPRESSION none"}[format]
	b.must(t, fmt.Sprintf("COPY (%s) TO 's3://facts/%s/%d.%s' (%s)", sql, prefix, i, format, options))
}

func newPresumptions(t *testing.T) *presumptions {
	b := &presumptions{store: s3test.Start(t)}
	b.store.MakeBucket(t, "facts")
	var err error
	if b.proxy, err = faults.Start(b.store.Endpoint); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.proxy.Close)
	b.store.Setenv(t)
	t.Setenv("AWS_ENDPOINT_URL", b.proxy.URL)
	b.conn = startServer(t, "serve", "--allow-path", "s3://facts/").connect(t, 1)
	return b
}

// TestPresumedListings: the second run of a query begins before the listing of its files
// has come, and answers by what that says, whatever it says.
func TestPresumedListings(t *testing.T) {
	b := newPresumptions(t)
	object := func(prefix, name string) string { return filepath.Join(b.store.Dir, "facts", prefix, name) }
	for _, c := range []struct {
		name   string
		change func(t *testing.T, prefix, format string)
		after  faults.Spoil
		want   string // an answer or a code of an error
	}{
		{name: "nothing", want: "6,3"},
		{name: "replaced", want: "7,3", change: func(t *testing.T, prefix, format string) {
			before, err := os.Stat(object(prefix, "0."+format))
			if err != nil {
				t.Fatal(err)
			}
			b.write(t, prefix, format, 2)
			if now, err := os.Stat(object(prefix, "0."+format)); err != nil || now.Size() != before.Size() {
				t.Fatalf("it has another size, %v", err)
			}
		}},
		{name: "added", want: "10,4", change: func(t *testing.T, prefix, format string) { b.write(t, prefix, format, 1, 2, 3, 4) }},
		{name: "removed", want: "4,2", change: func(t *testing.T, prefix, format string) {
			if err := os.Remove(object(prefix, "1."+format)); err != nil {
				t.Fatal(err)
			}
		}},
		{name: "all removed", want: "58P01", change: func(t *testing.T, prefix, format string) {
			if err := os.RemoveAll(object(prefix, "")); err != nil {
				t.Fatal(err)
			}
		}},
		{name: "other columns", want: "42703", change: func(t *testing.T, prefix, format string) {
			for i := range 3 {
				b.copy(t, "SELECT 1 AS other", prefix, i, format)
			}
		}},
		{name: "refused", want: "42501", after: faults.Status(http.StatusForbidden, "AccessDenied")},
	} {
		for _, format := range []string{"csv", "parquet"} {
			t.Run(c.name+" "+format, func(t *testing.T) {
				b.proxy.Clear()
				prefix := strings.ReplaceAll(c.name, " ", "-") + "-" + format
				b.write(t, prefix, format, 1, 2, 3)
				sql := fmt.Sprintf("SELECT sum(n), count(*) / %d FROM 's3://facts/%s/*.%s' WHERE t <> ''", rowsOfObject, prefix, format)
				if got := b.must(t, sql); got != "sum,?column? 6,3" {
					t.Fatalf("the first run gives %q", got)
				}
				if c.change != nil {
					c.change(t, prefix, format)
				}
				after := c.after
				if after == nil {
					after = pass
				}
				b.hold(after)
				got, err := b.ask(sql)
				if e := (*pgconn.PgError)(nil); errors.As(err, &e) {
					got = "," + e.Code
				} else if err != nil {
					t.Fatal(err)
				}
				if !strings.HasSuffix(got, c.want) {
					t.Errorf("the answer is %q, want %s", got, c.want)
				}
				if n := b.began.Load(); n == 0 {
					t.Error("no task has begun before the listing came")
				}
			})
		}
	}
}

// TestPresumedColumns: columns that were there before are told nobody.
func TestPresumedColumns(t *testing.T) {
	b := newPresumptions(t)
	for _, format := range []string{"csv", "parquet"} {
		b.proxy.Clear()
		b.write(t, format, format, 1)
		sql := fmt.Sprintf("FROM 's3://facts/%s/*.%s' LIMIT 1", format, format)
		if got := b.must(t, sql); got != "n,t 1,c4ca4238a0b923820dcc509a6f75849b" {
			t.Fatalf("the first run gives %q", got)
		}
		b.copy(t, "SELECT 'a' AS x, 2 AS y", format, 0, format)
		b.hold(pass)
		if got := b.must(t, sql); got != "x,y a,2" || b.began.Load() == 0 {
			t.Errorf("%s: the answer is %q, begun %d times before the listing", format, got, b.began.Load())
		}
		// What has just changed is listed first.
		b.proxy.Clear()
		b.copy(t, "SELECT 3 AS z", format, 0, format)
		if got := b.must(t, sql); got != "z 3" {
			t.Errorf("%s: the answer is %q", format, got)
		}
	}
}

// TestPresumedByPrepared: executions of prepared statements presume, and promise the
// columns that they had.
func TestPresumedByPrepared(t *testing.T) {
	b := newPresumptions(t)
	ctx := t.Context()
	for i, runs := range []func(sql string) (string, error){
		func(sql string) (string, error) {
			if b.conn.PgConn().TxStatus() == 'I' {
				if _, err := b.conn.Prepare(ctx, "wire", sql); err != nil {
					return "", err
				}
			}
			r := b.conn.PgConn().ExecPrepared(ctx, "wire", [][]byte{[]byte("0")}, nil, nil).Read()
			return lastAnswer([]*pgconn.Result{r}), r.Err
		},
		func(sql string) (string, error) {
			if _, err := b.ask("PREPARE named AS " + sql); err != nil && !strings.Contains(err.Error(), "already exists") {
				return "", err
			}
			return b.ask("EXECUTE named(0)")
		},
	} {
		b.proxy.Clear()
		prefix := fmt.Sprint("prepared-", i)
		b.write(t, prefix, "csv", 1, 2)
		sql := fmt.Sprintf("SELECT sum(n) FROM 's3://facts/%s/*.csv' WHERE n > $1::bigint", prefix)
		run := func(want string) {
			t.Helper()
			got, err := runs(sql)
			if err != nil {
				got = err.Error()
			}
			if !strings.Contains(got, want) {
				t.Errorf("the answer is %q, want %s", got, want)
			}
		}
		run("3")
		run("3")
		b.hold(pass)
		run("3")
		if b.began.Load() == 0 {
			t.Error("no task has begun before the listing came")
		}
		b.proxy.Clear()
		b.write(t, prefix, "csv", 4, 5)
		b.hold(pass)
		run("9")
		if b.began.Load() == 0 {
			t.Error("no task has begun before the listing came")
		}
		b.proxy.Clear()
		run("9")
		run("9")
		for i := range 2 {
			b.copy(t, "SELECT 1.5 AS n", prefix, i, "csv")
		}
		b.hold(pass)
		run("cached plan must not change result type")
	}
}

// TestEffectsWaitForListings: what cannot be taken back does not happen by a listing that
// was.
func TestEffectsWaitForListings(t *testing.T) {
	b := newPresumptions(t)
	b.must(t, "CREATE SEQUENCE s; CREATE TABLE kept (n bigint)")
	for _, c := range []struct{ sql, look, want string }{
		{"SELECT nextval('s') FROM (SELECT DISTINCT n FROM %s WHERE n > 0) f", "SELECT nextval('s')", "5"},
		{"INSERT INTO kept SELECT n FROM %s WHERE n > 0", "SELECT count(*), sum(n) FROM kept", "2,21"},
		{"WITH i AS (INSERT INTO kept SELECT n FROM %s WHERE n > 0 RETURNING n) SELECT sum(n) FROM i", "SELECT count(*), sum(n) FROM kept", "2,21"},
		{"COPY (SELECT n FROM %s) TO 's3://facts/out.csv' (HEADER)", "SELECT sum(n) FROM 's3://facts/out.csv'", "21"},
		{"BEGIN; DECLARE c CURSOR FOR SELECT sum(n) FROM %s; FETCH c; COMMIT", "SELECT 1", "1"},
	} {
		b.proxy.Clear()
		b.must(t, "DROP SEQUENCE s; CREATE SEQUENCE s; TRUNCATE kept")
		b.write(t, "effects", "csv", 1, 2)
		files := "'s3://facts/effects/*.csv'"
		query := "SELECT sum(n) FROM " + files
		b.must(t, query)
		b.must(t, query) // steady
		b.must(t, "SELECT setval('s', 2)")
		b.write(t, "effects", "csv", 10, 11)
		b.must(t, fmt.Sprintf(c.sql, files))
		if got := b.must(t, c.look); !strings.HasSuffix(got, " "+c.want) {
			t.Errorf("%s: %q, want %s", c.sql, got, c.want)
		}
	}
}

// TestVolatileQueriesWaitForListings: functions that may have effects are not called by a
// listing that was.
func TestVolatileQueriesWaitForListings(t *testing.T) {
	b := newPresumptions(t)
	b.write(t, "volatile", "csv", 1, 2)
	files := " FROM 's3://facts/volatile/*.csv' WHERE t <> ''"
	for _, c := range []struct {
		sql    string
		begins bool
	}{
		{"SELECT sum(n), max(upper(t))" + files, true},
		{"SELECT sum(n), max(random())" + files, false},
		{"WITH r AS MATERIALIZED (SELECT n, random() AS x" + files + ") SELECT sum(n), max(x) FROM r", false},
		{"SELECT sum(n)" + files + " AND EXISTS (SELECT random())", false},
	} {
		b.must(t, c.sql)
		b.must(t, c.sql)
		limit := 300 * time.Millisecond
		if c.begins {
			limit *= 10
		}
		b.holdFor(limit, pass)
		b.must(t, c.sql)
		if began := b.began.Load() > 0; began != c.begins {
			t.Errorf("%s: that it has begun before the listing came is %t", c.sql, began)
		}
		b.proxy.Clear()
	}
}

// TestPresumedPartitions: of a table, directories that a query does not want are left out of
// what is presumed too.
func TestPresumedPartitions(t *testing.T) {
	b := newPresumptions(t)
	for _, k := range []int{1, 2} {
		b.write(t, fmt.Sprint("table/k=", k), "parquet", 10*k, 20*k)
	}
	b.must(t, "CREATE EXTERNAL TABLE facts STORED AS PARQUET LOCATION 's3://facts/table/'")
	sql := "SELECT sum(n), count(DISTINCT k) FROM facts WHERE k = 2 AND t <> ''"
	asks := func(want string) {
		t.Helper()
		b.hold(pass)
		if got := b.must(t, sql); !strings.HasSuffix(got, " "+want) || b.began.Load() == 0 {
			t.Errorf("the answer is %q, want %s; begun %d times before the listing", got, want, b.began.Load())
		}
		b.proxy.Clear()
	}
	b.must(t, sql)
	asks("60,1")
	b.write(t, "table/k=2", "parquet", 20, 40, 5)
	asks("65,1")
	b.must(t, sql)
	b.write(t, "table/k=1", "parquet", 20)
	asks("65,1")
}
