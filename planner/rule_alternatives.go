package planner

import (
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/planner/expr"
	"volley/planner/logical"
	"volley/sqltype"
)

// alternativesToSets makes one IN of an OR's comparisons of one expression with
// constants: a = 1 OR b OR a IN (2, 3) is a IN (1, 2, 3) OR b. Sets are hashed,
// and skip row groups. An AND of <> is the same, negated. The set stands where
// the first comparison stood, none of which can fail.
func alternativesToSets(o *optimizer, n logical.Node) logical.Node {
	return o.transform(n, func(n logical.Node) logical.Node {
		return logical.MapExprs(n, func(e expr.Expr) expr.Expr { return expr.Transform(e, asSets) })
	})
}

func asSets(e expr.Expr) expr.Expr {
	l, ok := e.(*expr.Logic)
	if !ok {
		return e
	}
	var args []expr.Expr
	sets := map[int]*expr.In{} // by column
	at := map[int]int{}        // place of the set among args
	merged := false
	for _, a := range l.Args {
		column, values := memberOf(a, l.Or)
		if column == nil {
			args = append(args, a)
			continue
		}
		set := sets[column.Index]
		if set == nil {
			at[column.Index] = len(args)
			sets[column.Index] = &expr.In{Arg: column, List: slices.Clone(values), Negated: !l.Or}
			args = append(args, a)
			continue
		}
		merged = true
		set.List = append(set.List, values...)
		args[at[column.Index]] = set
	}
	switch {
	case !merged:
		return e
	case len(args) == 1:
		return args[0]
	}
	return &expr.Logic{Or: l.Or, Args: args}
}

// memberOf recognises column = constant and column IN (…), or with positive false
// column <> constant and column NOT IN (…).
func memberOf(e expr.Expr, positive bool) (*expr.Column, []expr.Expr) {
	switch e := e.(type) {
	case *expr.In:
		if c, ok := e.Arg.(*expr.Column); ok && e.Negated != positive {
			return c, e.List
		}
	case *expr.Call:
		op := "="
		if !positive {
			op = "<>"
		}
		if e.Func != op || len(e.Args) != 2 {
			return nil, nil
		}
		for i, a := range e.Args {
			l, ok := a.(*expr.Literal)
			c, isColumn := e.Args[1-i].(*expr.Column)
			if ok && isColumn && l.Value.Len() == 1 && inSets(c.Type) && sqltype.Equal(c.Type, l.DataType()) {
				return c, []expr.Expr{l}
			}
		}
	}
	return nil, nil
}

// inSets tells whether values of a type can be looked up in a set.
func inSets(t arrow.DataType) bool {
	return sqltype.IsInteger(t) || sqltype.IsDecimal(t) || sqltype.IsString(t) || t.ID() == arrow.DATE32 || t.ID() == arrow.TIMESTAMP
}
