package randsql

import (
	"fmt"
	"strings"
)

// literal is a constant of a type, or NULL.
func (g *Generator) literal(t Type) string {
	if g.chance(10) {
		return cast("NULL", t)
	}
	return literals[t][g.src.Below(len(literals[t]))]
}

// leaf is a column of the type, if there is one, or a constant.
func (g *Generator) leaf(t Type, scope []column) string {
	var fit []string
	for _, c := range scope {
		if c.typ == t {
			fit = append(fit, c.name)
		}
	}
	if len(fit) == 0 || g.chance(5) {
		return g.literal(t)
	}
	return fit[g.src.Below(len(fit))]
}

// sub is expr with subqueries, nested to the given depth of queries.
func (g *Generator) sub(t Type, scope []column, depth, queries int) string {
	if queries == 0 || !g.chance(6) {
		return g.expr(t, scope, depth)
	}
	if t == Bool {
		return g.subqueryTest(scope, queries-1)
	}
	q := g.query(scope, queries-1, []Type{t})
	if g.chance(2) {
		return fmt.Sprintf("(SELECT %s FROM (%s) AS %s(z))", g.overColumn(t, "z"), q.sql, g.alias("s"))
	}
	return fmt.Sprintf("(SELECT z FROM (%s) AS %s(z) ORDER BY 1 LIMIT 1)", q.sql, g.alias("s"))
}

// overColumn aggregates a column of type t into the same type.
func (g *Generator) overColumn(t Type, name string) string {
	switch t {
	case Bool:
		return "bool_or(" + name + ")"
	case UUID, Bytea, JSONB:
		return fmt.Sprintf("(array_agg(%s ORDER BY %s))[1]", name, name)
	}
	return g.pick("min", "max") + "(" + name + ")"
}

// subqueryTest is EXISTS, IN, or a comparison with ANY or ALL.
func (g *Generator) subqueryTest(scope []column, queries int) string {
	if g.chance(2) {
		return g.pick("EXISTS (", "NOT EXISTS (") + g.query(scope, queries, nil).sql + ")"
	}
	t := Type(g.src.Below(int(types)))
	q := g.query(scope, queries, []Type{t})
	op := g.pick("IN", "NOT IN", "= ANY", "<> ALL", "< ANY", ">= ALL")
	return fmt.Sprintf("%s %s (%s)", g.leafOf(t, scope), op, q.sql)
}

// leafOf is a leaf whose type is plain to see.
func (g *Generator) leafOf(t Type, scope []column) string { return cast(g.leaf(t, scope), t) }

// expr is an expression of a type; depth bounds how far calls nest.
func (g *Generator) expr(t Type, scope []column, depth int) string {
	if depth <= 0 || g.src.Below(3) == 0 {
		return g.leaf(t, scope)
	}
	e := func(t Type) string { return g.expr(t, scope, depth-1) }
	switch g.src.Below(12) {
	case 1:
		return fmt.Sprintf("CASE WHEN %s THEN %s ELSE %s END", e(Bool), cast(e(t), t), e(t))
	case 2:
		return fmt.Sprintf("coalesce(%s, %s)", cast(e(t), t), e(t))
	case 3:
		if t != JSONB {
			return fmt.Sprintf("nullif(%s, %s)", cast(e(t), t), cast(e(t), t))
		}
	case 4:
		if t != JSONB && t != Bool {
			return fmt.Sprintf("%s(%s, %s)", g.pick("greatest", "least"), cast(e(t), t), cast(e(t), t))
		}
	case 5:
		return fmt.Sprintf("CASE %s WHEN %s THEN %s WHEN %s THEN %s END", cast(e(Int), Int), g.literal(Int), cast(e(t), t), g.literal(Int), e(t))
	}
	if s := g.call(t, e); s != "" {
		return s
	}
	return g.leaf(t, scope)
}

// call is an operator or function that gives type t, its arguments from e.
func (g *Generator) call(t Type, e func(Type) string) string {
	form := func(template string, types ...Type) string {
		args := make([]any, len(types))
		for i, t := range types {
			args[i] = cast(e(t), t)
		}
		return "(" + fmt.Sprintf(template, args...) + ")"
	}
	if t == Bool {
		return g.predicate(e, form)
	}
	list := calls[t]
	if len(list) == 0 {
		return ""
	}
	c := list[g.src.Below(len(list))]
	return form(c.template, c.args...)
}

// predicate is a condition.
func (g *Generator) predicate(e func(Type) string, form func(string, ...Type) string) string {
	switch g.src.Below(11) {
	case 0, 1, 2:
		t := Type(g.src.Below(int(types)))
		return form("%s "+g.pick("=", "<>", "<", "<=", ">", ">=")+" %s", t, t)
	case 3:
		return form("%s "+g.pick("AND", "OR")+" %s", Bool, Bool)
	case 4:
		return form("NOT %s", Bool)
	case 5:
		return form("%s "+g.pick("IS NULL", "IS NOT NULL"), Type(g.src.Below(int(types))))
	case 6:
		t := Type(g.src.Below(int(types)))
		return form("%s "+g.pick("IS DISTINCT FROM", "IS NOT DISTINCT FROM")+" %s", t, t)
	case 7:
		return form("%s "+g.pick("LIKE", "NOT LIKE", "ILIKE")+" "+g.pick("'a%%'", "'%%b%%'", "'_'", "'%%'", "'A%%c'"), Text)
	case 8:
		t := Type(g.src.Below(int(types)))
		var list []string
		for range 1 + g.src.Below(4) {
			list = append(list, strings.ReplaceAll(cast(g.literal(t), t), "%", "%%"))
		}
		return form("%s "+g.pick("IN", "NOT IN")+" ("+strings.Join(list, ", ")+")", t)
	case 9:
		t := numbers[g.src.Below(len(numbers))]
		return form("%s "+g.pick("BETWEEN", "NOT BETWEEN", "BETWEEN SYMMETRIC")+" %s AND %s", t, t, t)
	}
	return form("%s "+g.pick("IS TRUE", "IS NOT TRUE", "IS FALSE", "IS UNKNOWN"), Bool)
}
