package planner

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/planner/expr"
	"volley/planner/logical"
	"volley/sqltype"
)

// propagateConstants puts constants in the places of columns that have the same
// value in all rows, because they are computed so or a filter says so: with
// a = 5 AND b = a AND c > a, b = 5 AND c > 5; a grouping by a needs no key a, and
// a sort by it none either. Conditions of joins keep their columns, which are to
// be keys.
func propagateConstants(o *optimizer, n logical.Node) logical.Node {
	out, _ := (&constantPropagation{o}).propagate(n)
	return out
}

type constantPropagation struct{ *optimizer }

// constants are the values of those columns of a node that have one, by ordinal.
type constants map[int]*expr.Literal

// propagate gives n with constants for columns, and its own.
func (c *constantPropagation) propagate(n logical.Node) (logical.Node, constants) {
	if c.stopped() {
		return n, nil
	}
	in := n.Inputs()
	known := make([]constants, len(in))
	if len(in) > 0 {
		out := make([]logical.Node, len(in))
		for i, child := range in {
			out[i], known[i] = c.propagate(child)
		}
		n = n.WithInputs(out)
	}
	switch n := n.(type) {
	case *logical.Scan:
		pred, own := c.conjuncts(n.Filter, nil)
		if len(own) == 0 {
			return n, nil
		}
		scan := *n
		scan.Filter = pred
		return &scan, own
	case *logical.Filter:
		return c.filter(n, known[0])
	case *logical.Project:
		return c.project(n, known[0])
	case *logical.Aggregate:
		return c.aggregate(n, known[0])
	case *logical.Sort:
		return c.sort(n, known[0])
	case *logical.Limit:
		return n, known[0]
	case *logical.Window:
		return n, known[0]
	case *logical.Values:
		return n, ofRow(n)
	case *logical.Join:
		own := c.joined(n, known)
		return c.condition(n, known), own
	}
	return n, nil
}

// ofRow are the constants of a single row.
func ofRow(n *logical.Values) constants {
	if len(n.Rows) != 1 {
		return nil
	}
	own := constants{}
	for i, e := range n.Rows[0] {
		if l, ok := e.(*expr.Literal); ok && identified(l.DataType()) {
			own[i] = l
		}
	}
	return own
}

// condition replaces columns in what of the condition is no key.
func (c *constantPropagation) condition(n *logical.Join, known []constants) logical.Node {
	if n.On == nil || len(known[0]) == 0 && len(known[1]) == 0 {
		return n
	}
	width := n.Left.Schema().NumFields()
	all := constants{}
	for i, l := range known[0] {
		all[i] = l
	}
	for i, l := range known[1] {
		all[width+i] = l
	}
	on := c.replaced(n.On, all)
	if on == n.On {
		return n
	}
	j := *n
	if j.On = on; n.Kind == logical.Inner || n.Kind == logical.Semi {
		j.On = expr.And(c.conditions(on))
	}
	return (&filterPusher{c.optimizer}).push(&j, nil) // parts of it may go to a side now
}

func (c *constantPropagation) filter(n *logical.Filter, known constants) (logical.Node, constants) {
	pred, own := c.conjuncts(n.Predicate, known)
	return &logical.Filter{Input: n.Input, Predicate: pred}, own
}

// conjuncts replaces columns in all conjuncts but the one that says so.
func (c *constantPropagation) conjuncts(pred expr.Expr, known constants) (expr.Expr, constants) {
	preds := expr.Conjuncts(pred)
	own := ofConjuncts(preds, known)
	if len(own) == 0 {
		return pred, nil
	}
	out := make([]expr.Expr, len(preds))
	for i, p := range preds {
		if col, lit := exactConstant(p); lit != nil && known[col.Index] == nil && own[col.Index] == lit {
			out[i] = p
			continue
		}
		out[i] = c.replaced(p, own)
	}
	return expr.And(out), ofConjuncts(out, own)
}

func (c *constantPropagation) project(n *logical.Project, known constants) (logical.Node, constants) {
	p, own := n, constants{}
	if len(known) > 0 {
		copied := *n
		copied.Exprs = make([]expr.Expr, len(n.Exprs))
		for i, e := range n.Exprs {
			copied.Exprs[i] = c.replaced(e, known)
		}
		p = &copied
	}
	for i, e := range p.Exprs {
		if l, ok := e.(*expr.Literal); ok && identified(l.DataType()) {
			own[i] = l
		}
	}
	return p, own
}

