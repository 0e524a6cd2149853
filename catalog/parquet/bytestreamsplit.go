package parquet

import "fmt"

// unsplit rewrites the values of a page, which come after so many bytes of
// levels, from BYTE_STREAM_SPLIT, which holds the first bytes of all values, then
// the second ones, and so on, to PLAIN.
func (p *pageReader) unsplit(_ pageHeader, data []byte, levels int) ([]byte, error) {
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
