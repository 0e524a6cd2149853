package csv

import (
	"bufio"
	"compress/bzip2"
	"encoding/binary"
	"errors"
	"io"
	"path"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
	"github.com/ulikunitz/xz"
)

var compressionSuffixes = map[string]string{
	".gz": "gzip", ".gzip": "gzip", ".zst": "zstd", ".zstd": "zstd", ".bz2": "bz2", ".lz4": "lz4",
	".sz": "snappy", ".snappy": "snappy", ".xz": "xz",
}

// compressionOf is the option, or for "auto" what the file's suffix says.
func compressionOf(o *options, file string) string {
	if o.compression != "auto" {
		return o.compression
	}
	if c, ok := compressionSuffixes[strings.ToLower(path.Ext(file))]; ok {
		return c
	}
	return "none"
}

// decompress undoes a compression, concatenated members included; stop frees
// what the decoder holds.
func decompress(r io.Reader, compression string) (_ io.Reader, stop func(), err error) {
	stop = func() {}
	switch compression {
	case "gzip":
		z, err := gzip.NewReader(bufio.NewReaderSize(r, 1<<17))
		if errors.Is(err, io.EOF) { // not even a header
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return nil, stop, err
		}
		return z, stop, nil
	case "zstd":
		z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(1<<30))
		if err != nil {
			return nil, stop, err
		}
		return z, z.Close, nil
	case "bz2":
		return bzip2.NewReader(bufio.NewReaderSize(r, 1<<17)), stop, nil
	case "lz4":
		return lz4.NewReader(r), stop, nil
	case "snappy": // the framing format
		return snappy.NewReader(r), stop, nil
	case "xz":
		z, err := xz.NewReader(bufio.NewReaderSize(r, 1<<17))
		if err != nil {
			return nil, stop, err
		}
		return z, stop, nil
	}
	return r, stop, nil
}

// transcode gives UTF-8. The outer buffer serves reads of a few bytes, which
// the decoders cannot: they write whole characters.
func transcode(r io.Reader, encoding string) io.Reader {
	switch encoding {
	case "utf-16":
		return bufio.NewReaderSize(&utf16Reader{r: bufio.NewReaderSize(r, 1<<16)}, 1<<16)
	case "latin-1":
		return bufio.NewReaderSize(&latin1Reader{r: bufio.NewReaderSize(r, 1<<16)}, 1<<16)
	}
	return r
}

// utf16Reader reads UTF-16 in the byte order of its byte order mark, else
// little-endian. Unpaired surrogates become U+FFFD.
type utf16Reader struct {
	r     *bufio.Reader
	order binary.ByteOrder
}

func (u *utf16Reader) Read(p []byte) (int, error) {
	if u.order == nil {
		u.order = binary.LittleEndian
		if bom, _ := u.r.Peek(2); len(bom) == 2 && bom[0] == 0xfe && bom[1] == 0xff {
			u.order = binary.BigEndian
		}
	}
	n := 0
	for n+utf8.UTFMax <= len(p) {
		c, err := u.unit()
		if err != nil {
			return n, err
		}
		if utf16.IsSurrogate(c) {
			low, _ := u.r.Peek(2)
			c2 := rune(0)
			if len(low) == 2 {
				c2 = rune(u.order.Uint16(low))
			}
			if c = utf16.DecodeRune(c, c2); c != utf8.RuneError {
				_, _ = u.r.Discard(2)
			}
		}
		n += utf8.EncodeRune(p[n:], c)
	}
	if n == 0 && len(p) > 0 {
		return 0, io.ErrShortBuffer
	}
	return n, nil
}

func (u *utf16Reader) unit() (rune, error) {
	b, err := u.r.Peek(2)
	if len(b) == 1 && err == io.EOF {
		return 0, io.ErrUnexpectedEOF
	}
	if len(b) < 2 {
		return 0, err
	}
	c := rune(u.order.Uint16(b))
	_, _ = u.r.Discard(2)
	return c, nil
}

// latin1Reader reads ISO 8859-1.
type latin1Reader struct{ r *bufio.Reader }

func (l *latin1Reader) Read(p []byte) (int, error) {
	n := 0
	for n+2 <= len(p) {
		c, err := l.r.ReadByte()
		if err != nil {
			return n, err
		}
		n += utf8.EncodeRune(p[n:], rune(c))
	}
	if n == 0 && len(p) > 0 {
		return 0, io.ErrShortBuffer
	}
	return n, nil
}
