package rowkey

import (
	"encoding/binary"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/kernel"
)

// Bound is the key of a row that others must be less than. Most rows can be
// told by their first key column alone; it is compared as numbers, without
// making keys.
type Bound struct {
	Key   []byte
	order Order // of the first column

	vals []uint64
	rows []int32
}

// NewBound makes a bound for keys whose first column is ordered so.
func NewBound(key []byte, order Order) *Bound { return &Bound{Key: key, order: order} }

// Maybe gives the rows of n whose value a in the first key column does not make
// them greater than the bound. all tells that this could not be found out
// cheaply, or is so for every row. rows is valid until the next call.
func (b *Bound) Maybe(a arrow.Array, n int) (rows []int32, all bool) {
	if fixedWidth(a.DataType()) == 0 {
		return nil, true
	}
	b.vals = resize(b.vals, n)
	orderedValues(a, b.vals)
	flip := uint64(0)
	if b.order.Desc {
		flip = ^flip
	}
	// the limit of values, and whether NULLs and values as such may be less
	limit, nulls, values := ^uint64(0), nullMark(b.order) <= b.Key[0], b.Key[0] >= 1
	if b.Key[0] == 1 {
		limit = binary.BigEndian.Uint64(b.Key[1:])
	}
	valid := kernel.Valid(a)
	b.rows = b.rows[:0]
	for i, v := range b.vals {
		keep := values && v^flip <= limit
		if valid != nil && !valid.Get(i) {
			keep = nulls
		}
		if keep {
			b.rows = append(b.rows, int32(i))
		}
	}
	return b.rows, len(b.rows) == n
}
