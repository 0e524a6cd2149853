package cache

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"volley/catalog/objstore"
	"volley/catalog/objstore/objtest"
	"volley/sqlerr"
)

var ctx = context.Background()

func open(t *testing.T, dir string, size int64) *Cache {
	t.Helper()
	c, err := Open(dir, size)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// onDisk is what the files of a cache take.
func onDisk(t *testing.T, c *Cache, dir string) (bytes int64, files []string) {
	t.Helper()
	c.Sync()
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == lockName {
			return err
		}
		info, err := d.Info()
		bytes += info.Size()
		files = append(files, path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return bytes, files
}

// TestRandomRanges reads random ranges, in a cache of every size, across restarts.
func TestRandomRanges(t *testing.T) {
	for _, size := range []int64{0, 100 << 10, 1 << 20, 1 << 30} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			s := objtest.New()
			objects := map[string][]byte{}
			for i := range 3 {
				path := fmt.Sprintf("mem://o%d", i)
				objects[path] = objtest.Bytes(300_000+i*100_000, uint64(i))
				s.Put(path, objects[path])
			}
			dir, r := t.TempDir(), rand.New(rand.NewPCG(uint64(size), 2))
			for range 4 {
				c, err := Open(dir, size)
				if err != nil {
					t.Fatal(err)
				}
				for range 200 {
					path := fmt.Sprintf("mem://o%d", r.IntN(3))
					n := 1 + r.Int64N([]int64{10, 5000, 200_000}[r.IntN(3)])
					objtest.Check(t, objtest.Open(t, c.Wrap(s), path), objects[path], r.Int64N(int64(len(objects[path]))), n)
					if used, _ := c.Used(); used > size {
						t.Fatalf("%d bytes are used of %d", used, size)
					}
				}
				c.Sync()
				used, _ := c.Used()
				if bytes, _ := onDisk(t, c, dir); bytes != used || bytes > size {
					t.Fatalf("%d bytes on disk, %d counted, of %d", bytes, used, size)
				}
				c.Close()
			}
			if total := s.Given(); size == 1<<30 && total > 1_200_000 {
				t.Errorf("%d bytes were fetched of 1,200,000: some twice", total)
			}
		})
	}
}

// TestReadOnce has many readers ask for ranges that overlap.
func TestReadOnce(t *testing.T) {
	data := objtest.Bytes(1<<20, 1)
	s := objtest.New()
	s.Put("mem://o", data)
	c := open(t, t.TempDir(), 1<<30)
	gate := make(chan struct{})
	s.Before = func(context.Context, objstore.Range) error { <-gate; return nil }
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			objtest.Check(t, objtest.Open(t, c.Wrap(s), "mem://o"), data, int64(i%4)*1000, 1<<19)
		})
	}
	close(gate)
	wg.Wait()
	if got := s.Given(); got != 1<<19+3000 {
		t.Errorf("%d bytes were fetched, want %d", got, 1<<19+3000)
	}
}

// TestOverlap: a reader whose range begins in one that another reader fetches fetches the
// rest of its own meanwhile.
func TestOverlap(t *testing.T) {
	data := objtest.Bytes(3000, 1)
	s := objtest.New()
	s.Put("mem://o", data)
	c := open(t, t.TempDir(), 1<<30)
	first, rest := make(chan struct{}), make(chan struct{})
	s.Before = func(_ context.Context, r objstore.Range) error {
		if r.Off > 0 {
			close(rest)
			return nil
		}
		close(first)
		select {
		case <-rest:
		case <-time.After(10 * time.Second):
			t.Error("the rest is fetched after what another reader fetches")
		}
		return nil
	}
	var wg sync.WaitGroup
	wg.Go(func() { objtest.Check(t, objtest.Open(t, c.Wrap(s), "mem://o"), data, 0, 1500) })
	<-first
	objtest.Check(t, objtest.Open(t, c.Wrap(s), "mem://o"), data, 1000, 2000)
	wg.Wait()
	if got := s.Given(); got != 3000 {
		t.Errorf("%d bytes were fetched, want 3000", got)
	}
}

// TestFirstReaderGivesUp ends the read that others wait for.
func TestFirstReaderGivesUp(t *testing.T) {
	data := objtest.Bytes(1000, 1)
	s := objtest.New()
	s.Put("mem://o", data)
	c := open(t, t.TempDir(), 1<<30)
	began := make(chan struct{})
	var once sync.Once
	s.Before = func(ctx context.Context, _ objstore.Range) (err error) {
		once.Do(func() {
			close(began)
			<-ctx.Done()
			err = ctx.Err()
		})
		return err
	}
	first, cancel := context.WithCancel(ctx)
	failed := make(chan error)
	go func() {
		_, err := objtest.Open(t, c.Wrap(s), "mem://o").ReadAt(first, make([]byte, 1000), 0)
		failed <- err
	}()
	<-began
	done := make(chan struct{})
	go func() {
		defer close(done)
		objtest.Check(t, objtest.Open(t, c.Wrap(s), "mem://o"), data, 500, 500)
	}()
	cancel()
	if err := <-failed; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	<-done
}

