package csv

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/catalog"
	"volley/catalog/memorytest"
	"volley/catalog/objstore"
	"volley/catalog/objstore/mem"
	"volley/sqlerr"
)

// lineStore is a store of one file of numbered lines, made as they are read:
//
//	id,text
//	0000000000000001,"line⏎1"
//	…
type lineStore struct {
	*mem.Store
	count int64
}

const (
	linesPath   = "mem://lines.csv"
	linesHeader = "id,text\n"
	lineBytes   = 64
)

func (s lineStore) size() int64 { return int64(len(linesHeader)) + s.count*lineBytes }

// line is the i-th one, with a newline within quotes.
func appendLine(dst []byte, i int64) []byte {
	at := len(dst)
	dst = append(dst, "0000000000000000,\"line\n"...)
	digits := strconv.AppendInt(nil, i, 10)
	copy(dst[at+16-len(digits):], digits)
	for len(dst) < at+lineBytes-2 {
		dst = append(dst, 'x')
	}
	return append(dst, "\"\n"...)
}

func (s lineStore) Open(context.Context, string) (objstore.Reader, error) { return linesReader{s}, nil }

type linesReader struct{ s lineStore }

func (r linesReader) Info() objstore.Info {
	return objstore.Info{Path: linesPath, Size: r.s.size(), Version: "1"}
}
func (linesReader) Close() error { return nil }

func (r linesReader) ReadAt(_ context.Context, p []byte, off int64) (n int, _ error) {
	if off < int64(len(linesHeader)) {
		n = copy(p, linesHeader[off:])
	}
	var line [lineBytes]byte
	for n < len(p) && off+int64(n) < r.s.size() {
		at := off + int64(n) - int64(len(linesHeader))
		n += copy(p[n:], appendLine(line[:0], 1+at/lineBytes)[at%lineBytes:])
	}
	if off+int64(n) == r.s.size() {
		return n, io.EOF
	}
	return n, nil
}

// linesTable is a file of at least that many bytes.
func linesTable(t *testing.T, size int64) (lineStore, *catalog.TableDef) {
	t.Helper()
	s := lineStore{mem.New(), size/lineBytes + 1}
	file := catalog.FileInfo{Path: linesPath, Size: s.size(), Version: "1"}
	def, err := New().Infer(context.Background(), s, []catalog.FileInfo{file}, catalog.Given{Options: opts("types", `{"id": "bigint"}`)})
	if err != nil {
		t.Fatal(err)
	}
	return s, def
}

// Splits about the places where 31 and 32 bits end are those of a small file.
func TestOffsetsBeyond32Bits(t *testing.T) {
	s, def := linesTable(t, 5<<30)
	f := def.Files[0]
	for _, at := range []int64{1 << 31, 1 << 32, f.Size - 1000} {
		for _, cut := range []int64{at - 1, at, at + 1, at + 23, at + 40} {
			end := min(cut+3000, f.Size)
			rows, b, err := readSplit(s, specOf(def, 0), catalog.Split{File: f, Start: cut, End: end})
			if err != nil {
				t.Fatal(err)
			}
			first := (cut-int64(len(linesHeader))+lineBytes-1)/lineBytes + 1
			past := min((end-int64(len(linesHeader))+lineBytes-1)/lineBytes+1, s.count+1)
			if len(rows) != int(past-first) || rows[0] != fmt.Sprint(first) || rows[len(rows)-1] != fmt.Sprint(past-1) {
				t.Errorf("split at %d: %d rows from %s, want %d from %d", cut, len(rows), rows[0], past-first, first)
			}
			if want := int64(len(linesHeader)) + (first-1)*lineBytes; b.Start != want {
				t.Errorf("split at %d begins at %d, want %d", cut, b.Start, want)
			}
		}
	}
}

// TestLargeFile reads a file of 2.5 GB, in splits and serially. It takes a while,
// so that it runs only where VOLLEY_LARGE is set.
func TestLargeFile(t *testing.T) {
	if os.Getenv("VOLLEY_LARGE") == "" {
		t.Skip("VOLLEY_LARGE is not set")
	}
	s, def := linesTable(t, 5<<29)
	spec := specOf(def, 0)
	splits, err := New().Splits(context.Background(), s, def, spec, catalog.SplitTarget{Slots: 4})
	if err != nil {
		t.Fatal(err)
	}
	for _, parts := range [][]catalog.Split{splits, {{File: def.Files[0], End: def.Files[0].Size, Exact: true}}} {
		var rows, sum, end int64
		for _, split := range parts {
			n, total, b, err := sumSplit(s, spec, split)
			if err != nil {
				t.Fatal(err)
			}
			if split.Start > 0 && b.Start != end {
				t.Fatalf("split at %d begins at %d, the one before ends at %d", split.Start, b.Start, end)
			}
			rows, sum, end = rows+n, sum+total, b.End
		}
		if rows != s.count || sum != s.count*(s.count+1)/2 || end != s.size() {
			t.Errorf("%d splits: %d rows of %d, sum %d, end %d of %d", len(parts), rows, s.count, sum, end, s.size())
		}
	}
}

