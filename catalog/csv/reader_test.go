package csv

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
	"github.com/ulikunitz/xz"

	"volley/catalog"
	"volley/catalog/objstore"
	"volley/sqlerr"
	"volley/sqltype"
)

func infer(t *testing.T, store objstore.Store, files []catalog.FileInfo, given catalog.Given) *catalog.TableDef {
	t.Helper()
	def, err := New().Infer(context.Background(), store, files, given)
	if err != nil {
		t.Fatal(err)
	}
	return def
}

func wantRows(t *testing.T, store objstore.Store, def *catalog.TableDef, spec *catalog.ScanSpec, want ...string) {
	t.Helper()
	rows, err := readSerial(store, def, spec)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(rows, want) {
		t.Errorf("rows %q\nwant %q", rows, want)
	}
}

func wantError(t *testing.T, err error, code, message string) {
	t.Helper()
	if err == nil || sqlerr.Code(err) != code || !strings.Contains(err.Error(), message) {
		t.Errorf("error %s %v, want %s …%s…", sqlerr.Code(err), err, code, message)
	}
}

func TestProjection(t *testing.T) {
	store, files := put(t, "f.csv", "a,b,c,d\n1,x,\"2\n\",y\n3,,\"\"\"4\",z\n,\"q\",r,s\n")
	def := infer(t, store, files, catalog.Given{})
	wantRows(t, store, def, specOf(def, 0), "1", "3", "NULL")
	wantRows(t, store, def, specOf(def, 3, 1), "y|x", "z|NULL", "s|q")
	wantRows(t, store, def, specOf(def, 2, 2, 0), "2\n|2\n|1", "\"4|\"4|3", "r|r|NULL")
	spec := specOf(def)
	spec.Projection = nil
	wantRows(t, store, def, spec, "", "", "")
	spec = specOf(def, 0)
	spec.Limit = 2
	wantRows(t, store, def, spec, "1", "3")
}

func TestCount(t *testing.T) {
	for _, content := range []string{
		"a,b\n1,2\n3,4\n", "a,b\n1,2\n3,4", "a,b\n\n1,2\r\n\r\n3,4\n\n", "a,b\n\"\n\n\",2\n3,\"4\"\n",
		"a,b\n1,2\n\n" + strings.Repeat(" ", 0) + "3,4\n\n\n", "\n\na,b\n1,2\n3,\"\"\"\n\"\n",
	} {
		store, files := put(t, "f.csv", content)
		def := infer(t, store, files, catalog.Given{Options: opts("header", "true")})
		spec := specOf(def)
		spec.Projection = nil
		rows, err := readSerial(store, def, spec)
		if err != nil || len(rows) != 2 {
			t.Errorf("%q: %d rows, %v", content, len(rows), err)
		}
		for at := int64(1); at < files[0].Size; at++ {
			rows, _, err := readChain(store, spec, cutAt(files[0], at))
			if err != nil || len(rows) != 2 {
				t.Errorf("%q cut at %d: %d rows, %v", content, at, len(rows), err)
			}
		}
	}
}

