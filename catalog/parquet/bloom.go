package parquet

import (
	"encoding/binary"
	"errors"
	"math"
	"math/bits"
	"slices"

	"github.com/cespare/xxhash/v2"
)

// Bloom filters of the format: blocks of 256 bits, of which a value sets eight,
// one in each word of one block. See the format's BloomFilter.md.
const (
	bloomBlockBytes = 32
	minBloomBytes   = bloomBlockBytes
	maxBloomBytes   = 1 << 20
)

// bloomSalt makes the eight bits of a value of its hash.
var bloomSalt = [8]uint32{0x47b6137b, 0x44974d91, 0x8824ad5b, 0xa2b7289d, 0x705495c7, 0x2df1424b, 0x9efc4947, 0x5c6bfb31}

// bloomFilter is the bits of a filter.
type bloomFilter []byte

// newBloomFilter makes a filter for so many distinct values and a share of false
// positives.
func newBloomFilter(distinct int, falsePositives float64) bloomFilter {
	perValue := -8 / math.Log(1-math.Pow(falsePositives, 1.0/8))
	bytes := int(perValue * float64(distinct) / 8)
	bytes = 1 << bits.Len(uint(max(bytes, minBloomBytes)-1))
	return make(bloomFilter, min(bytes, maxBloomBytes))
}

// block is the block of a hash.
func (f bloomFilter) block(hash uint64) []byte {
	at := (hash >> 32) * uint64(len(f)/bloomBlockBytes) >> 32
	return f[at*bloomBlockBytes:][:bloomBlockBytes]
}

func (f bloomFilter) insert(hash uint64) {
	block := f.block(hash)
	for i, salt := range bloomSalt {
		word := block[4*i:]
		binary.LittleEndian.PutUint32(word, binary.LittleEndian.Uint32(word)|1<<(uint32(hash)*salt>>27))
	}
}

// mayHold tells whether a value of the hash may be among those inserted.
func (f bloomFilter) mayHold(hash uint64) bool {
	block := f.block(hash)
	for i, salt := range bloomSalt {
		if binary.LittleEndian.Uint32(block[4*i:])&(1<<(uint32(hash)*salt>>27)) == 0 {
			return false
		}
	}
	return true
}

// bloomHash is the hash of a value in its PLAIN form, byte arrays without length.
func bloomHash(plain []byte) uint64 { return xxhash.Sum64(plain) }

// bloomOf makes the filter of a buffer's values.
func (b *leafBuffer) bloomOf(falsePositives float64) bloomFilter {
	hashes := make([]uint64, b.values())
	for i := range hashes {
		hashes[i] = bloomHash(b.value(i))
	}
	slices.Sort(hashes)
	hashes = slices.Compact(hashes)
	f := newBloomFilter(len(hashes), falsePositives)
	for _, h := range hashes {
		f.insert(h)
	}
	return f
}

// header is the filter's header in the file, after which its bits come.
func (f bloomFilter) header() []byte {
	w := newThriftWriter()
	w.i32(1, int32(len(f)))
	for id := int16(2); id <= 4; id++ { // split blocks, xxHash, not compressed
		w.structure(id)
		w.empty(1)
		w.end()
	}
	return w.done()
}

var errBloom = errors.New("a Bloom filter has a header that does not fit it")

// parseBloomHeader decodes the header of a filter: its size and the length of
// the header. A kind of filter that is not known has size 0.
func parseBloomHeader(buf []byte) (size, n int, err error) {
	r := &thriftReader{buf: buf}
	known := 0
	for id, kind := r.field(0); kind != thriftStop && r.err == nil; id, kind = r.field(id) {
		switch {
		case id == 1 && kind == thriftI32:
			size = int(r.int())
		case id >= 2 && id <= 4 && kind == thriftStruct:
			if first, _ := r.field(0); first == 1 {
				known++
			}
			r.skip(thriftStruct, 1) // what the field holds
			r.skip(thriftStruct, 1) // the rest of the union
		default:
			r.skip(kind, 1)
		}
	}
	switch {
	case r.err != nil:
		return 0, 0, r.err
	case known < 3:
		return 0, r.pos, nil
	case size < bloomBlockBytes || size%bloomBlockBytes != 0 || size > 128<<20:
		return 0, 0, errBloom
	}
	return size, r.pos, nil
}
