package app

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"volley/catalog/objstore"
	"volley/catalog/objstore/s3"
	"volley/catalog/objstore/s3/s3test"
	"volley/catalog/objstore/s3/s3test/faults"
	"volley/sqlerr"
)

// objectFault is a line of the table of faults.
type objectFault struct {
	name  string
	fault faults.Fault
	// code is the error of a query that meets the fault; "": it gives the answer
	// all the same.
	code string
	// tries is how often a range may be asked for at most; 0: any number.
	tries int
}

func objectFaults() []objectFault {
	return []objectFault{
		{name: "503 SlowDown, one request of ten", fault: faults.Fault{Every: 10, Spoil: faults.Status(503, "SlowDown")}},
		{name: "500, one of ten", fault: faults.Fault{Every: 10, Spoil: faults.Status(500, "InternalError")}},
		{name: "429, one of ten", fault: faults.Fault{Every: 10, Spoil: faults.Status(429, "TooManyRequests")}},
		{name: "reset instead of an answer", fault: faults.Fault{Every: 7, Spoil: faults.Reset}},
		{name: "reset within a body", fault: faults.Fault{Applies: faults.Data, Every: 3, Spoil: faults.ResetHalfway}},
		{name: "body cut short", fault: faults.Fault{Applies: faults.Data, Every: 3, Spoil: faults.CutShort}},
		{name: "half a body said to be all", fault: faults.Fault{Applies: faults.Data, Every: 3, Spoil: faults.CutShortByHeader}},
		{name: "no answer", fault: faults.Fault{Every: 5, Limit: 2, Spoil: faults.Silent}},
		{name: "stall within a body", fault: faults.Fault{Applies: faults.Data, Every: 3, Limit: 2, Spoil: faults.Stall}},
		{name: "a link of 10 MB/s", fault: faults.Fault{Applies: faults.Data, Spoil: faults.Slow(10e6)}},
		{name: "listing: 503", fault: faults.Fault{Applies: faults.Listing, Limit: 3, Spoil: faults.Status(503, "SlowDown")}},
		{name: "listing: reset", fault: faults.Fault{Applies: faults.Listing, Limit: 3, Spoil: faults.Reset}},
		{name: "listing: half an answer", fault: faults.Fault{Applies: faults.Listing, Limit: 3, Spoil: faults.HalfList}},
		{name: "listing: always 503", fault: faults.Fault{Applies: faults.Listing, Spoil: faults.Status(503, "SlowDown")}, code: sqlerr.IOError},
		{name: "another ETag", fault: faults.Fault{Applies: faults.Data, Every: 4, Spoil: faults.OtherETag}, code: sqlerr.DataCorrupted},
		{name: "412, the object changed", fault: faults.Fault{Applies: faults.Data, Every: 4, Spoil: faults.Status(412, "PreconditionFailed")}, code: sqlerr.DataCorrupted},
		{name: "another range", fault: faults.Fault{Applies: faults.Data, Every: 4, Spoil: faults.WrongRange}, code: sqlerr.IOError},
		{name: "silence", fault: faults.Fault{Applies: faults.Data, Spoil: faults.Silent}, code: sqlerr.IOError, tries: 5},
		{name: "always 503", fault: faults.Fault{Applies: faults.Data, Spoil: faults.Status(503, "SlowDown")}, code: sqlerr.IOError, tries: 5},
	}
}

// cacheState is what the caches have when a query meets its fault.
type cacheState string

const (
	cacheCold cacheState = "cold"
	cachePart cacheState = "part" // a third of the objects
	cacheFull cacheState = "full" // all that the query reads, if the same worker reads it again
)

// objectRun is one query under one fault.
type objectRun struct {
	format  string // csv, csv.gz, parquet
	workers int
	cache   cacheState
}

func objectRuns() (all []objectRun) {
	for _, workers := range []int{0, 2} {
		for _, state := range []cacheState{cacheCold, cachePart, cacheFull} {
			for _, format := range []string{"csv", "csv.gz", "parquet"} {
				all = append(all, objectRun{format, workers, state})
			}
		}
	}
	return all
}

