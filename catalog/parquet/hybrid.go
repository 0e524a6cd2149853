package parquet

import (
	"encoding/binary"
	"errors"
	"math/bits"
)

// maxHybridWidth is the widest value: dictionary indices have up to 32 bits.
const maxHybridWidth = 32

var errHybrid = errors.New("run-length encoded values end too early")

// hybrid decodes the RLE/bit-packed hybrid encoding of levels, dictionary
// indices and booleans, whose runs are those that checkRuns describes.
type hybrid struct {
	in     []byte
	width  uint   // bits of a value
	value  uint32 // of the run at hand
	repeat int    // how many more of value
	packed []byte // groups of 8 values at hand, and all that comes after them
	at     int    // next value in packed
	left   int    // values of the run after at
}

func newHybrid(in []byte, width uint) hybrid { return hybrid{in: in, width: width} }

// next opens the next run.
func (d *hybrid) next() error {
	header, n := binary.Uvarint(d.in)
	if n <= 0 || header < 2 || header > 1<<32 {
		return errHybrid
	}
	d.in = d.in[n:]
	if header&1 == 0 {
		size := int(d.width+7) / 8
		if len(d.in) < size {
			return errHybrid
		}
		d.value = 0
		for i := range size {
			d.value |= uint32(d.in[i]) << (8 * i)
		}
		if d.width < 32 && d.value>>d.width != 0 {
			return errHybrid
		}
		d.in, d.repeat = d.in[size:], int(header>>1)
		return nil
	}
	groups := header >> 1
	if d.width == 0 {
		d.value, d.repeat = 0, int(groups*8)
		return nil
	}
	size := int(min(groups*uint64(d.width), uint64(len(d.in)))) // the last group may be cut
	d.packed, d.in = d.in, d.in[size:]
	d.at, d.left = 0, int(min(groups*8, uint64(size)*8/uint64(d.width)))
	if d.left == 0 {
		return errHybrid
	}
	return nil
}

// read decodes len(dst) values.
func (d *hybrid) read(dst []int32) error { return readRuns(d, dst, unpack) }

// readSmall decodes len(dst) values of at most 8 bits.
func (d *hybrid) readSmall(dst []byte) error { return readRuns(d, dst, unpackSmall) }

// readWords decodes len(dst) values of at most 16 bits.
func (d *hybrid) readWords(dst []uint16) error { return readRuns(d, dst, unpackWords) }

func readRuns[T int32 | uint16 | byte](d *hybrid, dst []T, unpack func(dst []T, packed []byte, at int, width uint)) error {
	for len(dst) > 0 {
		switch {
		case d.repeat > 0:
			n := min(d.repeat, len(dst))
			fill(dst[:n], T(d.value))
			d.repeat -= n
			dst = dst[n:]
		case d.left > 0:
			n := min(d.left, len(dst))
			unpack(dst[:n], d.packed, d.at, d.width)
			d.at += n
			d.left -= n
			dst = dst[n:]
		default:
			if err := d.next(); err != nil {
				return err
			}
		}
	}
	return nil
}

// skipRun passes over at most n values that are all v, if such come next, and
// gives how many they were.
func (d *hybrid) skipRun(v uint32, n int) (int, error) {
	if d.repeat == 0 && d.left == 0 {
		if err := d.next(); err != nil {
			return 0, err
		}
	}
	if d.repeat == 0 || d.value != v {
		return 0, nil
	}
	n = min(n, d.repeat)
	d.repeat -= n
	return n, nil
}

func fill[T any](dst []T, v T) {
	for i := range dst {
		dst[i] = v
	}
}

// unpack decodes values of so many bits from value number at of packed groups
// of 8, which has them all.
func unpack(dst []int32, packed []byte, at int, width uint) {
	i := 0
	for ; i < len(dst) && (at+i)%8 != 0; i++ {
		dst[i] = int32(bitsAt(packed, uint(at+i)*width, width))
	}
	switch {
	case width <= 8:
		i += unpackNarrow(dst[i:], packed, at+i, width)
	case width <= 16:
		i += unpackWide(dst[i:], packed, at+i, width)
	}
	mask := uint64(1)<<width - 1
	bit := uint(at+i) * width
	for ; i < len(dst) && int(bit/8)+8 <= len(packed); i, bit = i+1, bit+width {
		dst[i] = int32(binary.LittleEndian.Uint64(packed[bit/8:]) >> (bit % 8) & mask)
	}
	for ; i < len(dst); i, bit = i+1, bit+width {
		dst[i] = int32(bitsAt(packed, bit, width))
	}
}

// unpackSmall is unpack for at most 8 bits.
func unpackSmall(dst, packed []byte, at int, width uint) {
	i := 0
	for ; i < len(dst) && (at+i)%8 != 0; i++ {
		dst[i] = byte(bitsAt(packed, uint(at+i)*width, width))
	}
	i += unpackByteVectors(dst[i:], packed, at+i, width)
	i += unpackBytes(dst[i:], packed, at+i, width)
	for ; i < len(dst); i++ {
		dst[i] = byte(bitsAt(packed, uint(at+i)*width, width))
	}
}

// unpackWords is unpack for at most 16 bits.
func unpackWords(dst []uint16, packed []byte, at int, width uint) {
	i := 0
	for ; i < len(dst) && (at+i)%8 != 0; i++ {
		dst[i] = uint16(bitsAt(packed, uint(at+i)*width, width))
	}
	if width <= 8 {
		i += unpackBytesToWords(dst[i:], packed, at+i, width)
	} else {
		i += unpackWordVectors(dst[i:], packed, at+i, width)
		i += unpackToWords(dst[i:], packed, at+i, width)
	}
	for ; i < len(dst); i++ {
		dst[i] = uint16(bitsAt(packed, uint(at+i)*width, width))
	}
}

// levelWidth is how many bits a level takes.
func levelWidth(limit int16) uint { return uint(bits.Len16(uint16(limit))) }
