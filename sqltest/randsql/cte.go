package randsql

import (
	"fmt"
	"strings"
)

// with makes a WITH clause, whose tables FROM clauses may then use; its queries
// may use the columns of outer. Mostly it is "".
func (g *Generator) with(depth int, outer []column) string {
	var parts []string
	recursive := ""
	for n := max(0, g.src.Below(6)-3); n > 0; n-- {
		name := g.alias("w")
		if g.chance(4) {
			recursive = "RECURSIVE "
			parts = append(parts, g.recursive(name))
			continue
		}
		q := g.query(outer, depth-1, nil)
		if g.chance(5) {
			q.sql = g.ordered(q)
		}
		cols, names := q.named()
		parts = append(parts, fmt.Sprintf("%s(%s) AS %s(%s)", name, strings.Join(names, ", "), g.pick("", "MATERIALIZED ", "NOT MATERIALIZED "), q.sql))
		g.ctes = append(g.ctes, table{name: name, columns: cols})
	}
	if len(parts) == 0 {
		return ""
	}
	return "WITH " + recursive + strings.Join(parts, ", ") + " "
}

// recursive is an item of WITH that reads itself, a few rounds deep.
func (g *Generator) recursive(name string) string {
	t := tables[1+g.src.Below(3)]
	columns := []column{of("n", Int), of("a", Int)}
	union := g.pick("UNION ALL", "UNION")
	seed := "SELECT 1, a FROM " + t.name
	step := g.pick("SELECT r.n + 1, r.a FROM "+name+" r WHERE r.n < 4",
		"SELECT r.n + 1, t.a FROM "+name+" r JOIN "+t.name+" t ON t.a = r.a WHERE r.n < 2",
		"SELECT r.n + 1, x.a FROM "+name+" r LEFT JOIN t3 x ON x.a = r.a + 1 WHERE r.n < 3",
		"SELECT r.n + 1, (SELECT max(x.a) FROM t2 x WHERE x.id > r.n) FROM "+name+" r WHERE r.n < 3 AND r.a IN (SELECT a FROM t3)",
		"SELECT r.n % 3 + 1, r.a FROM "+name+" r WHERE EXISTS (SELECT FROM t2 x WHERE x.a = r.a)")
	if strings.Contains(step, "%") {
		union = "UNION" // ends because rows repeat
	}
	suffix := ""
	if g.chance(5) && !strings.Contains(step, "%") {
		suffix = g.pick(" SEARCH DEPTH FIRST BY a, n SET way", " SEARCH BREADTH FIRST BY a SET way", " CYCLE a SET again USING path")
	}
	g.ctes = append(g.ctes, table{name: name, columns: columns})
	return fmt.Sprintf("%s(n, a) AS (%s %s %s)%s", name, seed, union, step, suffix)
}
