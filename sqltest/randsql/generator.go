package randsql

import (
	"fmt"
	"strings"
)

// Generator makes statements; it is used by one goroutine.
type Generator struct {
	src   Source
	names int
	ctes  []table
}

// New makes a generator that takes its choices from src.
func New(src Source) *Generator { return &Generator{src: src} }

// Statement is a SELECT.
type Statement struct {
	SQL string
	// Ordered: the rows have the order of the text; only equal rows are peers.
	Ordered bool
	Columns []Type
}

// Query makes a statement.
func (g *Generator) Query() Statement {
	g.names, g.ctes = 0, nil
	with := g.with()
	q := g.query(nil, 2, nil)
	sql := with + q.sql
	if g.chance(2) {
		return Statement{sql, false, q.columns}
	}
	var keys []string
	for i := range q.columns {
		keys = append(keys, fmt.Sprint(i+1)+g.pick("", " DESC", " NULLS FIRST", " DESC NULLS LAST"))
	}
	sql += " ORDER BY " + strings.Join(keys, ", ")
	switch g.src.Below(4) {
	case 1:
		sql += fmt.Sprintf(" LIMIT %d", g.src.Below(12))
	case 2:
		sql += fmt.Sprintf(" LIMIT %d OFFSET %d", 1+g.src.Below(12), g.src.Below(5))
	case 3:
		sql += fmt.Sprintf(" OFFSET %d", g.src.Below(4))
	}
	return Statement{sql, true, q.columns}
}

// chance is true once in n times.
func (g *Generator) chance(n int) bool { return g.src.Below(n) == n-1 }

func (g *Generator) pick(list ...string) string { return list[g.src.Below(len(list))] }

// alias makes a new name.
func (g *Generator) alias(prefix string) string {
	g.names++
	return fmt.Sprintf("%s%d", prefix, g.names)
}

// with makes the WITH clause, whose tables FROM clauses may then use.
func (g *Generator) with() string {
	var parts []string
	recursive := ""
	for n := max(0, g.src.Below(6)-3); n > 0; n-- {
		name := g.alias("w")
		if g.chance(4) {
			recursive = "RECURSIVE "
			t := tables[1+g.src.Below(3)]
			union := g.pick("UNION ALL", "UNION")
			step := g.pick("r.n + 1, r.a FROM "+name+" r WHERE r.n < 4",
				"r.n + 1, t.a FROM "+name+" r JOIN "+t.name+" t ON t.a = r.a WHERE r.n < 2")
			parts = append(parts, fmt.Sprintf("%s(n, a) AS (SELECT 1, a FROM %s %s SELECT %s)", name, t.name, union, step))
			g.ctes = append(g.ctes, table{name: name, columns: []column{{"n", Int}, {"a", Int}}})
			continue
		}
		q := g.query(nil, 1, nil)
		cols, names := q.named()
		parts = append(parts, fmt.Sprintf("%s(%s) AS %s(%s)", name, strings.Join(names, ", "), g.pick("", "MATERIALIZED ", "NOT MATERIALIZED "), q.sql))
		g.ctes = append(g.ctes, table{name: name, columns: cols})
	}
	if len(parts) == 0 {
		return ""
	}
	return "WITH " + recursive + strings.Join(parts, ", ") + " "
}

// query is a SELECT, or a set operation of several.
type query struct {
	sql     string
	columns []Type
}

// named gives the query's columns the names x1, x2, …
func (q query) named() (cols []column, names []string) {
	for i, t := range q.columns {
		name := fmt.Sprintf("x%d", i+1)
		cols, names = append(cols, column{name, t}), append(names, name)
	}
	return cols, names
}

// query makes a query whose expressions may use the columns of outer; depth
// bounds how far queries nest. want are the types of its columns; nil: any.
func (g *Generator) query(outer []column, depth int, want []Type) query {
	if want == nil {
		for range 1 + g.src.Below(4) {
			want = append(want, Type(g.src.Below(int(types))))
		}
	}
	left := g.simple(outer, depth, want)
	if depth == 0 || !g.chance(6) {
		return left
	}
	right := g.simple(outer, depth-1, want)
	op := g.pick("UNION ALL", "UNION", "INTERSECT", "EXCEPT", "INTERSECT ALL", "EXCEPT ALL")
	sql := fmt.Sprintf("(%s) %s (%s)", left.sql, op, right.sql)
	if g.chance(4) {
		third := g.simple(outer, depth-1, want)
		sql += " " + g.pick("UNION ALL", "UNION", "INTERSECT", "EXCEPT") + " (" + third.sql + ")"
	}
	return query{sql, want}
}

// simple is one SELECT.
func (g *Generator) simple(outer []column, depth int, want []Type) query {
	from := g.from(outer, depth)
	s := &selection{g: g, from: from, outer: outer, depth: depth, want: want}
	switch g.src.Below(8) {
	case 3, 4:
		return s.grouped()
	case 5:
		return s.windowed()
	case 6:
		return s.distinct()
	}
	return s.plain()
}
