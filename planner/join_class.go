package planner

import (
	"volley/planner/expr"
	"volley/planner/logical"
	"volley/sqltype"
)

// joinClass is columns that are equal in every row of a region's result.
type joinClass struct {
	columns  []int   // one a relation
	members  relSet  // their relations
	distinct float64 // a guess at how many values they have; 1: a constant
}

// classify makes classes of the columns that are equal in pairs, and says to
// the relations what follows for them alone: a constant that another column of
// the class is compared with, and that two columns of theirs are equal. It tells
// whether anything does.
func (r *joinRegion) classify(pairs [][2]int) (known bool) {
	root := make([]int, len(r.owner))
	for i := range root {
		root[i] = i
	}
	find := func(i int) int {
		for root[i] != i {
			root[i] = root[root[i]]
			i = root[i]
		}
		return i
	}
	for _, p := range pairs {
		a, b := find(p[0]), find(p[1])
		root[max(a, b)] = min(a, b)
	}
	at := map[int]int{} // root → class
	extra := make([][]expr.Expr, len(r.leaves))
	for col := range root {
		top := find(col)
		if top == col {
			continue
		}
		k, ok := at[top]
		if !ok {
			k = len(r.class)
			at[top] = k
			r.class = append(r.class, joinClass{})
			r.addToClass(k, top, extra)
		}
		r.addToClass(k, col, extra)
	}
	r.spreadConstants(extra)
	push := &filterPusher{r.optimizer}
	for i, preds := range extra {
		r.base = append(r.base, max(1, r.unfiltered(r.leaves[i])))
		if len(preds) > 0 {
			known = true
			r.leaves[i] = push.push(r.leaves[i], preds)
		}
	}
	for k := range r.class {
		if c := &r.class[k]; c.distinct == 0 {
			c.distinct = r.distinct(c)
		}
	}
	return known
}

// addToClass adds a column; a second one of the same relation is made equal to
// the first by a condition of the relation's own, added to extra.
func (r *joinRegion) addToClass(k, col int, extra [][]expr.Expr) {
	c, rel := &r.class[k], r.owner[col]
	if !c.members.has(rel) {
		c.members.add(rel)
		c.columns = append(c.columns, col)
		return
	}
	first := r.columnIn(c, rel)
	extra[rel] = append(extra[rel], same("=", r.local(first), r.local(col)))
}

// columnIn is a class's column of a relation.
func (r *joinRegion) columnIn(c *joinClass, rel int) int {
	for _, col := range c.columns {
		if r.owner[col] == rel {
			return col
		}
	}
	return -1
}

// local is a column over its relation's output.
func (r *joinRegion) local(col int) expr.Expr {
	rel := r.owner[col]
	i := col - r.starts[rel]
	f := r.leaves[rel].Schema().Field(i)
	return &expr.Column{Index: i, Name: f.Name, Type: f.Type}
}

// spreadConstants adds to extra, for each class in which a column is a constant,
// that the others are.
func (r *joinRegion) spreadConstants(extra [][]expr.Expr) {
	constants := map[int]*expr.Literal{} // by column
	for rel, leaf := range r.leaves {
		for _, c := range expr.Conjuncts(filterOf(leaf)) {
			if col, lit := columnIsConstant(c); lit != nil {
				constants[r.starts[rel]+col.Index] = lit
			}
		}
	}
	if len(constants) == 0 {
		return
	}
	for k := range r.class {
		var value *expr.Literal
		for _, col := range r.class[k].columns {
			if value == nil {
				value = constants[col]
			}
		}
		if value == nil {
			continue
		}
		for _, col := range r.class[k].columns {
			if constants[col] == nil {
				rel := r.owner[col]
				extra[rel] = append(extra[rel], same("=", r.local(col), value))
			}
		}
		r.class[k].distinct = 1
	}
}

// filterOf is the condition that a relation's rows are known to fulfil.
func filterOf(n logical.Node) expr.Expr {
	switch n := n.(type) {
	case *logical.Scan:
		return n.Filter
	case *logical.Filter:
		return n.Predicate
	}
	return nil
}

// columnIsConstant splits column = literal, of one type.
func columnIsConstant(e expr.Expr) (*expr.Column, *expr.Literal) {
	call, ok := e.(*expr.Call)
	if !ok || call.Func != "=" || len(call.Args) != 2 {
		return nil, nil
	}
	for i := range 2 {
		c, ok1 := call.Args[i].(*expr.Column)
		l, ok2 := call.Args[1-i].(*expr.Literal)
		if ok1 && ok2 && sqltype.Equal(c.Type, l.DataType()) {
			return c, l
		}
	}
	return nil, nil
}

// distinct guesses how many values the columns of a class have: what statistics
// say, or else the rows of the smallest table, whose key they are often.
func (r *joinRegion) distinct(c *joinClass) float64 {
	known, most := 0.0, r.base[r.owner[c.columns[0]]]
	for _, col := range c.columns {
		rel := r.owner[col]
		most = min(most, r.base[rel])
		if s, ok := r.leaves[rel].(*logical.Scan); ok && s.Stats != nil && s.Stats.Columns != nil {
			known = max(known, float64(s.Stats.Columns[s.Projection[col-r.starts[rel]]].Distinct))
		}
	}
	if known > 0 {
		return known
	}
	return most
}

// unfiltered guesses how many rows a relation has before its filter.
func (r *joinRegion) unfiltered(n logical.Node) float64 {
	switch x := n.(type) {
	case *logical.Scan:
		if x.Filter != nil {
			c := *x
			c.Filter = nil
			return estimateScan(&c)
		}
	case *logical.Filter:
		return r.unfiltered(x.Input)
	case *logical.Project:
		return r.unfiltered(x.Input)
	}
	return r.estimate.rows(n)
}

// anyIn is a column of the class in one of the relations, or −1.
func (c *joinClass) anyIn(r *joinRegion, rels relSet) int {
	for _, col := range c.columns {
		if rels.has(r.owner[col]) {
			return col
		}
	}
	return -1
}
