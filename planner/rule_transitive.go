package planner

import (
	"slices"

	"volley/planner/expr"
	"volley/planner/logical"
	"volley/sqltype"
)

// deriveTransitive gives a side of a join the comparisons with constants that
// follow for it from those of the other side, over columns that the join makes
// equal: of a.x = b.x and a.x < 5 follows b.x < 5, which drops rows and skips row
// groups before they are joined. Rows of the side that fails to match anyway are
// all that goes, so:
//
//	inner, semi       both ways
//	left, anti, mark  from left to right
//	right             from right to left
//
// Nothing follows into the other side of a NOT IN, where its NULLs count.
func deriveTransitive(o *optimizer, n logical.Node) logical.Node {
	out, _ := (&transitive{o}).derive(n)
	return out
}

type transitive struct{ *optimizer }

// rowFacts are what is true of all rows of a node: comparisons of columns with
// constants, and which columns are equal to a column.
type rowFacts struct {
	compared columnComparisons
	equal    map[int][]int
}

func noFacts() rowFacts { return rowFacts{columnComparisons{}, map[int][]int{}} }

// derive gives n with the filters that follow, and what is true of its rows then.
func (t *transitive) derive(n logical.Node) (logical.Node, rowFacts) {
	if t.stopped() {
		return n, noFacts()
	}
	in := n.Inputs()
	out, facts := make([]logical.Node, len(in)), make([]rowFacts, len(in))
	changed := false
	for i, c := range in {
		out[i], facts[i] = t.derive(c)
		changed = changed || out[i] != c
	}
	if changed {
		n = n.WithInputs(out)
	}
	switch n := n.(type) {
	case *logical.Scan:
		f := noFacts()
		f.compared.with(n.Filter)
		return n, f
	case *logical.Filter:
		facts[0].compared.with(n.Predicate)
		return n, facts[0]
	case *logical.Sort, *logical.Limit, *logical.Window:
		return n, facts[0]
	case *logical.Project:
		return n, facts[0].through(n.Exprs)
	case *logical.Aggregate:
		if len(n.Always) == 0 {
			return n, facts[0].through(n.Keys)
		}
	case *logical.Join:
		return t.join(n, facts[0], facts[1])
	}
	return n, noFacts()
}

// join spreads the facts of each side to the other.
func (t *transitive) join(j *logical.Join, ofLeft, ofRight rowFacts) (logical.Node, rowFacts) {
	toRight, toLeft := false, false
	switch j.Kind {
	case logical.Inner, logical.Semi:
		toRight, toLeft = true, true
	case logical.LeftOuter, logical.Anti, logical.Mark:
		toRight = !j.NullAware
	case logical.RightOuter:
		toLeft = true
	}
	var left, right []expr.Expr
	var pairs [][2]int
	for i, k := range j.LeftKeys {
		l, ok1 := k.(*expr.Column)
		r, ok2 := j.RightKeys[i].(*expr.Column)
		if !ok1 || !ok2 || !sqltype.Equal(l.Type, r.Type) || j.NullEqual != nil && j.NullEqual[i] {
			continue
		}
		pairs = append(pairs, [2]int{l.Index, r.Index})
		fromLeft, fromRight := ofLeft.compared[l.Index], ofRight.compared[r.Index]
		if toRight {
			right = append(right, ofRight.add(r, fromLeft, j.Right)...)
		}
		if toLeft {
			left = append(left, ofLeft.add(l, fromRight, j.Left)...)
		}
	}
	if len(left) > 0 || len(right) > 0 {
		push := &filterPusher{t.optimizer}
		j = j.WithInputs([]logical.Node{push.push(j.Left, left), push.push(j.Right, right)}).(*logical.Join)
	}
	out, width := noFacts(), j.Left.Schema().NumFields()
	if j.Kind != logical.RightOuter && j.Kind != logical.FullOuter {
		out.addAll(ofLeft, 0)
	}
	if j.Kind == logical.Inner || j.Kind == logical.RightOuter {
		out.addAll(ofRight, width)
	}
	if j.Kind == logical.Inner {
		for _, p := range pairs {
			out.equate(p[0], width+p[1])
		}
	}
	return j, out
}

