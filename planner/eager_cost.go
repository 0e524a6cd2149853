package planner

import (
	"math"

	"volley/planner/logical"
)

// An early grouping is worth a thought from so many rows on. It must leave one of so
// many rows, and so much of the work.
const (
	eagerRows         = 5_000
	eagerRowsPerGroup = 4
	eagerCost         = 0.8
)

// Costs of a row, in about ns.
const (
	costProbe    = 10.0 // to be looked up in the table of a join
	costBuild    = 30.0 // to become a part of it
	costJoined   = 6.0  // to be given by a join
	costGroup    = 12.0 // to find its group, without its states
	costState    = 2.0  // for each aggregate
	costNearMiss = 5.0  // a look into a table of more than nearTable rows
	costFarMiss  = 60.0 // a look into one of more than farTable rows
	nearTable    = 10_000.0
	farTable     = 1_000_000.0
)

// lookUp is the cost of the memory that a look into a table of so many rows takes.
func lookUp(rows float64) float64 {
	if rows <= nearTable {
		return costNearMiss
	}
	far := min(math.Log(rows/nearTable)/math.Log(farTable/nearTable), 1)
	return costNearMiss + far*(costFarMiss-costNearMiss)
}

func groupingCost(rows, groups float64, aggs int) float64 {
	return rows * (costGroup + costState*float64(aggs) + lookUp(groups))
}

func joiningCost(left, right, out float64) float64 {
	build, probe := min(left, right), max(left, right)
	return build*costBuild + probe*(costProbe+lookUp(build)) + out*costJoined
}

// share is how much of the rows an early grouping leaves.
func (e *eagerAggregation) share() float64 { return e.groups / max(e.rows, 1) }

// joined counts a join above the early grouping.
func (e *eagerAggregation) joined(n *logical.Join, onRight bool) {
	grouped, other, out := e.estimate.rows(n.Left), e.estimate.rows(n.Right), e.estimate.rows(n)
	if onRight {
		grouped, other = other, grouped
	}
	e.before += joiningCost(grouped, other, out)
	e.after += joiningCost(grouped*e.share(), other, out*e.share())
}

// top counts both groupings.
func (e *eagerAggregation) top(a *logical.Aggregate) {
	rows, groups := e.estimate.rows(a.Input), e.estimate.rows(a)
	e.before += groupingCost(rows, groups, len(a.Aggs))
	e.after += groupingCost(e.rows, e.table, len(a.Aggs)) + groupingCost(rows*e.share(), groups, len(a.Aggs))
}

// pays tells whether it is worth it. Joins that keep few of the rows make it costly:
// they would have been dropped before they were grouped.
func (e *eagerAggregation) pays() bool {
	return e.rows >= max(eagerRows, eagerRowsPerGroup*e.groups) && e.after < eagerCost*e.before
}
