package parquet

import (
	"context"
	"fmt"
	"hash/crc32"

	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/apache/arrow/go/v15/parquet"
	"github.com/apache/arrow/go/v15/parquet/compress"
	"github.com/apache/arrow/go/v15/parquet/file"

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
	pages int

	// keepPages: values refer to pages after the next one is read, so buf is not
	// reused.
	keepPages  bool
	dictionary file.Page // read by skip and not given out yet
}

var _ file.PageReader = (*pageReader)(nil)

func newPageReader(in *chunkStream, l *leaf, c codec, values, uncompressed int64) *pageReader {
	return &pageReader{in: in, leaf: l, codec: c, left: values, limit: uncompressed}
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
// dictionary, and is called before Next.
func (p *pageReader) skip(ctx context.Context, n int64) (skipped int64, err error) {
	p.in.ctx = ctx
	for p.left > 0 {
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
		}
		if h.kind == pageDictionary && p.dictionary == nil {
			p.dictionary, err = p.read(h, headerLen)
		} else {
			err = p.in.discard(headerLen + int(h.compressed))
		}
		if err != nil {
			return skipped, err
		}
	}
	return skipped, nil
}

// Next reads the next dictionary or data page.
func (p *pageReader) Next() bool {
	if p.page = p.dictionary; p.page != nil {
		p.dictionary = nil
		return true
	}
	for p.err == nil && p.left > 0 {
		h, headerLen, err := p.peekHeader()
		switch {
		case err != nil:
			p.err = err
		case h.isData(), h.kind == pageDictionary:
			if p.page, p.err = p.read(h, headerLen); p.err != nil {
				return false
			}
			if h.isData() {
				p.left -= int64(h.values)
			}
			return true
		default: // index pages and such may be passed over
			p.err = p.in.discard(headerLen + int(h.compressed))
		}
	}
	return false
}

// read takes the page that h is the header of.
func (p *pageReader) read(h pageHeader, headerLen int) (file.Page, error) {
	if err := p.in.discard(headerLen); err != nil {
		return nil, err
	}
	raw, err := p.in.take(int(h.compressed))
	if err != nil {
		return nil, err
	}
	p.pages++
	if h.hasCRC && crc32.ChecksumIEEE(raw) != h.crc {
		return nil, fmt.Errorf("page %d of the column chunk fails its checksum", p.pages)
	}
	return p.decode(h, raw)
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

// decode uncompresses a page and makes the library's form of it.
func (p *pageReader) decode(h pageHeader, raw []byte) (file.Page, error) {
	data := raw
	if plainLevels := int(h.levelBytes()); h.isCompressed && p.codec != codecNone {
		// A dictionary is used as long as the chunk, other pages until the next.
		buf := p.buf
		if h.kind == pageDictionary || cap(buf) < int(h.uncompressed) {
			buf = make([]byte, h.uncompressed)
		}
		buf = buf[:h.uncompressed]
		copy(buf, raw[:plainLevels])
		if err := p.codec.decompress(buf[plainLevels:], raw[plainLevels:]); err != nil {
			return nil, err
		}
		if h.kind != pageDictionary && !p.keepPages {
			p.buf = buf
		}
		data = buf
	} else if len(raw) != int(h.uncompressed) {
		return nil, fmt.Errorf("an uncompressed page has %d bytes, not %d", len(raw), h.uncompressed)
	}
	if h.kind == pageDictionary {
		if err := p.checkDictionary(h, data); err != nil {
			return nil, err
		}
		return file.NewDictionaryPage(memory.NewBufferBytes(data), h.values, parquet.Encoding(h.encoding)), nil
	}
	levels, err := p.checkLevels(h, data)
	if err != nil {
		return nil, err
	}
	if h.encoding == encodingByteStreamSplit || isDelta(h.encoding) {
		rewrite := p.undelta
		if h.encoding == encodingByteStreamSplit {
			rewrite = p.unsplit
		}
		if data, err = rewrite(h, data, levels); err != nil {
			return nil, err
		}
		h.encoding = int32(parquet.Encodings.Plain)
	}
	body := memory.NewBufferBytes(data)
	if h.kind == pageDataV2 {
		return file.NewDataPageV2(body, h.values, h.nulls, h.rows, parquet.Encoding(h.encoding),
			h.defBytes, h.repBytes, h.uncompressed, false), nil
	}
	return file.NewDataPageV1(body, h.values, parquet.Encoding(h.encoding),
		parquet.Encoding(h.defEncoding), parquet.Encoding(h.repEncoding), h.uncompressed), nil
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
