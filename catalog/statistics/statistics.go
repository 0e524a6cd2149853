// Package statistics makes statistics of columns from samples of rows: distinct
// values, the most common ones and a histogram of the others, as PostgreSQL's
// ANALYZE does (src/backend/commands/analyze.c).
//
//	files ──Files──► blocks of rows ─┐
//	tables in memory ─► picked rows ─┼─► Sample.Column ─► catalog.ColumnStats
//	ANALYZE ─────────► random rows ──┘
//
// A Point is the place of a value in the order of its type, by which the planner
// compares constants with bounds. Encode and Decode carry statistics to files.
package statistics

import (
	"math"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/catalog"
	"volley/exec/kernel"
)

// Target is how many most common values and bins of a histogram are kept at most,
// PostgreSQL's default_statistics_target.
const Target = 100

// SampleRows is how many rows of a table ANALYZE looks at: as many as PostgreSQL
// does for that target (Chaudhuri, Motwani and Narasayya, "Random Sampling for
// Histogram Construction", 1998).
const SampleRows = 300 * Target

// Column sums the sample up. A type without an order has a width and NULLs only.
func (s *Sample) Column() catalog.ColumnStats {
	out := catalog.ColumnStats{NullCount: -1, Distinct: -1}
	if len(s.Blocks) == 0 {
		return out
	}
	if err := s.count(); err != nil {
		return out
	}
	values, err := kernel.Concat(s.Blocks)
	if err != nil || values.Len() == 0 {
		return out
	}
	n := float64(values.Len())
	s.Rows = max(s.Rows, n)
	out.NullCount = int64(math.Round((n - s.present) / n * s.Rows))
	if s.present == 0 {
		out.Distinct = 0
		return out
	}
	out.Width = s.bytes / s.present
	groups, ok := groupsOf(values)
	if !ok {
		return out
	}
	d := s.Distinct
	if d <= 0 {
		d = s.wide / n * s.Rows
		if len(groups) > 0 {
			d += s.distinct(values, groups)
		}
	}
	out.Distinct = int64(math.Round(d))
	if len(groups) == 0 { // all are too long
		return out
	}
	first, last := groups[0], groups[len(groups)-1]
	out.Min, out.Max = kernel.Slice(values, first.row, first.row+1), kernel.Slice(values, last.row, last.row+1)
	common := commonValues(groups, n, s.present-s.wide, d, s.Rows)
	addCommon(&out, values, common, n)
	addHistogram(&out, values, groups, common)
	return out
}

// group is a value of the sample: the row of its first occurrence, and how often
// it occurs.
type group struct{ row, count int }

// addCommon puts the most common values in.
func addCommon(out *catalog.ColumnStats, values arrow.Array, common []group, n float64) {
	if len(common) == 0 {
		return
	}
	rows := make([]int32, len(common))
	shares := make([]float64, len(common))
	for i, g := range common {
		rows[i], shares[i] = int32(g.row), float64(g.count)/n
	}
	if taken, err := kernel.Take(values, rows); err == nil {
		out.Common, out.CommonShares = taken, shares
	}
}

// commonValues are the groups that are worth being told apart, the largest first.
// All are where the sample seems to have all values and they are few; otherwise
// those that occur more often than any of so many values may by chance, by four
// standard deviations, or more often than a bin of the histogram has rows.
func commonValues(groups []group, n, present, distinct, rows float64) []group {
	repeated := make([]group, 0, min(len(groups), 4*Target))
	for _, g := range groups {
		if g.count > 1 || n >= rows {
			repeated = append(repeated, g)
		}
	}
	slices.SortStableFunc(repeated, func(a, b group) int { return b.count - a.count })
	if len(groups) == len(repeated) && len(groups) <= Target && distinct < 1.5*float64(len(groups)) {
		return repeated
	}
	average := present / max(distinct, 1)
	least := max(2, average+4*math.Sqrt(average)+2.5)
	least = min(least, max(5, present/Target))
	repeated = repeated[:min(len(repeated), Target)]
	for i, g := range repeated {
		if float64(g.count) < least {
			return repeated[:i]
		}
	}
	return repeated
}

// addHistogram puts the bounds of bins in that have the same number of rows each.
func addHistogram(out *catalog.ColumnStats, values arrow.Array, groups, common []group) {
	isCommon := make(map[int]bool, len(common))
	for _, g := range common {
		isCommon[g.row] = true
	}
	rest, total := make([]group, 0, len(groups)), 0
	for _, g := range groups {
		if !isCommon[g.row] {
			rest = append(rest, g)
			total += g.count
		}
	}
	bounds := min(len(rest), Target+1)
	if bounds < 2 {
		return
	}
	rows := make([]int32, 0, bounds)
	at, passed := 0, 0 // group, and rows before it
	for i := range bounds {
		row := (total - 1) * i / (bounds - 1)
		for passed+rest[at].count <= row {
			passed += rest[at].count
			at++
		}
		rows = append(rows, int32(rest[at].row))
	}
	if taken, err := kernel.Take(values, rows); err == nil {
		out.Bounds = taken
	}
}
