package parquet

import "fmt"

// Page types of the format.
const (
	pageData       = 0
	pageIndex      = 1
	pageDictionary = 2
	pageDataV2     = 3
)

// Encodings of the format other than the delta ones.
const (
	encodingPlain           = 0
	encodingPlainDictionary = 2 // of indices, and the PLAIN values of a dictionary
	encodingRLE             = 3
	encodingBitPacked       = 4 // of levels, obsolete
	encodingRLEDictionary   = 8
	encodingByteStreamSplit = 9
)

// pageHeader is the format's PageHeader with the fields of the three kinds of
// pages in one.
type pageHeader struct {
	kind         int32
	uncompressed int32 // bytes, levels included
	compressed   int32
	hasCRC       bool
	crc          uint32

	values      int32
	encoding    int32
	defEncoding int32
	repEncoding int32

	// Of version 2 pages, whose levels come first and are never compressed.
	nulls, rows        int32
	defBytes, repBytes int32
	isCompressed       bool
}

func (h *pageHeader) isData() bool { return h.kind == pageData || h.kind == pageDataV2 }

func (h *pageHeader) levelBytes() int64 {
	if h.defBytes < 0 || h.repBytes < 0 {
		return -1
	}
	return int64(h.defBytes) + int64(h.repBytes)
}

// parsePageHeader decodes a header from the start of buf and gives its length.
func parsePageHeader(buf []byte) (h pageHeader, n int, err error) {
	r := &thriftReader{buf: buf}
	h.isCompressed = true
	h.kind = -1
	kinds := 0
	for id, kind := r.field(0); kind != thriftStop && r.err == nil; id, kind = r.field(id) {
		switch {
		case kind == thriftI32 && id == 1:
			h.kind = int32(r.int())
		case kind == thriftI32 && id == 2:
			h.uncompressed = int32(r.int())
		case kind == thriftI32 && id == 3:
			h.compressed = int32(r.int())
		case kind == thriftI32 && id == 4:
			h.hasCRC, h.crc = true, uint32(r.int())
		case kind == thriftStruct && (id == 5 || id == 7):
			kinds |= 1 << id
			h.parseDataV1(r)
		case kind == thriftStruct && id == 8:
			kinds |= 1 << id
			h.parseDataV2(r)
		default:
			r.skip(kind, 0)
		}
	}
	if r.err != nil {
		return h, 0, r.err
	}
	want := map[int32]int{pageData: 1 << 5, pageDictionary: 1 << 7, pageDataV2: 1 << 8}[h.kind]
	if kinds&want != want || h.kind < 0 {
		return h, 0, fmt.Errorf("page header of type %d lacks its fields", h.kind)
	}
	return h, r.pos, nil
}

// parseDataV1 decodes a DataPageHeader; a DictionaryPageHeader begins the same.
func (h *pageHeader) parseDataV1(r *thriftReader) {
	for id, kind := r.field(0); kind != thriftStop && r.err == nil; id, kind = r.field(id) {
		if kind != thriftI32 {
			r.skip(kind, 1)
			continue
		}
		switch v := int32(r.int()); id {
		case 1:
			h.values = v
		case 2:
			h.encoding = v
		case 3:
			h.defEncoding = v
		case 4:
			h.repEncoding = v
		}
	}
}

// parseDataV2 decodes a DataPageHeaderV2.
func (h *pageHeader) parseDataV2(r *thriftReader) {
	for id, kind := r.field(0); kind != thriftStop && r.err == nil; id, kind = r.field(id) {
		if id == 7 && (kind == thriftTrue || kind == thriftFalse) {
			h.isCompressed = kind == thriftTrue
			continue
		}
		if kind != thriftI32 {
			r.skip(kind, 1)
			continue
		}
		switch v := int32(r.int()); id {
		case 1:
			h.values = v
		case 2:
			h.nulls = v
		case 3:
			h.rows = v
		case 4:
			h.encoding = v
		case 5:
			h.defBytes = v
		case 6:
			h.repBytes = v
		}
	}
}
