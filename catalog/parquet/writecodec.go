package parquet

import (
	"bytes"
	"io"
	"strings"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"

	"volley/sqlerr"
)

// pageCodec compresses pages. It is used by one goroutine at a time per value.
type pageCodec struct {
	codec codec
	zstd  *zstd.Encoder // safe for concurrent use as it is used
	level int
}

var writerCodecs = map[string]codec{
	"":             codecSnappy,
	"snappy":       codecSnappy,
	"zstd":         codecZstd,
	"gzip":         codecGzip,
	"brotli":       codecBrotli,
	"lz4":          codecLZ4Raw,
	"lz4_raw":      codecLZ4Raw,
	"none":         codecNone,
	"uncompressed": codecNone,
}

// levels of the codecs that have them: the least, the greatest, the default one.
var codecLevels = map[codec][3]int{
	codecZstd:   {1, 22, 3},
	codecGzip:   {1, 9, 6},
	codecBrotli: {0, 11, 4},
}

// newPageCodec makes the codec of a name and a level, nil for the default one.
func newPageCodec(name string, level *int) (pageCodec, error) {
	c, ok := writerCodecs[strings.ToLower(name)]
	if !ok {
		return pageCodec{}, sqlerr.New(sqlerr.InvalidParameterValue, "unknown Parquet compression \"%s\"", name).
			WithHint("Known are snappy, zstd, gzip, brotli, lz4 and none.")
	}
	out := pageCodec{codec: c}
	limits, has := codecLevels[c]
	switch {
	case level == nil:
		out.level = limits[2]
	case !has:
		return out, sqlerr.New(sqlerr.InvalidParameterValue, "compression %s has no levels", c)
	case *level < limits[0] || *level > limits[1]:
		return out, sqlerr.New(sqlerr.InvalidParameterValue, "compression level %d is not in the range of %s, %d to %d", *level, c, limits[0], limits[1])
	default:
		out.level = *level
	}
	if c == codecZstd {
		var err error
		out.zstd, err = zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.EncoderLevelFromZstd(out.level)), zstd.WithEncoderCRC(false))
		if err != nil {
			return out, sqlerr.Wrap(err, sqlerr.InternalError, "could not compress")
		}
	}
	return out, nil
}

// compress gives what a page's body becomes.
func (c pageCodec) compress(body []byte) ([]byte, error) {
	switch c.codec {
	case codecSnappy:
		return s2.EncodeSnappy(nil, body), nil
	case codecZstd:
		return c.zstd.EncodeAll(body, nil), nil
	case codecLZ4Raw:
		out := make([]byte, lz4.CompressBlockBound(len(body)))
		var compressor lz4.Compressor
		n, err := compressor.CompressBlock(body, out)
		if err == nil && n == 0 && len(body) > 0 {
			return literalLZ4(body), nil
		}
		return out[:n], err
	case codecGzip, codecBrotli:
		var out bytes.Buffer
		var w io.WriteCloser
		if c.codec == codecBrotli {
			w = brotli.NewWriterLevel(&out, c.level)
		} else {
			var err error
			if w, err = gzip.NewWriterLevel(&out, c.level); err != nil {
				return nil, err
			}
		}
		if _, err := w.Write(body); err != nil {
			return nil, err
		}
		err := w.Close()
		return out.Bytes(), err
	}
	return body, nil
}

// literalLZ4 is a block of literals only, for what does not become smaller.
func literalLZ4(body []byte) []byte {
	out := make([]byte, 0, len(body)+len(body)/255+16)
	if n := len(body); n < 15 {
		out = append(out, byte(n)<<4)
	} else {
		out = append(out, 0xf0)
		for n -= 15; n >= 255; n -= 255 {
			out = append(out, 255)
		}
		out = append(out, byte(n))
	}
	return append(out, body...)
}
