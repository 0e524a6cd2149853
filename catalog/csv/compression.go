package csv

import (
	"bufio"
	"compress/bzip2"
	"errors"
	"io"
	"path"
	"strings"

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
