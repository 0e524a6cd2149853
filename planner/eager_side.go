package planner

import (
	"slices"

	"volley/planner/expr"
	"volley/planner/logical"
	"volley/udf"
)

// eagerSide is the columns lo to hi−1 of a node, which come from an input whose rows
// are to be grouped early. It gathers the keys of that grouping: what of these
// columns is needed above, beside the aggregates. Expressions that it has rewritten
// say −1−i for key i until they are settled, since only then is it known how many
// keys there are.
type eagerSide struct {
	o       *optimizer
	lo, hi  int
	keys    []expr.Expr // over the input
	calls   []logical.AggCall
	states  []*expr.Column // of the calls; their indices are not used
	mayFail bool           // the computation of the calls may fail
	unequal bool           // a key's values may be equal and not the same
}

// newEagerSide is for calls over those columns.
func newEagerSide(e *eagerAggregation, calls []logical.AggCall, lo, hi int) *eagerSide {
	s := &eagerSide{o: e.optimizer, lo: lo, hi: hi}
	s.calls = mapCalls(calls, func(x expr.Expr) expr.Expr {
		s.mayFail = s.mayFail || e.p.mayFail(x)
		return shift(x, -lo)
	})
	for _, c := range calls {
		for _, t := range c.State {
			s.states = append(s.states, &expr.Column{Name: c.Func, Type: t})
		}
	}
	return s
}

// key is a key, an expression over the input, as a column of the grouped input.
func (s *eagerSide) key(x expr.Expr) expr.Expr {
	at := slices.IndexFunc(s.keys, func(k expr.Expr) bool { return expr.Equal(k, x) })
	if at < 0 {
		at = len(s.keys)
		s.keys = append(s.keys, x)
		s.unequal = s.unequal || !groupable(x.DataType())
	}
	c := &expr.Column{Index: at, Name: x.String(), Type: x.DataType()}
	if of := asColumn(x); of != nil {
		c.Name = of.Name
	}
	return c
}

// columns makes keys of the side's columns in e.
func (s *eagerSide) columns(e expr.Expr) expr.Expr {
	return expr.MapColumns(e, func(c *expr.Column) expr.Expr {
		if c.Index < s.lo || c.Index >= s.hi {
			return c
		}
		return s.unsettled(&expr.Column{Index: c.Index - s.lo, Name: c.Name, Type: c.Type})
	})
}

// whole makes a key of e if it is over the side's columns alone and can be computed
// for every row.
func (s *eagerSide) whole(e expr.Expr) expr.Expr {
	own := expr.HasColumns(e) && s.o.volatility(e) != udf.Volatile && !s.o.p.mayFail(e) && !s.o.costly(e)
	expr.EachColumn(e, func(c *expr.Column) { own = own && c.Index >= s.lo && c.Index < s.hi })
	if !own {
		return s.columns(e)
	}
	return s.unsettled(shift(e, -s.lo))
}

func (s *eagerSide) unsettled(key expr.Expr) expr.Expr {
	c := s.key(key).(*expr.Column)
	c.Index = -1 - c.Index
	return c
}

// settled is an expression over the node after its input was grouped.
func (s *eagerSide) settled(e expr.Expr) expr.Expr {
	if e == nil {
		return nil
	}
	return expr.MapColumns(e, func(c *expr.Column) expr.Expr {
		i := c.Index
		switch {
		case i < 0:
			i = s.lo - 1 - i
		case i >= s.hi:
			i += s.lo + len(s.keys) + len(s.states) - s.hi
		}
		return &expr.Column{Index: i, Name: c.Name, Type: c.Type}
	})
}

// grouped groups the input, nil if that cannot be.
func (s *eagerSide) grouped(input logical.Node, how func(logical.Node, []expr.Expr, []logical.AggCall) logical.Node) logical.Node {
	if s.unequal {
		return nil
	}
	return how(input, s.keys, s.calls)
}

// over projects n, the node over the grouped input, to the settled exprs and the
// states.
func (s *eagerSide) over(n logical.Node, exprs []expr.Expr) logical.Node {
	titles := make([]string, 0, len(exprs)+len(s.states))
	for _, e := range exprs {
		titles = append(titles, title(e))
	}
	for i, state := range s.states {
		exprs = append(exprs, columnAt(n, s.lo+len(s.keys)+i))
		titles = append(titles, state.Name)
	}
	return logical.NewProject(n, exprs, titles)
}

// title is the name of a column that is an expression.
func title(e expr.Expr) string {
	if c := asColumn(e); c != nil {
		return c.Name
	}
	return e.String()
}
