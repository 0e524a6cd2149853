package randsql

import (
	"fmt"
	"strings"
)

// grouped has GROUP BY, or aggregates over all rows.
func (s *selection) grouped() query {
	g := s.g
	g.windows, g.total = nil, ""
	keys := s.keys()
	by, plain := s.groupBy(keys)
	above := s.above(keys, plain)
	windows := len(keys) > 0 && g.chance(5)
	var items []string
	for _, t := range s.want {
		e := g.aggregate(t, s.arguments())
		switch {
		case windows && g.chance(2):
			if w := s.windowOverGroups(t, keys, plain); w != "" {
				e = w
			}
		case e == "" || len(keys) > 0 && g.chance(2):
			e = g.expr(t, above, 1)
		case len(above) > 0 && g.chance(4):
			e = fmt.Sprintf("coalesce(%s, %s)", e, g.expr(t, above, 1))
		case g.chance(8):
			e = fmt.Sprintf("CASE WHEN count(*) > 2 THEN %s ELSE %s END", cast(e, t), g.leaf(t, above))
		}
		if e == "" {
			e = g.literal(t)
		}
		items = append(items, cast(e, t))
	}
	sql := fmt.Sprintf("SELECT %s FROM %s%s%s", aliased(items), s.from.sql, s.where(), by)
	if g.chance(4) {
		sql += " HAVING " + g.pick("count(*) > 1", "count(*) < 5", "count(DISTINCT "+g.anyColumn(s.from.columns)+") >= 1",
			"bool_or("+g.expr(Bool, s.from.columns, 1)+")", g.expr(Bool, above, 2), "count(*) > (SELECT count(*) FROM t3) - 8")
	}
	return query{sql: sql + g.windowClause(), columns: s.want, aliased: true}
}

// arguments are the columns that aggregates may use.
func (s *selection) arguments() []column {
	if s.g.chance(6) {
		return s.scope()
	}
	return s.from.columns
}

// above are the columns that are seen beside the aggregates: the keys, what they
// determine, and columns from around.
func (s *selection) above(keys []column, plain bool) []column {
	out := append([]column{}, keys...)
	for _, k := range keys {
		for _, c := range s.from.columns {
			if plain && c.key != "" && c.key == k.name {
				out = append(out, c)
			}
		}
	}
	if len(keys) > 0 {
		out = append(out, column{name: grouping(keys), typ: Int, local: true})
	}
	return append(out, s.outer...)
}

func grouping(keys []column) string {
	names := make([]string, len(keys))
	for i, k := range keys {
		names[i] = k.name
	}
	return "GROUPING(" + strings.Join(names, ", ") + ")"
}

// windowOverGroups is a window function whose rows are the groups.
func (s *selection) windowOverGroups(t Type, keys []column, plain bool) string {
	rows := append([]column{}, keys...)
	if !plain {
		rows = append(rows, column{name: grouping(keys), typ: Int, local: true})
	}
	if s.g.chance(2) {
		return s.g.window(t, rows)
	}
	switch t {
	case BigInt:
		return "count(*) - lag(count(*)) OVER (" + s.g.over(rows, false) + ")"
	case Numeric:
		return "sum(count(*)) OVER (" + s.g.over(rows, true) + ")"
	}
	return ""
}

// keys picks the grouping columns, and expressions.
func (s *selection) keys() []column {
	var out []column
	for n := s.g.src.Below(4); n > 0 && len(s.from.columns) > 0; n-- {
		if s.g.chance(5) {
			t := s.g.anyType()
			e := s.g.plainly(t, s.from.columns, 1)
			if strings.Contains(e, s.from.columns[0].name[:2]) { // no constant
				out = append(out, column{name: cast(e, t), typ: t, local: true})
				continue
			}
		}
		out = append(out, s.from.columns[s.g.src.Below(len(s.from.columns))])
	}
	return out
}

// groupBy is the clause; plain says that it is a list of keys.
func (s *selection) groupBy(keys []column) (sql string, plain bool) {
	if len(keys) == 0 {
		return "", true
	}
	var names []string
	for _, k := range keys {
		names = append(names, k.name)
	}
	list, first, last := strings.Join(names, ", "), names[0], names[len(names)-1]
	switch s.g.src.Below(12) {
	case 4:
		return " GROUP BY ROLLUP (" + list + ")", false
	case 5:
		return " GROUP BY CUBE (" + list + ")", false
	case 6:
		return fmt.Sprintf(" GROUP BY GROUPING SETS ((%s), (), (%s))", list, first), false
	case 7:
		return fmt.Sprintf(" GROUP BY %s, GROUPING SETS ((%s), ())", list, last), false
	case 8:
		return fmt.Sprintf(" GROUP BY GROUPING SETS (ROLLUP (%s), CUBE (%s), %s)", list, last, last), false
	case 9:
		return fmt.Sprintf(" GROUP BY %sROLLUP (%s), ROLLUP ((%s))", s.g.pick("", "DISTINCT "), list, list), false
	}
	return " GROUP BY " + list, true
}
