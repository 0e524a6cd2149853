package parquet

import (
	"encoding/binary"
	"hash/crc32"
	"math/bits"

	"github.com/apache/arrow/go/v15/parquet"
)

const (
	pageBytes = 1 << 20 // of values, after which a page ends
	pageRows  = 20000
)

// writtenPage is a data page, as the page index describes it.
type writtenPage struct {
	offset   int64 // in the chunk, and later in the file
	size     int32 // with its header
	firstRow int64
	nulls    int64
	values   int
	lo, hi   int // indices of the least and the greatest value; −1 for none
}

// writtenChunk is an encoded column chunk and what the footer says of it.
type writtenChunk struct {
	bytes        []byte
	path         []string
	leaf         leafType
	entries      int64
	nulls        int64
	uncompressed int64
	data         int64 // offset of the first data page
	dictionary   int64 // offset of the dictionary page, −1 for none
	dataPages    int64
	distinct     int64 // −1 when not known
	pages        []writtenPage
	stats        *writtenStats
	bloom        bloomFilter
	columnIndex  []byte
	offsetIndex  []byte
	// Where they are in the file; sizes of 0 where they are not.
	size                             int64
	bloomOffset                      int64
	columnIndexAt, offsetIndexAt     int64
	bloomSize                        int32
	columnIndexSize, offsetIndexSize int32
}

// writtenStats are the bounds of a chunk; nil ones are not known.
type writtenStats struct {
	min, max           []byte
	minExact, maxExact bool
}

// chunkEncoder encodes the buffer of one leaf as a column chunk.
type chunkEncoder struct {
	buffer  *leafBuffer
	opts    *WriterOptions
	codec   pageCodec
	order   valueOrder
	out     *writtenChunk
	indices []int32 // nil: plain
	width   uint    // bits of an index
	scratch []byte
}

func (e *chunkEncoder) encode(path []*writeNode, bloom bool) (*writtenChunk, error) {
	leaf := path[len(path)-1].leaf
	e.order = orderOf(leaf)
	e.out = &writtenChunk{leaf: leaf, entries: int64(e.buffer.entries), dictionary: -1, distinct: -1, path: pathInSchema(path)}
	e.out.nulls = e.out.entries - int64(e.buffer.values())
	if !e.opts.NoDictionary {
		if err := e.writeDictionary(); err != nil {
			return nil, err
		}
	}
	e.out.data = int64(len(e.out.bytes))
	if err := e.writePages(); err != nil {
		return nil, err
	}
	if bloom && e.buffer.physical != parquet.Types.Boolean {
		e.out.bloom = e.buffer.bloomOf(e.opts.bloomFalsePositives())
	}
	if !e.opts.NoStatistics {
		e.out.stats = e.chunkStats()
		e.out.columnIndex = e.columnIndex()
	}
	return e.out, nil
}

// pathInSchema are the names of the schema's elements on the way to a leaf.
func pathInSchema(path []*writeNode) []string {
	var out []string
	for _, n := range path {
		out = append(out, n.name)
		if n.isList() {
			out = append(out, "list")
		}
	}
	return out
}

func (e *chunkEncoder) writeDictionary() error {
	indices, distinct, ok := e.buffer.dictionaryOf()
	if !ok {
		return nil
	}
	e.indices, e.width = indices, uint(bits.Len(uint(len(distinct)-1)))
	e.out.dictionary, e.out.distinct = 0, int64(len(distinct))
	body := e.scratch[:0]
	for _, i := range distinct {
		body = e.buffer.appendPlain(body, int(i), int(i)+1)
	}
	e.scratch = body
	return e.writePage(pageDictionary, body, func(w *thriftWriter) {
		w.structure(7)
		w.i32(1, int32(len(distinct)))
		w.i32(2, encodingPlain)
		w.end()
	})
}

