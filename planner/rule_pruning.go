package planner

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/catalog"
	"volley/planner/expr"
	"volley/planner/logical"
	"volley/sqltype"
)

// derivePruning gives scans the conjuncts of their filter that compare a column
// with constants of its own type, by which files, row groups and pages can be
// skipped. The filter stays: pruning need not be exact.
func derivePruning(o *optimizer, n logical.Node) logical.Node {
	return o.transform(n, func(n logical.Node) logical.Node {
		scan, ok := n.(*logical.Scan)
		if !ok || scan.Filter == nil {
			return n
		}
		preds := pruningOf(scan.Filter, scan.Projection)
		if len(preds) == 0 {
			return n
		}
		c := *scan
		c.Pruning = preds
		return &c
	})
}

// pruningOf are the predicates in a scan's filter, by columns of the table.
func pruningOf(filter expr.Expr, projection []int) (preds []catalog.Predicate) {
	for _, c := range expr.Conjuncts(filter) {
		if p, ok := pruningPredicate(c); ok {
			p.Column = projection[p.Column]
			preds = append(preds, p)
		}
	}
	return preds
}

// maxPruningValues is how many constants of an IN are worth comparing with the
// statistics of every row group.
const maxPruningValues = 1000

// flipped is the operator with its sides swapped.
var flipped = map[string]string{"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}

// pruningPredicate recognises column op literal; Column is the scan's output
// ordinal.
func pruningPredicate(e expr.Expr) (catalog.Predicate, bool) {
	switch e := e.(type) {
	case *expr.In:
		col, ok := e.Arg.(*expr.Column)
		if !ok || e.Negated || len(e.List) > maxPruningValues {
			return catalog.Predicate{}, false
		}
		values := make([]arrow.Array, 0, len(e.List))
		for _, item := range e.List {
			l, ok := item.(*expr.Literal)
			if !ok || !sqltype.Equal(l.DataType(), col.Type) {
				return catalog.Predicate{}, false
			}
			if !l.Value.IsNull(0) {
				values = append(values, l.Value)
			}
		}
		return catalog.Predicate{Column: col.Index, Op: "in", Values: values}, true
	case *expr.Call:
		if col, ok := e.Args[0].(*expr.Column); ok && len(e.Args) == 1 && (e.Func == "is null" || e.Func == "is not null") {
			return catalog.Predicate{Column: col.Index, Op: e.Func}, true
		}
		if _, ok := flipped[e.Func]; ok && len(e.Args) == 2 {
			return comparisonPredicate(e)
		}
	}
	return catalog.Predicate{}, false
}

func comparisonPredicate(e *expr.Call) (catalog.Predicate, bool) {
	op, left, right := e.Func, e.Args[0], e.Args[1]
	if _, ok := left.(*expr.Literal); ok {
		op, left, right = flipped[op], right, left
	}
	lit, ok := right.(*expr.Literal)
	if !ok || lit.Value.IsNull(0) {
		return catalog.Predicate{}, false
	}
	col, ok := left.(*expr.Column)
	if !ok || !sqltype.Equal(col.Type, lit.DataType()) {
		return catalog.Predicate{}, false
	}
	return catalog.Predicate{Column: col.Index, Op: op, Values: []arrow.Array{lit.Value}}, true
}
