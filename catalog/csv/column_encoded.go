package csv

import (
	"math/bits"
	"unsafe"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
)

const (
	maxTexts     = 256 // values of a dictionary: indices are bytes
	maxShortText = 15  // bytes of a value: with its length it is two words
	minTextSlots = 1 << 5
)

// encodedColumn is text as indices of a dictionary, which lives as long as the
// reader: what is grouped, compared or copied then is bytes. It goes over to plain
// text for good where a value is NULL or long, or values are many.
type encodedColumn struct {
	textColumn
	plain bool
	slots []textSlot // a power of two, at most half full
	// letters has for each byte the number, plus 1, of the text that it alone is
	// where it is not quoted; 0: not known.
	letters [256]uint16
	texts   []byte  // the values, one after the other
	ends    []int32 // of the values, after a 0
	codes   []uint8 // of the batch
	dict    arrow.ArrayData
}

// textSlot is a place of the hash table from texts to their numbers.
type textSlot struct {
	text shortText
	code uint16 // plus 1; 0: empty
}

// shortText is a text of up to maxShortText bytes, with its length in the
// highest byte.
type shortText struct{ low, high uint64 }

// shortTextAt reads the text of n bytes at buf[beg]; pad bytes can be read after
// it.
func shortTextAt(buf []byte, beg, n int) shortText {
	base := unsafe.Pointer(unsafe.SliceData(buf))
	if n < 8 {
		return shortText{load(base, beg) & (1<<(8*n&63) - 1), uint64(n) << 56}
	}
	return shortText{load(base, beg), load(base, beg+8)&(1<<(8*n&63)-1) | uint64(n)<<56}
}

// slot is where in so many slots, a power of two, the search for a text begins.
func (t shortText) slot(slots int) int {
	hi, lo := bits.Mul64(t.low^0xa0761d6478bd642f, t.high^0xe7037ed1a0b428db)
	return int(hi^lo) & (slots - 1)
}

func newEncodedColumn(c textColumn) *encodedColumn {
	return &encodedColumn{textColumn: c, ends: []int32{0}}
}

func (c *encodedColumn) append(buf []byte, fields []span) (int, error) {
	if c.plain {
		return c.textColumn.append(buf, fields)
	}
	if c.codes == nil {
		c.codes = make([]uint8, c.rows)
	}
	if c.slots == nil {
		c.slots = make([]textSlot, minTextSlots)
	}
	codes := c.codes[c.n : c.n+len(fields)]
	for i, s := range fields {
		if s.end-s.beg == 1 {
			if code := c.letters[buf[s.beg]]; code != 0 {
				codes[i] = uint8(code - 1)
				continue
			}
		}
		b := s.bytes(buf)
		if len(b) > maxShortText || c.isNull(s, b) {
			return c.giveUp(buf, fields)
		}
		text := shortTextAt(buf, int(s.beg&^quotedBit), len(b))
		slot := c.find(text)
		if slot.code == 0 {
			if len(c.ends) > maxTexts {
				return c.giveUp(buf, fields)
			}
			if !plainASCII(b) {
				if err := checkText(b); err != nil {
					return i, err
				}
			}
			slot = c.add(text, b)
		}
		if s.end-s.beg == 1 {
			c.letters[b[0]] = slot.code
		}
		codes[i] = uint8(slot.code - 1)
	}
	c.n += len(fields)
	return -1, nil
}

// find gives the slot of a text, or the empty one for it.
func (c *encodedColumn) find(text shortText) *textSlot {
	at := text.slot(len(c.slots))
	for c.slots[at].text != text && c.slots[at].code != 0 {
		at = (at + 1) & (len(c.slots) - 1)
	}
	return &c.slots[at]
}

// add numbers a new text, whose bytes are given, too.
func (c *encodedColumn) add(text shortText, b []byte) *textSlot {
	if 2*len(c.ends) > len(c.slots) {
		old := c.slots
		c.slots = make([]textSlot, 2*len(old))
		for _, s := range old {
			if s.code != 0 {
				*c.find(s.text) = s
			}
		}
	}
	slot := c.find(text)
	*slot = textSlot{text, uint16(len(c.ends))}
	c.texts = append(c.texts, b...)
	c.ends = append(c.ends, int32(len(c.texts)))
	c.dict = nil
	return slot
}

// giveUp makes the batch so far plain, and takes fields as such.
func (c *encodedColumn) giveUp(buf []byte, fields []span) (int, error) {
	c.plain = true
	c.offsets = make([]int32, 1, c.rows+1)
	for _, code := range c.codes[:c.n] {
		c.values = append(c.values, c.texts[c.ends[code]:c.ends[code+1]]...)
		c.offsets = append(c.offsets, int32(len(c.values)))
	}
	c.codes, c.dict, c.slots = nil, nil, nil
	return c.textColumn.append(buf, fields)
}

func (c *encodedColumn) finish(n int) arrow.Array {
	if c.plain {
		return c.textColumn.finish(n)
	}
	if c.codes == nil {
		c.codes = make([]uint8, n)
	}
	if c.dict == nil {
		ends := append([]int32(nil), c.ends...)
		c.dict = array.NewData(c.typ, len(ends)-1, []*memory.Buffer{
			nil, memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(ends)), memory.NewBufferBytes(c.texts[:len(c.texts):len(c.texts)]),
		}, nil, 0, 0)
	}
	typ := &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Uint8, ValueType: c.typ}
	data := array.NewDataWithDictionary(typ, n, []*memory.Buffer{nil, memory.NewBufferBytes(c.codes[:n])}, 0, 0, c.dict.(*array.Data))
	c.codes, c.n = nil, 0
	return array.NewDictionaryData(data)
}
