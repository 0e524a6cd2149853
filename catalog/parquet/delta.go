package parquet

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/apache/arrow/go/v15/parquet"
)

// The delta encodings of the format (Encodings.md), rewritten as PLAIN values.
// The library's decoders of them keep no state between the batches of a page
// and allocate what a page claims.
const (
	encodingDeltaBinaryPacked    = 5
	encodingDeltaLengthByteArray = 6
	encodingDeltaByteArray       = 7

	maxMiniBlocks = 4096
	maxBlockSize  = 1 << 20
)

var (
	errDeltaShort  = errors.New("delta-encoded values end too early")
	errDeltaHeader = errors.New("delta-encoded values have a malformed header")
)

// isDelta tells whether an encoding is one of these.
func isDelta(encoding int32) bool {
	return encoding >= encodingDeltaBinaryPacked && encoding <= encodingDeltaByteArray
}

// undelta rewrites the values of a page, which come after so many bytes of
// levels, from a delta encoding to PLAIN.
func (p *pageReader) undelta(h pageHeader, data []byte, levels int) ([]byte, error) {
	values := data[levels:]
	out := append(make([]byte, 0, len(data)*2), data[:levels]...)
	physical := p.leaf.physical
	isBytes := physical == parquet.Types.ByteArray || physical == parquet.Types.FixedLenByteArray
	switch {
	case h.encoding == encodingDeltaBinaryPacked && (physical == parquet.Types.Int32 || physical == parquet.Types.Int64):
		return p.deltaIntegers(out, values, int(h.values))
	case h.encoding == encodingDeltaLengthByteArray && isBytes:
		return p.deltaLengths(out, values, int(h.values))
	case h.encoding == encodingDeltaByteArray && isBytes:
		return p.deltaStrings(out, values, int(h.values))
	}
	return nil, fmt.Errorf("values of type %s have the encoding %d", physical, h.encoding)
}

func (p *pageReader) deltaIntegers(out, in []byte, limit int) ([]byte, error) {
	values, _, err := unpackDeltas(in, limit)
	if err != nil {
		return nil, err
	}
	for _, v := range values {
		if p.leaf.width == 4 {
			out = binary.LittleEndian.AppendUint32(out, uint32(v))
		} else {
			out = binary.LittleEndian.AppendUint64(out, uint64(v))
		}
	}
	return out, nil
}

// appendBytes appends the PLAIN form of a byte array.
func (p *pageReader) appendBytes(out, prefix, suffix []byte) ([]byte, error) {
	n := len(prefix) + len(suffix)
	if p.leaf.physical == parquet.Types.ByteArray {
		out = binary.LittleEndian.AppendUint32(out, uint32(n))
	} else if n != p.leaf.width {
		return nil, fmt.Errorf("a value of %d bytes should have %d", n, p.leaf.width)
	}
	if len(out)+n > maxPageBytes {
		return nil, errors.New("the values of a page are too large")
	}
	return append(append(out, prefix...), suffix...), nil
}

// deltaLengths decodes lengths, and then the values one after another.
func (p *pageReader) deltaLengths(out, in []byte, limit int) ([]byte, error) {
	lengths, used, err := unpackDeltas(in, limit)
	if err != nil {
		return nil, err
	}
	in = in[used:]
	for _, n := range lengths {
		if n < 0 || n > int64(len(in)) {
			return nil, errDeltaShort
		}
		if out, err = p.appendBytes(out, nil, in[:n]); err != nil {
			return nil, err
		}
		in = in[n:]
	}
	return out, nil
}

// deltaStrings decodes how long the prefix is that each value shares with the
// one before it, and then what follows the prefixes.
func (p *pageReader) deltaStrings(out, in []byte, limit int) ([]byte, error) {
	prefixes, used, err := unpackDeltas(in, limit)
	if err != nil {
		return nil, err
	}
	in = in[used:]
	lengths, used, err := unpackDeltas(in, limit)
	if err != nil {
		return nil, err
	}
	in = in[used:]
	if len(lengths) != len(prefixes) {
		return nil, errDeltaHeader
	}
	var last []byte
	for i, n := range lengths {
		if n < 0 || n > int64(len(in)) || prefixes[i] < 0 || prefixes[i] > int64(len(last)) {
			return nil, errDeltaShort
		}
		size := int(prefixes[i] + n)
		if out, err = p.appendBytes(out, last[:prefixes[i]], in[:n]); err != nil {
			return nil, err
		}
		last = out[len(out)-size:]
		in = in[n:]
	}
	return out, nil
}

// unpackDeltas decodes DELTA_BINARY_PACKED integers, at most limit of them, and
// gives how many bytes they took:
//
//	header  block size, mini blocks a block, count, first value
//	block   least delta, a bit width for each mini block, mini blocks
//
// Integers wrap, as the encoding demands; 32-bit ones are cut by the caller.
func unpackDeltas(in []byte, limit int) (values []int64, used int, err error) {
	r := &thriftReader{buf: in} // the same variable-length integers
	blockSize, miniBlocks, count := r.uvarint(), r.uvarint(), r.uvarint()
	first := r.int()
	switch {
	case r.err != nil:
		return nil, 0, errDeltaShort
	case miniBlocks == 0 || miniBlocks > maxMiniBlocks || blockSize == 0 || blockSize > maxBlockSize || blockSize%miniBlocks != 0:
		return nil, 0, errDeltaHeader
	case count > uint64(limit):
		return nil, 0, errDeltaHeader
	case count == 0:
		return nil, r.pos, nil
	}
	perMini := int(blockSize / miniBlocks)
	values = make([]int64, 1, count)
	values[0] = first
	last := first
	for len(values) < int(count) {
		least := r.int()
		widths := r.pos
		r.skipBytes(miniBlocks)
		if r.err != nil {
			return nil, 0, errDeltaShort
		}
		// Mini blocks after the last value have no bytes, whatever their width.
		for m := 0; m < int(miniBlocks) && len(values) < int(count); m++ {
			width := uint(in[widths+m])
			size := (perMini*int(width) + 7) / 8
			if width > 64 {
				return nil, 0, errDeltaHeader
			}
			packed := in[r.pos:min(r.pos+size, len(in))]
			n := min(perMini, int(count)-len(values))
			if uint(len(packed))*8 < uint(n)*width {
				return nil, 0, errDeltaShort
			}
			for i := range n {
				last += least + int64(bitsAt(packed, uint(i)*width, width))
				values = append(values, last)
			}
			r.pos += len(packed)
		}
	}
	return values, r.pos, nil
}

// bitsAt reads width bits from bit at of little-endian packed integers.
func bitsAt(b []byte, at, width uint) uint64 {
	if width == 0 {
		return 0
	}
	first, shift := at/8, at%8
	var lo uint64
	if int(first)+8 <= len(b) {
		lo = binary.LittleEndian.Uint64(b[first:])
	} else {
		for i := int(first); i < len(b); i++ {
			lo |= uint64(b[i]) << (8 * (i - int(first)))
		}
	}
	v := lo >> shift
	if shift+width > 64 { // the rest is in a ninth byte
		v |= uint64(b[first+8]) << (64 - shift)
	}
	if width == 64 {
		return v
	}
	return v & (1<<width - 1)
}
