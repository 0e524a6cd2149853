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
	s := g.item(outer, depth)
	for n := []int{0, 0, 0, 1, 1, 2}[g.src.Below(6)]; n > 0 && len(s.columns) < 60; n-- {
		s = g.join(s, outer, depth)
	}
	return s
}

// join adds an item to a FROM clause.
func (g *Generator) join(left source, outer []column, depth int) source {
	kind := g.pick("JOIN", "LEFT JOIN", "CROSS JOIN", "RIGHT JOIN", "FULL JOIN", "USING", "CROSS JOIN LATERAL", "LEFT JOIN LATERAL")
	switch {
	case kind == "USING":
		return g.joinUsing(left)
	case strings.HasSuffix(kind, "LATERAL") && depth > 0:
		return g.joinLateral(left, outer, kind)
	}
	kind = strings.TrimSuffix(kind, " LATERAL")
	right := g.item(outer, depth)
	if kind == "CROSS JOIN" {
		name := g.alias("a") // a table of few rows, lest the result be large
		right = source{"t3 AS " + name, qualify(name, tables[2].columns)}
	}
	columns := append(append([]column{}, left.columns...), right.columns...)
	on := g.equality(left.columns, right.columns, kind == "FULL JOIN")
	if on == "" {
		kind = "CROSS JOIN"
	}
	if kind == "CROSS JOIN" {
		return source{left.sql + " CROSS JOIN " + right.sql, columns}
	}
	if kind != "FULL JOIN" && g.chance(3) {
		on += " AND " + g.expr(Bool, columns, 1)
	}
	return source{left.sql + " " + kind + " " + right.sql + " ON " + on, columns}
}

func (g *Generator) joinLateral(left source, outer []column, kind string) source {
	q := g.query(append(append([]column{}, left.columns...), outer...), 0, nil)
	cols, names := q.named()
	name := g.alias("l")
	sql := fmt.Sprintf("%s %s (%s) AS %s(%s)", left.sql, kind, q.sql, name, strings.Join(names, ", "))
	if kind == "LEFT JOIN LATERAL" {
		sql += " ON true"
	}
	return source{sql, append(append([]column{}, left.columns...), qualify(name, cols)...)}
}

// joinUsing joins a base table by USING with another one.
func (g *Generator) joinUsing(left source) source {
	a, b := tables[1+g.src.Below(3)], tables[1+g.src.Below(3)]
	x, y := g.alias("u"), g.alias("u")
	kind := g.pick("JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN")
	inner := fmt.Sprintf("(SELECT a, %s.s AS s1, %s.s AS s2 FROM %s %s %s %s %s USING (a))", x, y, a.name, x, kind, b.name, y)
	name := g.alias("j")
	right := source{inner + " AS " + name, qualify(name, []column{{"a", Int}, {"s1", Text}, {"s2", Text}})}
	on := g.equality(left.columns, right.columns, false)
	if on == "" {
		on = "true"
	}
	return source{left.sql + " JOIN " + right.sql + " ON " + on, append(append([]column{}, left.columns...), right.columns...)}
}

// equality compares a column of each side; "" where no types are the same. Only
// equalities are joined where only is set.
func (g *Generator) equality(left, right []column, only bool) string {
	var pairs [][2]string
	for _, l := range left {
		for _, r := range right {
			if l.typ == r.typ && l.typ != JSONB {
				pairs = append(pairs, [2]string{l.name, r.name})
			}
		}
	}
	if len(pairs) == 0 {
		return ""
	}
	p := pairs[g.src.Below(len(pairs))]
	on := p[0] + " = " + p[1]
	if g.chance(5) {
		p := pairs[g.src.Below(len(pairs))]
		op := g.pick(" = ", " <= ", " <> ")
		if only {
			op = " = "
		}
		on += " AND " + p[0] + op + p[1]
	}
	return on
}

// item is one item of a FROM clause.
func (g *Generator) item(outer []column, depth int) source {
	name := g.alias("a")
	choice := g.src.Below(12)
	switch {
	case choice < 6 || depth == 0 && choice > 8:
		t := tables[g.src.Below(len(tables))]
		return source{t.name + " AS " + name, qualify(name, t.columns)}
	case choice == 6 && len(g.ctes) > 0:
		t := g.ctes[g.src.Below(len(g.ctes))]
		return source{t.name + " AS " + name, qualify(name, t.columns)}
	case choice == 7:
		return g.values(name)
	case choice == 8:
		cols := []column{{"i", Int}}
		call := fmt.Sprintf("generate_series(%d, %d) AS %s(i)", g.src.Below(3), 2+g.src.Below(5), name)
		if g.chance(3) {
			cols = append(cols, column{"o", BigInt})
			call = fmt.Sprintf("unnest(%s) WITH ORDINALITY AS %s(i, o)", literals[IntArray][g.src.Below(4)], name)
		}
		return source{call, qualify(name, cols)}
	case depth == 0:
		t := tables[g.src.Below(len(tables))]
		return source{t.name + " AS " + name, qualify(name, t.columns)}
	}
	q := g.query(nil, depth-1, nil)
	cols, names := q.named()
	return source{fmt.Sprintf("(%s) AS %s(%s)", q.sql, name, strings.Join(names, ", ")), qualify(name, cols)}
}

func (g *Generator) values(name string) source {
	cols := []column{{"v1", Type(g.src.Below(int(types)))}, {"v2", Int}}
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
		out[i] = column{alias + "." + c.name, c.typ}
	}
	return out
}

func cast(e string, t Type) string { return "(" + e + ")::" + t.String() }
