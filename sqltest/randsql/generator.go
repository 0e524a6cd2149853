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
	// nest is how deep subqueries of the expression being made may nest, room how
	// many more subqueries the statement may have.
	nest, room int
	prepared   bool
	params     []parameter
	poison     string   // a wrong expression that is to be used once
	windows    []string // the WINDOW clause of the query being made
	total      string   // the partition and total order of its windows
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

// maxSubqueries bounds the subqueries of a statement.
const maxSubqueries = 4

// Query makes a statement.
func (g *Generator) Query() Statement {
	*g = Generator{src: g.src, room: maxSubqueries}
	switch g.src.Below(32) {
	case 18:
		return g.edgeBounds()
	case 19:
		return g.keyed()
	case 20:
		return g.failing()
	case 21:
		return g.poisoned()
	case 22, 23:
		g.prepared = true
		return g.prepare(g.statement())
	case 24, 25, 26, 27, 28, 29, 30, 31:
		return g.edge()
	}
	return g.statement()
}

// statement is a SELECT, with WITH and ORDER BY at times.
func (g *Generator) statement() Statement {
	with := g.with(2, nil)
	q := g.query(nil, 2, nil)
	if g.chance(2) {
		return Statement{with + q.sql, false, q.columns}
	}
	return Statement{with + g.ordered(q), true, q.columns}
}

// ordered is the query with ORDER BY, and LIMIT at times.
func (g *Generator) ordered(q query) string {
	if q.ordered || faulty(q.sql) {
		q = query{sql: fmt.Sprintf("SELECT * FROM (%s) AS %s", q.sql, g.alias("d")), columns: q.columns}
	}
	return q.sql + g.orderBy(q) + g.limit()
}

// faulty tells whether PostgreSQL may get an ORDER BY or WITH TIES wrong that is in
// the same block: it takes a constant key of grouping sets for one value in all
// rows, and computes min and max by a block that inherits WITH TIES.
func faulty(sql string) bool {
	for _, s := range []string{"ROLLUP", "CUBE", "GROUPING SETS", "min(", "max("} {
		if strings.Contains(sql, s) {
			return true
		}
	}
	return false
}

// orderBy orders by all columns, so that only equal rows are peers; before them
// at times by an expression that is not in the select list.
func (g *Generator) orderBy(q query) string {
	var keys []string
	if q.inner != nil && g.chance(4) {
		t := g.anyType()
		keys = append(keys, cast(g.plainly(t, q.inner, 2), t)+g.pick("", " DESC"))
	}
	from := g.src.Below(len(q.columns))
	for i := range q.columns {
		n := (i+from)%len(q.columns) + 1
		key := fmt.Sprint(n)
		if q.aliased && g.chance(4) {
			key = fmt.Sprintf("y%d", n)
		}
		keys = append(keys, key+g.pick("", " DESC", " NULLS FIRST", " DESC NULLS LAST"))
	}
	return " ORDER BY " + strings.Join(keys, ", ")
}

// limit is a LIMIT clause, or nothing, for a query with ORDER BY.
func (g *Generator) limit() string {
	switch g.src.Below(8) {
	case 1, 2:
		return fmt.Sprintf(" LIMIT %d", g.src.Below(12))
	case 3:
		return fmt.Sprintf(" LIMIT %d OFFSET %d", 1+g.src.Below(12), g.src.Below(5))
	case 4:
		return fmt.Sprintf(" OFFSET %d", g.src.Below(4))
	case 5:
		return fmt.Sprintf(" FETCH FIRST %d ROWS WITH TIES", 1+g.src.Below(5))
	case 6:
		return g.pick(" LIMIT ALL", " LIMIT NULL OFFSET NULL", " LIMIT 1 + 2", " LIMIT (SELECT 4)")
	}
	return ""
}

// chance is true once in n times.
func (g *Generator) chance(n int) bool { return g.src.Below(n) == n-1 }

func (g *Generator) pick(list ...string) string { return list[g.src.Below(len(list))] }

// alias makes a new name.
func (g *Generator) alias(prefix string) string {
	g.names++
	return fmt.Sprintf("%s%d", prefix, g.names)
}

// query is a SELECT, or a set operation of several.
type query struct {
	sql     string
	columns []Type
	// ordered: it has an ORDER BY already.
	ordered bool
	// aliased: its columns are y1, y2, …
	aliased bool
	// inner are what ORDER BY may use besides the columns; nil: nothing.
	inner []column
}

// named gives the query's columns the names x1, x2, …
func (q query) named() (cols []column, names []string) {
	for i, t := range q.columns {
		name := fmt.Sprintf("x%d", i+1)
		cols, names = append(cols, of(name, t)), append(names, name)
	}
	return cols, names
}

// query makes a query whose expressions may use the columns of outer; depth
// bounds how far queries nest. want are the types of its columns; nil: any.
func (g *Generator) query(outer []column, depth int, want []Type) query {
	if want == nil {
		for range 1 + g.src.Below(4) {
			want = append(want, g.anyType())
		}
	}
	nest, windows, total := g.nest, g.windows, g.total
	defer func() { g.nest, g.windows, g.total = nest, windows, total }()
	g.nest = depth
	if depth == 0 || !g.chance(6) {
		return g.simple(outer, depth, want)
	}
	return g.setOperation(outer, depth, want)
}

// simple is one SELECT.
func (g *Generator) simple(outer []column, depth int, want []Type) query {
	if g.chance(24) {
		return query{sql: g.rows(want), columns: want}
	}
	from := g.from(outer, depth)
	g.nest = depth
	s := &selection{g: g, from: from, outer: outer, depth: depth, want: want}
	switch g.src.Below(10) {
	case 3, 4, 5:
		return s.grouped()
	case 6:
		return s.windowed()
	case 7:
		return s.distinct()
	case 8:
		return s.expanded()
	}
	return s.plain()
}

// rows is VALUES of the types.
func (g *Generator) rows(want []Type) string {
	var rows []string
	for range 1 + g.src.Below(3) {
		var items []string
		for _, t := range want {
			items = append(items, cast(g.literal(t), t))
		}
		rows = append(rows, "("+strings.Join(items, ", ")+")")
	}
	return "VALUES " + strings.Join(rows, ", ")
}