// TestVersions puts another object in the place of one that was read.
func TestVersions(t *testing.T) {
	s := objtest.New()
	c := open(t, t.TempDir(), 1<<30)
	for i := range 3 {
		data := objtest.Bytes(1000, uint64(i))
		s.Put("mem://o", data)
		objtest.Check(t, objtest.Open(t, c.Wrap(s), "mem://o"), data, 0, 1000)
	}
}

func TestSizesAreVersions(t *testing.T) {
	small, large := objstore.Info{Path: "s3://b/k", Version: "a time", Size: 1}, objstore.Info{Path: "s3://b/k", Version: "a time", Size: 2}
	if idOf(small) == idOf(large) {
		t.Error("an object that has grown within a second is taken for what it was")
	}
}

// TestDamage spoils files between two processes, as a crash of the machine may.
func TestDamage(t *testing.T) {
	spoil := map[string]func(t *testing.T, file string){
		"a bit":     func(t *testing.T, file string) { flip(t, file, -100) },
		"a sum":     func(t *testing.T, file string) { flip(t, file, int64(headerLen)+5) },
		"header":    func(t *testing.T, file string) { flip(t, file, 3) },
		"offset":    func(t *testing.T, file string) { flip(t, file, int64(headerLen)-12) },
		"cut":       func(t *testing.T, file string) { must(t, os.Truncate(file, 1000)) },
		"empty":     func(t *testing.T, file string) { must(t, os.Truncate(file, 0)) },
		"zeroes":    func(t *testing.T, file string) { must(t, os.WriteFile(file, make([]byte, fileLen(0, 200_000)), 0o600)) },
		"removed":   func(t *testing.T, file string) { must(t, os.Remove(file)) },
		"directory": func(t *testing.T, file string) { must(t, os.Remove(file)); must(t, os.Mkdir(file, 0o700)) },
	}
	data := objtest.Bytes(200_000, 1)
	for name, spoil := range spoil {
		for _, restart := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, restart %v", name, restart), func(t *testing.T) {
				s := objtest.New()
				s.Put("mem://o", data)
				dir := t.TempDir()
				c, err := Open(dir, 1<<30)
				must(t, err)
				defer func() { c.Close() }()
				objtest.Check(t, objtest.Open(t, c.Wrap(s), "mem://o"), data, 0, 200_000)
				_, files := onDisk(t, c, dir)
				spoil(t, files[0])
				if restart {
					c.Close()
					c, err = Open(dir, 1<<30)
					must(t, err)
				}
				for range 2 {
					objtest.Check(t, objtest.Open(t, c.Wrap(s), "mem://o"), data, 0, 200_000)
				}
				if got := s.Given(); got != 400_000 {
					t.Errorf("%d bytes were fetched, want 400,000", got)
				}
			})
		}
	}
}

