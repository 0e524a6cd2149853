package parquet

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/apache/arrow/go/v15/parquet"
)

var (
	errFewValues = errors.New("a page has fewer values than its levels say")
	errIndex     = errors.New("a dictionary has no value of an index")
)

// flatLeaf reads a leaf without lists above it: as many levels as rows. Values
// are decoded densely and spread to their rows afterwards. Those of a dictionary
// are converted once per dictionary.
//
//	pages → definition levels ─┐
//	      → values or indices ─┴→ segments → an array
type flatLeaf struct {
	leaf  *leaf
	pages *pageReader
	max   int16 // definition level of a value
	// keepLevels: a group above has NULLs that only levels tell.
	keepLevels bool
	// encode: the array may be a dictionary array or short Decimals.
	encode bool

	// The page at hand.
	rows     int    // still to be read
	defs     hybrid // definition levels
	encoding int32
	values   []byte // PLAIN ones still to be read
	own      bool   // and they stay as they are
	bit      int    // of the next boolean in values
	runs     hybrid // indices, or booleans
	dict     *dictionary

	// The rows loaded.
	n        int
	segments []segment
	def      []int16 // with keepLevels
	scratch  []int32
}

func newFlatLeaf(col *column, pages *pageReader) *flatLeaf {
	max := col.leaf.descr.MaxDefinitionLevel()
	return &flatLeaf{leaf: col.leaf, pages: pages, max: max, keepLevels: len(col.leaf.descr.ColumnPath()) > 1}
}

// levels are the definition levels of the rows loaded; nil when no field on the
// way to the leaf is optional. A column without a group above has none.
func (f *flatLeaf) levels() []int16 { return f.def }

// load decodes the next n rows.
func (f *flatLeaf) load(n int) error {
	f.n, f.segments, f.def = n, f.segments[:0], f.def[:0]
	for n > 0 {
		if f.rows == 0 {
			if err := f.nextPage(); err != nil {
				return err
			}
			continue
		}
		k := min(n, f.rows)
		if err := f.read(k); err != nil {
			return err
		}
		n -= k
		f.rows -= k
	}
	return nil
}

// nextPage opens the next data page; a dictionary page is taken on the way.
func (f *flatLeaf) nextPage() error {
	pg, ok := f.pages.next()
	switch {
	case f.pages.err != nil:
		return f.pages.err
	case !ok:
		return errors.New("a column chunk ends before its row group does")
	case pg.kind == pageDictionary:
		var err error
		f.dict, err = newDictionary(f.leaf, &pg)
		return err
	}
	f.rows = int(pg.values)
	if err := f.openLevels(&pg); err != nil {
		return err
	}
	f.encoding, f.values, f.bit = pg.encoding, pg.data[pg.levels:], 0
	switch pg.encoding {
	case encodingPlain:
		return nil
	case encodingPlainDictionary, encodingRLEDictionary:
		if f.dict == nil {
			return errors.New("a page has indices of a dictionary, of which there is none")
		}
		return f.openIndices()
	case encodingRLE:
		if f.leaf.physical == parquet.Types.Boolean && len(f.values) >= 4 {
			f.runs = newHybrid(f.values[4:], 1)
			return nil
		}
	}
	return fmt.Errorf("values of type %s have the encoding %d", f.leaf.physical, pg.encoding)
}

// openIndices opens indices, whose width comes first. A page of NULLs may have
// none.
func (f *flatLeaf) openIndices() error {
	f.runs = hybrid{}
	if len(f.values) == 0 {
		return nil
	}
	if f.values[0] > maxHybridWidth {
		return fmt.Errorf("a page has dictionary indices of %d bits", f.values[0])
	}
	f.runs = newHybrid(f.values[1:], uint(f.values[0]))
	return nil
}

// openLevels opens the definition levels of a page, which have been checked.
func (f *flatLeaf) openLevels(pg *page) error {
	if f.max == 0 {
		return nil
	}
	width := levelWidth(f.max)
	switch {
	case pg.kind == pageDataV2:
		f.defs = newHybrid(pg.data[pg.repBytes:pg.levels], width)
	case pg.defEncoding == encodingBitPacked:
		f.defs = packedLevels(pg.data[:pg.levels], width, int(pg.values))
	default:
		f.defs = newHybrid(pg.data[4:pg.levels], width)
	}
	return nil
}

