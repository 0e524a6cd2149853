package parquet

import (
	"context"

	"volley/catalog"
	"volley/catalog/objstore"
)

const (
	// minSplitBytes keeps splits worth their overhead unless rows are costly.
	minSplitBytes = 1 << 20
	// splitsPerSlot is how many splits a slot should get where the data allow
	// it, so that slots end at about the same time.
	splitsPerSlot = 4
	// minSplitRows is the smallest part of a row group that costly rows are cut
	// into.
	minSplitRows = 64
)

// Splits cuts the row groups that spec.Pruning leaves into ranges of rows, in
// file order. Small row groups that lie together share a split; large ones are
// cut only if there would be too few splits for all slots.
func (p *Format) Splits(ctx context.Context, store objstore.Store, def *catalog.TableDef, spec *catalog.ScanSpec, target catalog.SplitTarget) ([]catalog.Split, error) {
	footers, err := p.footersOf(ctx, store, def.Files)
	if err != nil {
		return nil, err
	}
	var pieces []piece
	var pruned int64 // after the last piece
	for i, f := range footers {
		more, after, err := survivors(f, def.Files[i], spec)
		if err != nil {
			return nil, err
		}
		if len(more) > 0 {
			more[0].pruned += pruned
			pruned = 0
		}
		pruned += after
		pieces = append(pieces, more...)
	}
	var total int64
	for _, p := range pieces {
		total += p.bytes
	}
	limit := splitLimit(total, target)
	var splits []catalog.Split
	for start := 0; start < len(pieces); {
		end, bytes := start+1, pieces[start].bytes
		for end < len(pieces) && pieces[end].follows(pieces[end-1]) && bytes+pieces[end].bytes <= limit {
			bytes += pieces[end].bytes
			end++
		}
		splits = appendSplits(splits, pieces[start:end], bytes, total, limit, target)
		start = end
	}
	for i := range splits {
		splits[i].Index = i
	}
	if n := len(splits); n > 0 {
		splits[n-1].Pruned += pruned
	}
	return splits, nil
}

// piece is a row group to be read.
type piece struct {
	file        catalog.FileInfo
	first, rows int64
	bytes       int64 // of the columns to be read: what reading costs
	pruned      int64 // row groups that were left out before it
}

// follows tells whether p comes right after before.
func (p piece) follows(before piece) bool {
	return p.file.Path == before.file.Path && p.first == before.first+before.rows
}

// survivors are the row groups of a file that are not pruned, and how many are
// after the last of them.
func survivors(f *footer, file catalog.FileInfo, spec *catalog.ScanSpec) (out []piece, pruned int64, err error) {
	err = guard(f.path, func() error {
		prune, err := newPruner(f, spec)
		if err != nil {
			return err
		}
		cols, err := scanColumns(f, spec)
		if err != nil {
			return err
		}
		for g, group := range f.groups {
			if group.rows == 0 {
				continue
			}
			if !prune.mayMatch(g) {
				pruned++
				continue
			}
			out = append(out, piece{file, group.first, group.rows, f.groupBytes(g, cols), pruned})
			pruned = 0
		}
		return nil
	})
	return out, pruned, err
}

// groupBytes is how many bytes of a row group the columns take: compressed, but
// one a value at least, since a value has to be looked at however well a column
// of few of them is compressed.
func (f *footer) groupBytes(group int, columns []*column) int64 {
	var bytes int64
	for _, c := range columns {
		for _, l := range c.leaves(nil) {
			data := f.meta.RowGroups[group].Columns[l.index].MetaData
			bytes += max(data.TotalCompressedSize, data.NumValues)
		}
	}
	return bytes
}

// splitLimit is how many bytes a split should have at most.
func splitLimit(total int64, target catalog.SplitTarget) int64 {
	limit := target.Bytes
	if limit <= 0 {
		limit = 64 << 20
	}
	if slots := int64(target.Slots); slots > 0 {
		limit = min(limit, total/(slots*splitsPerSlot))
	}
	if target.Costly {
		return limit
	}
	return max(limit, minSplitBytes)
}

// appendSplits makes splits of neighbouring row groups of so many bytes out of
// total: one, unless they are a single one that is too large or rows are costly.
func appendSplits(splits []catalog.Split, pieces []piece, bytes, total, limit int64, target catalog.SplitTarget) []catalog.Split {
	first, last := pieces[0], pieces[len(pieces)-1]
	start, end := first.first, last.first+last.rows
	slots := int64(max(target.Slots, 1))
	parts := int64(1)
	if len(pieces) == 1 {
		// What comes before the part's first row in its row group is passed over
		// in vain, so there are no more parts than the slots need.
		parts = min((bytes+limit-1)/max(limit, 1), slots)
	}
	if target.Costly {
		parts = max(parts, min(slots*splitsPerSlot*bytes/max(total, 1), (end-start)/minSplitRows))
	}
	parts = max(1, min(parts, end-start))
	for i := range parts {
		from, to := start+(end-start)*i/parts, start+(end-start)*(i+1)/parts
		splits = append(splits, catalog.Split{
			File: first.file, Start: from, End: to, Exact: true,
			Rows: to - from, Bytes: bytes / parts,
		})
		if i == 0 {
			for _, p := range pieces {
				splits[len(splits)-1].Pruned += p.pruned
			}
		}
	}
	return splits
}

// scanColumns are the columns of a file that a scan reads.
func scanColumns(f *footer, spec *catalog.ScanSpec) ([]*column, error) {
	opts, err := parseOptions(spec.Options)
	if err != nil {
		return nil, err
	}
	src := newSources(f, spec, opts)
	var out []*column
	for _, i := range spec.Projection {
		s, err := src.of(spec.Schema.Field(i))
		if err != nil {
			return nil, err
		}
		if s.column != nil {
			out = append(out, s.column)
		}
	}
	return out, nil
}
