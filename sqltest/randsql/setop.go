package randsql

import "fmt"

// setOperation combines two to four queries of the same types. Operands have an
// order and a limit of their own at times, and are set operations themselves.
func (g *Generator) setOperation(outer []column, depth int, want []Type) query {
	sql := g.operand(outer, depth, want)
	for range 1 + g.src.Below(3)/2 {
		op := g.pick("UNION ALL", "UNION", "INTERSECT", "EXCEPT", "INTERSECT ALL", "EXCEPT ALL")
		sql = fmt.Sprintf("%s %s %s", sql, op, g.operand(outer, depth-1, want))
	}
	return query{sql: sql, columns: want}
}

func (g *Generator) operand(outer []column, depth int, want []Type) string {
	g.nest = depth
	if depth > 0 && g.room > 0 && g.chance(6) {
		g.room--
		q := g.setOperation(outer, depth-1, want)
		return "(" + q.sql + ")"
	}
	q := g.simple(outer, depth, want)
	if g.chance(5) {
		q.sql = g.ordered(q)
	}
	return "(" + q.sql + ")"
}
