package planner

import (
	"cmp"
	"math"
	"slices"

	"volley/planner/expr"
	"volley/planner/logical"
)

// groups guesses how many groups keys make of n's rows. The keys of one table
// count like this: all of them are worth at most as many groups as the table has
// rows left, and where they are several, the one with most values counts in full
// and the others less and less, since columns of one table depend on one another.
// Tables count in full, but for those of which a key or a table that counts decides
// the row (determinedTables; compare PostgreSQL's estimate_num_groups).
func (e *estimator) groups(keys []expr.Expr, n logical.Node) float64 {
	rows := e.rows(n)
	if len(keys) == 0 {
		return min(rows, 1)
	}
	tables := map[*logical.Scan][]float64{}
	out, unknown := 1.0, false
	determined := e.determinedTables(keys, n)
	for _, k := range keys {
		if !expr.HasColumns(k) {
			continue
		}
		g := e.expression(k, n)
		d := g.distinct
		if g.nulls > 0 {
			d++
		}
		switch {
		case g.distinct <= 0:
			unknown = true
		case g.table == nil:
			out *= d
		case determined[g.table]:
		default:
			tables[g.table] = append(tables[g.table], d)
		}
	}
	for table, distinct := range tables {
		out *= e.combinations(distinct, min(e.rows(table), rows))
	}
	if unknown {
		out = max(out, rows*groupsPerRow)
	}
	if len(keys) > 1 && out < rows { // not every combination need have a row
		out = occupied(out, rows)
	}
	return max(min(out, rows), min(rows, 1))
}

// combinations guesses how many combinations of columns' values a table of so
// many rows has.
func (e *estimator) combinations(distinct []float64, rows float64) float64 {
	slices.SortFunc(distinct, func(a, b float64) int { return cmp.Compare(b, a) })
	out, weight := 1.0, 1.0
	for i, d := range distinct {
		if i >= dampingFrom {
			weight /= 2
		}
		out *= math.Pow(max(d, 1), weight)
	}
	return min(out, max(rows, distinct[0]))
}

// partialGroups guesses how many rows groups have that each task makes of its own
// rows, which lie there by chance.
func (e *estimator) partialGroups(n *logical.PartialAggregate) float64 {
	groups, rows := e.groups(n.Keys, n.Input), e.rows(n.Input)
	tasks := 1.0
	if readsRemote(n.Input, func(*logical.Scan) bool { return false }) {
		tasks = max(min(e.tasks, e.size(n.Input).bytes/taskBytes), 1)
	}
	if rows <= 0 || groups <= 0 {
		return 0
	}
	return min(tasks*occupied(groups, rows/tasks), rows)
}

// occupied is how many of so many groups get a row when rows choose theirs by
// chance.
func occupied(groups, rows float64) float64 {
	return groups * -math.Expm1(-rows/groups)
}