func flip(t *testing.T, file string, at int64) {
	t.Helper()
	b, err := os.ReadFile(file)
	must(t, err)
	b[(at+int64(len(b)))%int64(len(b))] ^= 4
	must(t, os.WriteFile(file, b, 0o600))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestLeastRecent reads one entry again and again while others come and go.
func TestLeastRecent(t *testing.T) {
	data := objtest.Bytes(1<<20, 1)
	s := objtest.New()
	s.Put("mem://o", data)
	c := open(t, t.TempDir(), 5*fileLen(0, 10_000)+5*sumLen) // some ranges are in two blocks
	r := objtest.Open(t, c.Wrap(s), "mem://o")
	meter := &objstore.Meter{}
	for i := range int64(50) {
		if _, err := r.ReadAt(objstore.WithMeter(ctx, meter), make([]byte, 10_000), 0); err != nil {
			t.Fatal(err)
		}
		objtest.Check(t, r, data, (1+i)*10_000, 10_000)
		c.Sync()
	}
	if got := len(s.Asked()); got != 51 {
		t.Errorf("%d reads, want 51: the one of use was not kept", got)
	}
	if got, want := meter.Traffic(), (objstore.Traffic{CacheHits: 49, CacheBytes: 490_000}); got != want {
		t.Errorf("traffic %v, want %v", got, want)
	}
	if got := c.Evictions.Load(); got != 46 {
		t.Errorf("%d evictions, want 46", got)
	}
}

// TestSmallerSize opens a cache again with less room.
func TestSmallerSize(t *testing.T) {
	data := objtest.Bytes(1<<20, 1)
	s := objtest.New()
	s.Put("mem://o", data)
	dir := t.TempDir()
	c, err := Open(dir, 1<<30)
	must(t, err)
	for i := range int64(10) {
		objtest.Check(t, objtest.Open(t, c.Wrap(s), "mem://o"), data, i*10_000, 10_000)
	}
	must(t, os.WriteFile(filepath.Join(dir, writingPrefix+"7"), []byte("torn"), 0o600))
	c.Close()
	c = open(t, dir, 3*fileLen(0, 10_000))
	if bytes, files := onDisk(t, c, dir); bytes != 3*fileLen(0, 10_000) || len(files) != 3 {
		t.Errorf("%d bytes in %v", bytes, files)
	}
	c.Resize(2 * fileLen(0, 10_000))
	if bytes, files := onDisk(t, c, dir); bytes != 2*fileLen(0, 10_000) || len(files) != 2 {
		t.Errorf("%d bytes in %v", bytes, files)
	}
}

// TestOneProcess refuses a directory that is in use.
func TestOneProcess(t *testing.T) {
	dir := t.TempDir()
	open(t, dir, 1<<20)
	if _, err := Open(dir, 1<<20); sqlerr.Code(err) != sqlerr.ObjectInUse {
		t.Error(err)
	}
}

// TestCannotWrite takes the directory away: reads go on.
func TestCannotWrite(t *testing.T) {
	data := objtest.Bytes(1000, 1)
	s := objtest.New()
	s.Put("mem://o", data)
	dir := t.TempDir()
	c := open(t, dir, 1<<20)
	must(t, os.RemoveAll(dir))
	for range 2 {
		objtest.Check(t, objtest.Open(t, c.Wrap(s), "mem://o"), data, 0, 1000)
		c.Sync()
	}
	if c.WriteErrors.Load() != 2 {
		t.Errorf("%d errors of writing, want 2", c.WriteErrors.Load())
	}
	if used, entries := c.Used(); used != 0 || entries != 0 {
		t.Errorf("%d bytes in %d entries", used, entries)
	}
}

// TestMany reads and evicts from many goroutines, for the race detector.
func TestMany(t *testing.T) {
	data := objtest.Bytes(1<<20, 1)
	s := objtest.New()
	s.Put("mem://o", data)
	dir := t.TempDir()
	c := open(t, dir, 1<<19)
	var wg sync.WaitGroup
	for i := range uint64(8) {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(i, 3))
			for range 300 {
				objtest.Check(t, objtest.Open(t, c.Wrap(s), "mem://o"), data, r.Int64N(1<<20), 1+r.Int64N(1<<16))
			}
		})
	}
	wg.Wait()
	c.Sync()
	used, _ := c.Used()
	if bytes, _ := onDisk(t, c, dir); bytes != used || bytes > 1<<19 {
		t.Errorf("%d bytes on disk, %d counted", bytes, used)
	}
}

// TestFullQueue: while the disk is slow, what was fetched is read from memory, and what
// would be too much for that is not kept.
func TestFullQueue(t *testing.T) {
	const part = 10_000
	data := objtest.Bytes(8*part, 1)
	s := objtest.New()
	s.Put("mem://o", data)
	dir := t.TempDir()
	c := open(t, dir, 1<<30)
	c.mu.Lock()
	c.writing, c.maxQueued = true, 4*part // nobody writes
	c.mu.Unlock()
	r := objtest.Open(t, c.Wrap(s), "mem://o")
	for range 2 {
		for i := range int64(8) {
			objtest.Check(t, r, data, i*part, part)
		}
	}
	if skipped, hits := c.Skipped.Load(), c.Hits.Load(); skipped != 8 || hits != 4 || s.Given() != 12*part {
		t.Errorf("%d parts were skipped, %d read from memory, %d bytes given", skipped, hits, s.Given())
	}
	if used, entries := c.Used(); used != 0 || entries != 0 {
		t.Errorf("%d bytes in %d entries before anything is written", used, entries)
	}
	c.writeQueue()
	if bytes, files := onDisk(t, c, dir); len(files) != 4 || bytes != 4*fileLen(0, part) {
		t.Errorf("%d bytes in %v", bytes, files)
	}
	for i := range int64(8) {
		objtest.Check(t, r, data, i*part, part)
	}
	if hits := c.Hits.Load(); hits != 8 {
		t.Errorf("%d hits, want 8", hits)
	}
}

