package planner

import (
	"math"

	"volley/planner/logical"
	"volley/planner/physical"
)

// completeEstimates guesses the rows of the operators that lowering has made
// besides one for each logical node: exchanges, first halves, sorts and limits of
// runs. Rows are those of all tasks together, so what is read by every task counts
// once for each.
func (s *stager) completeEstimates() {
	c := &estimateCompleter{plan: s.plan, slots: float64(max(s.opts.Slots, 1))}
	for _, stage := range s.plan.Stages {
		c.tasks = float64(max(stage.Tasks, 1))
		if stage.Scan >= 0 {
			c.tasks = c.slots
		}
		c.rows(stage.Root)
	}
}

// estimateCompleter goes through the stages, producers first.
type estimateCompleter struct {
	plan         *physical.Plan
	slots, tasks float64
}

// rows are those of n, whose inputs are completed on the way.
func (c *estimateCompleter) rows(n physical.Node) float64 {
	in := 0.0
	for _, child := range n.Inputs() {
		in += c.rows(child)
	}
	if rows, ok := c.plan.Estimates[n]; ok {
		return rows
	}
	rows := c.guess(n, in)
	c.plan.Estimates[n] = rows
	return rows
}

func (c *estimateCompleter) guess(n physical.Node, in float64) float64 {
	switch n := n.(type) {
	case *physical.Scan:
		return max(float64(n.Rows), 0)
	case *physical.Values:
		return float64(len(n.Rows))
	case *physical.ExchangeSource:
		rows := c.plan.Estimates[c.plan.Stages[n.Stage].Root]
		if n.Broadcast {
			return rows * c.tasks
		}
		if n.Limit >= 0 && len(n.Merge) > 0 {
			return min(rows, float64(n.Limit))
		}
		return rows
	case *physical.KeyFilter:
		return c.plan.Estimates[n.Input]
	case *physical.Sort:
		if n.Limit >= 0 {
			return min(in, float64(n.Limit)*c.tasks)
		}
	case *physical.Limit:
		if n.Count >= 0 {
			return min(in, float64(n.Count)*c.tasks)
		}
	case *physical.EncodeText:
		return math.Ceil(in / rowsPerBatch)
	}
	return in
}

// rowsPerBatch is how many rows EncodeText makes one of.
const rowsPerBatch = 8192

// estimatePartial guesses what the first halves of an aggregation give: a group
// has one row in each task that has a row of it, which lie there by chance.
func (s *stager) estimatePartial(f flow, n *logical.Aggregate) {
	if s.plan.Estimates == nil {
		return
	}
	groups, in := max(s.estimate.rows(n), 1), s.estimate.rows(n.Input)/float64(len(f))
	for _, st := range f {
		tasks := float64(max(st.tasks, 1))
		if st.scan >= 0 {
			tasks = float64(max(s.opts.Slots, 1))
		}
		s.plan.Estimates[st.node] = tasks * groups * (1 - math.Pow(1-1/groups, in/tasks))
	}
}

// partialRows is at most how many rows the first halves of an aggregation give.
func (s *stager) partialRows(n *logical.Aggregate) float64 {
	return min(s.estimate.rows(n.Input), s.estimate.rows(n)*float64(max(s.opts.Slots, 1)))
}

// partnerShares are the shares of the rows of a join's sides that have a partner, or
// those that a filter by the other side's keys lets through.
type partnerShares struct{ left, right float64 }

// notePartners guesses them for a join that a key filter may come from. A side has no
// more such rows than the join has.
func (s *stager) notePartners(n *logical.Join, j *physical.Join) {
	if s.plan.Estimates == nil || s.opts.KeyFilterRows < 0 || len(n.LeftKeys) == 0 {
		return
	}
	e := s.estimate
	out := partnerShares{
		e.partnered(n.LeftKeys, n.Left, n.RightKeys, n.Right),
		e.partnered(n.RightKeys, n.Right, n.LeftKeys, n.Left),
	}
	left, right := max(e.rows(n.Left), 1), max(e.rows(n.Right), 1)
	switch n.Kind {
	case logical.Inner:
		rows := e.rows(n)
		out.left, out.right = min(out.left, rows/left), min(out.right, rows/right)
	case logical.Semi:
		out.left = min(out.left, e.rows(n)/left)
	}
	if s.partners == nil {
		s.partners = map[*physical.Join]partnerShares{}
	}
	s.partners[j] = out
}
