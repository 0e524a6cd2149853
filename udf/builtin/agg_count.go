package builtin

import (
	"sync"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/udf"
	"volley/udf/vector"
)

// countAcc is count(*) and count(x): rows, or rows where x is not NULL.
type countAcc struct {
	counts []int64
	rows   *udf.RowCounts
	from   counting // nil: it counts itself
}

// counting is an accumulator that counts the rows of each group whose only
// argument is not NULL.
type counting interface {
	// counted is the counts of n groups.
	counted(n int) []int64
}

// Share implements udf.Sharing.
func (c *countAcc) Share(from udf.Accumulator) bool {
	var ok bool
	c.from, ok = from.(counting)
	return ok
}

// CountBy implements udf.RowCountUser.
func (c *countAcc) CountBy(r *udf.RowCounts) { c.rows = r }

func (c *countAcc) counted(n int) []int64 {
	if c.from != nil {
		return c.from.counted(n)
	}
	c.counts = grow(c.counts, n)
	return c.counts
}

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
		c.rows.Add(c.counts[:n], groups)
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

// RowStates gives ones: it is udf.RowCounter's.
func (c *countAcc) RowStates(n int) []arrow.Array {
	ones := sharedOnes()
	if n > len(ones) {
		ones = makeOnes(n)
	}
	return []arrow.Array{vector.FromFixed(tInt8, ones[:n:n], vector.Validity{})}
}

// sharedOnes are enough for the rows that an operator has at once.
var sharedOnes = sync.OnceValue(func() []int64 { return makeOnes(1 << 18) })

func makeOnes(n int) []int64 {
	ones := make([]int64, n)
	for i := range ones {
		ones[i] = 1
	}
	return ones
}

func (c *countAcc) Result(lo, hi int) (arrow.Array, error) {
	return vector.FromFixed(tInt8, clone(c.counted(hi)[lo:hi]), vector.Validity{}), nil
}

// Reset implements udf.Reusable.
func (c *countAcc) Reset() { c.counts = emptied(c.counts) }

func (c *countAcc) Bytes() int64 { return int64(cap(c.counts)) * 8 }