// writePages cuts the entries into pages at the beginnings of rows.
func (e *chunkEncoder) writePages() error {
	b := e.buffer
	rows := b.entries
	if b.maxRep > 0 {
		rows = len(b.starts)
	}
	first, entry, value := 0, 0, 0 // of the page at hand
	at := value                    // next value
	for row := range rows {
		from, to := row, row+1
		if b.maxRep > 0 {
			from, to = int(b.starts[row]), b.entries
			if row+1 < rows {
				to = int(b.starts[row+1])
			}
		}
		for _, d := range b.def[from:to] {
			if d == b.maxDef {
				at++
			}
		}
		if row+1 < rows && row+1-first < pageRows && b.plainBytes(value, at) < pageBytes {
			continue
		}
		pg := writtenPage{firstRow: int64(first), nulls: int64(to - entry - (at - value)), values: at - value}
		if err := e.writeDataPage(pg, entry, to, value, at); err != nil {
			return err
		}
		first, entry, value = row+1, to, at
	}
	return nil
}

// writeDataPage writes a page of version 1: levels, each after its length, and
// values.
func (e *chunkEncoder) writeDataPage(pg writtenPage, entry, entries, from, to int) error {
	b := e.buffer
	body := e.scratch[:0]
	if b.maxRep > 0 {
		body = appendLevels(body, b.rep[entry:entries], b.maxRep)
	}
	body = appendLevels(body, b.def[entry:entries], b.maxDef)
	encoding := int32(encodingPlain)
	if e.indices != nil {
		encoding = encodingRLEDictionary
		body = append(body, byte(e.width))
		body = appendHybrid(body, e.indices[from:to], e.width)
	} else {
		body = b.appendPlain(body, from, to)
	}
	e.scratch = body
	pg.lo, pg.hi = -1, -1
	if !e.opts.NoStatistics {
		pg.lo, pg.hi = b.extremes(e.order, from, to)
	}
	pg.offset = int64(len(e.out.bytes))
	err := e.writePage(pageData, body, func(w *thriftWriter) {
		w.structure(5)
		w.i32(1, int32(entries-entry))
		w.i32(2, encoding)
		w.i32(3, encodingRLE)
		w.i32(4, encodingRLE)
		w.end()
	})
	pg.size = int32(int64(len(e.out.bytes)) - pg.offset)
	e.out.pages = append(e.out.pages, pg)
	return err
}

func appendLevels(out []byte, values []int16, limit int16) []byte {
	at := len(out)
	out = append(out, 0, 0, 0, 0)
	out = appendHybrid(out, values, levelWidth(limit))
	binary.LittleEndian.PutUint32(out[at:], uint32(len(out)-at-4))
	return out
}

// writePage compresses a page and writes it after its header, of which fields
// writes the part that depends on its kind.
func (e *chunkEncoder) writePage(kind int32, body []byte, fields func(*thriftWriter)) error {
	packed, err := e.codec.compress(body)
	if err != nil {
		return err
	}
	w := newThriftWriter()
	w.i32(1, kind)
	w.i32(2, int32(len(body)))
	w.i32(3, int32(len(packed)))
	w.i32(4, int32(crc32.ChecksumIEEE(packed)))
	fields(w)
	header := w.done()
	e.out.uncompressed += int64(len(header) + len(body))
	e.out.bytes = append(append(e.out.bytes, header...), packed...)
	return nil
}

// chunkStats are the bounds of all pages; nil when there are none.
func (e *chunkEncoder) chunkStats() *writtenStats {
	lo, hi := -1, -1
	for _, p := range e.out.pages {
		if p.lo >= 0 && (lo < 0 || e.buffer.compareValues(e.order, p.lo, lo) < 0) {
			lo = p.lo
		}
		if p.hi >= 0 && (hi < 0 || e.buffer.compareValues(e.order, p.hi, hi) > 0) {
			hi = p.hi
		}
	}
	s := &writtenStats{}
	if lo >= 0 {
		s.min, s.minExact = e.buffer.lowest(lo)
		s.max, s.maxExact = e.buffer.highest(hi)
		// The buffer is used again.
		s.min, s.max = append([]byte{}, s.min...), append([]byte(nil), s.max...)
	}
	return s
}
