package randsql

import (
	"fmt"
	"strings"
)

// edge is a statement of few rows with values at the ends of their types, whose
// expressions may fail. The rows are computed one by one and their expressions
// from the left, so that it is clear which error comes first.
func (g *Generator) edge() Statement {
	switch g.src.Below(5) {
	case 3:
		return g.edgeAggregate()
	case 4:
		return g.edgeFrame()
	}
	// PostgreSQL computes calls of constants before all others, so that several of
	// them may fail in another order than they stand in.
	if g.chance(3) {
		t := g.anyType()
		return Statement{SQL: "SELECT " + g.edgeCall(t, 1, func(t Type) string { return edgeValue(g, t) }) + " AS y1", Columns: []Type{t}}
	}
	var row, items []string
	var columns []Type
	value := func(t Type) string {
		row = append(row, fmt.Sprintf("%s AS v%d", edgeValue(g, t), len(row)+1))
		return fmt.Sprintf("v%d", len(row))
	}
	for range 1 + g.src.Below(2) {
		t := g.anyType()
		items, columns = append(items, g.edgeExpr(t, 2, value)), append(columns, t)
	}
	sql := "SELECT " + aliased(items)
	return Statement{SQL: sql + " FROM (SELECT " + strings.Join(row, ", ") + " OFFSET 0) AS v", Columns: columns}
}

// edgeValue is an edge of a type, or NULL.
func edgeValue(g *Generator, t Type) string {
	if g.chance(12) {
		return cast("NULL", t)
	}
	return "'" + g.pick(edges[t]...) + "'::" + t.String()
}

// edgeExpr is an expression of a type over values.
func (g *Generator) edgeExpr(t Type, depth int, value func(Type) string) string {
	if depth == 0 || depth == 1 && g.chance(2) {
		return value(t)
	}
	switch g.src.Below(16) {
	case 14:
		return fmt.Sprintf("CASE WHEN %s THEN %s ELSE %s END", g.edgeExpr(Bool, depth-1, value), g.edgeExpr(t, depth-1, value), g.edgeExpr(t, depth-1, value))
	case 15:
		return fmt.Sprintf("coalesce(%s, %s)", g.edgeExpr(t, depth-1, value), g.edgeExpr(t, depth-1, value))
	}
	return g.edgeCall(t, depth, value)
}

// edgeCall is a call that gives a type, of expressions of less depth.
func (g *Generator) edgeCall(t Type, depth int, value func(Type) string) string {
	c := edgeCalls[t][g.src.Below(len(edgeCalls[t]))]
	args := make([]any, len(c.args))
	for i, u := range c.args {
		args[i] = "(" + g.edgeExpr(u, depth-1, value) + ")"
	}
	return "(" + fmt.Sprintf(c.template, args...) + ")"
}

// edgeAggregates are aggregates of edges by the type of their argument; the order
// of n is total. PostgreSQL's avg fails where the squares overflow, which it does
// not need.
var edgeAggregates = [types][]string{
	Int:         {"sum(%s)", "avg(%s)", "max(%s)", "bit_and(%s)", "bit_xor(%s)", "count(DISTINCT %s)", "stddev(%s)", "var_pop(%s)", "mode() WITHIN GROUP (ORDER BY %s)", "percentile_disc(0.3) WITHIN GROUP (ORDER BY %s)"},
	SmallInt:    {"sum(%s)", "avg(%s)", "min(%s)", "bit_or(%s)", "variance(%s)", "rank(1) WITHIN GROUP (ORDER BY %s)"},
	BigInt:      {"sum(%s)", "avg(%s)", "min(%s)", "stddev_pop(%s)", "array_agg(%s ORDER BY n)::text", "percentile_disc(0.5) WITHIN GROUP (ORDER BY %s DESC)"},
	Numeric:     {"sum(%s)", "avg(%s)", "max(%s)", "stddev_samp(%s)", "var_pop(%s)", "array_agg(%s ORDER BY n)::text", "mode() WITHIN GROUP (ORDER BY %s)", "sum(DISTINCT %s)"},
	Float:       {"sum(%s ORDER BY n)", "avg(%s / 1e200 ORDER BY n)", "min(%s)", "max(%s)", "percentile_cont(0.25) WITHIN GROUP (ORDER BY %s)", "percentile_disc(0.75) WITHIN GROUP (ORDER BY %s)", "cume_dist(1) WITHIN GROUP (ORDER BY %s)"},
	Text:        {"min(%s)", "max(%s)", "string_agg(%s, ',' ORDER BY n)", "jsonb_object_agg(%s, n ORDER BY n)", "json_agg(%s ORDER BY n)::text", "string_agg(DISTINCT %s, '|')"},
	Bool:        {"bool_and(%s)", "bool_or(%s)", "every(%s)", "count(*) FILTER (WHERE %s)", "jsonb_agg(%s ORDER BY n)"},
	Date:        {"min(%s)", "max(%s)", "array_agg(%s ORDER BY n)::text", "jsonb_agg(%s ORDER BY n)"},
	Timestamp:   {"min(%s)", "max(%s)", "mode() WITHIN GROUP (ORDER BY %s)", "jsonb_agg(%s ORDER BY n)"},
	Timestamptz: {"min(%s)", "max(%s)", "count(DISTINCT %s)"},
	Interval:    {"sum(%s)", "min(%s)", "max(%s)"},
	Time:        {"min(%s)", "max(%s)", "count(%s)"},
	UUID:        {"count(DISTINCT %s)", "array_agg(%s ORDER BY %s)::text"},
	Bytea:       {"string_agg(%s, '\\x2c'::bytea ORDER BY n)", "count(DISTINCT %s)"},
	IntArray:    {"min(%s)", "max(%s)", "count(DISTINCT %s)", "jsonb_agg(%s ORDER BY n)"},
	TextArray:   {"min(%s)", "max(%s)", "jsonb_agg(%s ORDER BY n)"},
	JSONB:       {"jsonb_agg(%s ORDER BY n)", "count(DISTINCT %s)", "array_agg(%s ORDER BY n)::text"},
	Char:        {"min(%s)", "max(%s)", "string_agg(%s, ',' ORDER BY n)", "count(DISTINCT %s)"},
}