// packedLevels turns the obsolete form of levels, packed from the highest bit
// down, into a single run of the hybrid.
func packedLevels(in []byte, width uint, n int) hybrid {
	reversed := make([]byte, len(in))
	for i, b := range in {
		reversed[i] = bits.Reverse8(b)
	}
	levels := make([]int32, n)
	unpack(levels, reversed, 0, width)
	packed := binary.AppendUvarint(nil, uint64(n+7)/8<<1|1)
	at := len(packed)
	packed = append(packed, make([]byte, (n+7)/8*int(width))...)
	for i, v := range levels {
		for b := range width { // the bits of each value are reversed, too
			bit := uint(i)*width + b
			packed[at+int(bit/8)] |= byte(v>>(width-1-b)&1) << (bit % 8)
		}
	}
	return newHybrid(packed, width)
}

// read decodes the next n rows, which are on the page at hand.
func (f *flatLeaf) read(n int) error {
	present, levels, err := f.readLevels(n)
	if err != nil {
		return err
	}
	s := f.segment()
	if s.dict != nil {
		return s.addIndices(&f.runs, n, present, levels, f.max)
	}
	switch f.leaf.physical {
	case parquet.Types.ByteArray:
		f.values, err = s.addBytes(f.values, n, levels, f.max)
	case parquet.Types.Boolean:
		err = f.readBools(s, present)
	default:
		size := present * s.width
		if size > len(f.values) {
			return errFewValues
		}
		if f.own && len(s.fixed) == 0 {
			s.fixed = f.values[:size:size]
		} else {
			s.fixed = append(s.fixed, f.values[:size]...)
		}
		f.values = f.values[size:]
	}
	if err == nil {
		s.spread(n, present, levels, f.max)
	}
	return err
}

// readLevels gives how many of the next n rows have a value, and their levels
// unless all do.
func (f *flatLeaf) readLevels(n int) (present int, levels []int32, err error) {
	if f.max == 0 {
		return n, nil, nil
	}
	same, err := f.defs.skipRun(uint32(f.max), n)
	if err != nil {
		return 0, nil, err
	}
	if same < n {
		if cap(f.scratch) < n {
			f.scratch = make([]int32, n)
		}
		levels = f.scratch[:n]
		fill(levels[:same], int32(f.max))
		if err := f.defs.read(levels[same:]); err != nil {
			return 0, nil, err
		}
	}
	if f.keepLevels {
		f.appendLevels(n, levels)
	}
	if levels == nil {
		return n, nil, nil
	}
	for _, l := range levels {
		if l == int32(f.max) {
			present++
		} else if l > int32(f.max) {
			return 0, nil, errLevels
		}
	}
	if present == n {
		levels = nil
	}
	return present, levels, nil
}

func (f *flatLeaf) appendLevels(n int, levels []int32) {
	for i := range n {
		l := f.max
		if levels != nil {
			l = int16(levels[i])
		}
		f.def = append(f.def, l)
	}
}

// readBools decodes booleans to a byte each.
func (f *flatLeaf) readBools(s *segment, n int) error {
	if f.encoding == encodingRLE {
		if cap(s.rows) < n {
			s.rows = make([]int32, n)
		}
		if err := f.runs.read(s.rows[:n]); err != nil {
			return err
		}
		for _, v := range s.rows[:n] {
			s.fixed = append(s.fixed, byte(v))
		}
		return nil
	}
	if f.bit+n > len(f.values)*8 {
		return errFewValues
	}
	for range n {
		s.fixed = append(s.fixed, f.values[f.bit/8]>>(f.bit%8)&1)
		f.bit++
	}
	return nil
}

// segment is the one that values of the page at hand go to.
func (f *flatLeaf) segment() *segment {
	var dict *dictionary
	if f.encoding == encodingPlainDictionary || f.encoding == encodingRLEDictionary {
		dict = f.dict
	}
	if k := len(f.segments); k > 0 && f.segments[k-1].dict == dict {
		return &f.segments[k-1]
	}
	f.segments = append(f.segments, newSegment(f.leaf, dict, f.n))
	return &f.segments[len(f.segments)-1]
}

// array is the rows loaded.
func (f *flatLeaf) array() (arrow.Array, error) {
	if len(f.segments) == 0 {
		f.segments = append(f.segments, newSegment(f.leaf, nil, 0))
	}
	if len(f.segments) == 1 {
		return f.segments[0].array(f.leaf, f.encode)
	}
	parts := make([]arrow.Array, len(f.segments))
	for i := range f.segments {
		var err error
		if parts[i], err = f.segments[i].array(f.leaf, false); err != nil {
			return nil, err
		}
	}
	return array.Concatenate(parts, memory.DefaultAllocator)
}
