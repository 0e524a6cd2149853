package parquet

import (
	"context"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/catalog"
	"volley/catalog/objstore"
)

// Stats sums up the footers of the table's files: rows exactly, and the least
// and the greatest value and the nulls of each column where all row groups
// know theirs. Minima and maxima of text may be cut short, so they bound the
// values but need not be among them.
func (p *Format) Stats(ctx context.Context, store objstore.Store, def *catalog.TableDef) (catalog.Stats, error) {
	footers, err := p.footersOf(ctx, store, def.Files)
	if err != nil {
		return catalog.Stats{}, err
	}
	spec := &catalog.ScanSpec{Options: def.Options, Schema: def.Schema, Partition: def.PartitionColumns}
	opts, err := parseOptions(def.Options)
	if err != nil {
		return catalog.Stats{}, err
	}
	out := catalog.Stats{Columns: make([]catalog.ColumnStats, def.Schema.NumFields())}
	for _, f := range footers {
		out.Rows += f.rows
		out.Bytes += f.size
	}
	for i, field := range def.Schema.Fields() {
		sum := summary{}
		for _, f := range footers {
			err := guard(f.path, func() error {
				s, err := newSources(f, spec, opts).of(field)
				if err == nil {
					sum.addFile(f, s, field.Type)
				}
				return err
			})
			if err != nil {
				return catalog.Stats{}, err
			}
		}
		out.Columns[i] = sum.stats()
	}
	return out, nil
}

// summary adds up the bounds of a column over row groups.
type summary struct {
	min, max     arrow.Array
	lost         bool // a row group's bounds are not known
	nulls        int64
	nullsUnknown bool
}

func (s *summary) addFile(f *footer, src source, t arrow.DataType) {
	for g, group := range f.groups {
		b := bounds{rows: group.rows, nulls: -1}
		switch {
		case src.value != nil && src.value.IsNull(0), src.value == nil && src.column == nil:
			b.nulls = group.rows
		case src.value != nil:
			b.min, b.max, b.nulls = src.value, src.value, 0
		case src.column.kind == leafColumn:
			b = f.columnBounds(g, src.column)
			b.widen(t)
		}
		s.add(b)
	}
}

func (s *summary) add(b bounds) {
	if b.nulls < 0 {
		s.nullsUnknown = true
	}
	s.nulls += b.nulls
	if b.rows == 0 || b.nulls == b.rows {
		return
	}
	if b.min == nil || b.max == nil {
		s.lost = true
		return
	}
	if c, ok := compare(b.min, s.min, 0); s.min == nil || ok && c < 0 {
		s.min = b.min
	}
	if c, ok := compare(b.max, s.max, 0); s.max == nil || ok && c > 0 {
		s.max = b.max
	}
}

func (s *summary) stats() catalog.ColumnStats {
	out := catalog.ColumnStats{Min: s.min, Max: s.max, NullCount: s.nulls, Distinct: -1}
	if s.lost {
		out.Min, out.Max = nil, nil
	}
	if s.nullsUnknown {
		out.NullCount = -1
	}
	return out
}