// TestFaultObjects has queries over objects meet every fault of a store, from cold
// and warm caches, in one process and on two workers: each gives its exact answer,
// or the error that says what is wrong. VOLLEY_CHAOS_ROUNDS: every combination, and
// a table.
func TestFaultObjects(t *testing.T) {
	b := newObjectBench(t)
	runs := objectRuns()
	for i, f := range objectFaults() {
		chosen := runs
		if !longForm() { // all runs in turn, two with each fault
			chosen = []objectRun{runs[(4*i)%9], runs[9+(4*i+3)%9]}
			if f.code != "" || strings.HasPrefix(f.name, "listing") {
				chosen[0].cache, chosen[1].cache = cacheCold, cachePart
			}
		}
		fired, wrong := 0, 0
		for _, run := range chosen {
			n, err := b.meet(t, f, run)
			for range 2 { // a machine that stood still for seconds has not shown anything
				if !f.passes() || !gaveUpInTime(err) {
					break
				}
				t.Logf("%s: %+v: again, after %v", f.name, run, err)
				n, err = b.meet(t, f, run)
			}
			if fired += n; err != nil {
				wrong++
				t.Errorf("%s: %+v: %v", f.name, run, err)
			}
		}
		if fired == 0 {
			t.Errorf("%s: the fault was never there", f.name)
		}
		if longForm() {
			answer := "exact"
			if f.code != "" {
				answer = "ERROR " + f.code + " where it met a read, exact where not"
			}
			fmt.Printf("%-34s fired %5d times in %d queries: %d of %d as they must be: %s\n", f.name, fired, len(chosen), len(chosen)-wrong, len(chosen), answer)
		}
	}
}

// objectBench is a store behind a proxy for faults, and processes that read of it.
type objectBench struct {
	proxy  *faults.Proxy
	direct objstore.Store // without the proxy
	// servers by their number of worker processes.
	servers map[int]*pgx.Conn
	files   map[string][]byte // name → bytes
	want    map[string]string // format → answer
	serial  int
}

const objectFiles = 12

