package pgcatalog

import (
	"context"
	"io"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/catalog"
	"volley/catalog/objstore"
	"volley/sqlerr"
	"volley/udf"
)

// FormatName is the format's name in TableDef.Format.
const FormatName = "pg_catalog"

// Format reads the catalogs of the database of the context's session.
type Format struct{}

// Name is "pg_catalog".
func (Format) Name() string { return FormatName }

// Infer refuses: these tables have no files.
func (Format) Infer(context.Context, objstore.Store, []catalog.FileInfo, catalog.Given) (*catalog.TableDef, error) {
	return nil, sqlerr.New(sqlerr.FeatureNotSupported, "the format %q is not for files", FormatName)
}

// Splits gives one split.
func (Format) Splits(context.Context, objstore.Store, *catalog.TableDef, *catalog.ScanSpec, catalog.SplitTarget) ([]catalog.Split, error) {
	return []catalog.Split{{Exact: true, Rows: -1, Bytes: -1}}, nil
}

// Open makes the rows of a catalog as of now.
func (Format) Open(ctx context.Context, _ objstore.Store, spec *catalog.ScanSpec, split catalog.Split) (catalog.Reader, error) {
	r := systemRelations()[spec.Options["schema"]][spec.Options["name"]]
	if r == nil {
		return nil, sqlerr.New(sqlerr.UndefinedTable, "relation \"%s\" does not exist", spec.Table)
	}
	s, ok := udf.SessionOf(ctx).(Session)
	if !ok {
		return nil, sqlerr.New(sqlerr.InternalError, "the catalog %s is read outside of a session", r.Name)
	}
	rows := newRows(r, spec)
	if fill := fillers[r.Schema+"."+r.Name]; fill != nil {
		fill(s.Database(), rows)
	}
	return &reader{rec: rows.record(), bounds: catalog.Bounds{Start: split.Start, End: split.End}}, nil
}

// reader is a reader of one record.
type reader struct {
	rec    arrow.Record
	bounds catalog.Bounds
}

// Next gives the record, then io.EOF.
func (r *reader) Next(context.Context) (arrow.Record, error) {
	rec := r.rec
	r.rec = nil
	if rec == nil || rec.NumRows() == 0 {
		return nil, io.EOF
	}
	return rec, nil
}

// Bounds are the split's.
func (r *reader) Bounds() catalog.Bounds { return r.bounds }

// Close does nothing.
func (r *reader) Close() error { return nil }
