package builtin

// totals are a sum of each group and how many values are in it, or those of another
// aggregate.
type totals[S any] struct {
	sums   []S
	counts []int64
	from   *totals[S] // nil: they are computed here
}

// grow makes them those of n groups.
func (t *totals[S]) grow(n int) {
	if t.from != nil {
		t.from.grow(n)
		t.sums, t.counts = t.from.sums, t.from.counts
		return
	}
	t.sums, t.counts = grow(t.sums, n), grow(t.counts, n)
}

// counted implements counting.
func (t *totals[S]) counted(n int) []int64 {
	t.grow(n)
	return t.counts
}

// empty loses all groups and keeps the memory.
func (t *totals[S]) empty() { t.sums, t.counts = emptied(t.sums), emptied(t.counts) }
