package parquet_test

import (
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/catalog"
	"volley/catalog/objstore/mem"
	"volley/catalog/parquet"
)

// readBytes reads a file from memory, all columns and the statistics, and gives
// its rows.
func readBytes(data []byte) (int64, error) {
	store, format := mem.New(), parquet.New()
	const path = "mem://t.parquet"
	store.Put(path, data)
	file := catalog.FileInfo{Path: path, Size: int64(len(data))}
	def, err := format.Infer(ctx, store, []catalog.FileInfo{file}, catalog.Given{})
	if err != nil {
		return 0, err
	}
	if _, err := format.(catalog.StatsReader).Stats(ctx, store, def); err != nil {
		return 0, err
	}
	spec := specOf(def)
	splits, err := format.Splits(ctx, store, def, spec, catalog.SplitTarget{Slots: 2, Costly: true})
	if err != nil {
		return 0, err
	}
	var n int64
	for _, s := range splits {
		r, err := format.Open(ctx, store, spec, s)
		if err != nil {
			return n, err
		}
		for {
			rec, err := r.Next(ctx)
			if err == io.EOF {
				break
			}
			if err != nil {
				return n, err
			}
			n += rec.NumRows()
			// Whatever was read must be sound enough to be looked at.
			_ = text([]arrow.Record{rec}, 0)
		}
	}
	return n, nil
}

// samples are files of all types in several layouts.
func samples(t testing.TB) [][]byte {
	t.Helper()
	var out [][]byte
	for _, opts := range []parquet.WriterOptions{{Compression: "none", RowGroupRows: 150}, {Compression: "snappy"}, {Compression: "zstd"}} {
		data, err := os.ReadFile(writeFile(t, opts, allTypesRecord(300)))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, data)
	}
	return out
}

// TestFlippedBits reads files with a few bits flipped: each read ends soon, in
// bounded memory, without a panic, with rows or an error that names the file.
func TestFlippedBits(t *testing.T) {
	rounds := 1500
	if testing.Short() {
		rounds = 200
	}
	r := rand.New(rand.NewPCG(3, 4))
	files := samples(t)
	failed := 0
	var most uint64
	for round := range rounds {
		data := append([]byte(nil), files[round%len(files)]...)
		flips := 1 + r.IntN(3)
		at := make([]int, flips)
		for i := range at {
			at[i] = r.IntN(len(data))
			if round%3 == 0 { // the footer is small but matters most
				at[i] = len(data) - 1 - r.IntN(len(data)/4)
			}
			data[at[i]] ^= 1 << r.IntN(8)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if err := inTime(t, data, at); err != nil {
			failed++
		}
		runtime.ReadMemStats(&after)
		most = max(most, after.TotalAlloc-before.TotalAlloc)
	}
	if failed == 0 || failed == rounds {
		t.Errorf("%d of %d files failed", failed, rounds)
	}
	if most > 64<<20 {
		t.Errorf("a read has allocated %d bytes", most)
	}
	t.Logf("a read has allocated %d bytes at most", most)
}

// inTime fails the test if reading data hangs.
func inTime(t *testing.T, data []byte, what any) error {
	t.Helper()
	done := make(chan error, 1)
	go func() {
		_, err := readBytes(data)
		done <- err
	}()
	select {
	case err := <-done:
		checkError(t, "t.parquet", err)
		return err
	case <-time.After(time.Minute):
		name := fmt.Sprintf("%s/hang.parquet", os.TempDir())
		_ = os.WriteFile(name, data, 0o644)
		t.Fatalf("reading hangs (%v); see %s", what, name)
		return nil
	}
}

// TestTruncated cuts a file at many places.
func TestTruncated(t *testing.T) {
	data := samples(t)[1]
	for n := 0; n < len(data); n += 1 + len(data)/300 {
		if err := inTime(t, data[:n], n); err == nil {
			t.Errorf("%d of %d bytes were read without an error", n, len(data))
		}
	}
	for name, data := range map[string][]byte{
		"empty": nil, "text": []byte("a,b,c\n1,2,3\n4,5,6\n"), "magic": []byte("PAR1PAR1PAR1"),
		"length": []byte("PAR1\xff\xff\xff\xffPAR1"), "no footer": []byte("PAR1\x00\x00\x00\x00PAR1"),
	} {
		if err := inTime(t, data, name); err == nil {
			t.Errorf("%s was read", name)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, data := range samples(f) {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		_, err := readBytes(data)
		checkError(t, "t.parquet", err)
	})
}
