package parquet

import (
	"context"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/parquet"

	"volley/catalog/objstore"
	"volley/sqltype"
)

// maxProbes is how many comparisons the contents of a dictionary are worth.
const maxProbes = 1 << 20

// selectRows gives the rows of a row group, within those wanted, that may match
// all predicates: by the bounds of pages, by Bloom filters and by the contents
// of dictionaries. It keeps where the pages of all columns are, if ranges are
// worth it.
func (r *reader) selectRows(ctx context.Context, group int, wanted rowRange) ([]rowRange, error) {
	r.locations = nil
	out := []rowRange{wanted}
	for i := range r.prune.preds {
		p := &r.prune.preds[i]
		if p.column == nil || p.column.kind != leafColumn || p.column.leaf.descr.MaxRepetitionLevel() > 0 {
			continue
		}
		may, err := r.mayHoldValues(ctx, group, p)
		if err != nil {
			return nil, err
		}
		if !may {
			r.counts.ByValues++
			return nil, nil
		}
		if out, err = r.selectPages(ctx, group, p, out); err != nil {
			return nil, err
		}
		if len(out) == 0 {
			r.counts.ByPages++
			return nil, nil
		}
	}
	if len(out) == 1 && out[0] == wanted && wanted.from == 0 && !r.indexPays(group, wanted.to) {
		return out, nil
	}
	r.locations = map[int][]pageLocation{}
	for _, s := range r.sources {
		if s.column == nil {
			continue
		}
		for _, l := range s.column.leaves(nil) {
			pages, err := r.readOffsetIndex(ctx, group, l.index)
			if err != nil {
				return nil, err
			}
			r.locations[l.index] = pages
		}
	}
	return out, nil
}

// indexPays tells whether the page index is of use where all rows of a row group before
// one are read: to pass over pages that late filters leave out, and of a remote file, if
// it takes no request, not to fetch the pages after these rows.
func (r *reader) indexPays(group int, to int64) bool {
	if objstore.Scheme(r.in.Info().Path) == "" {
		return len(r.late) > 0
	}
	return to < r.f.groups[group].rows && r.indexAtHand(group)
}

// indexAtHand tells whether the end of the file that is in memory has what there is of
// the page index of the columns that are read.
func (r *reader) indexAtHand(group int) bool {
	at := r.f.size - int64(len(r.f.tail))
	for _, s := range r.sources {
		if s.column == nil {
			continue
		}
		for _, l := range s.column.leaves(nil) {
			if off := r.f.meta.RowGroups[group].Columns[l.index].OffsetIndexOffset; off != nil && *off < at {
				return false
			}
		}
	}
	return true
}

// selectPages gives those of some rows that are on pages whose bounds allow a
// predicate.
func (r *reader) selectPages(ctx context.Context, group int, p *boundPredicate, rows []rowRange) ([]rowRange, error) {
	l := p.column.leaf
	pages, err := r.readOffsetIndex(ctx, group, l.index)
	if err != nil || len(pages) == 0 {
		return rows, err
	}
	x, err := r.readColumnIndex(ctx, group, l.index, len(pages))
	if err != nil || x == nil || !r.f.trustsBounds(l) {
		return rows, err
	}
	var match []rowRange
	for i, pg := range pages {
		to := r.f.groups[group].rows
		if i+1 < len(pages) {
			to = pages[i+1].firstRow
		}
		b := bounds{rows: to - pg.firstRow, nulls: -1}
		if x.nulls != nil {
			b.nulls = x.nulls[i]
		}
		if x.nullPages[i] {
			b.nulls = b.rows
		} else {
			b.min, b.max = l.bound(x.mins[i]), l.bound(x.maxs[i])
			b.widen(p.typ)
		}
		if b.mayMatch(p.Predicate, isFloat(p.typ)) {
			match = appendRange(match, rowRange{pg.firstRow, to})
		}
	}
	return intersect(rows, match), nil
}

// trustsBounds tells whether the order of a leaf's bounds is known.
func (f *footer) trustsBounds(l *leaf) bool {
	return l.descr.ColumnOrder() == parquet.ColumnOrders.TypeDefinedOrder
}

// mayHoldValues tells whether a chunk can hold a value that a predicate is equal
// to, by its Bloom filter and its dictionary. Other predicates always may.
func (r *reader) mayHoldValues(ctx context.Context, group int, p *boundPredicate) (bool, error) {
	if p.Op != "=" && p.Op != "in" || !sqltype.Equal(p.column.typ, p.typ) {
		return true, nil
	}
	total := 0
	for _, v := range p.Values {
		if !sqltype.Equal(v.DataType(), p.typ) {
			return true, nil
		}
		total += v.Len()
	}
	may, known, err := r.probeBloom(ctx, group, p)
	if err != nil || known && !may {
		return false, err
	}
	dict, err := r.wholeDictionary(ctx, group, p.column)
	if err != nil || dict == nil || dict.Len()*total > maxProbes {
		return true, err
	}
	for _, v := range p.Values {
		for i := range v.Len() {
			if v.IsValid(i) && holds(dict, v, i) {
				return true, nil
			}
		}
	}
	return false, nil
}

