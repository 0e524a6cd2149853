package planner

import (
	"math"

	"volley/planner/expr"
	"volley/planner/logical"
	"volley/sqltype"
)

// joinClass is columns that are equal in every row of a region's result.
type joinClass struct {
	columns []int      // one a relation
	members relSet     // their relations
	values  []float64  // how many values each column has in its table, by guess
	skew    *classSkew // nil: values are taken to be equally common
	// constant: the relations have only rows with one value.
	constant bool
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
		if len(preds) > 0 {
			known = true
			r.leaves[i] = push.push(r.leaves[i], preds)
		}
	}
	for _, leaf := range r.leaves {
		r.base = append(r.base, r.estimate.base(leaf))
	}
	for k := range r.class {
		r.countValues(&r.class[k])
		r.class[k].skew = r.skew(&r.class[k])
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
		r.class[k].constant = true
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

// countValues guesses how many values each column of a class has. One of which
// nothing is known has those of the others, or else as many as the smallest table
// has rows, whose key it is often.
func (r *joinRegion) countValues(c *joinClass) {
	c.values = make([]float64, len(c.columns))
	most, smallest := 0.0, math.Inf(1)
	for i, col := range c.columns {
		rel := r.owner[col]
		if !c.constant {
			c.values[i] = r.estimate.keyColumn(r.local(col), r.leaves[rel])
		}
		most, smallest = max(most, c.values[i]), min(smallest, r.base[rel])
	}
	if most == 0 {
		most = smallest
	}
	for i, col := range c.columns {
		switch {
		case c.constant:
			c.values[i] = 1
		case c.values[i] < 1:
			c.values[i] = max(min(most, r.base[r.owner[col]]), 1)
		}
	}
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
