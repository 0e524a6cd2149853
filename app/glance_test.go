package app

import (
	"net/http"
	"testing"

	"volley/catalog/objstore/s3/s3test/faults"
)

// TestGlance: a single Parquet object is found by the request for its end. A small one is
// read by that alone.
func TestGlance(t *testing.T) {
	b := newPresumptions(t)
	b.must(t, "COPY (SELECT 7 AS n) TO 's3://facts/small.parquet'")
	b.write(t, "large", "parquet", 5)
	for _, c := range []struct {
		sql, want       string
		requests, heads int // -1: any
	}{
		{"SELECT n FROM 's3://facts/small.parquet'", "n 7", 1, 0},
		{"SELECT sum(n), min(length(t)) FROM 's3://facts/large/0.parquet'", "sum,min 5,32", -1, 0},
		// What is known is asked for by its name alone: its end would be read for nothing.
		{"SELECT n FROM 's3://facts/small.parquet'", "n 7", 1, 1},
	} {
		b.proxy.Set(faults.Fault{Applies: func(r *http.Request) bool { return r.Method == http.MethodHead }})
		got := b.must(t, c.sql)
		n := b.proxy.Counts()
		if got != c.want || n.Applied != c.heads || c.requests >= 0 && n.Requests != c.requests {
			t.Errorf("%s: %q by %d requests, of which %d for no bytes; want %q, %d, %d", c.sql, got, n.Requests, n.Applied, c.want, c.requests, c.heads)
		}
	}
	for _, missing := range []string{"s3://facts/none.parquet", "s3://nowhere/none.parquet"} {
		b.proxy.Clear()
		if got, _ := b.ask("SELECT * FROM '" + missing + "'"); got != "" {
			t.Errorf("%s: %q", missing, got)
		}
	}
	// A prefix of the name of an object is a directory.
	if got := b.must(t, "SELECT sum(n) FROM read_parquet('s3://facts/large')"); got != "sum 5" {
		t.Errorf("a directory: %q", got)
	}
	// A replaced object is another one.
	b.must(t, "COPY (SELECT 8 AS m) TO 's3://facts/small.parquet'")
	if got := b.must(t, "SELECT * FROM 's3://facts/small.parquet'"); got != "m 8" {
		t.Errorf("a replaced object: %q", got)
	}
}
