package copyto

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/catalog/memorytest"
	"volley/catalog/objstore"
	"volley/catalog/objstore/local"
	"volley/catalog/objstore/mem"
	"volley/catalog/parquet"
	"volley/sqlerr"
	"volley/sqltype"
)

var schema = arrow.NewSchema([]arrow.Field{
	{Name: "k", Type: sqltype.Int32, Nullable: true}, {Name: "s", Type: sqltype.Text, Nullable: true},
}, nil)

// batch is rows of 1,000 partitions, the last one NULL.
func batch(n int) arrow.Record {
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	for i := range n {
		if i%1000 == 999 {
			b.Field(0).AppendNull()
		} else {
			b.Field(0).(*array.Int32Builder).Append(int32(i % 1000))
		}
		b.Field(1).(*array.StringBuilder).Append("some text")
	}
	return b.NewRecord()
}

// suspending is a store in memory whose files pretend to need descriptors.
type suspending struct{ *mem.Store }

func (s suspending) Create(ctx context.Context, path string) (objstore.Writer, error) {
	w, err := s.Store.Create(ctx, path)
	return suspendable{w}, err
}

type suspendable struct{ objstore.Writer }

func (suspendable) Suspend() error { return nil }

// TestRowsAreReserved: rows that are kept are in the statement's account. Where it is full
// they are written early, and nothing is left in it in the end.
func TestRowsAreReserved(t *testing.T) {
	for _, o := range []Options{
		{PartitionBy: []string{"k"}, Parquet: &parquet.WriterOptions{}, Memory: 1 << 30},
		{PartitionBy: []string{"k"}, Memory: 1 << 30},
		{Parquet: &parquet.WriterOptions{RowGroupRows: 1 << 20}, Memory: 1 << 30},
		{Threads: 1, Memory: 1 << 30},
	} {
		for _, limit := range []int64{1 << 30, 64 << 10, 0} {
			store := mem.New()
			account := &memorytest.Account{Limit: limit}
			o.Directory, o.Extension = "mem://dir", ".x"
			w, err := New(objstore.WithMemory(t.Context(), account), store, schema, o)
			if err != nil {
				t.Fatal(err)
			}
			most := int64(0)
			for range 10 {
				if err := w.Write(batch(4000)); err != nil {
					t.Fatalf("%+v, limit %d: %v, %d bytes are kept", o, limit, err, w.buffered())
				}
				most = max(most, account.Used)
				if kept := w.buffered(); kept != account.Used && limit > 0 || kept > limit {
					t.Fatalf("%+v, limit %d: %d bytes are kept, %d reserved", o, limit, kept, account.Used)
				}
			}
			if limit == 1<<30 && most == 0 {
				t.Errorf("%+v: nothing was reserved", o)
			}
			if err := w.Commit(); err != nil || account.Used != 0 {
				t.Errorf("%+v, limit %d: %v, %d bytes are still reserved", o, limit, err, account.Used)
			}
			w.Close()
		}
	}
}

