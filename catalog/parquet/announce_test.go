package parquet_test

import (
	"io"
	"os"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/catalog"
	"volley/catalog/objstore"
	"volley/catalog/objstore/ahead"
	"volley/catalog/objstore/mem"
	"volley/catalog/parquet"
)

// remoteFile is a file of the test's as an object of which reads are counted.
func remoteFile(t *testing.T, opts parquet.WriterOptions, recs ...arrow.Record) (objstore.Store, *objstore.Counters, []catalog.FileInfo) {
	t.Helper()
	data, err := os.ReadFile(writeFile(t, opts, recs...))
	if err != nil {
		t.Fatal(err)
	}
	objects, asked := mem.New(), &objstore.Counters{}
	objects.Put("mem://f", data)
	store := ahead.New(1<<30, 8, nil).Wrap(objstore.Count(objects, asked))
	infos, err := store.Glob(ctx, "mem://f")
	if err != nil {
		t.Fatal(err)
	}
	return store, asked, []catalog.FileInfo{catalog.FileInfo(infos[0])}
}

// TestRemoteRequests counts the requests and bytes that scans of an object take, the
// one for its footer included.
func TestRemoteRequests(t *testing.T) {
	store, asked, files := remoteFile(t, parquet.WriterOptions{RowGroupRows: manyRows / 2, NoDictionary: true}, ordered())
	up := func(v int64) []catalog.Predicate { return []catalog.Predicate{int64s("=", 0, v)} }
	for _, c := range []struct {
		name    string
		columns []int
		preds   []catalog.Predicate
		reads   int64 // at most
		share   int64 // percent of the bytes, at most
	}{
		{"one column", []int{1}, nil, 3, 20},
		{"two neighbours", []int{0, 1}, nil, 3, 45},
		{"all columns", []int{0, 1, 2, 3, 4}, nil, 3, 110},
		{"one page of one row group", []int{0, 2}, up(1000), 3, 25},
		{"no row", []int{0, 2, 4}, up(-1), 1, 10},
	} {
		t.Run(c.name, func(t *testing.T) {
			before, bytes := asked.Reads.Load(), asked.ReadBytes.Load()
			format := parquet.New()
			def, err := format.Infer(ctx, store, files, catalog.Given{})
			if err != nil {
				t.Fatal(err)
			}
			spec := specOf(def)
			spec.Projection, spec.Pruning = c.columns, c.preds
			splits, err := format.Splits(ctx, store, def, spec, catalog.SplitTarget{})
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range splits {
				r, err := format.Open(ctx, store, spec, s)
				if err != nil {
					t.Fatal(err)
				}
				for err == nil {
					_, err = r.Next(ctx)
				}
				if err != io.EOF {
					t.Fatal(err)
				}
				if err := r.Close(); err != nil {
					t.Fatal(err)
				}
			}
			reads, share := asked.Reads.Load()-before, (asked.ReadBytes.Load()-bytes)*100/files[0].Size
			if reads > c.reads || share > c.share {
				t.Errorf("%d requests for %d %% of the bytes, at most %d for %d %%", reads, share, c.reads, c.share)
			}
		})
	}
}

// TestRequestForFirstRows: of a row group only the pages with the rows of the split are
// fetched, also where these are its first ones.
func TestRequestForFirstRows(t *testing.T) {
	store, asked, files := remoteFile(t, parquet.WriterOptions{NoDictionary: true}, ordered())
	format := parquet.New()
	def, err := format.Infer(ctx, store, files, catalog.Given{})
	if err != nil {
		t.Fatal(err)
	}
	spec := specOf(def)
	spec.Projection = []int{0}
	reads, bytes := asked.Reads.Load(), asked.ReadBytes.Load()
	r, err := format.Open(ctx, store, spec, catalog.Split{File: files[0], End: 1000, Exact: true})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for rows := int64(0); ; {
		rec, err := r.Next(ctx)
		if err == io.EOF && rows == 1000 {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		rows += rec.NumRows()
	}
	reads, bytes = asked.Reads.Load()-reads, asked.ReadBytes.Load()-bytes
	if reads != 1 || bytes > manyRows*8/4 {
		t.Errorf("%d requests for %d bytes, the column has %d", reads, bytes, manyRows*8)
	}
}
