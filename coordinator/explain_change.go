package coordinator

import (
	"fmt"
	"slices"
	"time"

	"volley/coordinator/sched"
	"volley/parser/ast"
	"volley/planner"
)

// observation collects the queries that a statement runs, for EXPLAIN ANALYZE.
type observation struct {
	plans    []observedPlan
	planning time.Duration
	changed  int64 // rows of the statement that changed data
}

// observedPlan is a plan that was started.
type observedPlan struct {
	query *sched.Query
}

// changeText says what was decided while a query ran, and why.
func changeText(c sched.PlanChange) string {
	rows := fmt.Sprintf("stage %d gave %s row%s (%s)", c.Build, count(c.Rows), plural(c.Rows), bytesText(c.Bytes))
	switch c.Kind {
	case sched.ChangeBroadcast:
		return fmt.Sprintf("broadcast instead of shuffle: %s, so the tasks of stage %d, now %d, join them and send nothing", rows, c.Probe, c.Stage)
	case sched.ChangeSides:
		if c.Skew {
			return fmt.Sprintf("sides of the join of stage %d swapped: a few keys have most of the rows of stage %d (%s), which are now looked up in those of stage %d (%s)", c.Stage, c.Build, bytesText(c.Bytes), c.Probe, bytesText(c.ProbeBytes))
		}
		return fmt.Sprintf("sides of the join of stage %d swapped: %s and stage %d only %s, which is now held in memory", c.Stage, rows, c.Probe, bytesText(c.ProbeBytes))
	case sched.ChangeSkew:
		return fmt.Sprintf("partition split: a few keys have most of the rows of stage %d (%s in partition %d, the median is %s), so %d tasks of stage %d read it instead of one", c.Probe, bytesText(c.ProbeBytes), c.Partition, bytesText(c.Bytes), c.After, c.Stage)
	case sched.ChangeSpread:
		return fmt.Sprintf("groups merged by hash instead of in one place: %s of states, so %d tasks of stage %d merge them", rows, c.After, c.Stage)
	case sched.ChangeFold:
		return fmt.Sprintf("groups merged in one place instead of by hash: stage %d would have %s to read, so its %d tasks are not started", c.Stage, bytesText(c.Bytes), c.Before)
	}
	return fmt.Sprintf("partitions put together: stage %d has %s to read, so it has %d task%s instead of %d", c.Stage, bytesText(c.Bytes), c.After, plural(int64(c.After)), c.Before)
}

// measured is how it went; the query has ended.
func (o observedPlan) measured() *measured {
	m := &measured{plan: o.query.Plan(), stages: o.query.Stats()}
	for _, c := range o.query.Changes() {
		m.changes = append(m.changes, changeText(c))
	}
	m.rows = m.stages[len(m.stages)-1].Rows
	return m
}

// watch begins to collect, until done is called.
func (s *Session) watch() (watch *observation, done func()) {
	before := s.observed
	s.observed = &observation{}
	return s.observed, func() { s.observed = before }
}

// forget drops a query that ended without a row and is run again in another way.
func (s *Session) forget(q *sched.Query) {
	if s.observed != nil {
		s.observed.plans = slices.DeleteFunc(s.observed.plans, func(o observedPlan) bool { return o.query == q })
	}
}

// observe notes a plan that was started.
func (s *Session) observe(q *sched.Query) {
	if s.observed != nil {
		s.observed.plans = append(s.observed.plans, observedPlan{q})
	}
}

// queries are those that a statement runs, as far as they are known before it
// runs: the items of WITH that are made, then its own.
func (p *Prepared) queries() []*planner.Bound {
	var out []*planner.Bound
	if p.with != nil {
		for _, item := range p.with.items {
			switch {
			case item == nil:
			case item.change != nil && item.change.bound != nil:
				out = append(out, item.change.bound)
			case item.query != nil:
				out = append(out, item.query)
			}
		}
	}
	switch {
	case p.mutation == nil && p.bound != nil:
		out = append(out, p.bound)
	case p.mutation != nil && p.mutation.bound != nil:
		out = append(out, p.mutation.bound)
	}
	return out
}

// combined is one tree of the queries of a statement: that of its only query or,
// of a statement that does something with rows, an operator above all of them.
func (p *Prepared) combined(parts []*explainedPlan) *explainedPlan {
	what := p.effect()
	if what == "" && len(parts) == 1 {
		return parts[0]
	}
	if what == "" {
		what = "Result"
	}
	out := &explainedPlan{Plan: &explainedNode{Type: what, Node: what, Stage: -1, name: what}}
	for _, c := range parts {
		out.Plan.Plans = append(out.Plan.Plans, c.Plan)
		out.Stages = append(out.Stages, c.Stages...)
		out.Changes = append(out.Changes, c.Changes...)
	}
	return out
}

// effect is what a statement does with the rows of its query; "" for none.
func (p *Prepared) effect() string {
	if m := p.mutation; m != nil {
		verb := map[string]string{"INSERT": "Insert", "UPDATE": "Update", "DELETE": "Delete", "MERGE": "Merge"}[m.kind]
		return verb + " on " + m.target.table.Definition().Name
	}
	if c, ok := p.stmt.(*ast.CreateTable); ok {
		if c.Materialized != "" {
			return "CreateMaterializedView"
		}
		return "CreateTable " + c.Name.Parts[len(c.Name.Parts)-1]
	}
	return ""
}

// waited is the time in which the queries below n ran: that of the root stages,
// waiting for the others included.
func (n *explainedNode) waited() float64 {
	sum := 0.0
	for _, in := range n.Plans {
		in.each(func(n *explainedNode) {
			if n.explainedWork != nil && n.Stage == in.Stage {
				sum += n.Self + n.Wait
			}
		})
	}
	return sum
}
