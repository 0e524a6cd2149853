package parquet

import (
	"context"
	"fmt"
	"hash/crc32"

	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/apache/arrow/go/v15/parquet"
	"github.com/apache/arrow/go/v15/parquet/compress"
	"github.com/apache/arrow/go/v15/parquet/file"

	"volley/catalog"
	"volley/exec/kernel"
	"volley/sqlerr"
)

// maxPageBytes and maxPageValues bound what one page can make its reader
// allocate. Writers aim for 1 MiB and 20,000 rows.
const (
	maxPageBytes  = 1 << 30
	maxPageValues = 1 << 27
)

// pageReader gives the pages of one column chunk to the library's value
// decoders. The context is that of the call which reads from it.
type pageReader struct {
	in    *chunkStream
	leaf  *leaf
	codec codec
	left  int64 // values that pages to come must have
	limit int64 // uncompressed bytes of the chunk
	page  file.Page
	err   error
	buf   []byte // the uncompressed bytes of the current page, reused by the next
	// held is for the pages, dictionary bytes of which stay.
	held       catalog.Held
	heldByDict int64
	pages      int

	dictionary *page // read by skip and not given out yet

	// locations are the data pages, if the file's page index says where they are.
	// They are used only where each row has one value.
	locations []pageLocation
	total     int64 // values of the chunk
	skipped   int   // data pages that were passed over
	data      int   // data pages that were read
}

// page is an uncompressed page. Its data are valid until the next one is read,
// those of a dictionary for good.
type page struct {
	pageHeader
	data   []byte // levels, then values
	levels int    // bytes of levels
}

var _ file.PageReader = (*pageReader)(nil)

func newPageReader(in *chunkStream, l *leaf, c codec, values, uncompressed int64) *pageReader {
	return &pageReader{in: in, leaf: l, codec: c, left: values, total: values, limit: uncompressed}
}

func (p *pageReader) SetMaxPageHeaderSize(int) {}
func (p *pageReader) Page() file.Page          { return p.page }
func (p *pageReader) Err() error               { return p.err }

// Reset is for library readers that reuse page readers; here none do.
func (p *pageReader) Reset(parquet.BufferedReader, int64, compress.Compression, *file.CryptoContext) {
	p.err = fmt.Errorf("page reader is not reusable")
}

// skip passes over whole pages as long as they have no more than n values
// together, and gives how many values these had. It decodes nothing but the
// dictionary, and is called where a page ends.
func (p *pageReader) skip(ctx context.Context, n int64) (skipped int64, err error) {
	p.in.ctx = ctx
	if skipped, err = p.jump(n); err != nil {
		return 0, err
	}
	for p.left > 0 && skipped < n {
		h, headerLen, err := p.peekHeader()
		if err != nil {
			return skipped, err
		}
		if h.isData() {
			if skipped+int64(h.values) > n {
				return skipped, nil
			}
			skipped += int64(h.values)
			p.left -= int64(h.values)
			p.skipped++
		}
		if h.kind == pageDictionary && p.dictionary == nil {
			p.dictionary = &page{}
			*p.dictionary, err = p.read(h, headerLen)
		} else {
			err = p.in.discard(headerLen + int(h.compressed))
		}
		if err != nil {
			return skipped, err
		}
	}
	return skipped, nil
}

// Next reads the next dictionary or data page for the library's readers.
func (p *pageReader) Next() bool {
	pg, ok := p.next()
	if ok {
		p.page = pg.library()
	}
	return ok
}

// next reads the next dictionary or data page; false at the end and on an
// error, which is in err.
func (p *pageReader) next() (pg page, ok bool) {
	if d := p.dictionary; d != nil {
		p.dictionary = nil
		return *d, true
	}
	for p.err == nil && p.left > 0 {
		h, headerLen, err := p.peekHeader()
		switch {
		case err != nil:
			p.err = err
		case h.isData(), h.kind == pageDictionary:
			if pg, p.err = p.read(h, headerLen); p.err != nil {
				return pg, false
			}
			if h.isData() {
				p.left -= int64(h.values)
				p.data++
			}
			return pg, true
		default: // index pages and such may be passed over
			p.err = p.in.discard(headerLen + int(h.compressed))
		}
	}
	return pg, false
}

// read takes the page that h is the header of.
func (p *pageReader) read(h pageHeader, headerLen int) (page, error) {
	if err := p.in.discard(headerLen); err != nil {
		return page{}, err
	}
	if err := p.hold(h); err != nil {
		return page{}, err
	}
	raw, err := p.in.take(int(h.compressed))
	if err != nil {
		return page{}, err
	}
	p.pages++
	if h.hasCRC && crc32.ChecksumIEEE(raw) != h.crc {
		return page{}, fmt.Errorf("page %d of the column chunk fails its checksum", p.pages)
	}
	return p.decode(h, raw)
}

