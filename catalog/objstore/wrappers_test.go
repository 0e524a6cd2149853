package objstore_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"volley/catalog/objstore"
	"volley/catalog/objstore/local"
	"volley/catalog/objstore/mem"
	"volley/sqlerr"
)

var ctx = context.Background()

func newMux() (*objstore.Mux, *mem.Store) {
	remote := mem.New()
	return objstore.NewMux(local.New(), map[string]objstore.Store{"s3": remote, "mem": remote}), remote
}

func TestMux(t *testing.T) {
	mux, remote := newMux()
	remote.Put("mem://a", []byte("x"))
	name := filepath.Join(t.TempDir(), "f")
	w, err := mux.Create(ctx, "file://"+name)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Commit(); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{name, "file://" + name, "mem://a"} {
		if infos, err := mux.Glob(ctx, path); err != nil || len(infos) != 1 {
			t.Errorf("%s: %v, %v", path, infos, err)
		}
		r, err := mux.Open(ctx, path)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		r.Close()
	}
	for _, path := range []string{"gs://b/k", "http://h/x"} {
		if _, err := mux.Open(ctx, path); sqlerr.Code(err) != sqlerr.FeatureNotSupported {
			t.Errorf("%s: %v", path, err)
		}
	}
	if err := mux.Remove(ctx, "mem://a"); err != nil {
		t.Error(err)
	}
	if _, ok := remote.Get("mem://a"); ok {
		t.Error("mem://a is still there")
	}
}

const ok, no = "", sqlerr.InsufficientPrivilege

// allowCases are the codes that Open and Create give for paths, in the tree
// that TestAllow makes below base.
func allowCases(base string) []struct{ path, open, create string } {
	return []struct{ path, open, create string }{
		{"a.csv", ok, ok},
		{base + "/in/d/b.csv", ok, ok},
		{base + "/alias/a.csv", ok, ok},
		{"file://" + base + "/in/a.csv", ok, ok},
		{"self", ok, ok},
		{"d/../a.csv", ok, ok},
		{base + "/out/back/a.csv", ok, ok},
		{"d/new.csv", sqlerr.UndefinedFile, ok},
		{"nodir/new.csv", sqlerr.UndefinedFile, sqlerr.UndefinedFile},
		{"../out/secret.csv", no, no},
		{"../out/missing.csv", no, no},
		{"d/../../out/secret.csv", no, no},
		{"file", no, no},
		{"dir/secret.csv", no, no},
		{"dir/new.csv", no, no},
		{"new", no, no},
		{"loop", no, no},
		{"dir/../a.csv", ok, ok},
		{base + "/inside/c.csv", no, no},
		{base + "/insid", no, no},
		{base, no, no},
		{"/etc/passwd", no, no},
		{"a.csv\x00.csv", no, no},
		{"s3://b/p/x", ok, ok},
		{"S3://b/p/x", ok, ok},
		{"s3://b/pq/y", no, no},
		{"s3://b/p/../pq/y", no, no},
		{"s3://c/z", no, no},
		{"mem://p", no, no},
	}
}

// allowPatterns are the codes that Glob gives.
func allowPatterns(base string) map[string]string {
	return map[string]string{
		"*.csv":                  ok,
		base + "/in/*.csv":       ok,
		base + "/alias/**/*.csv": ok,
		"{a,d/b}.csv":            ok,
		"s3://b/p/*":             ok,
		"*":                      no, // finds a link that leads out
		"../*/a.csv":             no,
		"../out/*.csv":           no,
		"d/*/../../../out/*":     no,
		"{a,../out/secret}.csv":  no,
		"dir/*.csv":              no,
		base + "/i*/c.csv":       no,
		"/etc/*":                 no,
		"s3://b/p*":              no,
		"s3://b/p*/x":            no,
		"s3://b/{p,pq}/*":        no,
		"s3://*/x":               no,
	}
}