func TestDeclaredColumns(t *testing.T) {
	columns := arrow.NewSchema([]arrow.Field{
		{Name: "i", Type: sqltype.Int16},
		{Name: "r", Type: sqltype.Float32},
		{Name: "n", Type: sqltype.Decimal(10, 2)},
		{Name: "num", Type: sqltype.Numeric},
		{Name: "iv", Type: sqltype.Interval},
		{Name: "by", Type: sqltype.Bytea},
		{Name: "tm", Type: sqltype.Time},
		{Name: "js", Type: sqltype.JSON},
		{Name: "u", Type: sqltype.UUID},
		{Name: "b", Type: sqltype.Bool},
	}, nil)
	row := `-7,1.5,12.345,1.2300,1 day,\x00ff,12:30:00,"{""a"":1}",00000000-0000-0000-0000-000000000001,true`
	want := `-7|1.5|12.35|1.2300|1 day|\x00ff|12:30:00|{"a":1}|00000000-0000-0000-0000-000000000001|t`
	for _, content := range []string{row + "\n", "i,r,n,num,iv,by,tm,js,u,b\n" + row + "\n"} {
		store, files := put(t, "f.csv", content)
		def := infer(t, store, files, catalog.Given{Columns: columns})
		wantRows(t, store, def, specOf(def), want)
	}
	store, files := put(t, "f.csv", "i\n40000\n")
	def := infer(t, store, files, catalog.Given{Columns: arrow.NewSchema([]arrow.Field{{Name: "i", Type: sqltype.Int16}}, nil)})
	_, err := readSerial(store, def, specOf(def))
	wantError(t, err, sqlerr.NumericOutOfRange, "line 2, byte 3, column i")

	store, files = put(t, "empty.csv", "")
	def = infer(t, store, files, catalog.Given{Columns: columns})
	wantRows(t, store, def, specOf(def))
}

