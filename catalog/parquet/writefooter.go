package parquet

import (
	"encoding/binary"
	"slices"
)

// SortingColumn says that the rows of each row group are ordered by a column.
type SortingColumn struct {
	Column     int // a top-level column that has no nested ones
	Descending bool
	NullsFirst bool
}

// writtenGroup is a row group as the footer describes it.
type writtenGroup struct {
	rows   int64
	offset int64
	chunks []*writtenChunk
}

// footerBytes encodes the file's metadata, the length of which follows it.
func (w *Writer) footerBytes() []byte {
	t := newThriftWriter()
	t.i32(1, 2)
	elements := 1
	for _, n := range w.nodes {
		elements += n.countElements()
	}
	t.list(2, thriftStruct, elements)
	t.begin()
	t.text(4, "schema")
	t.i32(5, int32(len(w.nodes)))
	t.end()
	for _, n := range w.nodes {
		n.writeElements(t)
	}
	t.i64(3, w.rows)
	t.list(4, thriftStruct, len(w.groups))
	for i, g := range w.groups {
		w.writeGroup(t, i, g)
	}
	t.text(6, "volley")
	t.list(7, thriftStruct, len(w.paths))
	for range w.paths { // all are in the order that their types define
		t.begin()
		t.empty(1)
		t.end()
	}
	body := t.done()
	body = binary.LittleEndian.AppendUint32(body, uint32(len(body)))
	return append(body, magicPlain...)
}

func (w *Writer) writeGroup(t *thriftWriter, ordinal int, g *writtenGroup) {
	var uncompressed, compressed int64
	t.begin()
	t.list(1, thriftStruct, len(g.chunks))
	for _, c := range g.chunks {
		uncompressed, compressed = uncompressed+c.uncompressed, compressed+c.size
		w.writeChunkMeta(t, c)
	}
	t.i64(2, uncompressed)
	t.i64(3, g.rows)
	if len(w.sorting) > 0 {
		t.list(4, thriftStruct, len(w.sorting))
		for _, s := range w.sorting {
			t.begin()
			t.i32(1, int32(s.Column))
			t.boolean(2, s.Descending)
			t.boolean(3, s.NullsFirst)
			t.end()
		}
	}
	t.i64(5, g.offset)
	t.i64(6, compressed)
	if ordinal < 1<<15 {
		t.field(7, thriftI16)
		t.int(int64(ordinal))
	}
	t.end()
}

func (w *Writer) writeChunkMeta(t *thriftWriter, c *writtenChunk) {
	t.begin()
	t.i64(2, 0)
	t.structure(3)
	t.i32(1, int32(c.leaf.physical))
	encodings := []int64{encodingPlain, encodingRLE}
	if c.dictionary >= 0 {
		encodings = append(encodings, encodingRLEDictionary)
	}
	t.list(2, thriftI32, len(encodings))
	for _, e := range encodings {
		t.int(e)
	}
	t.list(3, thriftBinary, len(c.path))
	for _, name := range c.path {
		t.element([]byte(name))
	}
	t.i32(4, int32(w.codec.codec))
	t.i64(5, c.entries)
	t.i64(6, c.uncompressed)
	t.i64(7, c.size)
	t.i64(9, c.data)
	if c.dictionary >= 0 {
		t.i64(11, c.dictionary)
	}
	if c.stats != nil {
		c.writeStats(t)
	}
	c.writeEncodingStats(t)
	if c.bloomSize > 0 {
		t.i64(14, c.bloomOffset)
		t.i32(15, c.bloomSize)
	}
	t.end()
	if c.offsetIndexSize > 0 {
		t.i64(4, c.offsetIndexAt)
		t.i32(5, c.offsetIndexSize)
	}
	if c.columnIndexSize > 0 {
		t.i64(6, c.columnIndexAt)
		t.i32(7, c.columnIndexSize)
	}
	t.end()
}

// writeEncodingStats says how the pages are encoded: that all have dictionary
// indices lets readers skip by the dictionary's contents.
func (c *writtenChunk) writeEncodingStats(t *thriftWriter) {
	kinds := [][3]int64{{pageData, encodingPlain, c.dataPages}}
	if c.dictionary >= 0 {
		kinds = [][3]int64{{pageDictionary, encodingPlain, 1}, {pageData, encodingRLEDictionary, c.dataPages}}
	}
	t.list(13, thriftStruct, len(kinds))
	for _, k := range kinds {
		t.begin()
		for i, v := range k {
			t.i32(int16(i)+1, int32(v))
		}
		t.end()
	}
}

func (c *writtenChunk) writeStats(t *thriftWriter) {
	s := c.stats
	t.structure(12)
	t.i64(3, c.nulls)
	if c.distinct >= 0 {
		t.i64(4, c.distinct)
	}
	if s.max != nil {
		t.bytes(5, s.max)
	}
	if s.min != nil {
		t.bytes(6, s.min)
	}
	if s.max != nil {
		t.boolean(7, s.maxExact)
	}
	if s.min != nil {
		t.boolean(8, s.minExact)
	}
	t.end()
}

// writeIndexes writes the page index of all row groups: first all column
// indexes, then all offset indexes, as readers fetch them.
func (w *Writer) writeIndexes() error {
	for _, g := range w.groups {
		for _, c := range g.chunks {
			if c.columnIndex == nil {
				continue
			}
			c.columnIndexAt, c.columnIndexSize = w.at, int32(len(c.columnIndex))
			if err := w.put(c.columnIndex); err != nil {
				return err
			}
		}
	}
	for _, g := range w.groups {
		for _, c := range g.chunks {
			if c.offsetIndex == nil {
				continue
			}
			c.offsetIndexAt, c.offsetIndexSize = w.at, int32(len(c.offsetIndex))
			if err := w.put(c.offsetIndex); err != nil {
				return err
			}
		}
	}
	return nil
}

// leafSorting are the sorting columns as ordinals of leaves, up to the first
// column that is no leaf.
func (w *Writer) leafSorting(columns []SortingColumn) []SortingColumn {
	var out []SortingColumn
	for _, s := range columns {
		leaf := slices.IndexFunc(w.paths, func(p []*writeNode) bool { return p[0] == w.nodes[s.Column] })
		if leaf < 0 || len(w.paths[leaf]) > 1 {
			break
		}
		s.Column = leaf
		out = append(out, s)
	}
	return out
}
