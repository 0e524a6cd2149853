package planner

import (
	"math"

	"volley/planner/logical"
	"volley/planner/physical"
)

// planningRows is about how many rows an operator works on while a plan is made for
// each relation in it, and once more (PostgreSQL's cached_plan_cost counts alike).
const planningRows = 10_000

// PlanningCost is what making a plan costs, in the units of its Cost.
func PlanningCost(plan *physical.Plan) float64 { return planningRows * float64(len(plan.Defs)+1) }

// work is what a node's operator does itself, in rows: those it gives, the pairs that
// a join without keys looks at, the comparisons of a sort. What a scan reads is left
// out, which is the same in all plans of a query.
func (s *stager) work(n logical.Node) float64 {
	rows := s.estimate.rows(n)
	switch n := n.(type) {
	case *logical.Join:
		if len(n.LeftKeys) == 0 {
			return rows + s.estimate.rows(n.Left)*s.estimate.rows(n.Right)
		}
	case *logical.Sort:
		return rows * math.Log2(max(rows, 2))
	}
	return rows
}
