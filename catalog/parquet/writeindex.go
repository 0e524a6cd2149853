package parquet

// Orders of the bounds of pages.
const (
	boundariesUnordered  = 0
	boundariesAscending  = 1
	boundariesDescending = 2
)

// columnIndex encodes the bounds of the chunk's pages; nil when those of a page
// are not known.
func (e *chunkEncoder) columnIndex() []byte {
	mins, maxs := make([][]byte, len(e.out.pages)), make([][]byte, len(e.out.pages))
	for i, p := range e.out.pages {
		if p.values == 0 {
			continue
		}
		if p.lo < 0 {
			return nil
		}
		mins[i], _ = e.buffer.lowest(p.lo)
		if maxs[i], _ = e.buffer.highest(p.hi); maxs[i] == nil {
			return nil
		}
	}
	w := newThriftWriter()
	w.list(1, thriftTrue, len(mins))
	for _, p := range e.out.pages {
		if p.values == 0 {
			w.buf = append(w.buf, thriftTrue)
		} else {
			w.buf = append(w.buf, thriftFalse)
		}
	}
	for id, values := range [][][]byte{mins, maxs} {
		w.list(int16(id)+2, thriftBinary, len(values))
		for _, v := range values {
			w.element(v)
		}
	}
	w.i32(4, e.boundaryOrder())
	w.list(5, thriftI64, len(mins))
	for _, p := range e.out.pages {
		w.int(p.nulls)
	}
	return w.done()
}

// boundaryOrder tells how the bounds of the pages follow each other.
func (e *chunkEncoder) boundaryOrder() int32 {
	ascending, descending := true, true
	last := -1
	for i, p := range e.out.pages {
		if p.values == 0 {
			continue
		}
		if last >= 0 {
			before := e.out.pages[last]
			lo := e.buffer.compareValues(e.order, before.lo, p.lo)
			hi := e.buffer.compareValues(e.order, before.hi, p.hi)
			ascending = ascending && lo <= 0 && hi <= 0
			descending = descending && lo >= 0 && hi >= 0
		}
		last = i
	}
	switch {
	case ascending:
		return boundariesAscending
	case descending:
		return boundariesDescending
	}
	return boundariesUnordered
}

// encodeOffsetIndex encodes where the pages are, when their offsets are known.
func (c *writtenChunk) encodeOffsetIndex() []byte {
	w := newThriftWriter()
	w.list(1, thriftStruct, len(c.pages))
	for _, p := range c.pages {
		w.begin()
		w.i64(1, p.offset)
		w.i32(2, p.size)
		w.i64(3, p.firstRow)
		w.end()
	}
	return w.done()
}
