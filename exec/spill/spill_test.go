package spill

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/sqlerr"
	"volley/sqltype"
)

var schema = arrow.NewSchema([]arrow.Field{
	{Name: "n", Type: sqltype.Int64, Nullable: true}, {Name: "s", Type: sqltype.Text, Nullable: true}, {Name: "d", Type: sqltype.Numeric, Nullable: true},
}, nil)

func record(lo, n int) arrow.Record {
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	for i := lo; i < lo+n; i++ {
		b.Field(0).(*array.Int64Builder).Append(int64(i) * 7919)
		b.Field(1).(*array.StringBuilder).Append("text")
		sqltype.AppendNumeric(b.Field(2).(*array.ExtensionBuilder), sqltype.NumFromInt64(int64(i)))
	}
	return b.NewRecord()
}

func write(t *testing.T, d *Dir, batches int) *File {
	t.Helper()
	w, err := d.Create(schema)
	if err != nil {
		t.Fatal(err)
	}
	for b := range batches {
		if err := w.Write(record(b*5000, 5000)); err != nil {
			t.Fatal(err)
		}
	}
	f, err := w.Finish()
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func readAll(f *File) (recs []arrow.Record, err error) {
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	for {
		rec, err := r.Next()
		if err == io.EOF {
			return recs, nil
		}
		if err != nil {
			return recs, err
		}
		recs = append(recs, rec)
	}
}

func TestRoundTrip(t *testing.T) {
	parent := t.TempDir()
	d := NewDir(parent)
	for _, batches := range []int{0, 1, 30} {
		f := write(t, d, batches)
		recs, err := readAll(f)
		if err != nil || len(recs) != batches || f.Rows != int64(batches)*5000 {
			t.Fatalf("%d batches: got %d of %d rows, %v", batches, len(recs), f.Rows, err)
		}
		for b, rec := range recs { // all read before the first is looked at
			if !array.RecordEqual(rec, record(b*5000, 5000)) {
				t.Errorf("batch %d differs", b)
			}
		}
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if left, _ := filepath.Glob(filepath.Join(parent, "*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	if NewDir("").Usable() || !NewDir(parent).Usable() {
		t.Error("Usable is wrong")
	}
}

// TestCloseEndsWriting: files that are being written are closed with their directory.
func TestCloseEndsWriting(t *testing.T) {
	d := NewDir(t.TempDir())
	rec := record(0, 10)
	w, err := d.Create(rec.Schema())
	if err == nil {
		err = w.Write(rec)
	}
	if err != nil {
		t.Fatal(err)
	}
	done := write(t, d, 1)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if err := w.blocks.file.Close(); !errors.Is(err, os.ErrClosed) {
		t.Errorf("the file is still open: %v", err)
	}
	if _, err := os.Stat(done.path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a finished file is left: %v", err)
	}
}

// TestCorruptFile: whichever byte is changed or missing, the reader says so.
func TestCorruptFile(t *testing.T) {
	d := NewDir(t.TempDir())
	f := write(t, d, 12)
	whole, err := os.ReadFile(f.path)
	if err != nil {
		t.Fatal(err)
	}
	for at := 0; at < len(whole); at += 1 + len(whole)/50 {
		bad := append([]byte(nil), whole...)
		bad[at] ^= 0x10
		if err := os.WriteFile(f.path, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := readAll(f); sqlerr.Code(err) != sqlerr.DataCorrupted {
			t.Errorf("byte %d changed: got %v", at, err)
		}
	}
	if err := os.WriteFile(f.path, whole[:len(whole)-1], 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := readAll(f); sqlerr.Code(err) != sqlerr.DataCorrupted {
		t.Errorf("cut short: got %v", err)
	}
}
