package builtin

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/udf"
	"volley/udf/vector"
)

// countAcc is count(*) and count(x): rows, or rows where x is not NULL.
type countAcc struct{ counts []int64 }

func (c *countAcc) Update(groups []uint32, n int, args []udf.Arg) error {
	c.counts = grow(c.counts, n)
	var v vector.Validity
	if len(args) == 1 {
		v = validityOf(args[0], len(groups))
	}
	switch {
	case n == 1:
		c.counts[0] += int64(len(groups) - v.Nulls)
	case v.Nulls == 0:
		counts := c.counts
		for _, g := range groups {
			counts[g]++
		}
	default:
		for i, g := range groups {
			c.counts[g] += int64(v.Bits[i>>3] >> (i & 7) & 1)
		}
	}
	return nil
}

func (c *countAcc) Merge(groups []uint32, n int, states []arrow.Array) error {
	c.counts = grow(c.counts, n)
	for i, v := range vector.Fixed[int64](states[0]) {
		c.counts[groups[i]] += v
	}
	return nil
}

func (c *countAcc) State(lo, hi int) ([]arrow.Array, error) { return one(c.Result(lo, hi)) }

func (c *countAcc) Result(lo, hi int) (arrow.Array, error) {
	c.counts = grow(c.counts, hi)
	return vector.FromFixed(tInt8, clone(c.counts[lo:hi]), vector.Validity{}), nil
}

func (c *countAcc) Bytes() int64 { return int64(cap(c.counts)) * 8 }
