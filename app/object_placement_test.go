package app

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"volley/catalog/objstore/s3"
	"volley/catalog/objstore/s3/s3test"
	"volley/catalog/objstore/s3/s3test/faults"
)

// TestSecondRunAsksForNoData reads objects twice on three workers with caches: the
// second time each reads again what it has.
func TestSecondRunAsksForNoData(t *testing.T) {
	store := s3test.Start(t)
	store.Setenv(t)
	store.MakeBucket(t, "placed")
	ctx := context.Background()
	direct := s3.New(s3.Config{})
	var text strings.Builder
	text.WriteString("n\n")
	for n := 100_000; text.Len() < 900_000; n++ { // a task each
		fmt.Fprintln(&text, n)
	}
	for i := range 3 {
		w, err := direct.Create(ctx, fmt.Sprintf("s3://placed/%d.csv", i))
		if err != nil {
			t.Fatal(err)
		}
		if _, err = w.Write([]byte(text.String())); err == nil {
			err = w.Commit()
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	proxy, err := faults.Start(store.Endpoint)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(proxy.Close)
	t.Setenv("AWS_ENDPOINT_URL", proxy.URL)
	t.Setenv("VOLLEY_ALLOW_PATH", "s3://placed/")
	c := startServer(t, "coordinator", "--cache-dir", t.TempDir())
	for i := range 3 {
		c.worker(t, "--id", fmt.Sprint("w", i), "--cache-dir", t.TempDir())
	}
	conn := c.connect(t, 3)
	ask := func() (answer [2]int64, counts faults.Counts) {
		proxy.Clear()
		if err := conn.QueryRow(ctx, "SELECT count(*), sum(n)::bigint FROM 's3://placed/*.csv'").Scan(&answer[0], &answer[1]); err != nil {
			t.Fatal(err)
		}
		return answer, proxy.Counts()
	}
	first, cold := ask()
	if cold.Data < 3 {
		t.Fatalf("%d requests for the data of three objects", cold.Data)
	}
	for range 5 {
		if again, warm := ask(); again != first || warm.Data != 0 || warm.Requests == 0 {
			t.Errorf("%v after %v: %+v", again, first, warm)
		}
	}
	var plan string
	if err := conn.QueryRow(ctx, "EXPLAIN (ANALYZE, FORMAT json) SELECT count(*) FROM 's3://placed/*.csv'").Scan(&plan); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"Workers": {`, `"w0": {`, `"w2": {`, `"Cache Hits": `, `"Cache Bytes": `} {
		if !strings.Contains(plan, want) {
			t.Errorf("%s is not in %s", want, plan)
		}
	}
	workers := 0
	if err := conn.QueryRow(ctx, "SELECT count(DISTINCT worker) FROM volley.tasks WHERE rows > 0").Scan(&workers); err != nil || workers != 3 {
		t.Errorf("%d workers had tasks (%v)", workers, err)
	}
}
