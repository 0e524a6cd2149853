package planner

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/planner/expr"
	"volley/planner/logical"
	"volley/sqlerr"
)

// directArgument is a direct argument of an ordered-set aggregate while the
// aggregate is bound: of its columns it may use only grouped ones, in a set of
// grouping sets those are NULL which the set lacks, and it does not tell which
// query the aggregate is of. aggregated takes the mark away.
type directArgument struct {
	*expr.Literal // always nil: makes it an expr.Expr
	arg           expr.Expr
}

// DataType is the argument's.
func (d *directArgument) DataType() arrow.DataType { return d.arg.DataType() }

// Children is the argument.
func (d *directArgument) Children() []expr.Expr { return []expr.Expr{d.arg} }

// WithChildren marks another argument.
func (d *directArgument) WithChildren(c []expr.Expr) expr.Expr { return &directArgument{arg: c[0]} }

// String is the argument's.
func (d *directArgument) String() string { return d.arg.String() }

// markDirect marks those of the arguments that have columns.
func markDirect(args []expr.Expr) {
	for i, e := range args {
		if expr.HasColumns(e) {
			args[i] = &directArgument{arg: e}
		}
	}
}

// eachDirect calls visit for the columns in direct arguments of a call, and
// other for those elsewhere in it.
func eachDirect(call logical.AggCall, visit, other func(*expr.Column)) {
	var walk func(e expr.Expr, f func(*expr.Column))
	walk = func(e expr.Expr, f func(*expr.Column)) {
		switch e := e.(type) {
		case *expr.Column:
			f(e)
		case *directArgument:
			walk(e.arg, visit)
		case *expr.In:
			walk(e.Arg, f)
		case *expr.Literal, *expr.Param:
		default:
			for _, c := range e.Children() {
				walk(c, f)
			}
		}
	}
	mapAggs([]logical.AggCall{call}, func(e expr.Expr) expr.Expr {
		walk(e, other)
		return e
	})
}

// withoutMarks takes the marks away from the direct arguments of the calls,
// after a check of their columns. keys are the grouping expressions as columns
// of the aggregation's input where that has them, by sets; nil: it does not.
func (g *regrouping) withoutMarks(calls []logical.AggCall, keys []expr.Expr) ([]logical.AggCall, error) {
	var err error
	var unmark func(e expr.Expr) expr.Expr
	unmark = func(e expr.Expr) expr.Expr {
		switch x := e.(type) {
		case *directArgument:
			arg, failed := g.directValue(x.arg, keys)
			if failed != nil {
				err = failed
			}
			return arg
		case *expr.Column, *expr.Literal, *expr.Param, *expr.In, *untyped:
			return e
		}
		kids := e.Children()
		out := make([]expr.Expr, len(kids))
		changed := false
		for i, c := range kids {
			out[i] = unmark(c)
			changed = changed || out[i] != c
		}
		if !changed {
			return e
		}
		return e.WithChildren(out)
	}
	return mapAggs(calls, unmark), err
}

// directValue is a direct argument over the input of the aggregation.
func (g *regrouping) directValue(arg expr.Expr, keys []expr.Expr) (expr.Expr, error) {
	own := false
	expr.EachColumn(arg, func(c *expr.Column) {
		_, found := g.seen[c]
		own = own || found
	})
	if !own { // a subquery's or an outer query's
		return arg, nil
	}
	moved, err := g.move(arg)
	if err != nil {
		return arg, sqlerr.Find(err).WithDetail("Direct arguments of an ordered-set aggregate must use only grouped columns.")
	}
	if keys == nil {
		return arg, nil
	}
	return expr.MapColumns(moved, func(c *expr.Column) expr.Expr {
		if c.Index < len(keys) {
			return keys[c.Index]
		}
		return c
	}), nil
}
