package kernel

import (
	"sort"

	"github.com/apache/arrow/go/v15/arrow"
)

// minChunk is the number of rows below which appended arrays are collected
// before they become a chunk, so that many small arrays stay cheap.
const minChunk = 4096

// Chunks is a column that grows by appending arrays. The zero value is not
// ready; see NewChunks.
type Chunks struct {
	typ    arrow.DataType
	full   []arrow.Array
	starts []int // first row of each full chunk
	small  []arrow.Array
	smallN int
	values chunkValues
	rows   int
	bytes  int64
}

// NewChunks is an empty column of type t.
func NewChunks(t arrow.DataType) *Chunks {
	return &Chunks{typ: t, values: chunkValues{width: valueWidth(t)}}
}

// Type is the column's.
func (c *Chunks) Type() arrow.DataType { return c.typ }

// Len is the number of rows.
func (c *Chunks) Len() int { return c.rows }

// Bytes is the memory held, approximately.
func (c *Chunks) Bytes() int64 { return c.bytes }

// Append adds the rows of a.
func (c *Chunks) Append(a arrow.Array) error { return c.AppendRows(a, nil) }

// append is Append for what is not put together value by value.
func (c *Chunks) append(a arrow.Array) error {
	c.closeValues()
	c.bytes += Bytes(a)
	c.rows += a.Len()
	c.small = append(c.small, a)
	c.smallN += a.Len()
	if c.smallN >= minChunk {
		return c.flushSmall()
	}
	return nil
}

// flushSmall makes the small arrays a chunk.
func (c *Chunks) flushSmall() error {
	if c.smallN == 0 {
		return nil
	}
	a, err := Concat(c.small)
	if err != nil {
		return err
	}
	c.starts = append(c.starts, c.rows-c.smallN)
	c.full = append(c.full, a)
	c.small, c.smallN = nil, 0
	return nil
}

// Slice is rows lo to hi−1.
func (c *Chunks) Slice(lo, hi int) (arrow.Array, error) {
	if err := c.flushSmall(); err != nil {
		return nil, err
	}
	c.closeValues()
	if lo >= hi {
		return Nulls(c.typ, 0), nil
	}
	var parts []arrow.Array
	for i := sort.SearchInts(c.starts, lo+1) - 1; lo < hi; i++ {
		from := lo - c.starts[i]
		to := min(hi-c.starts[i], c.full[i].Len())
		parts = append(parts, Slice(c.full[i], from, to))
		lo = c.starts[i] + to
	}
	return Concat(parts)
}
