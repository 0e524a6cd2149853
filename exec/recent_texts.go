package exec

import (
	"encoding/binary"
	"math/bits"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/kernel"
)

// recentTexts finds the numbers of texts that a textDictionary had not long ago, by
// the length and some bytes of them: a hash of the whole of a long text takes longer
// than comparing it with the one value that it may be.
type recentTexts struct {
	slots  []uint32 // number plus 1; 0: empty
	missed []int32  // rows of the last column that were not found
}

const (
	recentBits = 12
	// missesPerRow is the inverse of the part of rows from which looking is in vain.
	missesPerRow = 2
)

func newRecentTexts() *recentTexts { return &recentTexts{slots: make([]uint32, 1<<recentBits)} }

// find gives the rows of a plain column their numbers in d, and the rows that have
// none here.
func (r *recentTexts) find(d *textDictionary, col arrow.Array, numbers []uint32) []int32 {
	offsets, data := kernel.Offsets(col)
	valid := kernel.Valid(col)
	r.missed = r.missed[:0]
	for i := range numbers {
		if valid != nil && !valid.Get(i) {
			if d.null < 0 {
				r.missed = append(r.missed, int32(i))
			} else {
				numbers[i] = uint32(d.null)
			}
			continue
		}
		text := data[offsets[i]:offsets[i+1]]
		n := r.slots[textSlot(text)]
		if n == 0 || string(d.data[d.offsets[n-1]:d.offsets[n]]) != string(text) {
			r.missed = append(r.missed, int32(i))
			continue
		}
		numbers[i] = n - 1
	}
	return r.missed
}

// note makes rows of a plain column be found.
func (r *recentTexts) note(col arrow.Array, rows []int32, numbers []uint32) {
	offsets, data := kernel.Offsets(col)
	for _, i := range rows {
		r.slots[textSlot(data[offsets[i]:offsets[i+1]])] = numbers[i] + 1
	}
}

// textSlot is where a text is looked for.
func textSlot(text []byte) uint64 {
	n := len(text)
	if n < 8 {
		h := uint64(n)
		for _, c := range text {
			h = h<<8 | uint64(c)
		}
		return mixTexts(h, 0) >> (64 - recentBits)
	}
	last := n - 8
	h := mixTexts(textWord(text, 0), textWord(text, last)) ^
		mixTexts(textWord(text, last/2)^uint64(n), textWord(text, last/4)+textWord(text, last/4*3))
	return h >> (64 - recentBits)
}

// textWord is the 8 bytes at a place of a text.
func textWord(text []byte, at int) uint64 { return binary.LittleEndian.Uint64(text[at:]) }

// mixTexts folds a product, so that each bit reaches the highest ones.
func mixTexts(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a^0xa0761d6478bd642f, b^0xe7037ed1a0b428db)
	return hi ^ lo
}
