package randsql

import "fmt"

// aggregate is an aggregate call that gives type t; "" if there is none. What a
// sum of floating-point numbers is does not depend on the order: they are exact,
// and results that are not are rounded.
func (g *Generator) aggregate(t Type, scope []column) string {
	filter := ""
	if g.chance(5) {
		filter = " FILTER (WHERE " + g.expr(Bool, scope, 1) + ")"
	}
	if t == Float && g.chance(2) {
		call := g.pick("avg", "stddev_samp", "var_pop", "variance") + "(" + g.expr(Float, scope, 1) + ")"
		if g.chance(3) {
			call = fmt.Sprintf("%s(%s, %s)", g.pick("corr", "covar_pop", "regr_slope", "regr_avgx", "regr_sxy"), cast(g.expr(Int, scope, 1), Float), cast(g.expr(Int, scope, 1), Float))
		}
		return "floor(" + call + filter + " * 8 + 0.3) / 8"
	}
	call := g.aggregateCall(t, scope)
	if call == "" {
		return ""
	}
	return call + filter
}

// arg is an argument of an aggregate, with DISTINCT at times.
func (g *Generator) arg(t Type, scope []column) string {
	e := g.expr(t, scope, 1)
	if g.chance(5) {
		return "DISTINCT " + e
	}
	return e
}

func (g *Generator) aggregateCall(t Type, scope []column) string {
	if g.chance(4) {
		if call := g.orderedAggregate(t, scope); call != "" {
			return call
		}
	}
	switch t {
	case BigInt:
		switch g.src.Below(5) {
		case 0, 1:
			return "count(*)"
		case 2:
			return "sum(" + g.arg(g.number(Int, SmallInt), scope) + ")"
		case 3:
			return fmt.Sprintf("regr_count(%s, %s)", g.expr(Float, scope, 1), g.expr(Float, scope, 1))
		}
		return "count(" + g.arg(g.anyType(), scope) + ")"
	case Numeric:
		switch g.src.Below(4) {
		case 1:
			return g.pick("avg", "stddev", "var_pop", "var_samp") + "(" + cast(g.expr(Int, scope, 1), g.number(Int, SmallInt, BigInt, Numeric)) + ")"
		case 2:
			return "sum(" + cast(g.expr(BigInt, scope, 1), BigInt) + ")"
		}
		return g.pick("sum", "avg", "min", "max", "sum") + "(" + g.arg(Numeric, scope) + ")"
	case Float:
		return g.pick("sum", "min", "max") + "(" + g.expr(Float, scope, 1) + ")"
	case Bool:
		return g.pick("bool_and", "bool_or", "every") + "(" + g.expr(Bool, scope, 1) + ")"
	case Int, SmallInt:
		if g.chance(3) {
			return g.pick("bit_and", "bit_or", "bit_xor") + "(" + cast(g.expr(t, scope, 1), t) + ")"
		}
		return g.pick("min", "max") + "(" + g.arg(t, scope) + ")"
	case Interval:
		return g.pick("min", "max", "sum", "avg") + "(" + cast(g.expr(t, scope, 1), t) + ")"
	case Text, Char, Date, Timestamp, Timestamptz, Time, IntArray:
		return g.pick("min", "max") + "(" + g.arg(t, scope) + ")"
	}
	return ""
}

func (g *Generator) number(list ...Type) Type { return list[g.src.Below(len(list))] }

// orderedAggregate is an aggregate with an order of its own.
func (g *Generator) orderedAggregate(t Type, scope []column) string {
	down := g.pick("", " DESC", " NULLS FIRST")
	e := cast(g.expr(t, scope, 1), t)
	switch t {
	case BigInt:
		return fmt.Sprintf("%s(%s) WITHIN GROUP (ORDER BY %s%s)", g.pick("rank", "dense_rank"), g.literal(Int), cast(g.expr(Int, scope, 1), Int), down)
	case Float:
		switch g.src.Below(3) {
		case 1:
			return fmt.Sprintf("%s(%s) WITHIN GROUP (ORDER BY %s%s)", g.pick("percent_rank", "cume_dist"), g.literal(Int), cast(g.expr(Int, scope, 1), Int), down)
		case 2:
			return fmt.Sprintf("(percentile_cont(ARRAY[0.5, 0.25, 1]) WITHIN GROUP (ORDER BY %s))[2]", e)
		}
		return fmt.Sprintf("percentile_cont(%s) WITHIN GROUP (ORDER BY %s)", g.pick("0.5", "0", "0.25", "1"), e)
	case Interval:
		return fmt.Sprintf("percentile_cont(0.5) WITHIN GROUP (ORDER BY %s)", e)
	case Text:
		if g.chance(4) {
			return fmt.Sprintf("string_agg(DISTINCT %s, ',')", e)
		}
		return fmt.Sprintf("string_agg(%s, %s ORDER BY %s, %s%s)", e, g.pick("','", "''", e), cast(g.expr(Int, scope, 1), Int), e, down)
	case Bytea:
		return fmt.Sprintf("string_agg(%s, '\\x00' ORDER BY %s%s)", e, e, down)
	case IntArray, TextArray:
		element := Int
		if t == TextArray {
			element = Text
		}
		e = cast(g.expr(element, scope, 1), element)
		if g.chance(3) {
			return fmt.Sprintf("array_agg(DISTINCT %s ORDER BY %s%s)", e, e, down)
		}
		k := g.anyType()
		return fmt.Sprintf("array_agg(%s ORDER BY %s, %s%s)", e, cast(g.expr(k, scope, 1), k), e, down)
	case JSONB:
		e = g.expr(Int, scope, 1)
		return g.pick(fmt.Sprintf("jsonb_agg(%s ORDER BY %s)", e, e), fmt.Sprintf("jsonb_object_agg(coalesce(%[1]s, 'k'), %[2]s ORDER BY %[1]s, %[2]s)", cast(g.expr(Text, scope, 1), Text), e))
	case Numeric, Bool, UUID:
		return ""
	}
	if g.chance(2) {
		return fmt.Sprintf("mode() WITHIN GROUP (ORDER BY %s%s)", e, g.pick("", " DESC"))
	}
	return fmt.Sprintf("percentile_disc(%s) WITHIN GROUP (ORDER BY %s%s)", g.pick("0.5", "0.9", "0.1"), e, down)
}
