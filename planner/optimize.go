package planner

import (
	"context"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/planner/expr"
	"volley/planner/logical"
	"volley/udf"
)

// rule rewrites a plan into an equivalent one that is no slower.
type rule struct {
	name  string
	apply func(*optimizer, logical.Node) logical.Node
}

// rules is the optimizer, in order. Each rule runs once over the whole plan;
// later ones count on what earlier ones have done.
var rules = []rule{
	// Literals where there were expressions: everything below recognises them.
	{"fold constants", foldConstants},
	// Constants in the type of the column they are compared with.
	{"align constants", alignConstants},
	// Conditions in one form, without what never counts.
	{"simplify expressions", simplifyExpressions},
	// Comparisons of one column with many constants are one look-up.
	{"alternatives to sets", alternativesToSets},
	// A query without FROM is a row of constants, not a projection of a row
	// without columns.
	{"inline single rows", inlineSingleRow},
	// count(DISTINCT x) becomes a grouping by x and a count, which both work in
	// two phases.
	{"expand distinct aggregates", expandDistinct},
	// DISTINCT of rows whose repeats do not matter.
	{"drop redundant distincts", dropDistinct},
	// Conditions that all alternatives of an OR share can be pushed and be keys.
	{"factor alternatives", factorAlternatives},
	// Inner joins can be ordered, and let filters into both sides.
	{"outer joins to inner joins", outerToInner},
	// Rows go away as low as possible; equalities between the sides of a join
	// become its keys on the way.
	{"push filters down", pushFilters},
	// A column that a filter or a projection below makes constant is that constant.
	{"propagate constants", propagateConstants},
	// Now that keys are known and the test for NULL stands on its join.
	{"outer joins to anti joins", outerToAnti},
	// A filter of one side of a join holds for the other side's equal columns.
	{"derive transitive filters", deriveTransitive},
	// Each column has one range or set now that all conditions have arrived.
	{"narrow ranges", narrowRanges},
	// What can have no rows is not read at all.
	{"drop empty inputs", dropEmpty},
	// x IN (subquery) as a filter needs no mark, only the rows that match.
	{"mark joins to semi joins", marksToSemiJoins},
	// Joins whose rows nobody needs, before the others are ordered.
	{"drop unneeded joins", dropJoins},
	// Groups of one row, and keys that follow from others.
	{"simplify groupings", simplifyGroupings},
	// Orders that nothing sees.
	{"drop unneeded sorts", dropSorts},
	// Expensive functions see only the rows that an order and a limit keep.
	{"delay expensive calls", delayCalls},
	// Files of partitions that no condition refuses: all conditions have arrived, and
	// what is decided by size comes after it.
	{"list files", listFiles},
	// Joins that give few rows come first, cross products last.
	{"order joins", orderJoins},
	// Rows of which many share their keys are grouped before they are joined.
	{"aggregate below joins", aggregateBelowJoins},
	// Rows of one group in every grouping set are expanded to the sets as one.
	{"group before sets", groupBeforeSets},
	// The smaller input of a join is the one that is held in memory.
	{"choose build sides", chooseBuildSides},
	// Scans read only the columns something needs; needs the filters in place.
	{"prune columns", pruneColumns},
	// What several expressions compute is computed once. Expressions that nothing
	// needs are gone, so that none of them makes another one fail.
	{"share common subexpressions", shareSubexpressions},
	// Projections that only copy their input go.
	{"drop identity projections", dropIdentities},
	// A limit stops scans early; after filters, since it cannot pass them.
	{"push limits down", pushLimits},
	// Of each partition, only the rows that a filter by rank keeps are sorted.
	{"limit ranked windows", limitRankedWindows},
	// Comparisons with constants skip files and row groups.
	{"derive pruning predicates", derivePruning},
}

// optimizer is what rules may use.
type optimizer struct {
	ctx      context.Context
	p        *Planner
	estimate estimator
	// keys are those found by uniqueKeys.
	keys map[logical.Node][]key
	// root is the query; changing tells whether it changes the session, once
	// somebody has asked.
	root     logical.Node
	changing *bool
	// generic: the plan is for any time and state of the session, so that what
	// depends on them is no constant.
	generic bool
	// files lists files; nil: tables stay as they were bound.
	files FileLister
	err   error // of listing them
}

func (o *optimizer) optimize(n logical.Node) logical.Node {
	o.root = n
	o.estimate.ctx = o.ctx
	if o.p.Evaluator != nil {
		o.estimate.eval = o
	}
	o.estimate.sampling = o.estimate.sampling || dependsOnValues(n)
	for _, r := range rules {
		if o.stopped() {
			break
		}
		if r.name != o.p.without {
			n = r.apply(o, n)
		}
	}
	return n
}

// function is a call's overload, nil when it is not known.
func (o *optimizer) function(c *expr.Call) *udf.Scalar { return o.p.overload(c) }

// overload is that of a call, nil when it is not known.
func (p *Planner) overload(c *expr.Call) *udf.Scalar {
	var few [4]arrow.DataType // on the stack: this is asked often
	types := few[:0]
	for _, a := range c.Args {
		types = append(types, a.DataType())
	}
	f, err := p.Registry.FindScalar(c.Func, types)
	if err != nil {
		return nil
	}
	return f
}

// volatility is the least constant of the functions in e.
func (o *optimizer) volatility(e expr.Expr) udf.Volatility {
	v := udf.Immutable
	expr.Walk(e, func(e expr.Expr) bool {
		switch x := e.(type) {
		case *expr.Call:
			if f := o.function(x); f == nil {
				v = udf.Volatile
			} else {
				v = max(v, f.Volatility)
			}
		case *expr.Cast:
			if readsClock(x) {
				v = max(v, udf.Stable)
			}
		case *expr.In:
			v = max(v, o.volatility(x.Arg))
			return false
		}
		return v < udf.Volatile
	})
	return v
}

// costlyNanos is the cost per row (ns) from which a function is worth cutting
// its input finely for, and evaluating only once.
const costlyNanos = 1000

// costly tells whether e calls a user's function or another expensive one.
func (o *optimizer) costly(e expr.Expr) bool { return o.cost(e) > 0 }

// cost is about how long the user's functions and other expensive ones in e take,
// in ns per row; 0 when there are none.
func (o *optimizer) cost(e expr.Expr) (ns float64) {
	expr.Walk(e, func(e expr.Expr) bool {
		switch x := e.(type) {
		case *expr.Call:
			if f := o.function(x); f != nil && (f.User || f.Cost > costlyNanos) {
				ns += max(f.Cost, costlyNanos)
			}
		case *expr.In:
			ns += o.cost(x.Arg)
			return false
		}
		return true
	})
	return ns
}
