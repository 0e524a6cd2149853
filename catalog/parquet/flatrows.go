package parquet

import (
	"context"
	"encoding/binary"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/parquet"

	"volley/exec/kernel"
)

// readRows gives some of the next n records, by their numbers, and passes over
// the others.
func (r *columnReader) readRows(ctx context.Context, n int64, rows []int32) (arrow.Array, error) {
	if r.flat == nil || r.flat.keepLevels {
		a, err := r.read(ctx, n)
		if err != nil {
			return nil, err
		}
		return kernel.Take(a, rows)
	}
	r.pages.in.ctx = ctx
	if err := r.flat.loadRows(int(n), rows); err != nil {
		return nil, err
	}
	return r.flat.array()
}

// loadRows is load for some of the next n rows; what is not asked for is not
// decoded.
func (f *flatLeaf) loadRows(n int, rows []int32) error {
	f.n, f.segments, f.def = len(rows), f.segments[:0], f.def[:0]
	base := int32(0) // of the page's rows among the n
	for n > 0 {
		if f.rows == 0 {
			if err := f.nextPage(); err != nil {
				return err
			}
			continue
		}
		k := min(n, f.rows)
		here := 0
		for here < len(rows) && rows[here] < base+int32(k) {
			here++
		}
		if err := f.readSome(k, rows[:here], base); err != nil {
			return err
		}
		rows = rows[here:]
		base += int32(k)
		n -= k
		f.rows -= k
	}
	return nil
}

// readSome is read for rows of the next n, whose first has the number base.
func (f *flatLeaf) readSome(n int, rows []int32, base int32) error {
	present, levels, err := f.readLevels(n)
	if err != nil {
		return err
	}
	some, kept := f.present(rows, base, levels)
	s := f.segment()
	if s.dict != nil {
		return s.addIndicesAt(&f.runs, len(rows), present, some, kept, f.max)
	}
	switch f.leaf.physical {
	case parquet.Types.ByteArray:
		f.values, err = s.addBytesAt(f.values, present, some, kept, len(rows), f.max)
	case parquet.Types.Boolean:
		err = f.readBoolsAt(s, present, some)
	default:
		size := present * s.width
		if size > len(f.values) {
			return errFewValues
		}
		s.addFixedAt(f.values[:size], some)
		f.values = f.values[size:]
	}
	if err == nil {
		s.spread(len(rows), len(some), kept, f.max)
	}
	return err
}

// present gives the places of the rows' values among all that are present, and
// the rows' levels, nil if all are those of a value.
func (f *flatLeaf) present(rows []int32, base int32, levels []int32) (some, kept []int32) {
	some = make([]int32, 0, len(rows))
	if levels == nil {
		for _, r := range rows {
			some = append(some, r-base)
		}
		return some, nil
	}
	kept = make([]int32, 0, len(rows))
	at, before := int32(0), int32(0) // rows looked at, and values in them
	for _, r := range rows {
		for ; at < r-base; at++ {
			if levels[at] == int32(f.max) {
				before++
			}
		}
		kept = append(kept, levels[at])
		if levels[at] == int32(f.max) {
			some = append(some, before)
		}
	}
	if len(some) == len(rows) {
		kept = nil
	}
	return some, kept
}

func (s *segment) addFixedAt(in []byte, some []int32) {
	base := len(s.fixed)
	s.fixed = extend(s.fixed, len(some)*s.width)
	dst := s.fixed[base:]
	if s.width == 8 {
		to := valuesOf[uint64](dst)
		for i, r := range some {
			to[i] = binary.LittleEndian.Uint64(in[int(r)*8:])
		}
		return
	}
	for i, r := range some {
		copy(dst[i*s.width:(i+1)*s.width], in[int(r)*s.width:])
	}
}

// addBytesAt is addBytes for some of the values present.
func (s *segment) addBytesAt(in []byte, present int, some, levels []int32, n int, full int16) (rest []byte, err error) {
	whole := segment{offsets: make([]int32, 1, present+1)}
	if rest, err = whole.addBytes(in, present, nil, full); err != nil {
		return nil, err
	}
	for i := range n {
		if levels == nil || levels[i] == int32(full) {
			lo, hi := whole.offsets[some[0]], whole.offsets[some[0]+1]
			s.data = append(s.data, whole.data[lo:hi]...)
			some = some[1:]
		}
		if len(s.data) > maxSegmentText {
			return nil, errSegmentText
		}
		s.offsets = append(s.offsets, int32(len(s.data)))
	}
	return rest, nil
}

// readBoolsAt is readBools for some of the values present.
func (f *flatLeaf) readBoolsAt(s *segment, present int, some []int32) error {
	var whole segment
	if err := f.readBools(&whole, present); err != nil {
		return err
	}
	for _, r := range some {
		s.fixed = append(s.fixed, whole.fixed[r])
	}
	return nil
}

// addIndicesAt is addIndices for some of the indices present.
func (s *segment) addIndicesAt(from *hybrid, n, present int, some, levels []int32, full int16) error {
	if present > 0 && from.in == nil && from.left == 0 && from.repeat == 0 {
		return errFewValues
	}
	indices := make([]int32, len(some))
	if err := from.readAt(indices, some, present); err != nil {
		return err
	}
	top := uint32(0)
	for _, v := range indices {
		top = max(top, uint32(v))
	}
	if len(some) > 0 && int64(top) >= int64(s.dict.n) {
		return errIndex
	}
	switch {
	case s.small != nil:
		s.small = putIndices(s.small, indices, n, levels, full)
	case s.words != nil:
		s.words = putIndices(s.words, indices, n, levels, full)
	default:
		base := len(s.rows)
		s.rows = putIndices(s.rows, indices, n, levels, full)
		markNulls(s.rows[base:], levels, full, -1)
	}
	s.mark(n, len(some), levels, full)
	return nil
}

// putIndices appends n rows, of which those with a value have the next index.
func putIndices[T byte | uint16 | int32](to []T, indices []int32, n int, levels []int32, full int16) []T {
	base := len(to)
	to = extend(to, n)
	rows := to[base:]
	for i, v := range indices {
		rows[i] = T(v)
	}
	if levels != nil {
		spreadValues(rows, len(indices), levels, full)
		markNulls(rows, levels, full, 0)
	}
	return to
}

// readAt decodes the values at some places, ascending, of the next n.
func (d *hybrid) readAt(dst, some []int32, n int) error {
	base := 0
	for base < n {
		var k int
		switch {
		case d.repeat > 0:
			k = min(d.repeat, n-base)
			for len(some) > 0 && int(some[0]) < base+k {
				dst[0] = int32(d.value)
				dst, some = dst[1:], some[1:]
			}
			d.repeat -= k
		case d.left > 0:
			k = min(d.left, n-base)
			mask := uint64(1)<<d.width - 1
			for len(some) > 0 && int(some[0]) < base+k {
				bit := uint(d.at+int(some[0])-base) * d.width
				if at := int(bit / 8); at+8 <= len(d.packed) {
					dst[0] = int32(binary.LittleEndian.Uint64(d.packed[at:]) >> (bit % 8) & mask)
				} else {
					dst[0] = int32(bitsAt(d.packed, bit, d.width))
				}
				dst, some = dst[1:], some[1:]
			}
			d.at += k
			d.left -= k
		default:
			if err := d.next(); err != nil {
				return err
			}
		}
		base += k
	}
	return nil
}