// sumSplit counts the rows of a split and sums up its only column, of bigint.
func sumSplit(store objstore.Store, spec *catalog.ScanSpec, split catalog.Split) (rows, sum int64, b catalog.Bounds, err error) {
	ctx := context.Background()
	r, err := New().Open(ctx, store, spec, split)
	if err != nil {
		return 0, 0, b, err
	}
	defer func() { _ = r.Close() }()
	for {
		rec, err := r.Next(ctx)
		if errors.Is(err, io.EOF) {
			return rows, sum, r.Bounds(), nil
		}
		if err != nil {
			return rows, sum, b, err
		}
		rows += rec.NumRows()
		for _, v := range rec.Column(0).(*array.Int64).Int64Values() {
			sum += v
		}
	}
}

func TestManyColumns(t *testing.T) {
	const columns, rows = 50_000, 12
	var sb strings.Builder
	for c := range columns {
		fmt.Fprintf(&sb, "c%d,", c)
	}
	header := strings.TrimSuffix(sb.String(), ",") + "\n"
	sb.Reset()
	for r := range rows {
		for c := range columns {
			fmt.Fprintf(&sb, "%d,", r*c)
		}
		sb.WriteString("\n") // with a delimiter at the end
	}
	store, files := put(t, "f.csv", header+sb.String())
	def := infer(t, store, files, catalog.Given{})
	if def.Schema.NumFields() != columns {
		t.Fatalf("%d columns", def.Schema.NumFields())
	}
	spec := specOf(def, 0, 1, 7, 49_999)
	for _, splits := range [][]catalog.Split{cutAt(files[0]), cutAt(files[0], 300_000, 1_000_000, 1_000_001)} {
		got, _, err := readChain(store, spec, splits)
		if err != nil || len(got) != rows || got[3] != "0|3|21|149997" {
			t.Errorf("%d rows, %v: %.100q", len(got), err, got)
		}
	}
	all, err := readSerial(store, def, specOf(def))
	if err != nil || len(all) != rows || !strings.HasSuffix(all[2], "|99996|99998") {
		t.Errorf("all columns: %d rows, %v", len(all), err)
	}
}

// A field of 4 MB, or of 100 MB where VOLLEY_LARGE is set, with newlines,
// delimiters and quotes in it.
func TestLargeField(t *testing.T) {
	const piece = "a line, \"\"quoted\"\"\n"
	n := 4 << 20 / len(piece)
	if os.Getenv("VOLLEY_LARGE") != "" {
		n *= 25
	}
	store, files := put(t, "f.csv", "a,b,c\n1,x,2\n3,\""+strings.Repeat(piece, n)+"\",4\n5,y,6\n")
	def := infer(t, store, files, catalog.Given{Options: opts("quote", `"`, "header", "true")})
	for _, splits := range [][]catalog.Split{cutAt(files[0]), cutAt(files[0], files[0].Size/2), cutAt(files[0], files[0].Size-20)} {
		got, _, err := readChain(store, specOf(def, 0, 2), splits)
		if err != nil || strings.Join(got, " ") != "1|2 3|4 5|6" {
			t.Errorf("%q, %v", got, err)
		}
	}
	got, err := readSerial(store, def, specOf(def, 1))
	if err != nil || len(got) != 3 || len(got[1]) != n*(len(piece)-2) || got[2] != "y" {
		t.Errorf("%d rows, %v", len(got), err)
	}
}

// A record that is larger than the memory there is ends the query.
func TestRecordBeyondMemory(t *testing.T) {
	store, files := put(t, "f.csv", "a,b\n1,x\n2,\""+strings.Repeat("y", 40<<20)+"\"\n")
	def := infer(t, store, files, catalog.Given{})
	for limit, code := range map[int64]string{20 << 20: sqlerr.OutOfMemory, 200 << 20: ""} {
		a := &memorytest.Account{Limit: limit}
		ctx := objstore.WithMemory(context.Background(), a)
		r, err := New().Open(ctx, store, specOf(def, 0), catalog.Split{File: files[0], End: files[0].Size, Exact: true})
		if err != nil {
			t.Fatal(err)
		}
		for err == nil {
			_, err = r.Next(ctx)
		}
		if errors.Is(err, io.EOF) {
			err = nil
		}
		if sqlerr.Code(err) != code && err != nil || (err == nil) != (code == "") {
			t.Errorf("limit %d: %v", limit, err)
		}
		_ = r.Close()
		if a.Used != 0 {
			t.Errorf("limit %d: %d bytes are held in the end", limit, a.Used)
		}
	}
}