func compressed(t *testing.T, kind, content string) string {
	t.Helper()
	var b bytes.Buffer
	var w io.WriteCloser
	switch kind {
	case "gz":
		w = gzip.NewWriter(&b)
	case "zst":
		w, _ = zstd.NewWriter(&b)
	case "sz":
		w = snappy.NewBufferedWriter(&b)
	case "lz4":
		w = lz4.NewWriter(&b)
	case "xz":
		w, _ = xz.NewWriter(&b)
	}
	if _, err := io.WriteString(w, content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestCompressed(t *testing.T) {
	var sb strings.Builder
	sb.WriteString("a,b\n")
	var want []string
	for i := range 50_000 {
		fmt.Fprintf(&sb, "%d,value %d\n", i, i%10)
		want = append(want, fmt.Sprintf("%d|value %d", i, i%10))
	}
	content := sb.String()
	half := len(content)/2 + 3
	for _, kind := range []string{"gz", "zst", "lz4", "sz", "xz"} {
		two := compressed(t, kind, content[:half]) + compressed(t, kind, content[half:])
		store, files := put(t, "f.csv."+kind, two)
		def := infer(t, store, files, catalog.Given{})
		splits, err := New().Splits(context.Background(), store, def, specOf(def), catalog.SplitTarget{Slots: 8, Costly: true})
		if err != nil || len(splits) != 1 {
			t.Errorf("%s: %d splits, %v", kind, len(splits), err)
		}
		rows, bounds, err := readSplit(store, specOf(def), splits[0])
		if err != nil || !slices.Equal(rows, want) {
			t.Errorf("%s: %d rows, %v", kind, len(rows), err)
		}
		if bounds != (catalog.Bounds{Start: 0, End: files[0].Size}) {
			t.Errorf("%s: bounds %v", kind, bounds)
		}

		store, files = put(t, "f.csv."+kind, two[:len(two)-20])
		def = &catalog.TableDef{Options: def.Options, Schema: def.Schema, Files: files}
		_, err = readSerial(store, def, specOf(def))
		wantError(t, err, sqlerr.BadCopyFileFormat, "file mem://f.csv."+kind)
	}
	store, files := put(t, "f.csv.gz", content)
	_, err := New().Infer(context.Background(), store, files, catalog.Given{})
	wantError(t, err, sqlerr.BadCopyFileFormat, "cannot decode file")
	def := infer(t, store, files, catalog.Given{Options: opts("compression", "none")})
	wantRows(t, store, def, specOf(def), want...)
}

func TestPartitionsAndFilename(t *testing.T) {
	store, files := put(t,
		"t/year=2023/month=12/a.csv", "x\n1\n",
		"t/year=2024/month=01/b.csv", "x\n2\n",
		"t/year=2024/month=02/c.csv", "x\n3\n")
	def := infer(t, store, files, catalog.Given{Options: opts("filename", "file")})
	if got := describe(def); got != "x bigint, year bigint, month bigint, file text" {
		t.Errorf("schema %s", got)
	}
	wantRows(t, store, def, specOf(def, 2, 0), "12|1", "1|2", "2|3")
	wantRows(t, store, def, specOf(def, 3, 1), "mem://t/year=2023/month=12/a.csv|2023", "mem://t/year=2024/month=01/b.csv|2024", "mem://t/year=2024/month=02/c.csv|2024")

	number := func(n ...int64) []arrow.Array {
		b := array.NewInt64Builder(memory.DefaultAllocator)
		b.AppendValues(n, nil)
		return []arrow.Array{b.NewArray()}
	}
	name := array.NewStringBuilder(memory.DefaultAllocator)
	name.Append(files[1].Path)
	for _, tt := range []struct {
		pruning []catalog.Predicate
		kept    string
	}{
		{nil, "abc"},
		{[]catalog.Predicate{{Column: 1, Op: "=", Values: number(2024)}}, "bc"},
		{[]catalog.Predicate{{Column: 1, Op: "<", Values: number(2024)}}, "a"},
		{[]catalog.Predicate{{Column: 1, Op: ">=", Values: number(2024)}, {Column: 2, Op: "<>", Values: number(2)}}, "b"},
		{[]catalog.Predicate{{Column: 2, Op: "in", Values: number(1, 12)}}, "ab"},
		{[]catalog.Predicate{{Column: 1, Op: "is null"}}, ""},
		{[]catalog.Predicate{{Column: 1, Op: "is not null"}}, "abc"},
		{[]catalog.Predicate{{Column: 0, Op: "=", Values: number(99)}}, "abc"},
		{[]catalog.Predicate{{Column: 3, Op: "=", Values: []arrow.Array{name.NewArray()}}}, "b"},
	} {
		spec := specOf(def)
		spec.Pruning = tt.pruning
		splits, err := New().Splits(context.Background(), store, def, spec, catalog.SplitTarget{Slots: 1})
		kept := ""
		for _, s := range splits {
			kept += strings.TrimSuffix(s.File.Path[len(s.File.Path)-5:], ".csv")
		}
		if err != nil || kept != tt.kept {
			t.Errorf("%v keeps %q, want %q (%v)", tt.pruning, kept, tt.kept, err)
		}
	}
}

func TestSeveralFiles(t *testing.T) {
	store, files := put(t, "a.csv", "x,y\n1,2\n", "b.csv", "", "c.csv", "x,y\n3,4.5\n")
	def := infer(t, store, files, catalog.Given{})
	if got := describe(def); got != "x bigint, y double precision" {
		t.Errorf("schema %s", got)
	}
	wantRows(t, store, def, specOf(def), "1|2", "3|4.5")

	store, files = put(t, "a.csv", "x,y\n1,2\n", "b.csv", "y,x\n3,4\n")
	def = infer(t, store, files, catalog.Given{})
	_, err := readSerial(store, def, specOf(def))
	wantError(t, err, sqlerr.BadCopyFileFormat, `column 1 of the header is "y" where the first file has "x" (file mem://b.csv)`)

	def = infer(t, store, files, catalog.Given{Options: opts("union_by_name", "true")})
	wantRows(t, store, def, specOf(def), "1|2", "4|3")

	store, files = put(t, "a.csv", "x,y\n1,2\n", "b.csv", "z,\"x\"\nq,4\nr,5\n")
	def = infer(t, store, files, catalog.Given{Options: opts("union_by_name", "true", "filename", "true")})
	if got := describe(def); got != "x bigint, y bigint, z text, filename text" {
		t.Errorf("schema %s", got)
	}
	wantRows(t, store, def, specOf(def, 2, 1, 0), "NULL|2|1", "q|NULL|4", "r|NULL|5")
	rows, _, err := readChain(store, specOf(def, 0, 2), cutAt(files[1], 8, 10))
	if err != nil || !slices.Equal(rows, []string{"4|q", "5|r"}) {
		t.Errorf("rows %q, %v", rows, err)
	}
}

func TestChangedFile(t *testing.T) {
	store, files := put(t, "f.csv", "a\n1\n")
	def := infer(t, store, files, catalog.Given{})
	def.Files[0].Version = "another"
	_, err := readSerial(store, def, specOf(def))
	wantError(t, err, sqlerr.IOError, "has changed")
}

func TestCanceled(t *testing.T) {
	store, files := put(t, "f.csv", "a\n"+strings.Repeat("1\n", 1<<20))
	def := infer(t, store, files, catalog.Given{})
	ctx, cancel := context.WithCancel(context.Background())
	r, err := New().Open(ctx, store, specOf(def), catalog.Split{File: files[0], End: files[0].Size, Exact: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Next(ctx); err != nil {
		t.Fatal(err)
	}
	cancel()
	for err == nil {
		_, err = r.Next(ctx)
	}
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if b := r.Bounds(); b.End != -1 {
		t.Errorf("bounds %v of a reader that has not ended", b)
	}
	for range 2 {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, err := r.Next(context.Background()); err == nil || errors.Is(err, io.EOF) {
		t.Errorf("Next after Close gives %v", err)
	}
}

// A split that begins in a quoted text which looks like other records: what
// seems malformed there is no error, since the split is read again.
func TestFaultAfterWrongStart(t *testing.T) {
	inner := strings.Repeat("x,y\n", 100)
	content := "n,t\n1,\"" + inner + "\"\n2,z\n"
	store, files := put(t, "f.csv", content)
	def := infer(t, store, files, catalog.Given{})
	if got := describe(def); got != "n bigint, t text" {
		t.Fatalf("schema %s", got)
	}
	split := catalog.Split{File: files[0], Start: 20, End: 40}
	rows, b, err := readSplit(store, specOf(def), split)
	if err != nil || len(rows) > 0 || b.Start == int64(len(content)-4) || b.End != -1 {
		t.Errorf("rows %q, bounds %v, %v", rows, b, err)
	}
	rows, _, err = readChain(store, specOf(def), cutAt(files[0], 20, 40, 400))
	if err != nil || !slices.Equal(rows, []string{"1|" + inner, "2|z"}) {
		t.Errorf("rows %q, %v", rows, err)
	}
	// The same fault after a right start is one.
	store, files = put(t, "f.csv", "n,t\n1,a\n2,b\n\nx,y\n")
	def.Files = files
	_, _, err = readSplit(store, specOf(def), catalog.Split{File: files[0], Start: 10, End: files[0].Size})
	wantError(t, err, sqlerr.InvalidText, "line 5, byte 14, column n")
}

func TestLongRecord(t *testing.T) {
	long := strings.Repeat("0123456789", 100_000)
	store, files := put(t, "f.csv", "a,b\n1,"+long+"\n2,\""+long+"\n\"\n3,c\n")
	def := infer(t, store, files, catalog.Given{})
	wantRows(t, store, def, specOf(def), "1|"+long, "2|"+long+"\n", "3|c")
	wantRows(t, store, def, specOf(def, 0), "1", "2", "3")
	rows, _, err := readChain(store, specOf(def, 0), cutAt(files[0], 10, 500_000, 1_000_010, 1_500_000))
	if err != nil || !slices.Equal(rows, []string{"1", "2", "3"}) {
		t.Errorf("rows %q, %v", rows, err)
	}
}

// Batches of wide rows have fewer of them.
func TestBatchesOfWideRows(t *testing.T) {
	const rows, width = 2000, 20_000
	store, files := put(t, "f.csv", "a,b\n"+strings.Repeat("1,"+strings.Repeat("x", width)+"\n", rows))
	def := infer(t, store, files, catalog.Given{})
	r, err := New().Open(context.Background(), store, specOf(def), catalog.Split{File: files[0], End: files[0].Size, Exact: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	total := 0
	for {
		rec, err := r.Next(context.Background())
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if size := rec.NumRows() * width; size > 2*batchBytes {
			t.Errorf("a batch of %d rows has %d bytes", rec.NumRows(), size)
		}
		total += int(rec.NumRows())
	}
	if total != rows {
		t.Errorf("%d rows, not %d", total, rows)
	}
}

// A batch's values must not change when the next one is read.
func TestBatchesAreImmutable(t *testing.T) {
	store, files := put(t, "f.csv", "a,b\n1,x\n,y\n3,\n4,\"z\"\"\"\n5,v\n")
	def := infer(t, store, files, catalog.Given{Options: opts("batch_rows", "2")})
	r, err := New().Open(context.Background(), store, specOf(def), catalog.Split{File: files[0], End: files[0].Size, Exact: true})
	if err != nil {
		t.Fatal(err)
	}
	var recs []arrow.Record
	for {
		rec, err := r.Next(context.Background())
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		recs = append(recs, rec)
	}
	var rows []string
	for _, rec := range recs {
		rows = append(rows, rowTexts(rec)...)
	}
	if want := []string{"1|x", "NULL|y", "3|NULL", "4|z\"", "5|v"}; len(recs) != 3 || !slices.Equal(rows, want) {
		t.Errorf("%d batches, rows %q", len(recs), rows)
	}
}

// bz2 streams of a,b⏎1,x⏎ and of 2,y⏎3,z⏎.
const (
	bz2Head = "\x42\x5a\x68\x39\x31\x41\x59\x26\x53\x59\xd4\x7b\xf1\x6e\x00\x00\x02\xd9\x80\x00\x10\x00\x04\x20\x00\x30\x00\x00\x40\x20\x00\x21\xa6\x99\xa0\xc0\x28\x15\x0b\x0b\xb9\x22\x9c\x28\x48\x6a\x3d\xf8\xb7\x00"
	bz2Tail = "\x42\x5a\x68\x39\x31\x41\x59\x26\x53\x59\x75\x30\x97\x10\x00\x00\x02\x58\x80\x00\x10\x00\x04\x18\x00\x00\x30\x20\x00\x21\xa6\x99\xa0\xc0\x02\x95\x0b\x0b\xb9\x22\x9c\x28\x48\x3a\x98\x4b\x88\x00"
)

// Members of a compressed file may follow one another, and end within a record.
func TestConcatenatedMembers(t *testing.T) {
	for name, content := range map[string]string{
		"f.csv.bz2":  bz2Head + bz2Tail,
		"f.csv.gz":   compressed(t, "gz", "a,b\n1,x\n2,") + compressed(t, "gz", "") + compressed(t, "gz", "y\n3,z\n"),
		"f.csv.zst":  compressed(t, "zst", "a,b\n1,") + compressed(t, "zst", "x\n2,y\n3,z"),
		"f.csv.lz4":  compressed(t, "lz4", "a,b\n1,x\n") + compressed(t, "lz4", "2,y\n3,z\n"),
		"f.csv.xz":   compressed(t, "xz", "a,b\n1,x\n") + compressed(t, "xz", "2,y\n3,z\n"),
		"f.csv.sz":   compressed(t, "sz", "a,b\n1,x\n") + compressed(t, "sz", "2,y\n3,z\n"),
		"g.csv.zstd": compressed(t, "zst", "a,b\n1,x\n2,y\n3,z\n"),
	} {
		store, files := put(t, name, content)
		def := infer(t, store, files, catalog.Given{})
		rows, err := readSerial(store, def, specOf(def))
		if err != nil || strings.Join(rows, " ") != "1|x 2|y 3|z" {
			t.Errorf("%s: %q, %v", name, rows, err)
		}
		_, err = readSerial(store, def, specOf(def))
		if err != nil {
			t.Errorf("%s again: %v", name, err)
		}
		cut, files := put(t, name, content[:len(content)-9])
		def.Files = files
		if _, err := readSerial(cut, def, specOf(def)); sqlerr.Code(err) != sqlerr.BadCopyFileFormat && !strings.HasSuffix(name, ".sz") {
			t.Errorf("%s cut off: %v", name, err)
		}
	}
}
