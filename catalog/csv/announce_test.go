package csv

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"volley/catalog"
	"volley/catalog/objstore"
	"volley/catalog/objstore/ahead"
	"volley/catalog/objstore/local"
	"volley/catalog/objstore/mem"
)

// TestRemoteRequests counts the requests that the splits of an object take, and the
// bytes that are fetched twice.
func TestRemoteRequests(t *testing.T) {
	ctx := context.Background()
	line := strings.Repeat("1,abcdefghijklmnopqrstuvwxyz,2.5\n", 1<<10)
	data := "a,b,c\n" + strings.Repeat(line, 700) // 23 MB
	objects, asked := mem.New(), &objstore.Counters{}
	objects.Put("mem://f.csv", []byte(data))
	store := ahead.New(1<<30, 8, nil).Wrap(objstore.Count(objects, asked))
	files := glob(t, store, "mem://f.csv")
	def, err := New().Infer(ctx, store, files, catalog.Given{})
	if err != nil {
		t.Fatal(err)
	}
	spec := specOf(def, 0)
	splits := []catalog.Split{
		{File: files[0], Start: 0, End: 12 << 20, Exact: true},
		{File: files[0], Start: 12 << 20, End: int64(len(data))},
	}
	before, bytes := asked.Reads.Load(), asked.ReadBytes.Load()
	var rows int
	for _, s := range splits {
		got, _, err := readSplit(store, spec, s)
		if err != nil {
			t.Fatal(err)
		}
		if rows += len(got); slices.ContainsFunc(got, func(row string) bool { return row != got[0] }) {
			t.Error("some rows are others")
		}
	}
	if rows != 700<<10 {
		t.Errorf("%d rows, want %d", rows, 700<<10)
	}
	if got := asked.Reads.Load() - before; got > 7 {
		t.Errorf("%d requests, at most 7", got)
	}
	if got := asked.ReadBytes.Load() - bytes - int64(len(data)); got > 1<<20 {
		t.Errorf("%d bytes more than there are, at most 1 MiB", got)
	}
}

// slowStore counts how many reads are under way, each of which waits for the others.
type slowStore struct {
	objstore.Store
	mu        sync.Mutex
	now, most int
}

func (s *slowStore) wrap() objstore.Store {
	return objstore.WrapReaders(s.Store, func(r objstore.Reader) objstore.Reader { return &slowReader{r, s} })
}

type slowReader struct {
	objstore.Reader
	of *slowStore
}

func (r *slowReader) ReadAt(ctx context.Context, p []byte, off int64) (int, error) {
	r.of.mu.Lock()
	r.of.now++
	r.of.most = max(r.of.most, r.of.now)
	r.of.mu.Unlock()
	time.Sleep(20 * time.Millisecond)
	n, err := r.Reader.ReadAt(ctx, p, off)
	r.of.mu.Lock()
	r.of.now--
	r.of.mu.Unlock()
	return n, err
}

// TestSamplesAtOnce: what is sampled of remote files is fetched by one request for each
// place, and some for the first, longest one, all at once, and decides what it decides otherwise.
func TestSamplesAtOnce(t *testing.T) {
	ctx := context.Background()
	var text strings.Builder
	text.WriteString("a;b;c\n")
	for n := 0; text.Len() < 3<<20; n++ {
		fmt.Fprintf(&text, "%d;'x;%d';2015-01-02\n", n, n)
	}
	const files = 5
	objects := mem.New()
	for i := range files {
		objects.Put(fmt.Sprintf("mem://t/%d.csv", i), []byte(text.String()))
	}
	slow, asked := &slowStore{Store: objects}, &objstore.Counters{}
	infer := func(store objstore.Store) string {
		def, err := New().Infer(ctx, store, glob(t, objects, "mem://t/*.csv"), catalog.Given{})
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(def.Schema, def.Options)
	}
	got := infer(objstore.Count(slow.wrap(), asked))
	if n := asked.Reads.Load(); n != headParts+3+(files-1) {
		t.Errorf("%d requests for the samples of %d files", n, files)
	}
	if slow.most < headParts+3 {
		t.Errorf("at most %d requests were under way at once", slow.most)
	}
	dir := t.TempDir()
	for i := range files {
		if err := os.WriteFile(fmt.Sprintf("%s/%d.csv", dir, i), []byte(text.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	disk := local.New()
	def, err := New().Infer(ctx, disk, glob(t, disk, dir+"/*.csv"), catalog.Given{})
	if err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprint(def.Schema, def.Options); got != want {
		t.Errorf("%s\nof remote files, of local ones\n%s", got, want)
	}
}
