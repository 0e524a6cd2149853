package app

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// aged is a server that goes by listings of an hour, and another one that writes objects
// beside it.
type aged struct {
	*presumptions
	other *presumptions
}

func newAged(t *testing.T) *aged {
	b := &aged{presumptions: newPresumptions(t)}
	b.other = &presumptions{store: b.store, proxy: b.proxy, conn: startServer(t, "serve", "--allow-path", "s3://facts/").connect(t, 1)}
	b.must(t, "SET volley.listing_max_age = '1h'")
	return b
}

// asks is the answer to a query, or the code and hint of its error, and how many requests
// were made that were not for data.
func (b *aged) asks(t *testing.T, sql string) (answer string, listings int) {
	t.Helper()
	b.proxy.Clear()
	answer, err := b.ask(sql)
	if e := (*pgconn.PgError)(nil); errors.As(err, &e) {
		answer = e.Code + " " + e.Hint
	} else if err != nil {
		t.Fatal(err)
	}
	c := b.proxy.Counts()
	return answer, c.Requests - c.Data
}

// wants checks an answer, and that so many requests were made that were not for data; -1: any.
func (b *aged) wants(t *testing.T, sql, want string, listings int) {
	t.Helper()
	got, n := b.asks(t, sql)
	if !strings.HasSuffix(got, " "+want) {
		t.Errorf("%s: %q, want %s", sql, got, want)
	}
	if listings >= 0 && n != listings {
		t.Errorf("%s: %d requests for names, want %d", sql, n, listings)
	}
}

// TestListingMaxAge: within the age no listing is asked for, by queries of any kind; beyond
// it, what is there is read.
func TestListingMaxAge(t *testing.T) {
	b := newAged(t)
	for _, format := range []string{"csv", "parquet"} {
		t.Run(format, func(t *testing.T) {
			b.other.write(t, format, format, 1, 2, 3)
			files := fmt.Sprintf("'s3://facts/%s/*.%s'", format, format)
			sql := "SELECT sum(n) FROM " + files + " WHERE t <> ''"
			b.wants(t, sql, "6", 1)
			b.wants(t, sql, "6", 0)
			b.wants(t, "EXPLAIN (COSTS off) "+sql+"; SELECT 1", "1", 0)
			b.wants(t, "CREATE TABLE of_"+format+" AS "+sql+"; SELECT * FROM of_"+format, "6", 0)
			b.other.write(t, format, format, 1, 2, 3, 4)
			b.wants(t, sql, "6", 0)
			b.wants(t, "SET volley.listing_max_age = 0; "+sql, "10", 1)
			b.wants(t, "SET volley.listing_max_age = '1 h'; "+sql, "10", 0)
			time.Sleep(5 * time.Millisecond)
			b.wants(t, "SET volley.listing_max_age = 1; "+sql, "10", 1)
			b.must(t, "SET volley.listing_max_age = '1h'")
			b.wants(t, "PREPARE of_"+format+" AS "+sql+"; EXECUTE of_"+format+"; EXECUTE of_"+format, "10", 0)
		})
	}
}

// TestListingMaxAgeOfTable: a table may have an age of its own; what defines it, or makes
// its statistics, lists.
func TestListingMaxAgeOfTable(t *testing.T) {
	b := newAged(t)
	b.must(t, "SET volley.listing_max_age = 0")
	b.other.write(t, "own", "csv", 1, 2)
	sql := "SELECT sum(n) FROM own WHERE t <> ''"
	define := "CREATE OR REPLACE EXTERNAL TABLE own STORED AS CSV LOCATION 's3://facts/own/' OPTIONS (listing_max_age '%s'); SELECT 1"
	b.wants(t, fmt.Sprintf(define, "1min"), "1", -1)
	b.wants(t, sql, "3", 0)
	b.other.write(t, "own", "csv", 1, 2, 3)
	b.wants(t, sql, "3", 0)
	b.wants(t, "ANALYZE own; "+sql, "6", -1)
	b.wants(t, sql, "6", 0)
	b.other.write(t, "own", "csv", 1, 2, 3, 4)
	b.wants(t, sql, "6", 0)
	b.wants(t, "SELECT sum(n) FROM read_csv('s3://facts/own/*.csv', listing_max_age = '1min')", "10", 1)
	b.other.write(t, "own", "csv", 1, 2, 3, 4, 5)
	b.wants(t, "SELECT sum(n) FROM read_csv('s3://facts/own/*.csv', listing_max_age = '1min')", "10", 0)
	b.wants(t, "SELECT sum(n) FROM read_csv('s3://facts/own/*.csv')", "15", 1)
	b.must(t, "SET volley.listing_max_age = '1h'")
	b.wants(t, fmt.Sprintf(define, "0"), "1", -1)
	b.wants(t, sql, "15", 1)
	for _, bad := range []string{"soon", "-1s"} {
		if got, _ := b.asks(t, fmt.Sprintf(define, bad)); !strings.HasPrefix(got, "22023 ") {
			t.Errorf("an age of %q: %q", bad, got)
		}
		if got, _ := b.asks(t, fmt.Sprintf("SET volley.listing_max_age = '%s'", bad)); !strings.HasPrefix(got, "22023 ") {
			t.Errorf("an age of %q: %q", bad, got)
		}
	}
}

