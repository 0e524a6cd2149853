package planner

import (
	"volley/planner/expr"
	"volley/planner/logical"
	"volley/udf"
)

// resolveShared decides for every item of WITH whether it is computed once for
// all its readers or is put in place of each of them:
//
//	MATERIALIZED, or volatile      once
//	NOT MATERIALIZED, one reader   in place
//	several readers                once if it does more than read, filter and
//	                               compute rows
func (b *binder) resolveShared(root logical.Node) logical.Node {
	r := &sharing{
		optimizer: &optimizer{ctx: b.ctx, p: b.p},
		uses:      map[*logical.Shared]int{}, keep: map[*logical.Shared]*logical.Shared{},
		placed: map[*logical.Shared]logical.Node{}, reads: map[logical.Node]map[*logical.Shared]int{},
	}
	order := r.outermostFirst(root)
	if len(order) == 0 {
		return root
	}
	for s, n := range r.readers(root) {
		r.uses[s] += n
	}
	for _, s := range order {
		uses := r.uses[s]
		if r.once(s, uses) {
			r.keep[s] = &logical.Shared{Name: s.Name, Mode: s.Mode}
			uses = 1
		}
		for inner, n := range r.readers(s.Plan) {
			r.uses[inner] = min(r.uses[inner]+n*uses, maxNodes)
		}
	}
	return r.replace(root)
}

type sharing struct {
	*optimizer
	uses   map[*logical.Shared]int
	keep   map[*logical.Shared]*logical.Shared // those computed once, as they will be
	placed map[*logical.Shared]logical.Node    // the others, resolved
	reads  map[logical.Node]map[*logical.Shared]int
}

// readers counts the references in a plan, not those in what it refers to.
func (r *sharing) readers(n logical.Node) map[*logical.Shared]int {
	if out, ok := r.reads[n]; ok {
		return out
	}
	out := map[*logical.Shared]int{}
	if c, ok := n.(*logical.CTE); ok {
		out[c.Shared] = 1
	}
	for _, in := range n.Inputs() {
		for s, k := range r.readers(in) {
			out[s] = min(out[s]+k, maxNodes)
		}
	}
	r.reads[n] = out
	return out
}

// outermostFirst are all shared plans below n, each before those it refers to.
func (r *sharing) outermostFirst(n logical.Node) []*logical.Shared {
	var out []*logical.Shared
	seen := map[*logical.Shared]bool{}
	var visit func(logical.Node)
	visit = func(n logical.Node) {
		for s := range r.readers(n) {
			if !seen[s] {
				seen[s] = true
				visit(s.Plan)
				out = append(out, s)
			}
		}
	}
	visit(n)
	for i, j := 0, len(out)-1; i < j; i, j = i+1, j-1 {
		out[i], out[j] = out[j], out[i]
	}
	return out
}

// once tells whether a plan with so many readers is computed once.
func (r *sharing) once(s *logical.Shared, uses int) bool {
	switch {
	case r.volatile(s.Plan) || s.Mode == logical.AlwaysShared:
		return true
	case s.Mode == logical.NeverShared || uses < 2:
		return false
	}
	return r.worthwhile(s.Plan)
}

func (r *sharing) volatile(n logical.Node) bool {
	found := false
	logical.MapExprs(n, func(e expr.Expr) expr.Expr {
		found = found || r.volatility(e) == udf.Volatile
		return e
	})
	if s, ok := n.(*logical.Sample); ok && s.Seed == nil {
		return true
	}
	for _, in := range n.Inputs() {
		found = found || r.volatile(in)
	}
	return found
}

// worthwhile tells whether a plan does more than read and compute rows.
func (r *sharing) worthwhile(n logical.Node) bool {
	switch n := n.(type) {
	case *logical.Scan, *logical.Values, *logical.WorkingTable:
		return false
	case *logical.CTE:
		return r.keep[n.Shared] == nil && r.worthwhile(n.Shared.Plan)
	case *logical.Filter, *logical.Project, *logical.Union, *logical.Limit:
		costly := false
		logical.MapExprs(n, func(e expr.Expr) expr.Expr {
			costly = costly || r.costly(e)
			return e
		})
		if costly {
			return true
		}
	default:
		return true
	}
	for _, in := range n.Inputs() {
		if r.worthwhile(in) {
			return true
		}
	}
	return false
}

// replace puts plans in place of their readers, or what they have become.
func (r *sharing) replace(n logical.Node) logical.Node {
	return logical.Transform(n, func(n logical.Node) logical.Node {
		c, ok := n.(*logical.CTE)
		if !ok {
			return n
		}
		if kept := r.keep[c.Shared]; kept != nil {
			if kept.Plan == nil {
				kept.Plan = r.replace(c.Shared.Plan)
			}
			return &logical.CTE{Shared: kept}
		}
		if r.placed[c.Shared] == nil {
			r.placed[c.Shared] = r.replace(c.Shared.Plan)
		}
		return r.placed[c.Shared]
	})
}
