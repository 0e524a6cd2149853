package parquet_test

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/catalog"
	"volley/catalog/objstore/local"
	"volley/catalog/parquet"
	"volley/exec/kernel"
	"volley/sqlerr"
)

var ctx = context.Background()

// scan reads all columns of files as one table.
func scan(t testing.TB, given catalog.Given, target catalog.SplitTarget, paths ...string) ([]arrow.Record, error) {
	t.Helper()
	store, format := local.New(), parquet.New()
	var files []catalog.FileInfo
	for _, p := range paths {
		infos, err := store.Glob(ctx, p)
		if err != nil {
			return nil, err
		}
		for _, i := range infos {
			files = append(files, catalog.FileInfo(i))
		}
	}
	def, err := format.Infer(ctx, store, files, given)
	if err != nil {
		return nil, err
	}
	spec := specOf(def)
	return scanSpec(format, def, spec, target)
}

func specOf(def *catalog.TableDef) *catalog.ScanSpec {
	spec := &catalog.ScanSpec{Table: "t", Format: "parquet", Options: def.Options, Schema: def.Schema, Partition: def.PartitionColumns}
	for i := range def.Schema.NumFields() {
		spec.Projection = append(spec.Projection, i)
	}
	return spec
}

func scanSpec(format catalog.Format, def *catalog.TableDef, spec *catalog.ScanSpec, target catalog.SplitTarget) ([]arrow.Record, error) {
	store := local.New()
	splits, err := format.Splits(ctx, store, def, spec, target)
	if err != nil {
		return nil, err
	}
	var out []arrow.Record
	for _, split := range splits {
		r, err := format.Open(ctx, store, spec, split)
		if err != nil {
			return out, err
		}
		for {
			rec, err := r.Next(ctx)
			if err == io.EOF {
				break
			}
			if err != nil {
				r.Close()
				return out, err
			}
			if rec, err = decoded(spec, rec); err != nil {
				return out, err
			}
			out = append(out, rec)
		}
		if err := r.Close(); err != nil {
			return out, err
		}
	}
	return out, nil
}

// decoded is a record without dictionaries, after which it has the scan's types.
func decoded(spec *catalog.ScanSpec, rec arrow.Record) (arrow.Record, error) {
	cols := make([]arrow.Array, rec.NumCols())
	for i := range cols {
		var err error
		if cols[i], err = kernel.Decode(rec.Column(i)); err != nil {
			return nil, err
		}
	}
	return array.NewRecord(spec.Out(), cols, rec.NumRows()), nil
}

func rows(recs []arrow.Record) (n int64) {
	for _, r := range recs {
		n += r.NumRows()
	}
	return n
}

func corpus(t *testing.T, pattern string) []string {
	t.Helper()
	paths, err := filepath.Glob("../../../shared/corpora/" + pattern)
	if err != nil {
		t.Fatal(err)
	}
	if len(paths) == 0 {
		t.Skipf("no corpus %s beside the project", pattern)
	}
	return paths
}

// TestCorpora reads every file of the corpora: what cannot be read is an error
// with the file's name and a SQLSTATE of data or features, never XX000.
func TestCorpora(t *testing.T) {
	for _, pattern := range []string{"parquet-testing/*/*.parquet*", "arrow-testing/data/parquet/*/*", "duckdb-data/data/parquet-testing/*.parquet"} {
		t.Run(pattern, func(t *testing.T) {
			read := 0
			for _, path := range corpus(t, pattern) {
				if filepath.Ext(path) == ".json" {
					continue
				}
				recs, err := scan(t, catalog.Given{}, catalog.SplitTarget{Slots: 2}, path)
				checkError(t, path, err)
				if err == nil && rows(recs) > 0 {
					read++
				}
			}
			if read == 0 && !strings.HasPrefix(pattern, "arrow-testing") { // malformed all
				t.Error("no file has rows")
			}
		})
	}
}

func TestBadData(t *testing.T) {
	for _, path := range corpus(t, "parquet-testing/bad_data/*.parquet") {
		// indices of no bits, into a dictionary of one value: readable
		if filepath.Base(path) == "ARROW-GH-43605.parquet" {
			continue
		}
		if _, err := scan(t, catalog.Given{}, catalog.SplitTarget{}, path); sqlerr.Code(err) != sqlerr.DataCorrupted {
			t.Errorf("%s: %v", filepath.Base(path), err)
		}
	}
}

func TestEncrypted(t *testing.T) {
	for _, path := range corpus(t, "parquet-testing/data/*.parquet.encrypted") {
		if _, err := scan(t, catalog.Given{}, catalog.SplitTarget{}, path); sqlerr.Code(err) != sqlerr.FeatureNotSupported ||
			!strings.Contains(err.Error(), "encrypted") {
			t.Errorf("%s: %v", filepath.Base(path), err)
		}
	}
}

// checkError checks that an error has a SQLSTATE and names the file.
func checkError(t testing.TB, path string, err error) {
	t.Helper()
	if err == nil {
		return
	}
	e := (*sqlerr.Error)(nil)
	if !errors.As(err, &e) {
		t.Fatalf("error without SQLSTATE: %v", err)
	}
	if e.Code == sqlerr.InternalError {
		t.Errorf("internal error: %v", err)
	}
	if !strings.Contains(err.Error(), filepath.Base(path)) {
		t.Errorf("error does not name the file: %v", err)
	}
}
