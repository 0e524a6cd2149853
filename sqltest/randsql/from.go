package randsql

import (
	"fmt"
	"strings"
)

// source is a FROM clause and the columns it has.
type source struct {
	sql     string
	columns []column // qualified names
}

// from makes a FROM clause of one to three items.
func (g *Generator) from(outer []column, depth int) source {
	nest := g.nest
	defer func() { g.nest = nest }()
	g.nest = min(depth, 1)
	s := g.item(outer, depth)
	for n := []int{0, 0, 0, 1, 1, 2}[g.src.Below(6)]; n > 0 && len(s.columns) < 60; n-- {
		s = g.join(s, outer, depth)
	}
	if g.chance(10) { // behind all joins, since a comma binds weaker
		name := g.alias("a")
		s = source{s.sql + ", t3 AS " + name, join(s.columns, qualify(name, tables[2].columns))}
	}
	return s
}

// join adds an item to a FROM clause.
func (g *Generator) join(left source, outer []column, depth int) source {
	kind := g.pick("JOIN", "LEFT JOIN", "CROSS JOIN", "RIGHT JOIN", "FULL JOIN", "USING", "CROSS JOIN LATERAL", "LEFT JOIN LATERAL", "JOIN LATERAL")
	switch {
	case kind == "USING":
		return g.joinUsing(left)
	case strings.HasSuffix(kind, "LATERAL"):
		return g.joinLateral(left, outer, depth, kind)
	}
	right := g.item(outer, depth)
	if kind == "CROSS JOIN" {
		name := g.alias("a") // a table of few rows, lest the result be large
		right = source{"t3 AS " + name, qualify(name, tables[2].columns)}
	} else if g.chance(6) { // joins nest to the right
		inner := g.item(outer, 0)
		columns := join(right.columns, inner.columns)
		kind := g.pick("JOIN", "LEFT JOIN", "FULL JOIN", "RIGHT JOIN")
		right = source{fmt.Sprintf("(%s %s %s ON %s)", right.sql, kind, inner.sql, g.on(right.columns, inner.columns, kind == "FULL JOIN")), columns}
	}
	columns := join(left.columns, right.columns)
	if kind == "CROSS JOIN" {
		return source{left.sql + " CROSS JOIN " + right.sql, columns}
	}
	return source{left.sql + " " + kind + " " + right.sql + " ON " + g.on(left.columns, right.columns, kind == "FULL JOIN"), columns}
}

func join(a, b []column) []column { return append(append([]column{}, a...), b...) }

// on is a join condition: mostly an equality with more conditions. A full join
// has one that can be hashed, or a constant.
func (g *Generator) on(left, right []column, full bool) string {
	both := join(left, right)
	on := g.equality(left, right, full)
	switch {
	case g.chance(16):
		return g.pick("true", "false", "NULL", "1 = 1")
	case on == "" && full:
		return g.pick("true", "false")
	case on == "":
		return g.expr(Bool, both, 2)
	case !full && g.chance(8):
		return g.expr(Bool, both, 2)
	case !full && g.chance(12):
		return on + " OR " + g.expr(Bool, both, 1)
	case g.chance(3):
		return on + " AND " + g.expr(Bool, both, 1)
	case g.chance(8):
		return on + " AND " + g.expr(Bool, left, 1)
	}
	return on
}

// equality compares a column of each side; "" where no types are the same. With
// hashed the first comparison is one that can be hashed.
func (g *Generator) equality(left, right []column, hashed bool) string {
	var pairs [][2]string
	for _, l := range left {
		for _, r := range right {
			if l.typ == r.typ {
				pairs = append(pairs, [2]string{l.name, r.name})
			}
		}
	}
	if len(pairs) == 0 {
		return ""
	}
	p := pairs[g.src.Below(len(pairs))]
	on := p[0] + " = " + p[1]
	if !hashed && g.chance(10) {
		on = p[0] + g.pick(" IS NOT DISTINCT FROM ", " < ", " <> ") + p[1]
	}
	if g.chance(5) {
		q := pairs[g.src.Below(len(pairs))]
		on += " AND " + q[0] + g.pick(" = ", " <= ", " <> ", " IS NOT DISTINCT FROM ") + q[1]
		if g.chance(4) {
			on = fmt.Sprintf("(%s, %s) = (%s, %s)", p[0], q[0], p[1], q[1])
		}
	}
	return on
}

