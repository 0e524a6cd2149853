package csv

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/catalog"
	"volley/catalog/objstore"
	"volley/catalog/objstore/local"
	"volley/catalog/objstore/mem"
	"volley/sqltype"
)

// put stores files by name and gives their infos in the order of the arguments:
// name, content, name, content, ….
func put(t testing.TB, files ...string) (objstore.Store, []catalog.FileInfo) {
	t.Helper()
	store := mem.New()
	var infos []catalog.FileInfo
	for i := 0; i < len(files); i += 2 {
		path := "mem://" + files[i]
		w, err := store.Create(context.Background(), path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, files[i+1]); err != nil {
			t.Fatal(err)
		}
		if err := w.Commit(); err != nil {
			t.Fatal(err)
		}
		infos = append(infos, glob(t, store, path)...)
	}
	return store, infos
}

func glob(t testing.TB, store objstore.Store, pattern string) []catalog.FileInfo {
	t.Helper()
	found, err := store.Glob(context.Background(), pattern)
	if err != nil {
		t.Fatal(err)
	}
	infos := make([]catalog.FileInfo, len(found))
	for i, f := range found {
		infos[i] = catalog.FileInfo{Path: f.Path, Size: f.Size, Version: f.Version}
	}
	return infos
}

func localStore() objstore.Store { return local.New() }

func opts(pairs ...string) map[string]string {
	m := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	return m
}

func specOf(def *catalog.TableDef, projection ...int) *catalog.ScanSpec {
	if projection == nil {
		projection = []int{}
		for i := range def.Schema.NumFields() {
			projection = append(projection, i)
		}
	}
	return &catalog.ScanSpec{
		Table: "t", Format: "csv", Options: def.Options, Schema: def.Schema,
		Projection: projection, Partition: def.PartitionColumns,
	}
}

// readSplit gives the rows of a split as text, fields quoted by %q.
func readSplit(store objstore.Store, spec *catalog.ScanSpec, split catalog.Split) (rows []string, b catalog.Bounds, err error) {
	ctx := context.Background()
	r, err := New().Open(ctx, store, spec, split)
	if err != nil {
		return nil, b, err
	}
	defer func() { _ = r.Close() }()
	for {
		rec, err := r.Next(ctx)
		if errors.Is(err, io.EOF) {
			return rows, r.Bounds(), nil
		}
		if err != nil {
			return rows, b, err
		}
		rows = append(rows, rowTexts(rec)...)
	}
}

func rowTexts(rec arrow.Record) []string {
	encoders, columns := make([]sqltype.TextEncoder, rec.NumCols()), make([]arrow.Array, rec.NumCols())
	for i, c := range rec.Columns() {
		columns[i] = plain(c)
		encoders[i] = sqltype.NewTextEncoder(columns[i].DataType(), sqltype.TextOptions{})
	}
	rows := make([]string, rec.NumRows())
	for i := range rows {
		var sb strings.Builder
		for c, enc := range encoders {
			if c > 0 {
				sb.WriteByte('|')
			}
			if columns[c].IsNull(i) {
				sb.WriteString("NULL")
			} else {
				fmt.Fprintf(&sb, "%s", enc(nil, columns[c], i))
			}
		}
		rows[i] = sb.String()
	}
	return rows
}

// plain is a column without its dictionary.
func plain(a arrow.Array) arrow.Array {
	d, ok := a.(*array.Dictionary)
	if !ok {
		return a
	}
	texts := d.Dictionary().(*array.String)
	b := array.NewStringBuilder(memory.DefaultAllocator)
	for i := range d.Len() {
		b.Append(texts.Value(d.GetValueIndex(i)))
	}
	return b.NewArray()
}

// readSerial reads every file from start to end in one split each.
func readSerial(store objstore.Store, def *catalog.TableDef, spec *catalog.ScanSpec) (rows []string, err error) {
	for _, f := range def.Files {
		if f.Size == 0 {
			continue
		}
		got, _, err := readSplit(store, spec, catalog.Split{File: f, End: f.Size, Exact: true})
		rows = append(rows, got...)
		if err != nil {
			return rows, err
		}
	}
	return rows, nil
}

// readChain reads splits as a scheduler does: each speculatively, then again
// those whose start is not their predecessor's end. It gives how many were.
func readChain(store objstore.Store, spec *catalog.ScanSpec, splits []catalog.Split) (rows []string, again int, err error) {
	end := int64(0)
	for i, s := range splits {
		got, b, err := readSplit(store, spec, s)
		if i > 0 && splits[i-1].File.Path == s.File.Path && (err != nil || b.Start != end) {
			again++
			s.Exact, s.Start = true, end
			got, b, err = readSplit(store, spec, s)
		}
		rows = append(rows, got...)
		if err != nil {
			return rows, again, err
		}
		end = b.End
	}
	return rows, again, nil
}

func describe(def *catalog.TableDef) string {
	var parts []string
	for _, f := range def.Schema.Fields() {
		parts = append(parts, f.Name+" "+sqltype.Name(f.Type))
	}
	return strings.Join(parts, ", ")
}