// TestManyPartitions writes 1,000 partitions with little memory and few files.
func TestManyPartitions(t *testing.T) {
	store := suspending{mem.New()}
	w, err := New(context.Background(), store, schema, Options{
		Directory: "mem://dir", PartitionBy: []string{"k"}, Extension: ".parquet", Parquet: &parquet.WriterOptions{}, Memory: 128 << 10,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	for range 10 {
		if err := w.Write(batch(4000)); err != nil {
			t.Fatal(err)
		}
		var kept int64
		for _, p := range w.partitions {
			kept += p.buffered()
		}
		if kept > 256<<10 || len(w.open.files) > maxOpenFiles {
			t.Fatalf("%d bytes are kept, %d files open", kept, len(w.open.files))
		}
	}
	if err := w.Commit(); err != nil {
		t.Fatal(err)
	}
	files, err := store.Glob(context.Background(), "mem://dir/*/data_0.parquet")
	if err != nil || len(files) != 1000 {
		t.Errorf("%d files, %v", len(files), err)
	}
	if _, ok := store.Get("mem://dir/k=__HIVE_DEFAULT_PARTITION__/data_0.parquet"); !ok {
		t.Error("NULL has no partition")
	}
}

// buffering is a store in memory whose writers hold all until they are prepared.
type buffering struct {
	*mem.Store
	held, most int64
}

func (s *buffering) Create(ctx context.Context, path string) (objstore.Writer, error) {
	w, err := s.Store.Create(ctx, path)
	return &bufferingWriter{Writer: w, store: s}, err
}

type bufferingWriter struct {
	objstore.Writer
	store *buffering
	held  atomic.Int64
}

func (w *bufferingWriter) Write(p []byte) (int, error) {
	w.held.Add(int64(len(p)))
	w.store.most = max(w.store.most, atomic.AddInt64(&w.store.held, int64(len(p))))
	return w.Writer.Write(p)
}

func (w *bufferingWriter) Buffered() int64 { return w.held.Load() }

func (w *bufferingWriter) Prepare() error {
	atomic.AddInt64(&w.store.held, -w.held.Swap(0))
	return nil
}

// TestBuffersOfTheStore: what a store holds of partitions stays below the limit and what
// one batch adds; partitions go on in other files, and no row is lost.
func TestBuffersOfTheStore(t *testing.T) {
	const limit = 100_000
	store := &buffering{Store: mem.New()}
	w, err := New(t.Context(), store, schema, Options{
		Directory: "mem://dir", PartitionBy: []string{"k"}, Extension: ".csv", Memory: 1 << 10, Buffers: limit,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	const batches, rows, line = 10, 4000, len("some text\n")
	for range batches {
		if err := w.Write(batch(rows)); err != nil {
			t.Fatal(err)
		}
	}
	if store.most <= limit/2 || store.most > limit+rows*int64(line) {
		t.Errorf("the store held %d bytes", store.most)
	}
	if err := w.Commit(); err != nil {
		t.Fatal(err)
	}
	files, err := store.Glob(t.Context(), "mem://dir/*/*.csv")
	var bytes int64
	for _, f := range files {
		bytes += f.Size
	}
	if err != nil || len(files) <= 1000 || bytes != batches*rows*int64(line) {
		t.Errorf("%d files, %d bytes, %v", len(files), bytes, err)
	}
}

// TestNothingIsLeft ends writers without Commit.
func TestNothingIsLeft(t *testing.T) {
	for _, o := range []Options{
		{PartitionBy: []string{"k"}, Parquet: &parquet.WriterOptions{}, Memory: 1 << 10},
		{Threads: 3, Parquet: &parquet.WriterOptions{RowGroupRows: 100}, FileBytes: 1},
		{PartitionBy: []string{"k"}, Compression: "zstd", Memory: 1 << 10},
	} {
		root := t.TempDir()
		o.Directory = filepath.Join(root, "a", "b")
		w, err := New(context.Background(), local.New(), schema, o)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Write(batch(300)); err != nil {
			t.Fatal(err)
		}
		w.Close()
		w.Close()
		if left, _ := os.ReadDir(root); len(left) > 0 {
			t.Errorf("%+v: %v is left", o, left)
		}
	}
}

// failing is a store whose n-th commit fails.
type failing struct {
	objstore.Store
	n *int
}

func (s failing) Create(ctx context.Context, path string) (objstore.Writer, error) {
	w, err := s.Store.Create(ctx, path)
	return failingWriter{w, w.(objstore.Restorer), s.n}, err
}

type failingWriter struct {
	objstore.Writer
	objstore.Restorer
	n *int
}

func (w failingWriter) Commit() error {
	if *w.n--; *w.n == 0 {
		return sqlerr.New(sqlerr.DiskFull, "no space left")
	}
	return w.Writer.Commit()
}

// TestFailedCommit: when one file of several cannot appear, the directory is what
// it was, files that were replaced included.
func TestFailedCommit(t *testing.T) {
	for _, mode := range []Mode{Replace, Merge, Append} {
		for n := 1; n <= 10; n++ {
			root := t.TempDir()
			for _, dir := range []string{"k=0", "k=7", "k=other"} {
				if err := os.Mkdir(filepath.Join(root, dir), 0o777); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(root, dir, "data_0.csv"), []byte("old "+dir), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			left := n
			w, err := New(context.Background(), failing{local.New(), &left}, schema, Options{
				Directory: root, Mode: mode, PartitionBy: []string{"k"}, Extension: ".csv", Memory: 1 << 20,
			})
			if err != nil {
				t.Fatal(err)
			}
			if err := w.Write(batch(10)); err != nil {
				t.Fatal(err)
			}
			if err := w.Commit(); sqlerr.Code(err) != sqlerr.DiskFull {
				t.Fatalf("commit: %v", err)
			}
			w.Close()
			var found []string
			_ = filepath.WalkDir(root, func(path string, d os.DirEntry, _ error) error {
				if !d.IsDir() {
					text, _ := os.ReadFile(path)
					found = append(found, strings.TrimPrefix(path, root+"/")+": "+string(text))
				}
				return nil
			})
			want := []string{"k=0/data_0.csv: old k=0", "k=7/data_0.csv: old k=7", "k=other/data_0.csv: old k=other"}
			if !slices.Equal(found, want) {
				t.Errorf("mode %d, commit %d failed: %q", mode, n, found)
			}
		}
	}
}

// remote is a store whose files are prepared, and cannot be taken back once they are
// there: of its writers' calls the n-th fails, and removals do if stuck says so.
type remote struct {
	*mem.Store
	calls *[]string
	n     *int
	after bool // the failing commit has happened all the same
	stuck bool
}

func (s remote) Create(ctx context.Context, path string) (objstore.Writer, error) {
	w, err := s.Store.Create(ctx, path)
	return remoteWriter{w, s}, err
}

func (s remote) Remove(ctx context.Context, path string) error {
	if s.stuck {
		return sqlerr.New(sqlerr.InsufficientPrivilege, "access denied")
	}
	return s.Store.Remove(ctx, path)
}

type remoteWriter struct {
	objstore.Writer
	s remote
}

var remoteCalls sync.Mutex

func (w remoteWriter) call(what string) error {
	remoteCalls.Lock()
	defer remoteCalls.Unlock()
	*w.s.calls = append(*w.s.calls, what)
	if *w.s.n--; *w.s.n == 0 {
		return sqlerr.New(sqlerr.DiskFull, "no space left")
	}
	return nil
}

func (w remoteWriter) Prepare() error { return w.call("prepare") }

func (w remoteWriter) Commit() error {
	err := w.call("commit")
	if err == nil || w.s.after {
		err = errors.Join(err, w.Writer.Commit())
	}
	return err
}

// versioned is a remote whose writers bring back what they have replaced.
type versioned struct{ remote }

func (s versioned) Create(ctx context.Context, path string) (objstore.Writer, error) {
	w, err := s.remote.Create(ctx, path)
	old, had := s.Get(path)
	return versionedWriter{w.(remoteWriter), func() error {
		if !had {
			return s.Store.Remove(ctx, path)
		}
		s.Put(path, old)
		return nil
	}}, err
}

type versionedWriter struct {
	remoteWriter
	undo func() error
}

func (w versionedWriter) Undo(context.Context) bool { return w.undo() == nil }

// TestFailedVersionedCommit: a store that keeps versions has again what it had, and the
// error names nothing.
func TestFailedVersionedCommit(t *testing.T) {
	const files = 10
	const first = "mem://d/k=0/data_0.csv" // of those that are committed
	for n := files + 1; n <= 2*files; n++ {
		var calls []string
		left := n
		s := versioned{remote{mem.New(), &calls, &left, false, false}}
		s.Put(first, []byte("old"))
		w, err := New(t.Context(), s, schema, Options{Directory: "mem://d", Mode: Merge, PartitionBy: []string{"k"}, Extension: ".csv", Memory: 1 << 20})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Write(batch(files)); err != nil {
			t.Fatal(err)
		}
		err = w.Commit()
		if e := sqlerr.Find(err); e == nil || e.Code != sqlerr.DiskFull || e.Detail != "" {
			t.Errorf("call %d: %+v", n, e)
		}
		w.Close()
		infos, err := s.Glob(t.Context(), "mem://d")
		if old, _ := s.Get(first); err != nil || len(infos) != 1 || string(old) != "old" {
			t.Errorf("call %d: %v are there, %q, %v", n, infos, old, err)
		}
	}
}

// TestFailedRemoteCommit: of a store that cannot bring files back nothing is there
// unless all of it can be; what stays is named.
func TestFailedRemoteCommit(t *testing.T) {
	const files = 10
	const first = "mem://d/k=0/data_0.csv" // of those that are committed
	for n := 1; n <= 2*files; n++ {
		for _, after := range []bool{false, true} {
			for _, stuck := range []bool{false, true} {
				var calls []string
				left := n
				s := remote{mem.New(), &calls, &left, after, stuck}
				old, err := s.Store.Create(t.Context(), first)
				if err != nil {
					t.Fatal(err)
				}
				if err := old.Commit(); err != nil {
					t.Fatal(err)
				}
				w, err := New(t.Context(), s, schema, Options{Directory: "mem://d", Mode: Merge, PartitionBy: []string{"k"}, Extension: ".csv", Memory: 1 << 20})
				if err != nil {
					t.Fatal(err)
				}
				if err := w.Write(batch(10)); err != nil {
					t.Fatal(err)
				}
				err = w.Commit()
				if len(w.files) != files || sqlerr.Code(err) != sqlerr.DiskFull || slices.Index(calls, "commit") != files && n > files {
					t.Fatalf("call %d: %v after %v", n, err, calls)
				}
				w.Close()
				infos, err2 := s.Glob(t.Context(), "mem://d")
				if err2 != nil {
					t.Fatal(err2)
				}
				detail := sqlerr.Find(err).Detail
				for _, i := range infos {
					replaced := i.Path == first
					if !replaced && !stuck {
						t.Errorf("call %d, after %t: %s is there", n, after, i.Path)
					}
					if !replaced && !strings.Contains(detail, i.Path) || replaced && strings.Contains(detail, i.Path) != (n > files+1) {
						t.Errorf("call %d, after %t: of %s the error says %q", n, after, i.Path, detail)
					}
				}
			}
		}
	}
}

// TestDescriptors writes 1,000 partitions of files of the system.
func TestDescriptors(t *testing.T) {
	root := t.TempDir()
	w, err := New(context.Background(), local.New(), schema, Options{
		Directory: root, PartitionBy: []string{"k"}, Extension: ".parquet", Parquet: &parquet.WriterOptions{}, Memory: 1 << 10,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	most := 0
	for range 3 {
		if err := w.Write(batch(2000)); err != nil {
			t.Fatal(err)
		}
		open := 0
		descriptors, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Skip("the system does not show its open files")
		}
		for _, d := range descriptors {
			if to, err := os.Readlink("/proc/self/fd/" + d.Name()); err == nil && strings.HasPrefix(to, root) {
				open++
			}
		}
		most = max(most, open)
	}
	if most == 0 || most > maxOpenFiles {
		t.Errorf("%d files are open", most)
	}
}
