package memtable

import (
	"context"
	"io"
	"sync"
	"sync/atomic"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/catalog"
	"volley/catalog/memtable/block"
	"volley/catalog/memtable/keyset"
	"volley/catalog/objstore"
	"volley/sqlerr"
)

// FormatName is the format's name in TableDef.Format.
const FormatName = "memtable"

// optionID is the option that holds a table's id.
const optionID = "id"

// Format reads the tables of the stores that it made, in their own process, and in
// others the rows that splits carry.
// Under a context made by WithView it reads what the view sees.
type Format struct {
	pool   *block.Pool
	keys   block.Memory // of unique constraints
	lastID atomic.Uint64
	tables sync.Map // *Table by id
}

// New makes a format without stores, whose tables are in memory.
func New() *Format { return NewIn(nil) }

// NewIn makes a format without stores, whose tables' rows are in a pool, which has their
// keys' memory too.
func NewIn(pool *block.Pool) *Format { return &Format{pool: pool, keys: pool} }

// newKeys makes an empty set of keys.
func (f *Format) newKeys() *keyset.Set { return keyset.New(f.keys, f.pool.Keys()) }

// empty is no rows.
func (f *Format) empty() *Snapshot { return &Snapshot{pool: f.pool} }

// find gives the table of an id, as TableDef.Options have it; nil for none.
func (f *Format) find(id string) *Table {
	t, _ := f.tables.Load(id)
	table, _ := t.(*Table)
	return table
}

// Name is "memtable".
func (f *Format) Name() string { return FormatName }

// Infer refuses: these tables have no files.
func (f *Format) Infer(context.Context, objstore.Store, []catalog.FileInfo, catalog.Given) (*catalog.TableDef, error) {
	return nil, sqlerr.New(sqlerr.FeatureNotSupported, "the format \"%s\" is not for files", FormatName)
}

// Splits gives one split of all rows, or several that carry their rows.
func (f *Format) Splits(ctx context.Context, _ objstore.Store, _ *catalog.TableDef, spec *catalog.ScanSpec, target catalog.SplitTarget) ([]catalog.Split, error) {
	t, err := f.table(ctx, spec)
	if err != nil {
		return nil, err
	}
	rows := snapshotIn(ctx, t).Rows()
	if target.Inline {
		return f.inlineSplits(ctx, spec, rows, target)
	}
	return []catalog.Split{{Exact: true, Start: 0, End: rows, Rows: rows, Bytes: -1}}, nil
}

// Open starts reading the rows from split.Start to split.End.
func (f *Format) Open(ctx context.Context, _ objstore.Store, spec *catalog.ScanSpec, split catalog.Split) (catalog.Reader, error) {
	if split.Inline != nil {
		return openInline(spec, split)
	}
	t, err := f.table(ctx, spec)
	if err != nil {
		return nil, err
	}
	r := &reader{
		snapshot: snapshotIn(ctx, t), projection: spec.Projection, schema: spec.Out(),
		columns: t.schema.NumFields(), start: split.Start, end: split.End,
	}
	for r.at < len(r.snapshot.blocks) && r.snapshot.ends[r.at] <= split.Start {
		r.at++
	}
	return r, nil
}

func (f *Format) table(ctx context.Context, spec *catalog.ScanSpec) (*Table, error) {
	id := spec.Options[optionID]
	t := f.find(id)
	if v, ok := ctx.Value(viewKey{}).(*View); ok && t == nil {
		t = v.table(id)
	}
	if t == nil {
		return nil, gone(spec.Table)
	}
	return t, nil
}

// reader gives the records of a snapshot, projected.
type reader struct {
	snapshot   *Snapshot
	projection []int
	schema     *arrow.Schema
	columns    int // of the table; ordinal columns is the row's number
	at         int // record
	start, end int64
	closed     bool
}

// Next gives the next record.
func (r *reader) Next(context.Context) (arrow.Record, error) {
	if r.closed {
		return nil, sqlerr.New(sqlerr.InternalError, "the reader is closed")
	}
	if r.at == len(r.snapshot.blocks) || r.snapshot.start(r.at) >= r.end {
		return nil, io.EOF
	}
	rec, err := r.snapshot.blocks[r.at].Record()
	if err != nil {
		return nil, err
	}
	base := r.snapshot.start(r.at)
	r.at++
	lo, hi := max(r.start-base, 0), min(r.end-base, rec.NumRows())
	if lo > 0 || hi < rec.NumRows() {
		rec = slice(rec, lo, hi)
	}
	cols := make([]arrow.Array, len(r.projection))
	for i, c := range r.projection {
		if c == r.columns {
			cols[i] = numbers(base+lo, hi-lo)
			continue
		}
		cols[i] = rec.Column(c)
	}
	return array.NewRecord(r.schema, cols, hi-lo), nil
}

// numbers are n consecutive numbers from lo.
func numbers(lo, n int64) arrow.Array {
	b := array.NewInt64Builder(memory.DefaultAllocator)
	b.Reserve(int(n))
	for i := range n {
		b.UnsafeAppend(lo + i)
	}
	return b.NewArray()
}

// Bounds are the split's.
func (r *reader) Bounds() catalog.Bounds { return catalog.Bounds{Start: r.start, End: r.end} }

// Close ends the reader.
func (r *reader) Close() error {
	r.closed = true
	return nil
}
