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
	// minLastBytes is minSplitBytes for the last splits, of which a slot does not get
	// parts of less than 1/lastSplits of its share.
	minLastBytes = 1 << 18
	lastSplits   = 16
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
	if slots := target.Slots; !target.Costly && slots > 0 && len(pieces) >= 2*slots && total >= int64(2*slots)*minSplitBytes {
		pieces = lastPieces(pieces, total, limit, slots)
	}
	var splits []catalog.Split
	for start := 0; start < len(pieces); {
		end, bytes := start+1, pieces[start].bytes
		for end < len(pieces) && !pieces[end].whole && pieces[end].follows(pieces[end-1]) && bytes+pieces[end].bytes <= limit {
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
	indexed     bool  // the page index says where the pages of all columns are
	whole       bool  // to be a split as it is
}

// lastPieces cuts the last row groups more finely, by the page index, so that all
// slots end at about the same time: a piece is at most what a slot will still have
// to do when it begins. The others stay whole, also those without an
// index, parts of which would be decompressed twice. Whoever makes tasks of splits
// puts small ones together.
func lastPieces(pieces []piece, total, limit int64, slots int) []piece {
	var out []piece
	left, least := total, max(total/int64(slots*lastSplits), minLastBytes)
	for _, p := range pieces {
		p.whole = true
		most := min(limit, max(left/int64(slots), least))
		left -= p.bytes
		parts := min((p.bytes+most-1)/most, int64(slots)*splitsPerSlot, p.rows)
		if !p.indexed || parts < 2 {
			out = append(out, p)
			continue
		}
		for i := range parts {
			part := p
			from, to := p.rows*i/parts, p.rows*(i+1)/parts
			part.first, part.rows, part.bytes = p.first+from, to-from, p.bytes/parts
			if i > 0 {
				part.pruned = 0
			}
			out = append(out, part)
		}
	}
	return out
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
			out = append(out, piece{
				file: file, first: group.first, rows: group.rows, bytes: f.groupBytes(g, cols), pruned: pruned,
				indexed: f.indexed(g, cols),
			})
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

// indexed tells whether the page index has the pages of all columns of a row group.
func (f *footer) indexed(group int, columns []*column) bool {
	for _, c := range columns {
		for _, l := range c.leaves(nil) {
			if f.meta.RowGroups[group].Columns[l.index].OffsetIndexOffset == nil || l.descr.MaxRepetitionLevel() > 0 {
				return false
			}
		}
	}
	return true
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
	if len(pieces) == 1 && !first.whole {
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
