package parquet

import (
	"encoding/binary"
	"fmt"

	"github.com/apache/arrow/go/v15/parquet"
)

// unsplit rewrites the values of a page from BYTE_STREAM_SPLIT, which holds the
// first bytes of all values, then the second ones, and so on, to PLAIN.
func (p *pageReader) unsplit(h pageHeader, data []byte) ([]byte, error) {
	levels, err := p.levelLength(h, data)
	if err != nil {
		return nil, err
	}
	width := p.leaf.width
	values := data[levels:]
	if width == 0 || len(values)%width != 0 {
		return nil, fmt.Errorf("a byte stream split page of %d bytes has values of %d", len(values), width)
	}
	out := make([]byte, len(data))
	copy(out, data[:levels])
	plain := out[levels:]
	n := len(values) / width
	for b := range width {
		stream := values[b*n : (b+1)*n]
		for i, v := range stream {
			plain[i*width+b] = v
		}
	}
	return out, nil
}

// levelLength is how many bytes of levels come before the values of a page.
func (p *pageReader) levelLength(h pageHeader, data []byte) (int, error) {
	if h.kind == pageDataV2 {
		return int(h.levelBytes()), nil
	}
	at := 0
	for _, l := range []struct {
		max      int16
		encoding int32
	}{
		{p.leaf.descr.MaxRepetitionLevel(), h.repEncoding},
		{p.leaf.descr.MaxDefinitionLevel(), h.defEncoding},
	} {
		if l.max == 0 {
			continue
		}
		if parquet.Encoding(l.encoding) != parquet.Encodings.RLE || len(data)-at < 4 {
			return 0, fmt.Errorf("a page has levels of encoding %d", l.encoding)
		}
		n := int64(binary.LittleEndian.Uint32(data[at:]))
		if n > int64(len(data)-at-4) {
			return 0, fmt.Errorf("a page has %d bytes of levels", n)
		}
		at += 4 + int(n)
	}
	return at, nil
}