// aggregate leaves constant keys out, which come back above; one key stays, since
// a grouping without keys has a row even of no rows.
func (c *constantPropagation) aggregate(n *logical.Aggregate, known constants) (logical.Node, constants) {
	if len(n.Always) > 0 {
		return n, nil
	}
	keys, own := make([]expr.Expr, 0, len(n.Keys)), constants{}
	at := make([]int, len(n.Keys)) // place among the keys that stay
	var names []string
	for i, k := range n.Keys {
		k = c.replaced(k, known)
		l, constant := k.(*expr.Literal)
		if at[i] = len(keys); constant && identified(l.DataType()) {
			own[i] = l
			if i < len(n.Keys)-1 || len(keys) > 0 {
				at[i] = -1
				continue
			}
		}
		keys, names = append(keys, k), append(names, n.Out.Field(i).Name)
	}
	a := logical.NewAggregate(n.Input, keys, names, n.Aggs)
	if len(keys) == len(n.Keys) {
		return a, own
	}
	exprs, all := make([]expr.Expr, 0, len(n.Keys)+len(n.Aggs)), make([]string, 0, len(n.Keys)+len(n.Aggs))
	for i, f := range n.Out.Fields() {
		all = append(all, f.Name)
		switch {
		case i >= len(n.Keys):
			exprs = append(exprs, columnAt(a, len(keys)+i-len(n.Keys)))
		case at[i] < 0:
			exprs = append(exprs, own[i])
		default:
			exprs = append(exprs, columnAt(a, at[i]))
		}
	}
	return logical.NewProject(a, exprs, all), own
}

func (c *constantPropagation) sort(n *logical.Sort, known constants) (logical.Node, constants) {
	var keys []logical.SortKey
	for _, k := range n.Keys {
		if _, constant := c.replaced(k.Expr, known).(*expr.Literal); !constant {
			keys = append(keys, k)
		}
	}
	switch len(keys) {
	case 0:
		return n.Input, known
	case len(n.Keys):
		return n, known
	}
	return &logical.Sort{Input: n.Input, Keys: keys}, known
}

// joined are the constants of a join: those of a side of which no row is filled
// with NULLs.
func (c *constantPropagation) joined(n *logical.Join, known []constants) constants {
	own := constants{}
	if n.Kind != logical.RightOuter && n.Kind != logical.FullOuter {
		for i, l := range known[0] {
			own[i] = l
		}
	}
	if n.Kind == logical.Inner || n.Kind == logical.RightOuter {
		for i, l := range known[1] {
			own[n.Left.Schema().NumFields()+i] = l
		}
	}
	return own
}

// replaced is e with the columns that are known replaced, and what is constant
// then computed. A NULL is not put in: it would make what is NULL with it so
// before other operands fail.
func (c *constantPropagation) replaced(e expr.Expr, known constants) expr.Expr {
	if len(known) == 0 {
		return e
	}
	out := expr.MapColumns(e, func(col *expr.Column) expr.Expr {
		if l := known[col.Index]; l != nil && !l.Value.IsNull(0) {
			return l
		}
		return col
	})
	if out == e {
		return e
	}
	out = c.simplify(expr.Transform(c.fold(out), aligned))
	if leftover(out) {
		return e // it fails, but maybe for no row
	}
	return out
}

// leftover tells whether e has a call without columns, which was not computed.
func leftover(e expr.Expr) bool {
	found := false
	expr.Walk(e, func(e expr.Expr) bool {
		if _, in := e.(*expr.In); in {
			return false
		}
		found = found || !isLeaf(e) && !expr.HasColumns(e)
		return !found
	})
	return found
}

// ofConjuncts are the constants that conjuncts say, and those known before.
func ofConjuncts(preds []expr.Expr, known constants) constants {
	own := constants{}
	for i, l := range known {
		own[i] = l
	}
	for _, p := range preds {
		if col, lit := exactConstant(p); lit != nil && own[col.Index] == nil {
			own[col.Index] = lit
		}
	}
	return own
}

// exactConstant recognises column = constant where the column then has just that
// value.
func exactConstant(e expr.Expr) (*expr.Column, *expr.Literal) {
	col, lit := columnIsConstant(e)
	if lit == nil || !identified(col.Type) || !sqltype.Equal(col.Type, lit.DataType()) || lit.Value.IsNull(0) {
		return nil, nil
	}
	return col, lit
}

// identified tells whether values of a type that are equal are the same: not so
// 0 and -0, 1.0 and 1.00 of a numeric without a scale, or '24:00' and '1 day'. A
// boolean column that is true in all rows may be what keeps a subquery's condition
// with the rows that it is evaluated for, and stays.
func identified(t arrow.DataType) bool { return inSets(t) }
