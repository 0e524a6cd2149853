package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"volley/catalog/objstore/s3/s3test"
)

// bucket starts an S3 server, points this process and its children at it, and
// has three CSV and two Parquet objects written by COPY: the numbers 1 to 3000
// and their squares, each number once per format.
func bucket(t *testing.T) *s3test.Server {
	t.Helper()
	store := s3test.Start(t)
	store.Setenv(t)
	store.MakeBucket(t, "numbers")
	in := numbers(t, 3000)
	var sql strings.Builder
	for part := range 3 {
		fmt.Fprintf(&sql, "COPY (SELECT n, n * n AS square, text FROM '%s' WHERE n %% 3 = %d) TO 's3://numbers/csv/part-%d.csv' (FORMAT csv, HEADER);\n", in, part, part)
	}
	for part := range 2 {
		fmt.Fprintf(&sql, "COPY (SELECT n, n * n AS square, text FROM '%s' WHERE n %% 2 = %d) TO 's3://numbers/parquet/even=%d/part.parquet';\n", in, part, 1-part)
	}
	if out, errs, code := volley(t, sql.String(), "sql", "--format", "csv"); code != 0 {
		t.Fatalf("exit %d\n%s%s", code, out, errs)
	}
	return store
}

// TestS3 reads by pattern what COPY wrote, in one process and on two workers.
func TestS3(t *testing.T) {
	bucket(t)
	questions := []struct{ sql, want string }{
		{"SELECT count(*), sum(n), sum(square), count(DISTINCT text) FROM 's3://numbers/csv/*.csv'", "3000,4501500,9004500500,3000"},
		{"SELECT count(*), sum(n), sum(square), count(DISTINCT text) FROM 's3://numbers/parquet/**/*.parquet'", "3000,4501500,9004500500,3000"},
		{"SELECT count(*), min(n) FROM 's3://numbers/csv/part-[12].csv'", "2000,1"},
		{"SELECT even, count(*), min(n) FROM read_parquet('s3://numbers/parquet/**/*.parquet', hive_partitioning = true) GROUP BY 1 ORDER BY 1", "0,1500,1\n1,1500,2"},
		{"SELECT text FROM 's3://numbers/csv/*.csv' WHERE n = 2999", "\"row 2999,\nof 3000\""},
		{"SELECT count(*) FROM 's3://numbers/csv/*.csv' c JOIN 's3://numbers/parquet/**/*.parquet' p ON c.n = p.n AND c.text = p.text", "3000"},
	}
	for _, workers := range []int{0, 2} {
		for _, q := range questions {
			out, errs, code := volley(t, "", "sql", "--format", "csv", "--workers", fmt.Sprint(workers), "-c", q.sql)
			_, got, _ := strings.Cut(out, "\n") // without the header
			if code != 0 || strings.TrimSpace(got) != q.want {
				t.Errorf("%d workers: %s: exit %d, got %q, want %q\n%s", workers, q.sql, code, got, q.want, errs)
			}
		}
	}
}

// TestS3FromTwoWorkersToAnObject has worker processes read objects for a COPY
// whose output is an object again, and a worker killed in the middle of it.
func TestS3FromTwoWorkersToAnObject(t *testing.T) {
	store := bucket(t)
	c := startServer(t, "coordinator", "--allow-path", "s3://numbers/")
	c.worker(t, "--id", "steady", "--allow-path", "s3://numbers/")
	victim := c.worker(t, "--id", "victim", "--allow-path", "s3://numbers/")
	conn := c.connect(t, 2)
	ctx := context.Background()
	copied := make(chan error, 1)
	place := filepath.Join(t.TempDir(), "copy")
	if _, err := conn.Exec(ctx, "SET volley.speculation = off"); err != nil {
		t.Fatal(err)
	}
	go func() { // the first task of each worker is held up
		_, err := conn.Exec(ctx, "COPY (SELECT n, chaos(square, 'stall', '"+place+"', 2) FROM 's3://numbers/csv/*.csv' ORDER BY n) TO 's3://numbers/out.csv' (FORMAT csv)")
		copied <- err
	}()
	awaitFired(t, place, 2)
	if _, err := os.Stat(store.Dir + "/numbers/out.csv"); err == nil {
		t.Error("the object is there before the end")
	}
	victim.signal(t, syscall.SIGKILL, 10*time.Second)
	release(t, place)
	if err := <-copied; err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(store.Dir + "/numbers/out.csv")
	if err != nil {
		t.Fatal(err)
	}
	var want strings.Builder
	for n := 1; n <= 3000; n++ {
		fmt.Fprintf(&want, "%d,%d\n", n, n*n)
	}
	if string(got) != want.String() {
		t.Errorf("wrong output of %d bytes: %.200s", len(got), got)
	}
	var pe *pgconn.PgError
	if _, err := conn.Exec(ctx, "COPY (SELECT 1) TO 's3://other/x.csv'"); !errors.As(err, &pe) || pe.Code != "42501" {
		t.Errorf("a bucket that is not allowed: %v", err)
	}
}

func TestS3Errors(t *testing.T) {
	store := bucket(t)
	refused := func(name, sql, code string, words ...string) {
		t.Helper()
		out, errs, exit := volley(t, "", "sql", "-c", sql)
		if exit == 0 || !strings.Contains(errs, "ERROR "+code+":") {
			t.Errorf("%s: exit %d, %s%s", name, exit, out, errs)
		}
		for _, w := range words {
			if !strings.Contains(errs, w) {
				t.Errorf("%s: %q is not in %s", name, w, errs)
			}
		}
		for _, secret := range []string{store.SecretKey, "wrong-secret"} {
			if strings.Contains(errs, secret) {
				t.Errorf("%s: the message has the secret: %s", name, errs)
			}
		}
	}
	refused("no bucket", "SELECT * FROM 's3://nothing/x.csv'", "58P01", "nothing")
	refused("no bucket to write to", "COPY (SELECT 1) TO 's3://nothing/x.csv'", "58P01", "nothing")
	refused("no key", "SELECT * FROM 's3://numbers/nothing.csv'", "58P01", "s3://numbers/nothing.csv")
	refused("no match", "SELECT * FROM 's3://numbers/nothing-*.csv'", "58P01", "s3://numbers/nothing-*.csv")
	refused("bad data", "SELECT * FROM read_csv('s3://numbers/csv/part-0.csv', columns = {'n': 'int', 'square': 'int', 'text': 'int'})",
		"22P02", "s3://numbers/csv/part-0.csv")

	t.Setenv("AWS_SECRET_ACCESS_KEY", "wrong-secret")
	refused("wrong secret", "SELECT * FROM 's3://numbers/csv/part-0.csv'", "42501", "s3://numbers/", "AWS_ACCESS_KEY_ID")
	refused("wrong secret, pattern", "SELECT * FROM 's3://numbers/csv/*.csv'", "42501", "s3://numbers/", "AWS_ACCESS_KEY_ID")
	refused("wrong secret, write", "COPY (SELECT 1) TO 's3://numbers/x.csv'", "42501", "s3://numbers/", "AWS_ACCESS_KEY_ID")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "")
	refused("half of the credentials", "SELECT * FROM 's3://numbers/csv/part-0.csv'", "28000", "AWS_SECRET_ACCESS_KEY")
}
