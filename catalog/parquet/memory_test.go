package parquet_test

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/catalog"
	"volley/catalog/memorytest"
	"volley/catalog/objstore"
	"volley/catalog/objstore/mem"
	"volley/catalog/parquet"
	"volley/sqlerr"
	"volley/sqltype"
)

// A page that is larger than the memory there is ends the query before it is
// uncompressed.
func TestPageBeyondMemory(t *testing.T) {
	b := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema([]arrow.Field{{Name: "s", Type: sqltype.Text, Nullable: true}}, nil))
	b.Field(0).(*array.StringBuilder).Append(strings.Repeat("y", 40<<20))
	data, err := os.ReadFile(writeFile(t, parquet.WriterOptions{Compression: "zstd"}, b.NewRecord()))
	if err != nil {
		t.Fatal(err)
	}
	const path = "mem://t.parquet"
	store := mem.New()
	store.Put(path, data)
	file := catalog.FileInfo{Path: path, Size: int64(len(data))}
	format := parquet.New()
	def, err := format.Infer(context.Background(), store, []catalog.FileInfo{file}, catalog.Given{})
	if err != nil {
		t.Fatal(err)
	}
	for limit, want := range map[int64]string{20 << 20: sqlerr.OutOfMemory, 200 << 20: ""} {
		a := &memorytest.Account{Limit: limit}
		ctx := objstore.WithMemory(context.Background(), a)
		r, err := format.Open(ctx, store, specOf(def), catalog.Split{File: file, End: 1})
		if err != nil {
			t.Fatal(err)
		}
		for err == nil {
			_, err = r.Next(ctx)
		}
		if want == "" && !errors.Is(err, io.EOF) || want != "" && sqlerr.Code(err) != want {
			t.Errorf("limit %d: %v", limit, err)
		}
		_ = r.Close()
		if a.Used != 0 {
			t.Errorf("limit %d: %d bytes are held in the end", limit, a.Used)
		}
	}
}
