package copyto

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/catalog/objstore"
	"volley/catalog/objstore/local"
	"volley/catalog/objstore/mem"
	"volley/catalog/parquet"
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
