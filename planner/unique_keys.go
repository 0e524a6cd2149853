package planner

import (
	"slices"

	"volley/planner/expr"
	"volley/planner/logical"
)

// uniqueKeys gives sets of columns of a node, no two of whose rows are equal in
// all columns of one of them; NULLs are equal here. An empty set says that there
// is one row at most.
func (o *optimizer) uniqueKeys(n logical.Node) [][]int {
	keys, known := o.keys[n]
	if !known {
		if o.keys == nil {
			o.keys = map[logical.Node][][]int{}
		}
		keys = o.findKeys(n)
		o.keys[n] = keys
	}
	return keys
}

func (o *optimizer) findKeys(n logical.Node) [][]int {
	if rowBound(n) != anyNumber {
		return [][]int{{}}
	}
	switch n := n.(type) {
	case *logical.Scan:
		return keysOfTable(n)
	case *logical.Aggregate:
		if len(n.Always) > 0 {
			return nil
		}
		return [][]int{ordinals(0, len(n.Keys))}
	case *logical.Filter:
		return o.uniqueKeys(n.Input)
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
		return append(slices.Clip(keys), own)
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

// keysOfTable is the primary key, if the scan has all of it.
func keysOfTable(n *logical.Scan) [][]int {
	if len(n.Def.Key) == 0 {
		return nil
	}
	var key []int
	for _, c := range n.Def.Key {
		at := slices.Index(n.Projection, c)
		if at < 0 {
			return nil
		}
		key = append(key, at)
	}
	return [][]int{key}
}

// keysThrough are the keys all of whose columns a projection gives.
func (o *optimizer) keysThrough(n *logical.Project) (out [][]int) {
	place := map[int]int{}
	for i, e := range n.Exprs {
		if c, ok := e.(*expr.Column); ok {
			place[c.Index] = i
		}
	}
	for _, key := range o.uniqueKeys(n.Input) {
		moved := make([]int, 0, len(key))
		for _, c := range key {
			if at, ok := place[c]; ok {
				moved = append(moved, at)
			}
		}
		if len(moved) == len(key) {
			out = append(out, moved)
		}
	}
	return out
}

// keysOfJoin: a side's keys stay keys when the other side has one row at most for
// each of its rows. An outer join may repeat the NULLs of an unmatched side.
func (o *optimizer) keysOfJoin(n *logical.Join) (out [][]int) {
	switch n.Kind {
	case logical.Semi, logical.Anti, logical.Mark:
		return o.uniqueKeys(n.Left)
	case logical.Inner, logical.LeftOuter:
		if o.matchesOnce(n) {
			out = o.uniqueKeys(n.Left)
		}
	}
	if n.Kind == logical.Inner && o.isUniqueOn(n.Left, n.LeftKeys) {
		for _, key := range o.uniqueKeys(n.Right) {
			moved := make([]int, len(key))
			for i, c := range key {
				moved[i] = n.Left.Schema().NumFields() + c
			}
			out = append(out, moved)
		}
	}
	return out
}

// matchesOnce tells whether a row of the left side matches one row at most.
func (o *optimizer) matchesOnce(n *logical.Join) bool { return o.isUniqueOn(n.Right, n.RightKeys) }

// isUniqueOn tells whether no two rows of a node have the same values of exprs.
func (o *optimizer) isUniqueOn(n logical.Node, exprs []expr.Expr) bool {
	has := map[int]bool{}
	for _, e := range exprs {
		if c, ok := e.(*expr.Column); ok {
			has[c.Index] = true
		}
	}
	for _, key := range o.uniqueKeys(n) {
		if !slices.ContainsFunc(key, func(c int) bool { return !has[c] }) {
			return true
		}
	}
	return false
}