// holds tells whether value i of v may be among the values of a dictionary.
func holds(dict, v arrow.Array, i int) bool {
	value := array.NewSlice(v, int64(i), int64(i)+1)
	for k := range dict.Len() {
		if c, ok := compare(value, dict, k); !ok || c == 0 {
			return true
		}
	}
	return false
}

// wholeDictionary gives the dictionary of a chunk if all its pages use it; nil if
// they do not, or if that is not known.
func (r *reader) wholeDictionary(ctx context.Context, group int, c *column) (arrow.Array, error) {
	m := r.f.meta.RowGroups[group].Columns[c.leaf.index].MetaData
	dictionary := false
	for _, s := range m.EncodingStats {
		switch {
		case int32(s.PageType) == pageDictionary:
			dictionary = true
		case int32(s.Encoding) != encodingPlainDictionary && int32(s.Encoding) != encodingRLEDictionary:
			return nil, nil
		}
	}
	if !dictionary {
		return nil, nil
	}
	pages, err := r.openChunk(group, c.leaf)
	if err != nil {
		return nil, err
	}
	defer pages.free()
	pages.in.ctx = ctx
	h, n, err := pages.peekHeader()
	if err != nil || h.kind != pageDictionary {
		return nil, err
	}
	pg, err := pages.read(h, n)
	if err != nil {
		return nil, err
	}
	d, err := newDictionary(c.leaf, &pg)
	if err != nil {
		return nil, err
	}
	if d.values == nil {
		d.convert(c.leaf)
	}
	return d.values, nil
}

// probeBloom asks the Bloom filter of a chunk for the values of a predicate. It
// is not known where there is no filter, or values have no hash that is exact.
func (r *reader) probeBloom(ctx context.Context, group int, p *boundPredicate) (may, known bool, err error) {
	m := r.f.meta.RowGroups[group].Columns[p.column.leaf.index].MetaData
	if m.BloomFilterOffset == nil {
		return true, false, nil
	}
	var hashes []uint64
	for _, v := range p.Values {
		for i := range v.Len() {
			if v.IsNull(i) {
				continue
			}
			plain, ok := p.column.leaf.plainValue(v, i)
			if !ok {
				return true, false, nil
			}
			hashes = append(hashes, bloomHash(plain))
		}
	}
	filter, err := r.readBloom(ctx, *m.BloomFilterOffset)
	if err != nil || filter == nil {
		return true, false, err
	}
	return slices.ContainsFunc(hashes, filter.mayHold), true, nil
}

// readBloom reads a filter; nil if it is of a kind that is not known.
func (r *reader) readBloom(ctx context.Context, off int64) (bloomFilter, error) {
	head := make([]byte, min(64, max(r.in.Info().Size-off, 0)))
	if off < 0 || len(head) == 0 {
		return nil, errBloom
	}
	if err := readFull(ctx, r.in, head, off); err != nil {
		return nil, err
	}
	size, n, err := parseBloomHeader(head)
	if err != nil || size == 0 {
		return nil, err
	}
	return readPart(ctx, r.in, off+int64(n), int64(size))
}

// plainValue is the PLAIN form of a value of the leaf's SQL type, if there is
// only one.
func (l *leaf) plainValue(v arrow.Array, i int) ([]byte, bool) {
	if l.conv != asIs && l.conv != bytesToText && l.conv != bytesToBytea && l.conv != int32ToInt16 {
		return nil, false
	}
	switch a := v.(type) {
	case *array.Int16:
		return bytesOf([]int32{int32(a.Value(i))}), l.width == 4
	case *array.Int32:
		return bytesOf([]int32{a.Value(i)}), l.width == 4
	case *array.Date32:
		return bytesOf([]int32{int32(a.Value(i))}), l.width == 4
	case *array.Int64:
		return bytesOf([]int64{a.Value(i)}), l.width == 8
	case *array.Timestamp:
		return bytesOf([]int64{int64(a.Value(i))}), l.width == 8
	case *array.Time64:
		return bytesOf([]int64{int64(a.Value(i))}), l.width == 8
	case *array.String:
		return []byte(a.Value(i)), true
	case *array.Binary:
		return a.Value(i), true
	}
	return nil, false // floats: −0 and 0, NaN
}
