package randsql

import (
	"fmt"
	"strings"
)

// risks are calls that fail for some values, each with one error.
var risks = []call{
	{"10 / %s", []Type{Int}},
	{"%s %% %s", []Type{BigInt, Int}},
	{"%s::int", []Type{Text}},
	{"%s::date::text", []Type{Text}},
	{"%s::boolean", []Type{Text}},
	{"%s::uuid", []Type{Text}},
	{"%s::jsonb", []Type{Text}},
	{"(%s * 1000)::smallint", []Type{Int}},
	{"%s::numeric(3,2)", []Type{Numeric}},
	{"ln(%s)", []Type{Numeric}},
	{"sqrt(%s)", []Type{Numeric}},
	{"%s / %s", []Type{Numeric, Numeric}},
	{"%s / %s", []Type{Float, Float}},
	{"make_date(2024, 2, %s)", []Type{Int}},
	{"make_time(%s, 5, 0)", []Type{Int}},
	{"substring(%s from 1 for %s)", []Type{Text, Int}},
	{"width_bucket(%s, 1.5, %s, 5)", []Type{Numeric, Numeric}},
	{"decode(%s, 'hex')", []Type{Text}},
	{"%s::int[]", []Type{Text}},
	{"%s::interval", []Type{Text}},
	{"factorial(%s)", []Type{BigInt}},
	{"power(%s::numeric, -1)", []Type{Int}},
	{"(SELECT x.a FROM t2 x WHERE x.id <= %s)", []Type{Int}},
	{"%s::float8::text::int", []Type{Float}},
	{"get_byte(%s, 1)", []Type{Bytea}},
	{"jsonb_array_length(%s)", []Type{JSONB}},
	{"(%s ->> 'a')::int", []Type{JSONB}},
	{"array_fill(1, ARRAY[%s])", []Type{Int}},
	{"repeat('x', (%s %% 5) * 400000000)", []Type{Int}},
	{"2147483640 + %s", []Type{Int}},
	{"chr(greatest(%s, 0))", []Type{Int}},
	{"%s + 32760::smallint", []Type{SmallInt}},
	{"date_trunc(%s, timestamp '2024-01-01')", []Type{Text}},
	{"extract(epoch from timestamp '2024-01-01') / %s", []Type{Int}},
	{"%s ~ '('", []Type{Text}},
	{"%s::float4::int", []Type{Float}},
	{"to_char(%s, 'YYYY') || (1 / %s)", []Type{Date, Int}},
	{"array_append(ARRAY[1,2], %s / %s)", []Type{Int, Int}},
	{"(ARRAY[1,2])[%s] / (%s - 1)", []Type{Int, Int}},
	{"jsonb_set(jsonb_build_object('a', %s), '{a,b}', '1')", []Type{JSONB}},
	{"%s || '{1}'::int[]", []Type{IntArray}},
	{"nth_value(1, %s) OVER ()", []Type{Int}},
	{"ntile(%s) OVER ()", []Type{Int}},
	{"lag(1, %s) OVER ()", []Type{Int}},
	{"sum(%s) OVER (ORDER BY 1 ROWS BETWEEN CURRENT ROW AND (SELECT 3) FOLLOWING)", []Type{Int}},
	{"generate_series(1, 2, %s)", []Type{Int}},
	{"string_to_array(%s, ',')::int[]", []Type{Text}},
	{"(SELECT a FROM t2 LIMIT -1)", nil},
	{"extract(nosuch from date '2024-01-01')", nil},
	{"(SELECT a FROM t2 OFFSET -1)", nil},
	{"(SELECT sum(a) OVER (ROWS -1 PRECEDING) FROM t2 LIMIT 1)", nil},
}

// failing is a statement with an expression that may fail. Every row reaches it,
// so whether the statement fails does not depend on how it is executed.
func (g *Generator) failing() Statement {
	c := risks[g.src.Below(len(risks))]
	t := tables[g.src.Below(4)]
	columns := qualify("a", t.columns)
	var args []any
	for _, u := range c.args {
		var fit []column
		for _, col := range columns {
			if col.typ == u {
				fit = append(fit, col)
			}
		}
		if len(fit) == 0 { // t1 has all types
			return g.failing()
		}
		args = append(args, cast(g.anyColumn(fit), u))
	}
	e := "(" + fmt.Sprintf(c.template, args...) + ")"
	special := strings.Contains(e, "OVER") || strings.Contains(e, "generate_series")
	from := t.name + " AS a"
	switch g.src.Below(7) {
	case 1:
		from += " LEFT JOIN t0 AS b ON b.a = 1"
	case 2:
		if !special {
			return Statement{SQL: fmt.Sprintf("SELECT count(*) FROM %s WHERE (%s)::text <> 'x'", from, e), Columns: []Type{BigInt}}
		}
	case 3:
		if !special {
			return Statement{SQL: fmt.Sprintf("SELECT count((%s)::text), min((%s)::text) FROM %s", e, e, from), Columns: []Type{BigInt, Text}}
		}
	case 4:
		if !special {
			return Statement{SQL: fmt.Sprintf("SELECT (%s)::text, count(*) FROM %s GROUP BY 1", e, from), Columns: []Type{Text, BigInt}}
		}
	case 5:
		return Statement{SQL: fmt.Sprintf("SELECT (%s)::text AS y FROM %s ORDER BY y", e, from), Ordered: true, Columns: []Type{Text}}
	case 6:
		if !special {
			return Statement{SQL: fmt.Sprintf("SELECT CASE WHEN NOT %s THEN 'no' ELSE (%s)::text END FROM %s", cast(g.plainly(Bool, columns, 1), Bool), e, from), Columns: []Type{Text}}
		}
	}
	return Statement{SQL: fmt.Sprintf("SELECT (%s)::text FROM %s", e, from), Columns: []Type{Text}}
}

