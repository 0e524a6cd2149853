package exec

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/kernel"
	"volley/exec/rowkey"
)

// What a textDictionary may grow to, and when it is given up because its values are
// too many for the rows that had them. For fewer than fewTexts values it is not.
const (
	maxTextBytes = 1 << 20
	// maxTextLength bounds what a batch takes when it is decoded, which is in no
	// account.
	maxTextLength = 1 << 10
	fewTexts      = 64
	rowsPerText   = 2 // of columns that come encoded: their texts need not be hashed
	// Plain text is judged by some rows first: short texts and those of small
	// batches are left as they are.
	rowsPerPlainText = 4
	sampledTexts     = 512
	leastTexts       = 32
	leastMeanText    = 12
)

// textDictionary numbers the values of a column of text in the order in which they
// appear, so that its rows can be kept as numbers. It only grows: what it was when
// a row was numbered is the beginning of what it is later.
type textDictionary struct {
	typ     arrow.DataType
	table   *rowkey.Table // nil: nothing was numbered yet, or it is given up
	given   bool          // up, for good
	encoded bool          // it is not begun for plain text
	rows    int           // numbered
	null    int           // the number that stands for NULL; −1: none
	offsets []int32       // of the values
	data    []byte
	values  arrow.Array // nil: they have grown
	recent  *recentTexts
	numbers []uint32 // scratch
	found   []uint32 // scratch
}

func newTextDictionary(typ arrow.DataType, encoded bool) *textDictionary {
	return &textDictionary{typ: typ, encoded: encoded, null: -1, offsets: []int32{0}}
}

// encode gives the numbers of a column's rows; nil when the column is better left
// plain, now and from now on.
func (d *textDictionary) encode(col arrow.Array) (arrow.Array, error) {
	if d.given {
		return nil, nil
	}
	n, ratio, plain := col.Len(), rowsPerText, !kernel.Encoded(col.DataType())
	if plain {
		ratio = rowsPerPlainText
		if d.table == nil && (d.encoded || !d.worthwhile(col)) {
			d.giveUp()
			return nil, nil
		}
	}
	if d.table == nil {
		d.table = rowkey.NewTable([]arrow.DataType{d.typ})
	}
	if cap(d.numbers) < n {
		d.numbers = make([]uint32, n)
	}
	numbers := d.numbers[:n]
	number := d.number
	if plain {
		number = d.numberPlain
	}
	fits, err := number(col, numbers)
	if err != nil {
		return nil, err
	}
	d.rows += n
	if !fits || d.table.Len() > max(fewTexts, d.rows/ratio) {
		d.giveUp()
		return nil, nil
	}
	return kernel.Indices(numbers, d.valid(numbers)), nil
}

// number gives rows their numbers, unless their values are too many.
func (d *textDictionary) number(col arrow.Array, numbers []uint32) (fits bool, err error) {
	return d.add(col, d.table.Assign([]arrow.Array{col}, len(numbers), numbers))
}

// numberPlain is number for a plain column.
func (d *textDictionary) numberPlain(col arrow.Array, numbers []uint32) (fits bool, err error) {
	if d.recent == nil {
		d.recent = newRecentTexts()
	}
	if d.recent.slots == nil {
		return d.number(col, numbers)
	}
	rows := d.recent.find(d, col, numbers)
	if len(rows) == 0 {
		return true, nil
	}
	some, err := kernel.Take(col, rows)
	if err != nil {
		return false, err
	}
	if cap(d.found) < len(rows) {
		d.found = make([]uint32, len(rows))
	}
	found := d.found[:len(rows)]
	if fits, err = d.number(some, found); !fits || err != nil {
		return false, err
	}
	for i, row := range rows {
		numbers[row] = found[i]
	}
	if d.rows > 0 && len(rows) > len(numbers)/missesPerRow {
		d.recent.slots = nil
		return true, nil
	}
	d.recent.note(col, rows, numbers)
	return true, nil
}

// worthwhile looks at some rows of a plain column.
func (d *textDictionary) worthwhile(col arrow.Array) bool {
	n := min(col.Len(), sampledTexts)
	if n < leastTexts {
		return false
	}
	some := kernel.Slice(col, 0, n)
	if offsets, _ := kernel.Offsets(some); int(offsets[len(offsets)-1]-offsets[0]) < leastMeanText*n {
		return false
	}
	t := rowkey.NewTable([]arrow.DataType{d.typ})
	t.Assign([]arrow.Array{some}, n, make([]uint32, n))
	return t.Len() <= max(fewTexts, n/rowsPerPlainText)
}

// add appends the values of the rows that have new ones, unless they are too many.
func (d *textDictionary) add(col arrow.Array, fresh []int32) (fits bool, err error) {
	if len(fresh) == 0 {
		return true, nil
	}
	some, err := kernel.Take(col, fresh)
	if err == nil {
		some, err = kernel.Decode(some)
	}
	if err != nil {
		return false, err
	}
	offsets, data := kernel.Offsets(some)
	from := offsets[0]
	data = data[from:offsets[len(offsets)-1]]
	if d.table.Len() > kernel.MaxIndexed || len(d.data)+len(data) > maxTextBytes {
		return false, nil
	}
	for i, end := range offsets[1:] {
		if end-offsets[i] > maxTextLength {
			return false, nil
		}
	}
	at := int32(len(d.data)) - from
	d.data = append(d.data, data...)
	for i, end := range offsets[1:] {
		if d.null < 0 && some.IsNull(i) {
			d.null = len(d.offsets) - 1
		}
		d.offsets = append(d.offsets, at+end)
	}
	d.values = nil
	return true, nil
}

// valid are the rows that are not NULL; nil when all are.
func (d *textDictionary) valid(numbers []uint32) kernel.Words {
	if d.null < 0 {
		return nil
	}
	valid := kernel.Ones(len(numbers))
	for i, v := range numbers {
		if int(v) == d.null {
			valid.Clear(i)
		}
	}
	return valid
}

// giveUp leaves the values, which rows numbered before may have, and frees the rest.
func (d *textDictionary) giveUp() {
	d.given, d.table, d.recent, d.numbers, d.found = true, nil, nil, nil, nil
}

// array is the values so far, in the order of their numbers.
func (d *textDictionary) array() arrow.Array {
	if d.values == nil {
		n, size := len(d.offsets), len(d.data)
		d.values = kernel.FromBinary(d.typ, d.offsets[:n:n], d.data[:size:size], nil)
	}
	return d.values
}

// bytes is the memory held.
func (d *textDictionary) bytes() int64 {
	n := int64(4*cap(d.offsets) + cap(d.data))
	if d.table != nil {
		n += d.table.Bytes()
	}
	return n
}
