package randsql

import (
	"fmt"
	"strings"
)

// window is a window function call that gives type t; "" if there is none. Rows
// that are peers by the order are the same in all columns of scope, or the
// function does not tell peers apart.
func (g *Generator) window(t Type, scope []column) string {
	if len(scope) == 0 {
		return ""
	}
	var call string
	framed, total := true, true
	switch {
	case t == BigInt && g.chance(2):
		call, framed = g.pick("row_number()", "rank()", "dense_rank()"), false
		total = call == "row_number()"
	case t == Int && g.chance(3):
		call, framed = fmt.Sprintf("ntile(%d)", 1+g.src.Below(4)), false
	case t == Float && g.chance(3):
		call, framed, total = g.pick("percent_rank()", "cume_dist()"), false, false
	case g.chance(3):
		call, framed = g.shifted(t, scope), false
	case g.chance(3):
		e := cast(g.expr(t, scope, 1), t)
		call = g.pick("first_value("+e+")", "last_value("+e+")", "nth_value("+e+", 2)", fmt.Sprintf("nth_value(%s, 1 + abs(%s %% 3))", e, cast(g.plainly(Int, scope, 1), Int)))
	case t == Text && g.chance(3):
		call = "string_agg(" + cast(g.expr(Text, scope, 1), Text) + ", ',')"
	case t == IntArray || t == TextArray && g.chance(2):
		element := map[Type]Type{IntArray: Int, TextArray: Text}[t]
		call = "array_agg(" + cast(g.expr(element, scope, 1), element) + ")"
	default:
		call = g.aggregate(t, scope)
		if call == "" || strings.Contains(call, "DISTINCT ") || strings.Contains(call, "ORDER BY") || strings.HasPrefix(call, "floor(") {
			return ""
		}
		if key := g.rangeKey(scope); key != "" && g.chance(4) {
			return call + " OVER (" + g.partition(scope) + "ORDER BY " + key + ")"
		}
		total = false
	}
	if total || g.chance(2) {
		return call + " OVER " + g.named(g.over(scope, framed))
	}
	return call + " OVER " + g.named(g.overPeers(scope, framed))
}

// shifted is lag or lead.
func (g *Generator) shifted(t Type, scope []column) string {
	e := cast(g.expr(t, scope, 1), t)
	f := g.pick("lag", "lead")
	switch g.src.Below(4) {
	case 1:
		return fmt.Sprintf("%s(%s)", f, e)
	case 2:
		return fmt.Sprintf("%s(%s, %s %% 3)", f, e, cast(g.plainly(Int, scope, 1), Int))
	case 3:
		return fmt.Sprintf("%s(%s, %d, %s)", f, e, g.src.Below(3), cast(g.plainly(t, scope, 1), t))
	}
	return fmt.Sprintf("%s(%s, %d)", f, e, g.src.Below(3))
}

// named is the window in parentheses, or a name for it in the WINDOW clause.
func (g *Generator) named(over string) string {
	if len(g.windows) > 2 || !g.chance(5) {
		return "(" + over + ")"
	}
	name := g.alias("win")
	g.windows = append(g.windows, name+" AS ("+over+")")
	return name
}

func (g *Generator) windowClause() string {
	if len(g.windows) == 0 {
		return ""
	}
	return " WINDOW " + strings.Join(g.windows, ", ")
}

// partition is PARTITION BY, or nothing.
func (g *Generator) partition(scope []column) string {
	switch g.src.Below(4) {
	case 1:
		return ""
	case 2:
		return "PARTITION BY " + g.anyColumn(scope) + ", " + g.anyColumn(scope) + " "
	}
	return "PARTITION BY " + g.anyColumn(scope) + " "
}

