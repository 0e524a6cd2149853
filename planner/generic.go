package planner

import (
	"context"
	"maps"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/catalog"
	"volley/planner/expr"
	"volley/planner/logical"
	"volley/planner/physical"
	"volley/udf"
)

// Generic is a plan of a query for any values of its parameters, and for any time
// and state of the session: everything that is chosen is chosen, but expressions
// have parameters and stable functions where the plan of one execution has
// constants. It is immutable, and many goroutines may use it.
type Generic struct {
	// Plan is the plan with $1, …, for EXPLAIN.
	Plan  *physical.Plan
	types []arrow.DataType
	// open are the operators with something to be settled in them or below.
	open map[physical.Node]bool
}

// Generic plans a query without the values of its parameters, which are estimated as
// PostgreSQL estimates what it does not know. It gives nil where the form of the
// plan depends on values, so that each execution needs a plan of its own:
//
//   - LIMIT, OFFSET and TABLESAMPLE: how many rows are wanted is a number in the plan
//   - a parameter alone as what rows are ordered, grouped, matched or partitioned by,
//     which is left out of the plan when it is a constant
//   - functions that change a setting which others in the query read
//
// An error in a generic plan is one of the query; its own plan tells it.
func (p *Planner) Generic(ctx context.Context, b *Bound, opts PlanOptions) (*Generic, error) {
	o := &optimizer{ctx: ctx, p: p, generic: true, root: b.Root}
	if o.changesSession() {
		return nil, nil
	}
	opts.Estimates = true
	plan, err := p.plan(o, b, func(n logical.Node) (logical.Node, error) { return n, nil }, opts)
	if err != nil {
		return nil, stopError(ctx)
	}
	g := &Generic{Plan: plan, types: b.Params, open: map[physical.Node]bool{}}
	finder := &openFinder{settler: settler{optimizer: &optimizer{ctx: ctx, p: p}}, found: g.open}
	for _, s := range plan.Stages {
		if finder.find(s.Root); slices.ContainsFunc(s.Output.Keys, finder.open) {
			return nil, nil // partitioned by something that only an operator computes
		}
	}
	if finder.constantKey {
		return nil, nil
	}
	return g, nil
}

// openFinder marks what has to be settled.
type openFinder struct {
	settler
	found map[physical.Node]bool
	// constantKey: an open expression without columns is a key.
	constantKey bool
}

func (f *openFinder) find(n physical.Node) (open bool) {
	physical.Rewriting{
		Input: func(in physical.Node) physical.Node {
			open = f.find(in) || open
			return in
		},
		Expr: func(e expr.Expr) expr.Expr {
			open = open || f.open(e)
			return e
		},
		Key: func(e expr.Expr) expr.Expr {
			if f.open(e) {
				open, f.constantKey = true, f.constantKey || !expr.HasColumns(e)
			}
			return e
		},
	}.Node(n)
	if open {
		f.found[n] = true
	}
	return open
}

// WithValues is the plan of one execution, with the values of the parameters as in
// Plan. They are put in, what is constant with them is computed, and scans prune by
// it; files lists those of tables that are bound without. It gives nil where no row can
// pass some filter: a plan made for such values does not read what is above or beside it.
func (p *Planner) WithValues(ctx context.Context, g *Generic, params []arrow.Array, files FileLister, estimates bool) (*physical.Plan, error) {
	if err := checkParams(g.types, params); err != nil {
		return nil, err
	}
	v := &valuePutter{g: g, settler: settler{optimizer: &optimizer{ctx: ctx, p: p}, params: params}}
	if estimates {
		v.generic = map[physical.Node]physical.Node{}
	}
	v.rewriting = physical.Rewriting{Input: v.node, Expr: v.settled, Key: v.substituted}
	out := *g.Plan
	out.Stages = slices.Clone(g.Plan.Stages)
	for i, s := range out.Stages {
		root := v.node(s.Root)
		if v.empty {
			return nil, nil
		}
		if root != s.Root {
			c := *s
			c.Root = root
			out.Stages[i] = &c
		}
	}
	if err := p.listScanned(ctx, &out, files); err != nil {
		return nil, err
	}
	if out.Estimates = nil; estimates {
		out.Estimates, out.Generic = maps.Clone(g.Plan.Estimates), v.generic
		for n, of := range v.generic {
			out.Estimates[n] = g.Plan.Estimates[of]
		}
	}
	return &out, nil
}