// edgeRows is VALUES of a number n, a group k and an edge x in each row.
func (g *Generator) edgeRows(t Type) string {
	var rows []string
	for i := range 1 + g.src.Below(6) {
		rows = append(rows, fmt.Sprintf("(%d, %d, %s)", i+1, g.src.Below(2), edgeValue(g, t)))
	}
	return "(VALUES " + strings.Join(rows, ", ") + ") AS v(n, k, x)"
}

// edgeAggregate groups edges.
func (g *Generator) edgeAggregate() Statement {
	t := g.anyType()
	call := strings.ReplaceAll(g.pick(edgeAggregates[t]...), "%s", "x")
	result := Text
	if t == Float {
		result = Float
	}
	switch g.src.Below(4) {
	case 1:
		return Statement{SQL: fmt.Sprintf("SELECT k, %s AS y FROM %s GROUP BY k", call, g.edgeRows(t)), Columns: []Type{Int, result}}
	case 2:
		return Statement{SQL: fmt.Sprintf("SELECT k, grouping(k), %s AS y FROM %s GROUP BY %s(k)", call, g.edgeRows(t), g.pick("ROLLUP", "CUBE")), Columns: []Type{Int, Int, result}}
	case 3: // what equal values are is open, but for their number
		return Statement{SQL: fmt.Sprintf("SELECT count(*) AS y FROM %s GROUP BY x", g.edgeRows(t)), Columns: []Type{BigInt}}
	}
	return Statement{SQL: fmt.Sprintf("SELECT %s AS y FROM %s", call, g.edgeRows(t)), Columns: []Type{result}}
}

// edgeDistances are offsets of RANGE frames by the type of the key.
var edgeDistances = map[Type][]string{
	Int: {"1", "2147483647", "0", "-1", "3000000000::bigint"}, SmallInt: {"1", "32767::smallint", "40000"}, BigInt: {"1", "9223372036854775807", "0"},
	Numeric: {"1", "0.5", "'Infinity'::numeric", "'NaN'::numeric"}, Float: {"1", "'Infinity'::float8", "1e308", "0"},
	Date: {"interval '1 day'", "interval '1 month'", "interval '-1 day'"}, Timestamp: {"interval '12 hours'", "interval '1 year'"}, Timestamptz: {"interval '1 day'"},
	Interval: {"interval '1 day'", "interval '1 month'"}, Time: {"interval '1 hour'", "interval '30 hours'"},
}

// edgeFrame is a window over edges.
func (g *Generator) edgeFrame() Statement {
	t := g.anyType()
	down := g.pick("", " DESC", " NULLS FIRST")
	if d := edgeDistances[t]; d != nil && g.chance(2) {
		bounds := []string{"UNBOUNDED PRECEDING", g.pick(d...) + " PRECEDING", "CURRENT ROW", g.pick(d...) + " FOLLOWING", "UNBOUNDED FOLLOWING"}
		from := g.src.Below(4)
		to := max(1, from) + g.src.Below(5-max(1, from))
		return Statement{SQL: fmt.Sprintf("SELECT n, count(*) OVER (ORDER BY x%s RANGE BETWEEN %s AND %s%s) AS y FROM %s",
			down, bounds[from], bounds[to], g.exclude(), g.edgeRows(t)), Columns: []Type{Int, BigInt}}
	}
	call := strings.ReplaceAll(g.pick(edgeAggregates[t]...), "%s", "x")
	result := Text
	if t == Float {
		result = Float
	}
	if strings.Contains(call, "ORDER BY") || strings.Contains(call, "DISTINCT") {
		call = g.pick("first_value(x)", "last_value(x)", "nth_value(x, 2)", "count(x)")
	}
	return Statement{SQL: fmt.Sprintf("SELECT n, %s OVER (%sORDER BY n%s %s) AS y FROM %s",
		call, g.pick("", "PARTITION BY k "), down, g.frame(g.pick("ROWS", "GROUPS", "RANGE")), g.edgeRows(t)), Columns: []Type{Int, result}}
}
