package randsql

import (
	"fmt"
	"strings"
)

// literal is a constant of a type, or NULL; in a prepared statement at times a
// parameter.
func (g *Generator) literal(t Type) string {
	if g.prepared && len(g.params) < 6 && g.chance(4) {
		g.params = append(g.params, parameter{t, g.constant(t), g.constant(t)})
		return fmt.Sprintf("$%d", len(g.params))
	}
	return g.constant(t)
}

func (g *Generator) constant(t Type) string {
	if g.chance(10) {
		return cast("NULL", t)
	}
	return literals[t][g.src.Below(len(literals[t]))]
}

// leaf is a column of the type, if there is one, or a constant.
func (g *Generator) leaf(t Type, scope []column) string {
	if g.poison != "" && g.chance(6) {
		e := g.poison
		g.poison = ""
		return e
	}
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

// leafOf is a leaf whose type is plain to see.
func (g *Generator) leafOf(t Type, scope []column) string { return cast(g.leaf(t, scope), t) }

// expr is an expression of a type; depth bounds how far calls nest. Where the
// query around has room it has subqueries, which may use scope.
func (g *Generator) expr(t Type, scope []column, depth int) string {
	if g.nest > 0 && g.room > 0 && g.chance(9) {
		return g.subquery(t, scope)
	}
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
	if t == Bool && g.src.Below(4) == 3 {
		return g.bounds(scope)
	}
	if s := g.call(t, e); s != "" {
		return s
	}
	return g.leaf(t, scope)
}

// plainly is expr without subqueries.
func (g *Generator) plainly(t Type, scope []column, depth int) string {
	nest := g.nest
	g.nest = 0
	defer func() { g.nest = nest }()
	return g.expr(t, scope, depth)
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

func (g *Generator) anyType() Type { return Type(g.src.Below(int(types))) }

// predicate is a condition.
func (g *Generator) predicate(e func(Type) string, form func(string, ...Type) string) string {
	switch g.src.Below(14) {
	case 0, 1, 2:
		t := g.anyType()
		return form("%s "+g.pick("=", "<>", "<", "<=", ">", ">=")+" %s", t, t)
	case 3:
		return form("%s "+g.pick("AND", "OR")+" %s", Bool, Bool)
	case 4:
		return form("NOT %s", Bool)
	case 5:
		return form("%s "+g.pick("IS NULL", "IS NOT NULL"), g.anyType())
	case 6:
		t := g.anyType()
		return form("%s "+g.pick("IS DISTINCT FROM", "IS NOT DISTINCT FROM")+" %s", t, t)
	case 7:
		return form("%s "+g.pick("LIKE", "NOT LIKE", "ILIKE")+" "+g.pick("'a%%'", "'%%b%%'", "'_'", "'%%'", "'A%%c'"), Text)
	case 8:
		return g.inList(e, form)
	case 9:
		t := numbers[g.src.Below(len(numbers))]
		return form("%s "+g.pick("BETWEEN", "NOT BETWEEN", "BETWEEN SYMMETRIC")+" %s AND %s", t, t, t)
	case 10:
		return g.rowTest(form)
	case 11:
		return g.containment(form)
	case 12:
		return form("%s "+g.pick("~", "!~", "~*")+" "+g.pick("'^a'", "'b.'", "'[x-z]|%%'", "'^$'"), Text)
	}
	return form("%s "+g.pick("IS TRUE", "IS NOT TRUE", "IS FALSE", "IS UNKNOWN", "IS NOT UNKNOWN"), Bool)
}

// inList is IN over a list, of constants or not.
func (g *Generator) inList(e func(Type) string, form func(string, ...Type) string) string {
	t := g.anyType()
	var list []string
	for range 1 + g.src.Below(4) {
		item := g.literal(t)
		if g.chance(6) {
			item = e(t)
		}
		list = append(list, strings.ReplaceAll(cast(item, t), "%", "%%"))
	}
	return form("%s "+g.pick("IN", "NOT IN")+" ("+strings.Join(list, ", ")+")", t)
}

// rowTest compares rows, or tests one for NULL.
func (g *Generator) rowTest(form func(string, ...Type) string) string {
	t, u := g.anyType(), g.anyType()
	switch g.src.Below(4) {
	case 1:
		return form("(%s, %s) "+g.pick("IS NULL", "IS NOT NULL"), t, u)
	case 2:
		return form("(%s, %s) "+g.pick("IN", "NOT IN")+" ((%s, %s), (%s, %s))", t, u, t, u, t, u)
	case 3:
		return form("(%s, %s) IS DISTINCT FROM (%s, %s)", t, u, t, u)
	}
	return form("(%s, %s) "+g.pick("=", "<>", "<", ">=")+" (%s, %s)", t, u, t, u)
}

// containment tests arrays, JSON and periods.
func (g *Generator) containment(form func(string, ...Type) string) string {
	switch g.src.Below(6) {
	case 1:
		return form("%s = "+g.pick("ANY", "ALL")+" (%s)", Int, IntArray)
	case 2:
		return form("%s "+g.pick("<>", "<", ">=")+" "+g.pick("ANY", "ALL")+" (%s)", Text, TextArray)
	case 3:
		return form("%s "+g.pick("@>", "<@")+" %s", JSONB, JSONB)
	case 4:
		return form("%s ? 'a'", JSONB)
	case 5:
		return form("(%s, %s) OVERLAPS (%s, %s)", Date, Date, Date, Date)
	}
	return form("%s "+g.pick("&&", "@>", "<@")+" %s", IntArray, IntArray)
}

func cast(e string, t Type) string { return "(" + e + ")::" + t.String() }
