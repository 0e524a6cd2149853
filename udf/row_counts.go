package udf

// RowCounts is how many rows of a batch each group has, counted once for all
// accumulators of the batch that ask. The nil RowCounts counts each time.
type RowCounts struct {
	groups  []uint32
	counts  [fewGroups]int64
	counted bool
}

// RowCountUser is an Accumulator that counts rows of groups by RowCounts.
type RowCountUser interface {
	// CountBy is called before the first row.
	CountBy(r *RowCounts)
}

// Begin is called before a batch, whose rows belong to these groups.
func (r *RowCounts) Begin(groups []uint32) { r.groups, r.counted = groups, false }

// Add adds to counts the number of rows of each group. groups may be those of the
// batch, or of some of its rows in a slice of their own.
func (r *RowCounts) Add(counts []int64, groups []uint32) {
	switch {
	case len(counts) > fewGroups || len(groups) < fewGroups:
		for _, g := range groups {
			counts[g]++
		}
		return
	case r == nil || len(groups) != len(r.groups) || &groups[0] != &r.groups[0]:
		countFew(counts, groups)
		return
	case !r.counted:
		r.counts, r.counted = [fewGroups]int64{}, true
		countFew(r.counts[:len(counts)], groups)
	}
	for g := range counts {
		counts[g] += r.counts[g]
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
