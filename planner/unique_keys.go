package planner

import (
	"slices"

	"volley/planner/expr"
	"volley/planner/logical"
)

// key is a set of columns of a node, no two of whose rows are equal in all of them;
// NULLs are equal here. An empty set says that there is one row at most.
type key struct {
	columns []int
	// nullable are those of the columns, as those of a UNIQUE constraint, with a NULL
	// in which rows may repeat. Without any, all rows differ.
	nullable []int
}

// uniqueKeys gives keys of a node.
func (o *optimizer) uniqueKeys(n logical.Node) []key {
	keys, known := o.keys[n]
	if !known {
		if o.keys == nil {
			o.keys = map[logical.Node][]key{}
		}
		keys = o.findKeys(n)
		o.keys[n] = keys
	}
	return keys
}

func (o *optimizer) findKeys(n logical.Node) []key {
	if rowBound(n) != anyNumber {
		return []key{{}}
	}
	switch n := n.(type) {
	case *logical.Scan:
		return o.withoutNulls(keysOfTable(n), n.Filter)
	case *logical.Aggregate:
		if len(n.Always) > 0 {
			return nil
		}
		return []key{{columns: ordinals(0, len(n.Keys))}}
	case *logical.Filter:
		return o.withoutNulls(o.uniqueKeys(n.Input), n.Predicate)
	case *logical.Sort:
		return o.uniqueKeys(n.Input)
	case *logical.Limit:
		return o.uniqueKeys(n.Input)
	case *logical.LimitBy:
		return o.uniqueKeys(n.Input)
	case *logical.Sample:
		return o.uniqueKeys(n.Input)
	case *logical.Window:
		return o.uniqueKeys(n.Input)
	case *logical.DistinctOn:
		keys := o.uniqueKeys(n.Input)
		var own []int
		for _, k := range n.Keys[:n.Groups] {
			c, ok := k.Expr.(*expr.Column)
			if !ok {
				return keys
			}
			own = append(own, c.Index)
		}
		return append(slices.Clone(keys), key{columns: own})
	case *logical.Project:
		return o.keysThrough(n)
	case *logical.Join:
		return o.keysOfJoin(n)
	}
	return nil
}

func ordinals(from, to int) []int {
	out := make([]int, 0, to-from)
	for i := from; i < to; i++ {
		out = append(out, i)
	}
	return out
}

// keysOfTable are the primary key and the UNIQUE constraints of which the scan has
// all columns.
func keysOfTable(n *logical.Scan) (out []key) {
	for i, columns := range append([][]int{n.Def.Key}, n.Def.Uniques...) {
		var k key
		for _, c := range columns {
			at := slices.Index(n.Projection, c)
			if at < 0 {
				k.columns = nil
				break
			}
			k.columns = append(k.columns, at)
			if i > 0 && n.Def.Schema.Field(c).Nullable {
				k.nullable = append(k.nullable, at)
			}
		}
		if len(k.columns) > 0 {
			out = append(out, k)
		}
	}
	return out
}

// withoutNulls are the keys of the rows for which pred is true.
func (o *optimizer) withoutNulls(keys []key, pred expr.Expr) []key {
	if pred == nil || !slices.ContainsFunc(keys, func(k key) bool { return len(k.nullable) > 0 }) {
		return keys
	}
	width := 0
	for _, k := range keys {
		width = max(width, slices.Max(append([]int{0}, k.columns...))+1)
	}
	rejected := make(columnSet, width)
	(&nullRejection{o}).addRejected(rejected, pred)
	out := make([]key, len(keys))
	for i, k := range keys {
		out[i] = k
		out[i].nullable = slices.DeleteFunc(slices.Clone(k.nullable), func(c int) bool { return rejected[c] })
	}
	return out
}

// keysThrough are the keys all of whose columns a projection gives.
func (o *optimizer) keysThrough(n *logical.Project) (out []key) {
	place := map[int]int{}
	for i, e := range n.Exprs {
		if c, ok := e.(*expr.Column); ok {
			place[c.Index] = i
		}
	}
	for _, k := range o.uniqueKeys(n.Input) {
		var moved key
		for _, c := range k.columns {
			if at, ok := place[c]; ok {
				moved.columns = append(moved.columns, at)
			}
		}
		if len(moved.columns) < len(k.columns) {
			continue
		}
		for _, c := range k.nullable {
			moved.nullable = append(moved.nullable, place[c])
		}
		out = append(out, moved)
	}
	return out
}

// keysOfJoin: a side's keys stay keys when the other side has one row at most for
// each of its rows. An outer join may repeat the NULLs of an unmatched side.
func (o *optimizer) keysOfJoin(n *logical.Join) (out []key) {
	switch n.Kind {
	case logical.Semi:
		return o.withoutNulls(o.uniqueKeys(n.Left), expr.And(joinConditions(n)))
	case logical.Anti, logical.Mark:
		return o.uniqueKeys(n.Left)
	case logical.Inner, logical.LeftOuter:
		if o.matchesOnce(n) {
			out = slices.Clone(o.uniqueKeys(n.Left))
		}
	}
	if n.Kind == logical.Inner && o.isUniqueOn(n.Left, n.LeftKeys, nullsEqual(n)) {
		width := n.Left.Schema().NumFields()
		for _, k := range o.uniqueKeys(n.Right) {
			out = append(out, key{shiftOrdinals(k.columns, width), shiftOrdinals(k.nullable, width)})
		}
	}
	if n.Kind == logical.Inner { // a NULL matches nothing
		return o.withoutNulls(out, expr.And(joinConditions(n)))
	}
	return out
}

func shiftOrdinals(list []int, by int) []int {
	out := make([]int, len(list))
	for i, c := range list {
		out[i] = by + c
	}
	return out
}

// matchesOnce tells whether a row of the left side matches one row at most.
func (o *optimizer) matchesOnce(n *logical.Join) bool {
	return o.isUniqueOn(n.Right, n.RightKeys, nullsEqual(n))
}

// nullsEqual tells for each key of a join whether NULL is equal to NULL.
func nullsEqual(n *logical.Join) []bool {
	if n.NullEqual != nil {
		return n.NullEqual
	}
	return make([]bool, len(n.LeftKeys))
}

// isUniqueOn tells whether no two rows of a node have the same values of exprs;
// nullEqual says of which of them a NULL is a value, which it is of all for nil.
func (o *optimizer) isUniqueOn(n logical.Node, exprs []expr.Expr, nullEqual []bool) bool {
	has := map[int]bool{} // whether NULL is a value of the column
	for i, e := range exprs {
		if c, ok := e.(*expr.Column); ok {
			value, twice := has[c.Index]
			has[c.Index] = (nullEqual == nil || nullEqual[i]) && (value || !twice)
		}
	}
	return slices.ContainsFunc(o.uniqueKeys(n), func(k key) bool {
		return !slices.ContainsFunc(k.columns, func(c int) bool { _, ok := has[c]; return !ok }) &&
			!slices.ContainsFunc(k.nullable, func(c int) bool { return has[c] })
	})
}