func newObjectBench(t *testing.T) *objectBench {
	t.Helper()
	store := s3test.Start(t)
	store.Setenv(t)
	store.MakeBucket(t, "faulty")
	proxy, err := faults.Start(store.Endpoint)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(proxy.Close)
	b := &objectBench{proxy: proxy, direct: s3.New(s3.Config{}), servers: map[int]*pgx.Conn{}, want: map[string]string{}}
	if _, err := b.direct.Glob(context.Background(), "s3://faulty/*"); err != nil { // it knows its server from now on
		t.Fatal(err)
	}
	t.Setenv("AWS_ENDPOINT_URL", proxy.URL)
	t.Setenv("VOLLEY_S3_TIMEOUT", "3s")
	t.Setenv("VOLLEY_ALLOW_PATH", "/,s3://faulty/")
	alone := startServer(t, "serve", "--threads", "2", "--cache-dir", t.TempDir())
	b.servers[0] = alone.connect(t, 0)
	c := startServer(t, "coordinator")
	for range 2 {
		c.worker(t, "--cache-dir", t.TempDir())
	}
	b.servers[2] = c.connect(t, 2)
	b.files = objectTable(t, b.servers[0])
	dir := t.TempDir()
	for name, data := range b.files {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, format := range []string{"csv", "csv.gz", "parquet"} {
		if b.want[format], err = b.ask(0, dir+"/part-*."+format); err != nil {
			t.Fatal(err)
		}
	}
	if w := b.want["csv"]; w != b.want["csv.gz"] || w != b.want["parquet"] || strings.Count(w, "\n") != 97 {
		t.Fatalf("the formats differ without a fault: %.300s", w)
	}
	return b
}

// objectTable makes a table in all formats: small files, and one of several requests.
func objectTable(t *testing.T, conn *pgx.Conn) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	dir := t.TempDir()
	n := 0
	for part := range objectFiles {
		rows := 300
		if part == objectFiles/2 {
			rows = 30_000
			if longForm() {
				rows *= 3
			}
		}
		var text bytes.Buffer
		text.WriteString("n,k,h\n")
		for range rows {
			n++
			fmt.Fprintf(&text, "%d,%d,%x\n", n, n%97, sha256.Sum256([]byte{byte(n), byte(n >> 8), byte(n >> 16)}))
		}
		name := filepath.Join(dir, fmt.Sprintf("part-%02d", part))
		if err := os.WriteFile(name+".csv", text.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		var packed bytes.Buffer
		w := gzip.NewWriter(&packed)
		_, _ = w.Write(text.Bytes())
		_ = w.Close()
		if _, err := conn.Exec(context.Background(), fmt.Sprintf("COPY (FROM '%s.csv') TO '%[1]s.parquet' (ROW_GROUP_SIZE 20000)", name)); err != nil {
			t.Fatal(err)
		}
		columns, err := os.ReadFile(name + ".parquet")
		if err != nil {
			t.Fatal(err)
		}
		base := filepath.Base(name)
		files[base+".csv"], files[base+".csv.gz"], files[base+".parquet"] = text.Bytes(), packed.Bytes(), columns
	}
	return files
}

// ask gives the answer over the files of a pattern as text.
func (b *objectBench) ask(workers int, pattern string) (string, error) {
	rows, err := b.servers[workers].Query(context.Background(),
		"SELECT k, count(*), sum(n), min(h), max(h), count(DISTINCT h) FROM '"+pattern+"' GROUP BY k ORDER BY k", pgx.QueryExecModeSimpleProtocol)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	var out strings.Builder
	for rows.Next() {
		for _, v := range rows.RawValues() {
			out.Write(v)
			out.WriteByte('|')
		}
		out.WriteByte('\n')
	}
	return out.String(), rows.Err()
}

// place makes new objects of a format, which no cache has, and gives their prefix.
func (b *objectBench) place(format string) (prefix string, err error) {
	b.serial++
	prefix = fmt.Sprintf("s3://faulty/run-%d/", b.serial)
	for name, data := range b.files {
		if !strings.HasSuffix(name, "."+format) {
			continue
		}
		w, err := b.direct.Create(context.Background(), prefix+name)
		if err != nil {
			return "", err
		}
		if _, err := w.Write(data); err != nil {
			return "", err
		}
		if err := w.Commit(); err != nil {
			return "", err
		}
	}
	return prefix, nil
}

// meet runs a query under a fault, tells how often this fired, and gives an error
// when the query did not end as it must.
func (b *objectBench) meet(t *testing.T, f objectFault, run objectRun) (fired int, err error) {
	t.Helper()
	prefix, err := b.place(run.format)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		for name := range b.files {
			_ = b.direct.Remove(context.Background(), prefix+name)
		}
	}()
	warm := map[cacheState]string{cachePart: "part-0[0-3].", cacheFull: "part-*."}[run.cache]
	if warm != "" {
		if _, err := b.ask(run.workers, prefix+warm+run.format); err != nil {
			return 0, fmt.Errorf("while the cache was filled: %w", err)
		}
	}
	b.proxy.Set(f.fault)
	got, err := b.ask(run.workers, prefix+"part-*."+run.format)
	counts := b.proxy.Counts()
	b.proxy.Clear()
	switch {
	case f.tries > 0 && counts.Tries > f.tries:
		return counts.Fired, fmt.Errorf("a range was asked for %d times", counts.Tries)
	case counts.Fired > 0 && f.code != "" && (err != nil || run.cache != cacheFull):
		return counts.Fired, objectError(err, f.code, prefix)
	// With a full cache a range may be fetched ahead that turns out not to be needed,
	// such as what follows a split of whole records: its fault is nobody's.
	case err != nil:
		return counts.Fired, err
	case got != b.want[run.format]:
		return counts.Fired, fmt.Errorf("wrong answer:\n%.400s\nwant:\n%.400s", got, b.want[run.format])
	case run.cache == cacheFull && run.workers == 0 && counts.Data > 0:
		return counts.Fired, fmt.Errorf("%d requests for data with a full cache", counts.Data)
	case counts.Fired == 0 && run.cache != cacheFull:
		return 0, errors.New("the fault was not there")
	}
	return counts.Fired, nil
}

// passes tells whether a query outlives the fault.
func (f objectFault) passes() bool { return f.code == "" }

// gaveUpInTime tells whether err is that a store was silent for too long, though not
// for as many attempts as are made: these take a fraction of that time.
func gaveUpInTime(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && e.Code == sqlerr.IOError && e.Detail != fmt.Sprintf("It was tried %d times.", objstore.DefaultRetry.Tries)
}

// objectError checks that err has the code and names what was read.
func objectError(err error, code, prefix string) error {
	var e *pgconn.PgError
	if !errors.As(err, &e) {
		return fmt.Errorf("no error %s but %w", code, err)
	}
	if e.Code != code || !strings.Contains(e.Message, prefix) {
		return fmt.Errorf("error %s: %s", e.Code, e.Message)
	}
	if code == sqlerr.DataCorrupted && !strings.Contains(e.Message, "changed while it was read") {
		return fmt.Errorf("the error does not say what happened: %s", e.Message)
	}
	return nil
}
