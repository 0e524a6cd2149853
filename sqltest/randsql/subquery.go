package randsql

import "fmt"

// subquery is an expression of type t around a query that may use the columns of
// scope.
func (g *Generator) subquery(t Type, scope []column) string {
	nest := g.nest
	g.room--
	defer func() { g.nest = nest }()
	scope = shared(scope)
	switch {
	case t == Bool && !g.chance(4):
		return g.subqueryTest(scope, nest-1)
	case t == IntArray && g.chance(2), t == TextArray && g.chance(2):
		element := Int
		if t == TextArray {
			element = Text
		}
		return fmt.Sprintf("ARRAY(SELECT z FROM (%s) AS %s(z) ORDER BY 1)", g.query(scope, nest-1, []Type{element}).sql, g.alias("s"))
	case g.chance(4): // one row without looking
		g.nest = nest - 1
		return fmt.Sprintf("(SELECT %s%s)", cast(g.expr(t, scope, 2), t), g.pick("", " WHERE "+g.expr(Bool, scope, 1)))
	case t != Bool && g.chance(4):
		if e := g.singleAggregate(t, scope, nest-1); e != "" {
			return e
		}
	}
	q := g.query(scope, nest-1, []Type{t})
	if g.chance(2) {
		return fmt.Sprintf("(SELECT %s FROM (%s) AS %s(z))", g.overColumn(t, "z"), q.sql, g.alias("s"))
	}
	return fmt.Sprintf("(SELECT z FROM (%s) AS %s(z) ORDER BY 1%s LIMIT 1%s)", q.sql, g.alias("s"), g.pick("", " DESC"), g.pick("", " OFFSET 1"))
}

// singleAggregate is a subquery that aggregates all its rows; "" if there is no
// aggregate of type t. At times the argument is of the query around.
func (g *Generator) singleAggregate(t Type, scope []column, nest int) string {
	from := g.from(scope, nest)
	g.nest = 0
	columns, limit := from.columns, ""
	if g.chance(5) { // an aggregate of only outer columns is one of the query around
		columns, limit = join(columns, scope), " LIMIT 1"
	}
	call := g.aggregate(t, columns)
	if call == "" {
		return ""
	}
	where := ""
	if g.chance(2) {
		where = " WHERE " + g.expr(Bool, append(append([]column{}, from.columns...), scope...), 1)
	}
	return fmt.Sprintf("(SELECT %s FROM %s%s%s)", cast(call, t), from.sql, where, limit)
}

// shared leaves out what subqueries cannot name.
func shared(scope []column) []column {
	var out []column
	for _, c := range scope {
		if !c.local {
			out = append(out, c)
		}
	}
	return out
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
func (g *Generator) subqueryTest(scope []column, nest int) string {
	if g.chance(2) {
		return g.pick("EXISTS (", "NOT EXISTS (") + g.query(scope, nest, nil).sql + ")"
	}
	t := g.anyType()
	if g.chance(4) {
		u := g.anyType()
		q := g.query(scope, nest, []Type{t, u})
		return fmt.Sprintf("(%s, %s) %s (%s)", g.leafOf(t, scope), g.leafOf(u, scope), g.pick("IN", "NOT IN", "= ANY", "<> ALL"), q.sql)
	}
	q := g.query(scope, nest, []Type{t})
	op := g.pick("IN", "NOT IN", "= ANY", "<> ALL", "< ANY", ">= ALL", "<> ANY", "= ALL")
	return fmt.Sprintf("%s %s (%s)", g.leafOf(t, scope), op, q.sql)
}
