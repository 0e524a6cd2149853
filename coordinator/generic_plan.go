package coordinator

import (
	"context"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/planner"
	"volley/planner/physical"
)

// customPlans is how many executions of a statement get a plan for their values
// before a generic one is thought of, as in PostgreSQL.
const customPlans = 5

// planUse counts the plans of a prepared statement, whatever it was bound to.
type planUse struct {
	generic, custom int64
	cost            float64 // of the custom ones together, with making them
}

// keptGeneric is a generic plan and what it was made for.
type keptGeneric struct {
	planKey
	known bool
	plan  *planner.Generic // nil: the statement has none
}

// query is the query of the statement, which an INSERT, UPDATE or DELETE takes its rows
// from; nil for none.
func (p *Prepared) query() *planner.Bound {
	if p.mutation != nil {
		return p.mutation.bound
	}
	return p.bound
}

// part is the statement for b, one of the queries that it consists of: its own one, or
// another one of a statement that changes data, which has plans of its own.
func (p *Prepared) part(b *planner.Bound) *Prepared {
	if b == p.query() {
		return p
	}
	part := p.parts[b]
	if part == nil {
		if p.parts == nil {
			p.parts = map[*planner.Bound]*Prepared{}
		}
		part = &Prepared{s: p.s, sql: p.sql, begun: true, binding: binding{bound: b, meanings: p.meanings}}
		p.parts[b] = part
	}
	part.runs, part.named = p.runs, p.named
	return part
}

// plan plans one execution of b, the query of the statement or one that is bound
// instead of it. The choice between a custom and a generic plan is PostgreSQL's
// (choose_custom_plan). A statement without parameters that is run again has a generic
// plan only if it calls functions of the time or of the session; otherwise its plan
// for no values is the same.
func (p *Prepared) plan(ctx context.Context, b *planner.Bound, params []arrow.Array, opts planner.PlanOptions) (*physical.Plan, error) {
	s, again := p.s, p.runs > 1
	custom := func() (*physical.Plan, error) { return s.planner().Plan(ctx, b, params, opts) }
	mode, _ := s.settings.get("plan_cache_mode")
	if p.query() != b || opts.Encode != nil {
		return custom()
	}
	if (again || p.named || mode == forceGeneric) && p.prefersGeneric(mode, params) {
		plan, err := p.genericPlan(ctx, mode, params, opts)
		if plan != nil || err != nil {
			p.use(true)
			return plan, err
		}
	}
	plan, err := p.plans.custom(ctx, s, again && s.observed == nil, b, params, opts, custom)
	if err == nil {
		p.use(false)
		p.uses.cost += plan.Cost + planner.PlanningCost(plan)
	}
	return plan, err
}

// Values of plan_cache_mode besides auto.
const (
	forceGeneric = "force_generic_plan"
	forceCustom  = "force_custom_plan"
)

// prefersGeneric chooses by what is known before there is a generic plan.
func (p *Prepared) prefersGeneric(mode string, params []arrow.Array) bool {
	switch {
	case len(params) == 0:
		return p.plans.dependsOnMore(p.s, p.query())
	case mode == forceGeneric:
		return true
	case mode == forceCustom:
		return false
	}
	return p.uses.custom >= customPlans
}

// genericPlan is the generic plan with these values; nil where the statement has
// none, where it is expected to cost more than the custom ones did, or where the
// values leave so little of the query that a plan for them is better.
func (p *Prepared) genericPlan(ctx context.Context, mode string, params []arrow.Array, opts planner.PlanOptions) (*physical.Plan, error) {
	s, estimates := p.s, opts.Estimates
	opts.Estimates = false
	g := &p.plans.generic
	if key := s.planKey(opts); !g.known || g.planKey != key {
		plan, err := s.planner().Generic(ctx, p.query(), opts)
		if err != nil {
			return nil, err
		}
		*g = keptGeneric{planKey: key, known: true, plan: plan}
	}
	if g.plan == nil {
		return nil, nil
	}
	if len(params) > 0 && mode != forceGeneric && p.uses.custom > 0 && g.plan.Plan.Cost > p.uses.cost/float64(p.uses.custom) {
		return nil, nil
	}
	return s.planner().WithValues(ctx, g.plan, params, opts.Files, estimates)
}