// TestListingMaxAgeOutdated: objects that are not there any more, or are others, end a query
// that went by an older listing, or it is answered by a new one; the next query is.
func TestListingMaxAgeOutdated(t *testing.T) {
	b := newAged(t)
	for _, c := range []struct {
		name   string
		change func(prefix, format string)
		code   string
		want   string
	}{
		{"replaced", func(prefix, format string) { b.other.write(t, prefix, format, 2) }, "XX001", "7"},
		{"removed", func(prefix, format string) {
			if err := os.Remove(filepath.Join(b.store.Dir, "facts", prefix, "1."+format)); err != nil {
				t.Fatal(err)
			}
		}, "58P01", "4"},
	} {
		for _, format := range []string{"csv", "parquet"} {
			t.Run(c.name+" "+format, func(t *testing.T) {
				prefix := c.name + "-" + format
				b.other.write(t, prefix, format, 1, 2, 3)
				sql := fmt.Sprintf("SELECT sum(n) FROM 's3://facts/%s/*.%s' WHERE t <> ''", prefix, format)
				b.wants(t, sql, "6", 1)
				c.change(prefix, format)
				got, _ := b.asks(t, sql)
				if !strings.HasPrefix(got, c.code+" The files were listed before") && !strings.HasSuffix(got, " "+c.want) {
					t.Errorf("%q, want %s and a hint, or %s", got, c.code, c.want)
				}
				b.wants(t, sql, c.want, -1)
				b.wants(t, sql, c.want, 0)
			})
		}
	}
}

// TestListingMaxAgeOwnWrites: what this server writes is read at once.
func TestListingMaxAgeOwnWrites(t *testing.T) {
	b := newAged(t)
	b.write(t, "mine", "csv", 1, 2)
	b.other.write(t, "theirs", "csv", 1)
	sql, theirs := "SELECT sum(n) FROM 's3://facts/mine/*.csv' WHERE t <> ''", "SELECT sum(n) FROM 's3://facts/theirs/*.csv'"
	b.wants(t, sql, "3", 1)
	b.wants(t, theirs, "1", 1)
	b.write(t, "mine", "csv", 1, 2, 3)
	b.wants(t, sql, "6", 1)
	b.wants(t, sql, "6", 0)
	b.must(t, "COPY (SELECT 4 AS n, 'a' AS t) TO 's3://facts/mine' (FORMAT csv, HEADER, PER_THREAD_OUTPUT, OVERWRITE_OR_IGNORE)")
	b.wants(t, sql, "10", 1)
	b.wants(t, theirs, "1", 0)
}

// TestListingMaxAgePartitions: so are partitions that a query wants, of which alone those
// were listed.
func TestListingMaxAgePartitions(t *testing.T) {
	b := newAged(t)
	for k := range 3 {
		dir := filepath.Join(b.store.Dir, "facts", "parts", fmt.Sprint("k=", k))
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		for i := range 700 {
			if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%d.csv", i)), []byte("n\n1\n"), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, from := range []string{"'s3://facts/parts/**/*.csv'", "parts"} {
		if from == "parts" {
			b.must(t, "CREATE EXTERNAL TABLE parts STORED AS CSV LOCATION 's3://facts/parts/' OPTIONS (header 'true')")
		}
		sql := "SELECT sum(n) FROM " + from + " WHERE k = %d"
		b.wants(t, fmt.Sprintf(sql, 1), "700", -1)
		b.wants(t, fmt.Sprintf(sql, 1), "700", 0)
		b.wants(t, fmt.Sprintf(sql, 2), "700", -1)
		b.wants(t, fmt.Sprintf(sql, 2), "700", 0)
	}
}
