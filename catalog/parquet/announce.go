package parquet

import (
	"cmp"
	"context"
	"slices"

	"volley/catalog/objstore"
)

// announce tells the store which bytes of the row group at hand will be read, so
// that it can fetch them meanwhile: those of the columns that rows are looked for
// in. The others follow once a row has passed.
func (r *reader) announce(ctx context.Context) {
	r.later = nil
	if objstore.Scheme(r.in.Info().Path) == "" {
		return
	}
	var first []objstore.Range
	for i, s := range r.sources {
		if s.column == nil {
			continue
		}
		ranges := &r.later
		if len(r.late) == 0 || r.readFirst(i) {
			ranges = &first
		}
		for _, l := range s.column.leaves(nil) {
			*ranges = append(*ranges, r.bytesOf(l)...)
		}
	}
	r.announceRanges(ctx, first)
}

// announceLater announces the columns that are read only where a row passes.
func (r *reader) announceLater(ctx context.Context) {
	if len(r.later) > 0 {
		r.announceRanges(ctx, r.later)
		r.later = nil
	}
}

func (r *reader) announceRanges(ctx context.Context, ranges []objstore.Range) {
	slices.SortFunc(ranges, func(a, b objstore.Range) int { return cmp.Compare(a.Off, b.Off) })
	objstore.Announce(ctx, r.in, ranges...)
}

// readFirst tells whether rows are looked for in column i of the records.
func (r *reader) readFirst(i int) bool {
	return slices.ContainsFunc(r.late, func(l lateFilter) bool { return l.at == i })
}

// bytesOf gives where the pages of a leaf are that hold rows of the ranges at hand.
func (r *reader) bytesOf(l *leaf) []objstore.Range {
	group := r.next - 1
	off, end := r.f.chunkRange(group, l.index)
	pages := r.locations[l.index]
	if len(pages) == 0 {
		return []objstore.Range{{Off: off, End: end}}
	}
	out := []objstore.Range{{Off: off, End: pages[0].offset}} // the dictionary
	for i, p := range pages {
		next := r.f.groups[group].rows
		if i+1 < len(pages) {
			next = pages[i+1].firstRow
		}
		if slices.ContainsFunc(r.ranges, func(x rowRange) bool { return x.from < next && p.firstRow < x.to }) {
			out = append(out, objstore.Range{Off: p.offset, End: p.offset + int64(p.size)})
		}
	}
	return out
}