// poisons are expressions that are wrong wherever they stand, or nearly so.
var poisons = []string{
	"nosuch", "t1.nosuch", "nosuch.a", "nosuch(1)", "abs('x'::text)", "lower(1, 2)", "(1 + 'a'::text)", "(1 = 'a'::text)",
	"(true + 1)", "'x'::nosuch", "(SELECT 1, 2)", "(SELECT a FROM nosuch)", "(SELECT nosuch FROM t2)", "(SELECT a FROM t2, t3)",
	"(SELECT a FROM t2 GROUP BY s)", "(SELECT a FROM t2 HAVING true)", "(SELECT sum(count(*)) FROM t2)", "(SELECT a FROM t2 WHERE sum(a) > 1)",
	"(SELECT a FROM t2 WHERE row_number() OVER () = 1)", "(SELECT rank() FROM t2)", "(SELECT sum(a) OVER w FROM t2)",
	"(SELECT 1 UNION SELECT 1, 2)", "(SELECT 1 UNION SELECT true)", "(SELECT a FROM t2 ORDER BY 2)", "(SELECT DISTINCT a FROM t2 ORDER BY s)",
	"(SELECT DISTINCT ON (a) s FROM t2 ORDER BY s)", "(SELECT x.a FROM t2 x JOIN t3 x ON true)", "(SELECT x.a FROM t2 x JOIN t3 y USING (b))",
	"(SELECT 1 FROM t2 x JOIN (SELECT x.a) y ON true)", "(SELECT abs(a) FILTER (WHERE true) FROM t2)", "(SELECT mode(a) FROM t2)",
	"(SELECT grouping(a) FROM t2 GROUP BY s)", "(SELECT sum(a) OVER (ORDER BY s RANGE 1 PRECEDING) FROM t2)",
	"(SELECT sum(a) OVER (GROUPS 1 PRECEDING) FROM t2)", "(SELECT sum(a) OVER (ROWS BETWEEN CURRENT ROW AND 1 PRECEDING) FROM t2)",
	"(1 IN ('x'))", "int 'abc'", "date '2024-13-01'", "interval 'foo'", "'{1'::int[]", "'abc'::uuid", "timestamp '2024-02-30'", "jsonb '{a}'",
	"(1, 2) = (1, 2, 3)", "((1, 2) IN (SELECT 1))", "(1 IN (SELECT 1, 2))", "CASE WHEN 1 THEN 2 END", "CASE WHEN true THEN 1 ELSE 'a'::text END",
	"coalesce(1, 'a'::text)", "ARRAY[1, 'a'::text]", "(1)[1]", "(ARRAY[1])['x']", "(NOT 1)", "(1 AND true)", "(1 IS TRUE)", "(1 LIKE 2)",
	"greatest(1, true)", "nullif(1, true)", "(date '2024-01-01' + date '2024-01-01')", "(now() * 2)",
	"(SELECT a FROM t2 LIMIT 'x')", "(SELECT a FROM t2 GROUP BY 2)",
	"(SELECT a AS b FROM t3 WHERE b = 1)", "(SELECT x FROM (VALUES (1), (1, 2)) v(x))", "(SELECT x FROM (VALUES (1), ('a'::text)) v(x))", "(SELECT 1 FROM t2 AS x(p, q, r, s, t, u))",
	"(WITH w AS (SELECT 1), w AS (SELECT 2) SELECT 1)", "(WITH RECURSIVE w AS (SELECT * FROM w) SELECT 1)", "(WITH w(a, b) AS (SELECT 1) SELECT 1)",
	"(SELECT unnest(1))", "(SELECT a FROM t2 WHERE generate_series(1, 2) = 1)", "(SELECT 1 FROM t2 JOIN t3 ON nosuch)", "(SELECT 1 FROM t2 JOIN t3 ON 1)", "(SELECT 1 FROM t2 WHERE 1)",
	"percentile_cont(0.5)", "string_agg('a')", "(SELECT count(DISTINCT *) FROM t2)", "(SELECT string_agg(DISTINCT s, ',' ORDER BY a) FROM t2)",
	"(SELECT lag(a) FILTER (WHERE true) OVER () FROM t2)", "(SELECT count(DISTINCT a) OVER () FROM t2)", "(SELECT jsonb_agg(a ORDER BY nosuch) FROM t2)",
}

// poisoned is a statement with one wrong expression somewhere.
func (g *Generator) poisoned() Statement {
	g.poison = poisons[g.src.Below(len(poisons))]
	return g.statement()
}