// add gives the comparisons that a column and those equal to it do not have yet,
// and has them from now on.
func (f rowFacts) add(c *expr.Column, preds []expr.Expr, of logical.Node) (added []expr.Expr) {
	columns := f.equal[c.Index]
	if columns == nil {
		columns = []int{c.Index}
	}
	for _, i := range columns {
		new := missing(preds, f.compared[i], columnAt(of, i))
		f.compared[i] = append(f.compared[i], new...)
		added = append(added, new...)
	}
	return added
}

// through are the facts about the columns among exprs.
func (f rowFacts) through(exprs []expr.Expr) rowFacts {
	out := noFacts()
	if len(f.compared) == 0 {
		return out // equal columns alone are of no use yet
	}
	for i, e := range exprs {
		if c, ok := e.(*expr.Column); ok && len(f.compared[c.Index]) > 0 {
			out.compared[i] = slices.Clip(f.compared[c.Index]) // two columns may be one
		}
	}
	return out
}

func (f rowFacts) addAll(other rowFacts, shift int) {
	for i, list := range other.compared {
		f.compared[i+shift] = list
	}
	for i, list := range other.equal {
		if i != list[0] {
			continue
		}
		moved := make([]int, len(list))
		for k, c := range list {
			moved[k] = c + shift
		}
		for _, c := range moved {
			f.equal[c] = moved
		}
	}
}

// equate makes one class of those of two columns.
func (f rowFacts) equate(a, b int) {
	class := func(c int) []int {
		if f.equal[c] == nil {
			return []int{c}
		}
		return f.equal[c]
	}
	x, y := class(a), class(b)
	if slices.Contains(x, b) {
		return
	}
	all := slices.Concat(x, y)
	for _, c := range all {
		f.equal[c] = all
	}
}

// missing are the comparisons of another column, for c, that c does not have.
func missing(of, have []expr.Expr, c *expr.Column) (out []expr.Expr) {
	for _, p := range of {
		p = overColumn(p, c)
		known := false
		for _, h := range have {
			known = known || expr.Equal(overColumn(h, c), p)
		}
		if !known {
			out = append(out, p)
		}
	}
	return out
}

// overColumn is a comparison of one column as one of c.
func overColumn(p expr.Expr, c *expr.Column) expr.Expr {
	return expr.MapColumns(p, func(*expr.Column) expr.Expr { return c })
}

// columnComparisons are comparisons with constants, by column.
type columnComparisons map[int][]expr.Expr

// with adds the conjuncts of pred that compare one column with constants.
func (c columnComparisons) with(pred expr.Expr) {
	for _, p := range expr.Conjuncts(pred) {
		if col := comparedColumn(p); col != nil {
			c[col.Index] = append(c[col.Index], p)
		}
	}
}

// comparedColumn is the column that is compared with constants, nil for other
// predicates. Such a comparison never fails, and columns that are equal give it
// the same result.
func comparedColumn(e expr.Expr) *expr.Column {
	switch e := e.(type) {
	case *expr.In:
		if c, ok := e.Arg.(*expr.Column); ok && !e.Negated {
			return c
		}
	case *expr.Call:
		switch e.Func {
		case "=", "<", "<=", ">", ">=":
		default:
			return nil
		}
		for i, a := range e.Args {
			c, isColumn := e.Args[1-i].(*expr.Column)
			if isColumn && isConstant(a) && sqltype.Equal(c.Type, a.DataType()) {
				return c
			}
		}
	}
	return nil
}

// isConstant tells whether e has the same value in all rows, known or not yet.
func isConstant(e expr.Expr) bool {
	switch e := e.(type) {
	case *expr.Literal, *expr.Param:
		return true
	case *expr.Cast: // of a parameter: others have been computed
		return isConstant(e.Arg) && !fallibleCast(e)
	}
	return false
}