// listScanned has the files listed that the scans of a plan want.
func (p *Planner) listScanned(ctx context.Context, plan *physical.Plan, files FileLister) (err error) {
	if files == nil || !slices.ContainsFunc(slices.Collect(maps.Values(plan.Defs)), func(d *catalog.TableDef) bool { return d.Unlisted != nil }) {
		return nil
	}
	l := fileListing{p: p, ctx: ctx, files: files}
	plan.Defs = maps.Clone(plan.Defs)
	var list func(n physical.Node)
	list = func(n physical.Node) {
		if scan, ok := n.(*physical.Scan); ok && err == nil && plan.Defs[scan.ID].Unlisted != nil {
			var found listedFiles
			found, err = l.list(plan.Defs[scan.ID], scan.Filter, scan.Spec.Projection)
			plan.Defs[scan.ID] = found.def
		}
		for _, in := range n.Inputs() {
			list(in)
		}
	}
	for _, s := range plan.Stages {
		list(s.Root)
	}
	return err
}

// valuePutter makes the plan of one execution of a generic one.
type valuePutter struct {
	settler
	g         *Generic
	rewriting physical.Rewriting
	// generic has the operators of the generic plan by those made of them; nil:
	// nobody asks.
	generic map[physical.Node]physical.Node
	empty   bool // no row passes some filter
}

// node is an operator with values.
func (v *valuePutter) node(n physical.Node) physical.Node {
	if !v.g.open[n] || v.empty {
		return n
	}
	var out physical.Node
	switch n := n.(type) {
	case *physical.Scan:
		c := *n
		c.Filter = v.condition(n.Filter)
		c.Spec.Pruning = pruningOf(c.Filter, c.Spec.Projection)
		out = &c
	case *physical.Filter:
		pred := v.condition(n.Predicate)
		if pred == nil {
			pred = boolLiteral(true)
		}
		out = &physical.Filter{Input: v.node(n.Input), Predicate: pred}
	default:
		out = v.rewriting.Node(n)
	}
	if v.generic != nil {
		v.generic[out] = n
	}
	return out
}

// condition is a filter's condition, nil when it is true; it notes when it never is.
func (v *valuePutter) condition(pred expr.Expr) expr.Expr {
	if pred == nil || !v.open(pred) {
		return pred
	}
	pred = expr.And(v.conditions(v.settled(pred)))
	if narrowed := narrowedFilter(pred); narrowed != nil {
		pred = narrowed
	}
	if pred == nil {
		return nil
	}
	v.empty = v.empty || v.neverTrue(pred)
	if yes, known := truth(pred); known && yes {
		return nil
	}
	return pred
}

// settler puts values into expressions.
type settler struct {
	*optimizer
	params []arrow.Array
}

// open tells whether e has parameters, or stable functions and casts that are to be
// computed before the plan runs.
func (s *settler) open(e expr.Expr) bool {
	found := false
	expr.Walk(e, func(e expr.Expr) bool {
		switch x := e.(type) {
		case *expr.Param:
			found = true
		case *expr.Call:
			f := s.function(x)
			found = found || f != nil && f.Session && f.Volatility == udf.Stable
		case *expr.Cast:
			found = found || readsClock(x) && !expr.HasColumns(x)
		case *expr.In:
			found = found || s.open(x.Arg) || slices.ContainsFunc(x.List, isParam)
			return false
		}
		return !found
	})
	return found
}

func isParam(e expr.Expr) bool {
	_, ok := e.(*expr.Param)
	return ok
}

// substituted is e with literals for parameters, and nothing computed: a key is to
// stay one.
func (s *settler) substituted(e expr.Expr) expr.Expr {
	if !s.open(e) {
		return e
	}
	return expr.Transform(e, func(e expr.Expr) expr.Expr {
		if p, ok := e.(*expr.Param); ok {
			return &expr.Literal{Value: s.params[p.Index-1]}
		}
		return e
	})
}

// settled is e with values, simplified by the rules that look at one expression.
func (s *settler) settled(e expr.Expr) expr.Expr {
	if !s.open(e) {
		return e
	}
	e = s.substituted(e)
	if isLeaf(e) {
		return e
	}
	e = s.simplify(expr.Transform(s.fold(e), aligned))
	return expr.Transform(e, asSets)
}
