package parquet

import (
	"context"
	"errors"

	"volley/catalog/objstore"
)

// maxIndexBytes bounds what is read of a page index, or of a Bloom filter.
const maxIndexBytes = 64 << 20

var errPageIndex = errors.New("a page index does not fit its column chunk")

// pageLocation is where a data page lies in the file, and its first row in the
// row group.
type pageLocation struct {
	offset   int64
	size     int32 // with its header
	firstRow int64
}

// columnIndex are the bounds of the pages of a column chunk.
type columnIndex struct {
	nullPages  []bool
	mins, maxs [][]byte
	nulls      []int64 // nil: not known
}

// readOffsetIndex gives the pages of a chunk; nil where the file has no index.
func (r *reader) readOffsetIndex(ctx context.Context, group, leaf int) ([]pageLocation, error) {
	c := r.f.meta.RowGroups[group].Columns[leaf]
	if c.OffsetIndexOffset == nil || c.OffsetIndexLength == nil {
		return nil, nil
	}
	raw, err := readPart(ctx, r.in, *c.OffsetIndexOffset, int64(*c.OffsetIndexLength))
	if err != nil {
		return nil, err
	}
	pages, err := parseOffsetIndex(raw)
	if err != nil {
		return nil, err
	}
	off, end := r.f.chunkRange(group, leaf)
	rows := r.f.groups[group].rows
	for i, p := range pages {
		if p.offset < off || p.size <= 0 || p.offset+int64(p.size) > end || p.firstRow >= rows ||
			i == 0 && p.firstRow != 0 || i > 0 && (p.firstRow <= pages[i-1].firstRow || p.offset <= pages[i-1].offset) {
			return nil, errPageIndex
		}
	}
	return pages, nil
}

func parseOffsetIndex(raw []byte) ([]pageLocation, error) {
	r := &thriftReader{buf: raw}
	var out []pageLocation
	for id, kind := r.field(0); kind != thriftStop && r.err == nil; id, kind = r.field(id) {
		if id != 1 || kind != thriftList {
			r.skip(kind, 0)
			continue
		}
		n, elem := r.list()
		if elem != thriftStruct {
			return nil, errPageIndex
		}
		for range n {
			var p pageLocation
			for id, kind := r.field(0); kind != thriftStop && r.err == nil; id, kind = r.field(id) {
				switch {
				case id == 1 && kind == thriftI64:
					p.offset = r.int()
				case id == 2 && kind == thriftI32:
					p.size = int32(r.int())
				case id == 3 && kind == thriftI64:
					p.firstRow = r.int()
				default:
					r.skip(kind, 1)
				}
			}
			if out = append(out, p); r.err != nil {
				break
			}
		}
	}
	return out, r.err
}

// readColumnIndex gives the bounds of so many pages; nil where there are none.
func (r *reader) readColumnIndex(ctx context.Context, group, leaf, pages int) (*columnIndex, error) {
	c := r.f.meta.RowGroups[group].Columns[leaf]
	if c.ColumnIndexOffset == nil || c.ColumnIndexLength == nil {
		return nil, nil
	}
	raw, err := readPart(ctx, r.in, *c.ColumnIndexOffset, int64(*c.ColumnIndexLength))
	if err != nil {
		return nil, err
	}
	x, err := parseColumnIndex(raw)
	if err == nil && (len(x.nullPages) != pages || len(x.mins) != pages || len(x.maxs) != pages || x.nulls != nil && len(x.nulls) != pages) {
		err = errPageIndex
	}
	return x, err
}

func parseColumnIndex(raw []byte) (*columnIndex, error) {
	r := &thriftReader{buf: raw}
	x := &columnIndex{}
	for id, kind := r.field(0); kind != thriftStop && r.err == nil; id, kind = r.field(id) {
		if kind != thriftList || id == 4 || id > 5 {
			r.skip(kind, 0)
			continue
		}
		n, _ := r.list()
		for i := 0; i < n && r.err == nil; i++ {
			switch id {
			case 1:
				x.nullPages = append(x.nullPages, r.byte() == thriftTrue)
			case 2:
				x.mins = append(x.mins, r.text())
			case 3:
				x.maxs = append(x.maxs, r.text())
			case 5:
				x.nulls = append(x.nulls, r.int())
			}
		}
	}
	return x, r.err
}

// text reads a string, which shares the buffer's memory.
func (r *thriftReader) text() []byte {
	n := r.uvarint()
	from := r.pos
	if r.skipBytes(n); r.err != nil {
		return nil
	}
	return r.buf[from:r.pos:r.pos]
}

// readPart reads a part of the file that its footer points to.
func readPart(ctx context.Context, r objstore.Reader, off, length int64) ([]byte, error) {
	if off < 0 || length <= 0 || length > maxIndexBytes || off > r.Info().Size-length {
		return nil, errPageIndex
	}
	out := make([]byte, length)
	return out, readFull(ctx, r, out, off)
}