// TestBufferIsHeld: a buffer that was read into is written as it was, whatever its
// memory is used for after the reader has let go of it, and others read it meanwhile.
func TestBufferIsHeld(t *testing.T) {
	const part = 1 << 20
	data := objtest.Bytes(4*part, 1)
	s := objtest.New()
	s.Put("mem://o", data)
	dir := t.TempDir()
	c := open(t, dir, 1<<30)
	c.mu.Lock()
	c.writing = true // nobody writes
	c.mu.Unlock()
	r := objtest.Open(t, c.Wrap(s), "mem://o")
	buffers := objstore.NewBuffers(1 << 30)
	for i := range int64(4) {
		b := buffers.Get(part)
		if n, err := objstore.ReadBuffer(t.Context(), r, b, i*part); n != part || err != nil || !bytes.Equal(b.Bytes, data[i*part:(i+1)*part]) {
			t.Fatalf("part %d: %d bytes, %v", i, n, err)
		}
		b.Release()
		clear(buffers.Get(part).Bytes) // whoever needs one next
	}
	for range 2 {
		for i := range int64(4) {
			objtest.Check(t, r, data, i*part, part)
		}
		if c.queued > 0 {
			c.writeQueue()
		}
	}
	if _, files := onDisk(t, c, dir); len(files) != 4 || s.Given() != 4*part {
		t.Errorf("%v were written, %d bytes given", files, s.Given())
	}
}

// TestOpenFiles: files stay open between reads, so many at most and none of an entry that
// is gone; what is damaged meanwhile is found.
func TestOpenFiles(t *testing.T) {
	const parts, part = maxOpenFiles + 10, 2*blockLen + 1000
	data := objtest.Bytes(parts*part, 1)
	s := objtest.New()
	s.Put("mem://o", data)
	dir := t.TempDir()
	c := open(t, dir, 1<<30)
	r := objtest.Open(t, c.Wrap(s), "mem://o")
	for i := range int64(parts) {
		objtest.Check(t, r, data, i*part, part)
	}
	_, files := onDisk(t, c, dir)
	open := func() int {
		c.mu.Lock()
		defer c.mu.Unlock()
		return len(c.files)
	}
	// in steps that end within blocks, forth and back
	for _, step := range []int64{10_000, blockLen, part} {
		for at := int64(0); at < part; at += step {
			for i := range int64(parts) {
				objtest.Check(t, r, data, i*part+at, min(step, part-at))
				objtest.Check(t, r, data, i*part+at/2, 100)
			}
		}
	}
	if n := open(); n != maxOpenFiles {
		t.Errorf("%d files are open, want %d", n, maxOpenFiles)
	}
	given := s.Given()
	for _, file := range files {
		flip(t, file, -10)
	}
	for i := range int64(parts) {
		objtest.Check(t, r, data, i*part, 100)
		objtest.Check(t, r, data, i*part+part-1000, 1000)
	}
	if again := s.Given() - given; again != parts*1000 {
		t.Errorf("%d bytes were fetched of damaged files, want %d", again, parts*1000)
	}
	if n := open(); n != 0 {
		t.Errorf("%d files of dropped entries are open", n)
	}
	c.Sync()
	objtest.Check(t, r, data, part-500, 100)
	c.Resize(0)
	if n := open(); n != 0 {
		t.Errorf("%d files of evicted entries are open", n)
	}
}

// TestBlocks: ranges that begin and end anywhere in blocks are read in any pieces, and a bit
// that is wrong anywhere in one is found by whoever reads its block, but by nobody else.
func TestBlocks(t *testing.T) {
	data := objtest.Bytes(6*blockLen, 1)
	for _, x := range []struct{ off, n int64 }{
		{0, blockLen}, {1, 10}, {blockLen - 1, 2}, {blockLen - 5, blockLen + 10}, {blockLen, 2 * blockLen}, {100, 3*blockLen - 100}, {blockLen + 7, 4*blockLen - 3},
	} {
		s := objtest.New()
		s.Put("mem://o", data)
		dir := t.TempDir()
		c := open(t, dir, 1<<30)
		r := objtest.Open(t, c.Wrap(s), "mem://o")
		objtest.Check(t, r, data, x.off, x.n)
		_, files := onDisk(t, c, dir)
		for _, step := range []int64{1000, blockLen, 2*blockLen + 1} {
			for at := int64(0); at < x.n; at += step {
				objtest.Check(t, r, data, x.off+at, min(step, x.n-at))
			}
		}
		for bad := x.off; bad < x.off+x.n; bad += max(1, x.n/7) {
			flip(t, files[0], bad-x.off-x.n)
			f, err := openEntry(files[0], &entry{object: &object{id: r.(*reader).id}, off: x.off, len: x.n})
			must(t, err)
			for at := x.off; at < x.off+x.n; at++ {
				if at != bad && at != x.off && at%blockLen > 1 && at%blockLen < blockLen-1 && at < x.off+x.n-1 {
					continue
				}
				if err := f.readRange(make([]byte, 1), at); (err != nil) != (at/blockLen == bad/blockLen) {
					t.Errorf("byte %d of a range at %d with a wrong one at %d: %v", at, x.off, bad, err)
				}
			}
			f.Close()
			flip(t, files[0], bad-x.off-x.n)
		}
	}
}
