package parquet

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"

	"volley/sqlerr"
)

// codec is the format's CompressionCodec.
type codec int32

const (
	codecNone   codec = 0
	codecSnappy codec = 1
	codecGzip   codec = 2
	codecLZO    codec = 3
	codecBrotli codec = 4
	codecLZ4    codec = 5 // with Hadoop's framing or without
	codecZstd   codec = 6
	codecLZ4Raw codec = 7
)

var codecNames = [...]string{"none", "snappy", "gzip", "lzo", "brotli", "lz4", "zstd", "lz4_raw"}

func (c codec) String() string {
	if c < 0 || int(c) >= len(codecNames) {
		return fmt.Sprintf("codec %d", int32(c))
	}
	return codecNames[c]
}

// check tells whether pages of the codec can be read.
func (c codec) check() error {
	if c < 0 || int(c) >= len(codecNames) || c == codecLZO {
		return sqlerr.New(sqlerr.FeatureNotSupported, "Parquet compression %s is not supported", c)
	}
	return nil
}

var errPageSize = errors.New("a page does not have its size when it is uncompressed")

// decompress fills dst with what src holds. It is an error if src holds less or
// more; no codec writes or allocates beyond dst, whatever src claims.
func (c codec) decompress(dst, src []byte) error {
	if len(dst) == 0 && len(src) == 0 {
		return nil
	}
	var n int
	var err error
	switch c {
	case codecSnappy:
		n, err = decompressSnappy(dst, src)
	case codecGzip:
		n, err = decompressGzip(dst, src)
	case codecBrotli:
		n, err = fillFrom(brotli.NewReader(bytes.NewReader(src)), dst)
	case codecLZ4:
		if n, err = decompressHadoopLZ4(dst, src); err != nil {
			n, err = lz4.UncompressBlock(src, dst)
		}
	case codecZstd:
		n, err = decompressZstd(dst, src)
	case codecLZ4Raw:
		n, err = lz4.UncompressBlock(src, dst)
	default:
		return c.check()
	}
	if err != nil {
		return fmt.Errorf("page of codec %s: %w", c, err)
	}
	if n != len(dst) {
		return errPageSize
	}
	return nil
}

func decompressSnappy(dst, src []byte) (int, error) {
	// s2 reads snappy blocks, and faster than snappy does.
	n, err := s2.DecodedLen(src)
	if err != nil {
		return 0, err
	}
	if n != len(dst) {
		return 0, errPageSize
	}
	out, err := s2.Decode(dst, src)
	return len(out), err
}

func decompressGzip(dst, src []byte) (int, error) {
	r, err := gzip.NewReader(bytes.NewReader(src))
	if err != nil {
		return 0, err
	}
	return fillFrom(r, dst)
}

// fillFrom reads all of r into dst, which must be as long.
func fillFrom(r io.Reader, dst []byte) (int, error) {
	n, err := io.ReadFull(r, dst)
	if err == io.ErrUnexpectedEOF || err == io.EOF {
		return n, errPageSize
	}
	if err != nil {
		return n, err
	}
	var more [1]byte
	if extra, err := io.ReadFull(r, more[:]); extra > 0 {
		return n, errPageSize
	} else if err != io.EOF {
		return n, err
	}
	return n, nil
}

// zstdDecoder is stateless in the way it is used. The limit holds it to dst.
var zstdDecoder, errZstd = zstd.NewReader(nil,
	zstd.WithDecoderConcurrency(0), zstd.WithDecodeAllCapLimit(true), zstd.WithDecoderMaxMemory(maxPageBytes+1))

func decompressZstd(dst, src []byte) (int, error) {
	if errZstd != nil {
		return 0, errZstd
	}
	out, err := zstdDecoder.DecodeAll(src, dst[:0:len(dst)])
	if err == nil && len(out) > 0 && &out[0] != &dst[0] {
		err = errPageSize
	}
	return len(out), err
}

// decompressHadoopLZ4 reads what Hadoop wrote under the name of LZ4: blocks,
// each after its uncompressed and compressed sizes as big-endian integers.
func decompressHadoopLZ4(dst, src []byte) (int, error) {
	at := 0
	for len(src) > 0 {
		if len(src) < 8 {
			return 0, errPageSize
		}
		plain, packed := binary.BigEndian.Uint32(src), binary.BigEndian.Uint32(src[4:])
		src = src[8:]
		if uint64(packed) > uint64(len(src)) || uint64(plain) > uint64(len(dst)-at) {
			return 0, errPageSize
		}
		n, err := lz4.UncompressBlock(src[:packed], dst[at:at+int(plain)])
		if err != nil {
			return 0, err
		}
		if n != int(plain) {
			return 0, errPageSize
		}
		at += n
		src = src[packed:]
	}
	return at, nil
}
