package rowkey

import (
	"math/bits"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/zeebo/xxh3"

	"volley/exec/kernel"
	"volley/sqltype"
)

// Constants of wyhash's mixing step.
const (
	mixA = 0xa0761d6478bd642f
	mixB = 0xe7037ed1a0b428db
)

// mix folds a 64 by 64 bit product: every input bit reaches every output bit.
func mix(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	return hi ^ lo
}

func hash64(v uint64) uint64 { return mix(v^mixA, mixB) }

const nullHash = 0x2545f4914f6cdd1d

// Hash gives a hash of each of n rows, the same in every process and for every
// integer width, so that it can place rows for an exchange. out has n elements.
func Hash(cols []arrow.Array, n int, out []uint64) {
	out = out[:n]
	if len(cols) == 0 {
		for i := range out {
			out[i] = mixA
		}
		return
	}
	if len(cols) == 1 && hashWords(cols[0], out) {
		return
	}
	scratch := hashOne(cols[0], out, nil)
	for i, v := range out {
		out[i] = mix(v^mixA, mixB)
	}
	if len(cols) == 1 {
		return
	}
	vals := make([]uint64, n)
	for _, c := range cols[1:] {
		scratch = hashOne(c, vals, scratch)
		for i, v := range vals {
			out[i] = mix(out[i]^v, mixB)
		}
	}
}

// hashWords is Hash of one column without NULLs, of words; false for another one.
func hashWords(c arrow.Array, out []uint64) bool {
	words := wordValues(c)
	if words == nil || kernel.Valid(c) != nil {
		return false
	}
	for i, v := range words[:len(out)] {
		out[i] = mix(hash64(v)^mixA, mixB)
	}
	return true
}

// hashOne gives a hash of each row of a column; scratch is kept for the next.
func hashOne(c arrow.Array, out []uint64, scratch []byte) []byte {
	d, ok := c.(*array.Dictionary)
	switch {
	case ok && d.Dictionary().Len() <= len(out):
		hashDictionary(d, out)
		return scratch
	case ok:
		c = decoded(d)
	}
	return hashColumn(c, out, scratch)
}

func hashDictionary(d *array.Dictionary, out []uint64) {
	dict := d.Dictionary()
	vals := make([]uint64, dict.Len())
	hashColumn(dict, vals, nil)
	for i, r := range kernel.DictRows(d) {
		out[i] = nullHash
		if r >= 0 {
			out[i] = vals[r]
		}
	}
}

func hashColumn(a arrow.Array, out []uint64, scratch []byte) []byte {
	switch a := a.(type) {
	case *array.String, *array.Binary:
		o, data := kernel.Offsets(a)
		for i := range out {
			out[i] = xxh3.Hash(data[o[i]:o[i+1]])
		}
	case *sqltype.NumericArray:
		scratch = hashNumerics(a, out, scratch)
	case *array.Decimal128:
		scale := a.DataType().(*arrow.Decimal128Type).Scale
		for i := range out {
			scratch = sqltype.NumFromDecimal128(a.Value(i), scale).AppendKey(scratch[:0])
			out[i] = xxh3.Hash(scratch)
		}
	default:
		if fixedWidth(a.DataType()) > 0 {
			fixedValues(a, out)
			for i, v := range out {
				out[i] = hash64(v)
			}
			break
		}
		for i := range out {
			scratch = appendValue(scratch[:0], a, i)
			out[i] = xxh3.Hash(scratch)
		}
	}
	if valid := kernel.Valid(a); valid != nil {
		for i := range out {
			if !valid.Get(i) {
				out[i] = nullHash
			}
		}
	}
	return scratch
}

// Partition maps a hash of Hash to one of n partitions.
func Partition(hash uint64, n int) int {
	hi, _ := bits.Mul64(hash, uint64(n))
	return int(hi)
}
