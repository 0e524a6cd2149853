package randsql

import (
	"fmt"
	"strings"
)

// aggregate is an aggregate call that gives type t; "" if there is none.
func (g *Generator) aggregate(t Type, scope []column) string {
	call := g.aggregateCall(t, scope)
	if call == "" {
		return ""
	}
	if g.chance(5) {
		call += " FILTER (WHERE " + g.expr(Bool, scope, 1) + ")"
	}
	return call
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
	switch t {
	case BigInt:
		if g.chance(2) {
			return "count(*)"
		}
		if g.chance(2) {
			return "sum(" + g.arg(Int, scope) + ")"
		}
		return "count(" + g.arg(Type(g.src.Below(int(JSONB))), scope) + ")"
	case Numeric:
		return g.pick("sum", "avg", "min", "max", "sum") + "(" + g.arg(Numeric, scope) + ")"
	case Float:
		if g.chance(3) {
			return fmt.Sprintf("percentile_cont(%s) WITHIN GROUP (ORDER BY %s)", g.pick("0.5", "0", "0.25", "1"), g.expr(Float, scope, 1))
		}
		return g.pick("sum", "avg", "min", "max", "stddev_samp", "var_pop") + "(" + g.expr(Float, scope, 1) + ")"
	case Bool:
		return g.pick("bool_and", "bool_or", "every") + "(" + g.expr(Bool, scope, 1) + ")"
	case Text:
		if g.chance(2) {
			e := g.expr(Text, scope, 1)
			return fmt.Sprintf("string_agg(%s, ',' ORDER BY %s%s)", e, e, g.pick("", " DESC"))
		}
		return g.pick("min", "max") + "(" + g.arg(Text, scope) + ")"
	case Int:
		switch g.src.Below(4) {
		case 1:
			return g.pick("bit_and", "bit_or", "bit_xor") + "(" + g.expr(Int, scope, 1) + ")"
		case 2:
			return fmt.Sprintf("percentile_disc(%s) WITHIN GROUP (ORDER BY %s)", g.pick("0.5", "0.9", "0.1"), g.expr(Int, scope, 1))
		}
		return g.pick("min", "max") + "(" + g.arg(Int, scope) + ")"
	case IntArray:
		e := cast(g.expr(Int, scope, 1), Int)
		return fmt.Sprintf("array_agg(%s%s ORDER BY %s%s)", g.pick("", "", "DISTINCT "), e, e, g.pick("", " DESC", " NULLS FIRST"))
	case TextArray:
		e := cast(g.expr(Text, scope, 1), Text)
		return fmt.Sprintf("array_agg(%s ORDER BY %s)", e, e)
	case SmallInt, Date, Timestamp, Timestamptz, Time:
		return g.pick("min", "max") + "(" + g.arg(t, scope) + ")"
	case JSONB:
		e := g.expr(Int, scope, 1)
		return fmt.Sprintf("jsonb_agg(%s ORDER BY %s)", e, e)
	case Interval:
		return g.pick("min", "max") + "(" + g.expr(t, scope, 1) + ")"
	}
	return ""
}

// window is a window function call that gives type t; "" if there is none. Rows
// that are peers by the order are the same in all columns of scope.
func (g *Generator) window(t Type, scope []column) string {
	if len(scope) == 0 {
		return ""
	}
	var call string
	framed := true
	switch {
	case t == BigInt && g.chance(2):
		call, framed = g.pick("row_number()", "rank()", "dense_rank()"), false
	case t == Int && g.chance(3):
		call, framed = fmt.Sprintf("ntile(%d)", 1+g.src.Below(4)), false
	case t == Float && g.chance(3):
		call, framed = g.pick("percent_rank()", "cume_dist()"), false
	case g.chance(3):
		call, framed = fmt.Sprintf("%s(%s, %d)", g.pick("lag", "lead"), cast(g.expr(t, scope, 1), t), g.src.Below(3)), false
	case g.chance(3):
		e := cast(g.expr(t, scope, 1), t)
		call = g.pick("first_value("+e+")", "last_value("+e+")", "nth_value("+e+", 2)")
	default:
		call = g.aggregateCall(t, scope)
		if call == "" || strings.Contains(call, "DISTINCT") || strings.Contains(call, "ORDER BY") {
			return ""
		}
		if key := g.rangeKey(scope); key != "" && g.chance(4) {
			return call + " OVER (ORDER BY " + key + ")"
		}
	}
	return call + " OVER (" + g.over(scope, framed) + ")"
}

// over is a window: partition, a total order, a frame.
func (g *Generator) over(scope []column, framed bool) string {
	var parts []string
	if !g.chance(3) {
		parts = append(parts, "PARTITION BY "+g.anyColumn(scope))
	}
	var keys []string
	at := g.src.Below(len(scope))
	for i := range scope {
		c := scope[(at+i)%len(scope)]
		keys = append(keys, c.name+g.pick("", "", " DESC", " NULLS FIRST", " DESC NULLS LAST"))
	}
	parts = append(parts, "ORDER BY "+strings.Join(keys, ", "))
	if framed && g.chance(2) {
		parts = append(parts, g.frame())
	}
	return strings.Join(parts, " ")
}

// rangeKey is an order by one column with a frame of distances, in which peers
// are always together; "" where no column has distances.
func (g *Generator) rangeKey(scope []column) string {
	distance := map[Type]string{Int: "2", Numeric: "1.5", Float: "2.5", Date: "interval '1 month'", Timestamp: "interval '40 days'", BigInt: "3"}
	var fit []column
	for _, c := range scope {
		if distance[c.typ] != "" {
			fit = append(fit, c)
		}
	}
	if len(fit) == 0 {
		return ""
	}
	c := fit[g.src.Below(len(fit))]
	return fmt.Sprintf("%s%s RANGE BETWEEN %s PRECEDING AND %s", c.name, g.pick("", " DESC", " NULLS FIRST"), distance[c.typ],
		g.pick("CURRENT ROW", distance[c.typ]+" FOLLOWING", "UNBOUNDED FOLLOWING"))
}

func (g *Generator) frame() string {
	mode := g.pick("ROWS", "GROUPS", "RANGE")
	from := g.pick("UNBOUNDED PRECEDING", "CURRENT ROW", "2 PRECEDING", "1 FOLLOWING")
	to := g.pick("UNBOUNDED FOLLOWING", "CURRENT ROW", "2 FOLLOWING")
	if mode == "RANGE" { // offsets need one key
		from, to = g.pick("UNBOUNDED PRECEDING", "CURRENT ROW"), g.pick("UNBOUNDED FOLLOWING", "CURRENT ROW")
	}
	if from == "1 FOLLOWING" && to == "CURRENT ROW" {
		to = "3 FOLLOWING"
	}
	return fmt.Sprintf("%s BETWEEN %s AND %s%s", mode, from, to, g.pick("", "", " EXCLUDE CURRENT ROW", " EXCLUDE GROUP", " EXCLUDE TIES"))
}

func (g *Generator) anyColumn(scope []column) string {
	if len(scope) == 0 {
		return "1"
	}
	c := scope[g.src.Below(len(scope))]
	return c.name
}
