package eval

import (
	"math"

	"volley/exec/cast"
	"volley/planner/expr"
)

// costly is the ns per row from which an operand of AND and OR is evaluated on
// undecided rows only.
const costly = 40

// effort is the ns per row for the evaluation of e, compiled as n, on rows whose
// result does not matter; infinite where it may fail. Operands that are compiled
// know theirs, so that the levels of a condition are not walked once each.
func (env *Env) effort(e expr.Expr, n node) float64 {
	switch e := e.(type) {
	case *expr.Logic:
		if n, ok := n.(*logicNode); ok {
			return n.effort
		}
	case *expr.Call:
		if n, ok := n.(*callNode); ok && len(n.args) == len(e.Args) {
			if !infallible[e.Func] {
				return math.Inf(1)
			}
			sum := max(n.fn.Cost, 1)
			for i, a := range e.Args {
				sum += env.effort(a, n.args[i])
			}
			return sum
		}
	case *expr.Column, *expr.Literal:
		return 0
	}
	return env.walkedEffort(e)
}

func (env *Env) walkedEffort(e expr.Expr) float64 {
	sum := 0.0
	expr.Walk(e, func(e expr.Expr) bool {
		switch e := e.(type) {
		case *expr.Cast:
			if !e.Try && !cast.Safe(e.Arg.DataType(), e.Type) {
				sum = math.Inf(1)
			}
		case *expr.Call:
			fn, err := env.function(e)
			if err != nil || !infallible[e.Func] {
				sum = math.Inf(1)
			} else {
				sum += max(fn.Cost, 1)
			}
		}
		return sum <= costly
	})
	return sum
}

// infallible are functions that give a result for any arguments.
var infallible = map[string]bool{
	"=": true, "<>": true, "<": true, "<=": true, ">": true, ">=": true,
	"is null": true, "is not null": true, "is distinct from": true, "is not distinct from": true,
	"is true": true, "is false": true, "is unknown": true,
	"is not true": true, "is not false": true, "is not unknown": true,
	"not": true, "length": true, "lower": true, "upper": true, "starts_with": true,
}
