package parquet

import (
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/catalog"
	"volley/exec/kernel"
)

// FilterValues implements catalog.ValueFiltered for columns that can be looked at first.
// Predicates of the scan come before all filters of values.
func (r *reader) FilterValues(column int, f catalog.ValueFilter) bool {
	c := r.sources[column].column
	if c == nil || c.kind != leafColumn || c.leaf.descr.MaxRepetitionLevel() > 0 {
		return false
	}
	r.late = append(r.late, lateFilter{at: column, values: f, again: r.readFirst(column)})
	return true
}

// filtersValues tells whether rows are left out by values. Whoever asked for that does
// not look at them again, so that none may pass that was refused.
func (r *reader) filtersValues() bool {
	return slices.ContainsFunc(r.late, func(l lateFilter) bool { return l.values != nil })
}

// leaveOut is restrict for a filter of values, which is given up when it does not pay.
func (r *reader) leaveOut(l *lateFilter, passed kernel.Words, a arrow.Array) bool {
	before := passed.Count()
	some := l.restrict(passed, a)
	left := passed.Count()
	r.counts.LeftOut += int64(before - left)
	if !l.values.Pays(before, left) {
		l.values, l.dict = nil, nil
	}
	return some
}
