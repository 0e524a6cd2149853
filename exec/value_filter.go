package exec

import "github.com/apache/arrow/go/v15/arrow"

// valueFilter is a set of keys for the readers of a scan, which then decode nothing else
// of rows without one of them (catalog.ValueFilter).
type valueFilter struct {
	set    *keySet
	column int  // of the scan's records
	taken  bool // the reader at hand leaves out such rows
	trial  keyTrial
}

// Keep implements catalog.ValueFilter.
func (f *valueFilter) Keep(values arrow.Array, bits []uint64) { f.set.keep(values, bits) }

// Pays implements catalog.ValueFilter.
func (f *valueFilter) Pays(rows, left int) bool { return f.trial.pays(rows, left) }

// filterBy has readers that can do so leave out rows by a column. nil: the set is none
// for them.
func (s *scan) filterBy(set *keySet, column int) *valueFilter {
	if set.bits == nil {
		return nil
	}
	f := &valueFilter{set: set, column: column}
	s.values = append(s.values, f)
	return f
}

// keyTrial counts the rows that were looked up and those that were found.
type keyTrial struct{ in, out int64 }

// pays adds a batch, and tells whether a filter is worth going on.
func (t *keyTrial) pays(in, out int) bool {
	t.in += int64(in)
	t.out += int64(out)
	return t.in < keyFilterTrial || t.out <= t.in/4*3
}