// TestAllow tries every operation on every path.
func TestAllow(t *testing.T) {
	base := t.TempDir()
	for _, d := range []string{"in/d", "out", "inside"} {
		if err := os.MkdirAll(filepath.Join(base, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range []string{"in/a.csv", "in/d/b.csv", "out/secret.csv", "inside/c.csv"} {
		if err := os.WriteFile(filepath.Join(base, f), []byte("x"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for link, target := range map[string]string{
		"in/self": "a.csv", "in/file": "../out/secret.csv", "in/dir": base + "/out", "in/new": "../out/new.csv",
		"out/back": base + "/in", "alias": "in", "in/loop": "loop",
	} {
		if err := os.Symlink(target, filepath.Join(base, link)); err != nil {
			t.Fatal(err)
		}
	}
	mux, remote := newMux()
	for _, k := range []string{"s3://b/p/x", "s3://b/pq/y", "s3://c/z"} {
		remote.Put(k, []byte("x"))
	}
	store, err := objstore.Allow(mux, []string{base + "/alias/", "s3://b/p/"})
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(base + "/in")

	for _, c := range allowCases(base) {
		if strings.HasPrefix(c.path, "S3:") {
			remote.Put(c.path, nil) // the twin knows paths as they are
		}
		r, err := store.Open(ctx, c.path)
		if sqlerr.Code(err) != c.open {
			t.Errorf("open %q: %v, want %q", c.path, err, c.open)
		}
		if err == nil {
			r.Close()
		} else if c.open == no && (!strings.Contains(err.Error(), "permission denied for path") || !strings.Contains(sqlerr.Find(err).Hint, "--allow-path")) {
			t.Errorf("open %q: %v", c.path, err)
		}
		if _, err := store.Glob(ctx, c.path); sqlerr.Code(err) != c.open {
			t.Errorf("glob %q: %v, want %q", c.path, err, c.open)
		}
		w, err := store.Create(ctx, c.path)
		if sqlerr.Code(err) != c.create {
			t.Errorf("create %q: %v, want %q", c.path, err, c.create)
		}
		if err == nil {
			w.Close()
		}
		if c.create == no {
			if err := store.Remove(ctx, c.path); sqlerr.Code(err) != no {
				t.Errorf("remove %q: %v", c.path, err)
			}
		}
	}
	if err := store.Remove(ctx, "d/b.csv"); err != nil {
		t.Error(err)
	}
	for pattern, want := range allowPatterns(base) {
		if _, err := store.Glob(ctx, pattern); sqlerr.Code(err) != want {
			t.Errorf("glob %q: %v, want %q", pattern, err, want)
		}
	}
}

func TestCounters(t *testing.T) {
	var c objstore.Counters
	m := mem.New()
	s := objstore.Count(m, &c)
	w, _ := s.Create(ctx, "mem://x")
	io.WriteString(w, "hello")
	if err := w.Commit(); err != nil {
		t.Fatal(err)
	}
	r, err := s.Open(ctx, "mem://x")
	if err != nil {
		t.Fatal(err)
	}
	r.ReadAt(ctx, make([]byte, 3), 0)
	r.ReadAt(ctx, make([]byte, 3), 3)
	s.Glob(ctx, "mem://*")
	s.Remove(ctx, "mem://x")
	got := []int64{c.Creates.Load(), c.WriteBytes.Load(), c.Opens.Load(), c.Reads.Load(), c.ReadBytes.Load(), c.Globs.Load(), c.Removes.Load()}
	for i, want := range []int64{1, 5, 1, 2, 5, 1, 1} {
		if got[i] != want {
			t.Fatalf("counters %v", got)
		}
	}
}

// flaky fails each of the first n calls with err.
type flaky struct {
	objstore.Store
	n     int
	err   error
	calls int
}

func (f *flaky) fail() error {
	if f.calls++; f.calls <= f.n {
		return f.err
	}
	return nil
}

func (f *flaky) Open(ctx context.Context, path string) (objstore.Reader, error) {
	if err := f.fail(); err != nil {
		return nil, err
	}
	r, err := f.Store.Open(ctx, path)
	return &flakyReader{r, f}, err
}

type flakyReader struct {
	objstore.Reader
	f *flaky
}

func (r *flakyReader) ReadAt(ctx context.Context, p []byte, off int64) (int, error) {
	if err := r.f.fail(); err != nil {
		return 0, err
	}
	return r.Reader.ReadAt(ctx, p, off)
}

func TestRetry(t *testing.T) {
	m := mem.New()
	m.Put("mem://x", []byte("hello"))
	passing := sqlerr.New(sqlerr.IOError, "503")
	passing.Retryable = true
	final := sqlerr.New(sqlerr.UndefinedFile, "404")
	var waits []time.Duration
	policy := objstore.DefaultRetry
	policy.Sleep = func(ctx context.Context, d time.Duration) error {
		waits = append(waits, d)
		return ctx.Err()
	}
	for _, c := range []struct {
		n     int
		err   error
		calls int
		want  error
	}{
		{0, passing, 1, nil},
		{3, passing, 4, nil},
		{4, passing, 5, nil},
		{9, passing, 5, passing},
		{9, final, 1, final},
		{9, errors.New("plain"), 1, nil},
	} {
		waits = nil
		f := &flaky{Store: m, n: c.n, err: c.err}
		meter := &objstore.Meter{}
		r, err := objstore.Retry(f, policy).Open(objstore.WithMeter(ctx, meter), "mem://x")
		if got := meter.Traffic().Retries; f.calls != c.calls || len(waits) != c.calls-1 || got != int64(c.calls-1) {
			t.Errorf("%d× %v: %d calls, waits %v, %d retries counted", c.n, c.err, f.calls, waits, got)
		}
		for i, d := range waits {
			if full := policy.First << i; d < full/2 || d > full {
				t.Errorf("wait %d is %v", i, d)
			}
		}
		if c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%d× %v: %v", c.n, c.err, err)
		}
		if err == nil {
			f.calls = 0
			buf := make([]byte, 5)
			if n, err := r.ReadAt(ctx, buf, 0); n != 5 || err != nil {
				t.Errorf("%d× %v: read %d, %v", c.n, c.err, n, err)
			}
		}
	}
	canceled, cancel := context.WithCancel(ctx)
	f := &flaky{Store: m, n: 9, err: passing}
	policy.Sleep = func(ctx context.Context, d time.Duration) error { cancel(); return ctx.Err() }
	if _, err := objstore.Retry(f, policy).Open(canceled, "mem://x"); !errors.Is(err, context.Canceled) || f.calls != 1 {
		t.Errorf("canceled while waiting: %v after %d calls", err, f.calls)
	}
}