func (g *Generator) joinLateral(left source, outer []column, depth int, kind string) source {
	scope := join(left.columns, outer)
	var right source
	name := g.alias("l")
	if g.chance(2) || g.room == 0 {
		right = g.tableFunction(name, scope)
	} else {
		g.room--
		q := g.query(scope, max(0, depth-1), nil)
		if g.chance(4) {
			q.sql = g.ordered(q)
		}
		cols, names := q.named()
		right = source{fmt.Sprintf("(%s) AS %s(%s)", q.sql, name, strings.Join(names, ", ")), qualify(name, cols)}
	}
	columns := join(left.columns, right.columns)
	sql := left.sql + " " + kind + " " + right.sql
	switch {
	case kind == "CROSS JOIN LATERAL":
	case g.chance(3):
		sql += " ON " + g.expr(Bool, columns, 1)
	default:
		sql += " ON true"
	}
	return source{sql, columns}
}

// joinUsing joins a base table by USING with another one, or naturally.
func (g *Generator) joinUsing(left source) source {
	a, b := tables[1+g.src.Below(3)], tables[1+g.src.Below(3)]
	x, y := g.alias("u"), g.alias("u")
	name := g.alias("j")
	kind := g.pick("JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN")
	inner := fmt.Sprintf("(SELECT a, %s.s AS s1, %s.s AS s2 FROM %s %s %s %s %s USING (a))", x, y, a.name, x, kind, b.name, y)
	columns := []column{of("a", Int), of("s1", Text), of("s2", Text)}
	switch g.src.Below(4) {
	case 2:
		inner = fmt.Sprintf("(SELECT a, s, %s.s FROM %s %s %s %s %s USING (a, s))", x, a.name, x, kind, b.name, y)
	case 3:
		inner = fmt.Sprintf("(SELECT a, s, %s.a::text FROM t2 %s NATURAL %s t3 %s)", y, x, kind, y)
	}
	right := source{fmt.Sprintf("%s AS %s(a, s1, s2)", inner, name), qualify(name, columns)}
	on := g.equality(left.columns, right.columns, false)
	if on == "" {
		on = "true"
	}
	return source{left.sql + " JOIN " + right.sql + " ON " + on, join(left.columns, right.columns)}
}

// item is one item of a FROM clause.
func (g *Generator) item(outer []column, depth int) source {
	name := g.alias("a")
	choice := g.src.Below(14)
	switch {
	case choice < 6 || depth == 0 && choice > 9:
		return g.table(name)
	case (choice == 6 || choice == 7) && len(g.ctes) > 0:
		t := g.ctes[g.src.Below(len(g.ctes))]
		return source{t.name + " AS " + name, qualify(name, t.columns)}
	case choice == 8:
		return g.values(name)
	case choice == 9:
		return g.tableFunction(name, outer)
	case depth == 0:
		return g.table(name)
	}
	ctes := len(g.ctes)
	with := ""
	if g.chance(10) {
		with = g.with(depth-1, outer)
	}
	q := g.query(outer, depth-1, nil)
	g.ctes = g.ctes[:ctes]
	if g.chance(5) {
		q.sql = g.ordered(q)
	}
	cols, names := q.named()
	return source{fmt.Sprintf("(%s%s) AS %s(%s)", with, q.sql, name, strings.Join(names, ", ")), qualify(name, cols)}
}

// table is a base table under a name.
func (g *Generator) table(name string) source {
	t := tables[g.src.Below(len(tables))]
	columns := qualify(name, t.columns)
	if t.name == "t2" {
		for i := range columns {
			columns[i].key = name + ".id"
		}
	}
	return source{t.name + " AS " + name, columns}
}

func (g *Generator) values(name string) source {
	cols := []column{of("v1", g.anyType()), of("v2", Int)}
	var rows []string
	for range 1 + g.src.Below(4) {
		a := g.literal(cols[0].typ)
		if len(rows) == 0 {
			a = cast(a, cols[0].typ)
		}
		rows = append(rows, fmt.Sprintf("(%s, %s)", a, literals[Int][g.src.Below(len(literals[Int]))]))
	}
	return source{fmt.Sprintf("(VALUES %s) AS %s(v1, v2)", strings.Join(rows, ", "), name), qualify(name, cols)}
}

func qualify(alias string, cols []column) []column {
	out := make([]column, len(cols))
	for i, c := range cols {
		out[i] = column{name: alias + "." + c.name, typ: c.typ}
	}
	return out
}
