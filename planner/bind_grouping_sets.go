package planner

import (
	"slices"

	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/parser/ast"
	"volley/planner/expr"
	"volley/planner/logical"
	"volley/sqlerr"
	"volley/sqltype"
)

// Limits of PostgreSQL on grouping sets.
const (
	maxGroupingSets = 4096
	maxCubeItems    = 12
	maxGroupingArgs = 31
)

// groupingCall is the pseudo-aggregate by which GROUPING(…) is kept until the
// grouping sets are known.
const groupingCall = "grouping"

// groupingSets collects the keys of a GROUP BY clause and its sets, which are
// lists of ordinals of keys, ascending.
type groupingSets struct {
	*block
	targets []target
	keys    groupingKeys
}

// product gives the sets of a list of items: each combination of one set of
// every item. An expression, or a list of them, is an item of one set.
func (g *groupingSets) product(items []ast.Expr) ([][]int, error) {
	sets := [][]int{nil}
	for _, item := range items {
		more, err := g.item(item)
		if err != nil {
			return nil, err
		}
		if len(sets)*len(more) > maxGroupingSets {
			return nil, tooManySets(item)
		}
		next := make([][]int, 0, len(sets)*len(more))
		for _, a := range sets {
			for _, b := range more {
				next = append(next, union(a, b))
			}
		}
		sets = next
	}
	return sets, nil
}

func tooManySets(e ast.Expr) error {
	return sqlerr.At(e.Position(), sqlerr.StatementTooComplex, "too many grouping sets present (maximum %d)", maxGroupingSets)
}

// union of two sets in ascending order.
func union(a, b []int) []int {
	out := append(append(make([]int, 0, len(a)+len(b)), a...), b...)
	slices.Sort(out)
	return slices.Compact(out)
}

// item gives the sets of one item.
func (g *groupingSets) item(e ast.Expr) ([][]int, error) {
	if err := g.enter(e.Position()); err != nil {
		return nil, err
	}
	defer g.leave()
	grouping, ok := e.(*ast.Grouping)
	if !ok {
		set, err := g.list(e)
		return [][]int{set}, err
	}
	switch grouping.Kind {
	case ast.EmptySet:
		return [][]int{nil}, nil
	case ast.GroupingSets:
		return g.sum(grouping.Sets)
	}
	parts := make([][]int, len(grouping.Sets))
	for i, s := range grouping.Sets {
		var err error
		if parts[i], err = g.list(s); err != nil {
			return nil, err
		}
	}
	if grouping.Kind == ast.Rollup {
		return rollup(parts), nil
	}
	if len(parts) > maxCubeItems {
		return nil, sqlerr.At(grouping.Position(), sqlerr.TooManyColumns, "CUBE is limited to %d elements", maxCubeItems)
	}
	return cube(parts), nil
}

// sum gives the sets of all items of GROUPING SETS, one after the other.
func (g *groupingSets) sum(items []ast.Expr) ([][]int, error) {
	var out [][]int
	for _, s := range items {
		more, err := g.item(s)
		if err != nil {
			return nil, err
		}
		if out = append(out, more...); len(out) > maxGroupingSets {
			return nil, tooManySets(s)
		}
	}
	return out, nil
}

// list is the set of an expression or a parenthesised list of them.
func (g *groupingSets) list(e ast.Expr) ([]int, error) {
	items := []ast.Expr{e}
	if row, ok := e.(*ast.Row); ok {
		items = row.Items
	}
	var set []int
	for _, item := range items {
		if nested, ok := item.(*ast.Row); ok {
			more, err := g.list(nested)
			if err != nil {
				return nil, err
			}
			set = union(set, more)
			continue
		}
		key, target, err := g.groupingKey(item, g.targets)
		if err != nil {
			return nil, err
		}
		set = union(set, []int{g.keys.add(key, target)})
	}
	return set, nil
}

// rollup is the prefixes of a list, the longest first.
func rollup(parts [][]int) [][]int {
	out := make([][]int, 0, len(parts)+1)
	for n := len(parts); n >= 0; n-- {
		var set []int
		for _, p := range parts[:n] {
			set = union(set, p)
		}
		out = append(out, set)
	}
	return out
}

// cube is the subsets of a list, the whole of it first.
func cube(parts [][]int) [][]int {
	out := make([][]int, 0, 1<<len(parts))
	for bits := 1<<len(parts) - 1; bits >= 0; bits-- {
		var set []int
		for i, p := range parts {
			if bits>>(len(parts)-1-i)&1 != 0 {
				set = union(set, p)
			}
		}
		out = append(out, set)
	}
	return out
}

// distinctSets drops sets that are there already, for GROUP BY DISTINCT.
func distinctSets(sets [][]int) [][]int {
	var out [][]int
	for _, s := range sets {
		if !slices.ContainsFunc(out, func(o []int) bool { return slices.Equal(o, s) }) {
			out = append(out, s)
		}
	}
	return out
}

// bindGrouping is GROUPING(…), a column until the block is grouped.
func (x *exprBinder) bindGrouping(e *ast.Call) (expr.Expr, error) {
	switch {
	case x.inAggregate:
		return nil, sqlerr.At(e.Position(), sqlerr.GroupingError, "aggregate function calls cannot be nested")
	case len(e.Args) > maxGroupingArgs:
		return nil, sqlerr.At(e.Position(), sqlerr.TooManyArguments, "GROUPING must have fewer than %d arguments", maxGroupingArgs+1)
	case len(e.Args) == 0:
		return nil, sqlerr.At(e.Position(), sqlerr.SyntaxError, "GROUPING needs an argument")
	}
	if err := onlyAggregates(e, groupingCall); err != nil {
		return nil, err
	}
	inner := *x
	inner.before = true
	args, err := inner.bindArgs(e)
	if err != nil {
		return nil, err
	}
	return x.aggregateOf(logical.AggCall{Func: groupingCall, Args: args, Type: sqltype.Int32, Pos: e.Position()})
}

// int32Literal is an integer constant.
func int32Literal(v int32) *expr.Literal {
	b := array.NewInt32Builder(allocator)
	b.Append(v)
	return &expr.Literal{Value: b.NewArray()}
}