// hold asks for the memory of a page.
func (p *pageReader) hold(h pageHeader) error {
	n := int64(h.compressed)
	if h.isCompressed && p.codec != codecNone {
		n += int64(h.uncompressed)
	}
	if err := p.held.Grow(p.in.ctx, p.heldByDict+n); err != nil {
		return err
	}
	if h.kind == pageDictionary {
		p.heldByDict += int64(h.uncompressed)
	}
	return nil
}

// peekHeader decodes the page header that comes next and checks its sizes.
func (p *pageReader) peekHeader() (pageHeader, int, error) {
	h, n, err := p.in.peekHeader()
	if err != nil {
		return h, 0, err
	}
	switch {
	case h.compressed < 0 || int64(h.compressed) > p.in.remaining()-int64(n):
		return h, 0, fmt.Errorf("a page of %d bytes does not fit into its column chunk", h.compressed)
	case h.uncompressed < 0 || int64(h.uncompressed) > maxPageBytes,
		// Totals of some writers are slightly off; large pages must fit theirs.
		int64(h.uncompressed) > 64<<20 && int64(h.uncompressed) > p.limit:
		return h, 0, sqlerr.New(sqlerr.ProgramLimitExceeded, "Parquet page of %d bytes is too large", h.uncompressed)
	case h.values < 0 || h.values > maxPageValues:
		return h, 0, fmt.Errorf("a page has %d values", h.values)
	case h.isData() && int64(h.values) > p.left:
		return h, 0, fmt.Errorf("a page has %d values, its column chunk has %d left", h.values, p.left)
	case h.levelBytes() < 0 || h.levelBytes() > int64(h.uncompressed) || h.levelBytes() > int64(h.compressed):
		return h, 0, fmt.Errorf("a page has %d bytes of levels", h.levelBytes())
	}
	return h, n, nil
}

// decode uncompresses a page, checks its levels, and rewrites encodings other
// than PLAIN, of dictionary indices and by run lengths.
func (p *pageReader) decode(h pageHeader, raw []byte) (page, error) {
	data, err := p.uncompress(h, raw)
	if err != nil {
		return page{}, err
	}
	if h.kind == pageDictionary {
		return page{h, data, 0}, p.checkDictionary(h, data)
	}
	levels, err := p.checkLevels(h, data)
	if err != nil {
		return page{}, err
	}
	if h.encoding == encodingByteStreamSplit || isDelta(h.encoding) {
		rewrite := p.undelta
		if h.encoding == encodingByteStreamSplit {
			rewrite = p.unsplit
		}
		if data, err = rewrite(h, data, levels); err != nil {
			return page{}, err
		}
		h.encoding = encodingPlain
	}
	return page{h, data, levels}, nil
}

func (p *pageReader) uncompress(h pageHeader, raw []byte) ([]byte, error) {
	if !h.isCompressed || p.codec == codecNone {
		if len(raw) != int(h.uncompressed) {
			return nil, fmt.Errorf("an uncompressed page has %d bytes, not %d", len(raw), h.uncompressed)
		}
		p.in.keep()
		return raw, nil
	}
	// A dictionary is used as long as the chunk, other pages until the next.
	buf := p.buf
	switch {
	case h.kind == pageDictionary:
		buf = kernel.Raw[byte](int(h.uncompressed))
	case cap(buf) < int(h.uncompressed):
		buf = pageBuffer(int(h.uncompressed))
	}
	buf = buf[:h.uncompressed]
	plainLevels := int(h.levelBytes())
	copy(buf, raw[:plainLevels])
	if err := p.codec.decompress(buf[plainLevels:], raw[plainLevels:]); err != nil {
		return nil, err
	}
	if h.kind != pageDictionary {
		p.buf = buf
	}
	return buf, nil
}

// library is the page in the form of the library's readers.
func (p *page) library() file.Page {
	body := memory.NewBufferBytes(p.data)
	switch p.kind {
	case pageDictionary:
		return file.NewDictionaryPage(body, p.values, parquet.Encoding(p.encoding))
	case pageDataV2:
		return file.NewDataPageV2(body, p.values, p.nulls, p.rows, parquet.Encoding(p.encoding),
			p.defBytes, p.repBytes, p.uncompressed, false)
	}
	return file.NewDataPageV1(body, p.values, parquet.Encoding(p.encoding),
		parquet.Encoding(p.defEncoding), parquet.Encoding(p.repEncoding), p.uncompressed)
}

// checkDictionary makes sure that a dictionary has as many values as it says,
// since room for them is allocated before they are decoded.
func (p *pageReader) checkDictionary(h pageHeader, data []byte) error {
	width := int64(p.leaf.width)
	if p.leaf.physical == parquet.Types.ByteArray {
		width = 4 // the length of each value
	}
	if int64(h.values)*width > int64(len(data)) {
		return fmt.Errorf("a dictionary of %d values has %d bytes", h.values, len(data))
	}
	return nil
}
