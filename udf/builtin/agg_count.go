package builtin

import (
	"sync"

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
		countRows(c.counts[:n], groups)
	default:
		for i, g := range groups {
			c.counts[g] += int64(v.Bits[i>>3] >> (i & 7) & 1)
		}
	}
	return nil
}

// countRows counts the rows of each group.
func countRows(counts []int64, groups []uint32) {
	if len(counts) <= fewGroups && len(groups) >= fewGroups {
		countFew(counts, groups)
		return
	}
	for _, g := range groups {
		counts[g]++
	}
}

// Batches of at least fewGroups rows that have at most so many groups are counted
// by countFew.
const fewGroups = 256

// countFew counts the rows of each group, every fourth row in the same place: a
// processor has to wait when it adds to what it has just written.
func countFew(counts []int64, groups []uint32) {
	var at [4][fewGroups]uint32
	for ; len(groups) >= 4; groups = groups[4:] {
		at[0][groups[0]%fewGroups]++
		at[1][groups[1]%fewGroups]++
		at[2][groups[2]%fewGroups]++
		at[3][groups[3]%fewGroups]++
	}
	for _, g := range groups {
		at[0][g%fewGroups]++
	}
	for g := range counts {
		counts[g] += int64(at[0][g]) + int64(at[1][g]) + int64(at[2][g]) + int64(at[3][g])
	}
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
	c.counts = grow(c.counts, hi)
	return vector.FromFixed(tInt8, clone(c.counts[lo:hi]), vector.Validity{}), nil
}

func (c *countAcc) Bytes() int64 { return int64(cap(c.counts)) * 8 }