// over is a window: partition, a total order, a frame. All windows of a query have
// the same order: rows that are the same could else stand in another order in each
// of them.
func (g *Generator) over(scope []column, framed bool) string {
	if g.total == "" {
		var keys []string
		at := g.src.Below(len(scope))
		for i := range scope {
			c := scope[(at+i)%len(scope)]
			keys = append(keys, c.name+g.pick("", "", " DESC", " NULLS FIRST", " DESC NULLS LAST"))
		}
		g.total = g.partition(scope) + "ORDER BY " + strings.Join(keys, ", ")
	}
	over := g.total
	if framed && g.chance(2) {
		over += " " + g.frame(g.pick("ROWS", "GROUPS", "RANGE"))
	}
	return over
}

// overPeers is a window in which rows may be peers.
func (g *Generator) overPeers(scope []column, framed bool) string {
	over := g.partition(scope)
	if !framed || !g.chance(4) {
		over += "ORDER BY " + g.anyColumn(scope) + g.pick("", " DESC", " NULLS FIRST") + " "
		if g.chance(3) {
			t := g.anyType()
			over = strings.TrimSuffix(over, " ") + ", " + cast(g.plainly(t, scope, 1), t) + " "
		}
		if framed && g.chance(2) {
			over += g.frame(g.pick("GROUPS", "RANGE"))
		}
	} else if framed && g.chance(3) { // all rows are peers
		over += "RANGE BETWEEN " + g.pick("UNBOUNDED PRECEDING", "CURRENT ROW") + " AND " + g.pick("UNBOUNDED FOLLOWING", "CURRENT ROW") + g.exclude()
	}
	return strings.TrimSuffix(over, " ")
}

// rangeKey is an order by one column with a frame of distances, in which peers
// are always together; "" where no column has distances.
func (g *Generator) rangeKey(scope []column) string {
	distance := map[Type]string{
		Int: "2", Numeric: "1.5", Float: "2.5", Date: "interval '1 month'", Timestamp: "interval '40 days'",
		BigInt: "3", SmallInt: "1", Timestamptz: "interval '2 days'", Interval: "interval '1 day'", Time: "interval '1 hour'",
	}
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
	d := distance[c.typ]
	from := g.pick(d+" PRECEDING", "UNBOUNDED PRECEDING", d+" FOLLOWING", "CURRENT ROW")
	to := g.pick("UNBOUNDED FOLLOWING", d+" FOLLOWING", "CURRENT ROW")
	if to == "CURRENT ROW" && strings.HasSuffix(from, "FOLLOWING") {
		to = "UNBOUNDED FOLLOWING"
	}
	return fmt.Sprintf("%s%s RANGE BETWEEN %s AND %s%s", c.name, g.pick("", " DESC", " NULLS FIRST"), from, to, g.exclude())
}

func (g *Generator) frame(mode string) string {
	starts := []string{"UNBOUNDED PRECEDING", "CURRENT ROW", "2 PRECEDING", "1 FOLLOWING", "(1 + 0) PRECEDING", "0 PRECEDING"}
	ends := []string{"UNBOUNDED FOLLOWING", "CURRENT ROW", "2 FOLLOWING", "1 PRECEDING", "0 FOLLOWING"}
	if mode == "RANGE" { // distances need one key
		starts, ends = starts[:2], ends[:2]
	}
	from, to := g.pick(starts...), g.pick(ends...)
	if g.chance(6) && (from == starts[0] || from == starts[1]) {
		return mode + " " + from + g.exclude() // ends at the current row
	}
	switch {
	case from == "1 FOLLOWING" && (to == "CURRENT ROW" || to == "1 PRECEDING"):
		to = "3 FOLLOWING"
	case from == "CURRENT ROW" && to == "1 PRECEDING":
		from = "3 PRECEDING"
	}
	return fmt.Sprintf("%s BETWEEN %s AND %s%s", mode, from, to, g.exclude())
}

func (g *Generator) exclude() string {
	return g.pick("", "", " EXCLUDE CURRENT ROW", " EXCLUDE GROUP", " EXCLUDE TIES", " EXCLUDE NO OTHERS")
}

func (g *Generator) anyColumn(scope []column) string {
	if len(scope) == 0 {
		return "1"
	}
	return scope[g.src.Below(len(scope))].name
}
