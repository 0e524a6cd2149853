package parquet

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"

	"github.com/apache/arrow/go/v15/parquet"
)

var errLevels = errors.New("a page has fewer levels than values")

// checkLevels makes sure that the levels of a page are as many as its values:
// the library's readers never end when there are fewer. It gives how many bytes
// of levels come before the values.
func (p *pageReader) checkLevels(h pageHeader, data []byte) (int, error) {
	repMax, defMax := p.leaf.descr.MaxRepetitionLevel(), p.leaf.descr.MaxDefinitionLevel()
	if h.kind == pageDataV2 {
		rep, def := int(h.repBytes), int(h.defBytes)
		if rep+def > len(data) {
			return 0, errLevels
		}
		err := checkRuns(data[:rep], repMax, h.values)
		if err == nil {
			err = checkRuns(data[rep:rep+def], defMax, h.values)
		}
		return rep + def, err
	}
	at := 0
	for _, l := range []struct {
		max      int16
		encoding int32
	}{{repMax, h.repEncoding}, {defMax, h.defEncoding}} {
		if l.max == 0 {
			continue
		}
		if parquet.Encoding(l.encoding) == parquet.Encodings.BitPacked {
			at += (int(h.values)*bits.Len16(uint16(l.max)) + 7) / 8
			if at > len(data) {
				return 0, errLevels
			}
			continue
		}
		if parquet.Encoding(l.encoding) != parquet.Encodings.RLE || len(data)-at < 4 {
			return 0, fmt.Errorf("a page has levels of encoding %d", l.encoding)
		}
		n := int64(binary.LittleEndian.Uint32(data[at:]))
		at += 4
		if n > int64(len(data)-at) {
			return 0, fmt.Errorf("a page has %d bytes of levels", n)
		}
		if err := checkRuns(data[at:at+int(n)], l.max, h.values); err != nil {
			return 0, err
		}
		at += int(n)
	}
	return at, nil
}

// checkRuns walks levels in the RLE/bit-packed hybrid encoding:
//
//	run     header, then   header even: header/2 times one value
//	                       header odd: header/2 groups of 8 packed values
func checkRuns(b []byte, limit int16, values int32) error {
	if limit == 0 {
		return nil
	}
	width := bits.Len16(uint16(limit))
	for left := int64(values); left > 0; {
		header, n := binary.Uvarint(b)
		if n <= 0 || header < 2 || header > 1<<32 {
			return errLevels
		}
		b = b[n:]
		if header&1 == 1 {
			size := int(min(header>>1*uint64(width), uint64(len(b)))) // the last group may be cut
			left -= min(int64(header>>1)*8, int64(size)*8/int64(width))
			if size == 0 {
				return errLevels
			}
			b = b[size:]
			continue
		}
		if size := (width + 7) / 8; size > len(b) || int16(b[0]) > limit && size == 1 {
			return errLevels
		}
		b = b[(width+7)/8:]
		left -= int64(header >> 1)
	}
	return nil
}
