package randsql

import (
	"fmt"
	"strings"
)

// selection is a SELECT being made.
type selection struct {
	g     *Generator
	from  source
	outer []column
	depth int
	want  []Type
}

// scope is what expressions may name; the columns of the query around come last.
func (s *selection) scope() []column {
	return append(append([]column{}, s.from.columns...), s.outer...)
}

// list joins select items of the wanted types.
func (s *selection) list(scope []column) string {
	var items []string
	for i, t := range s.want {
		items = append(items, fmt.Sprintf("%s AS y%d", s.item(t, scope), i+1))
	}
	return strings.Join(items, ", ")
}

// item is an expression of just this type, also when it is a string constant.
func (s *selection) item(t Type, scope []column) string {
	return cast(s.g.sub(t, scope, 2, s.depth), t)
}

// where is the WHERE clause, or nothing.
func (s *selection) where() string {
	if s.g.chance(3) {
		return ""
	}
	return " WHERE " + s.g.sub(Bool, s.scope(), 2, s.depth)
}

func (s *selection) plain() query {
	return query{fmt.Sprintf("SELECT %s FROM %s%s", s.list(s.scope()), s.from.sql, s.where()), s.want}
}

// distinct is SELECT DISTINCT, or DISTINCT ON with a total order.
func (s *selection) distinct() query {
	if s.g.chance(3) {
		n := 1 + s.g.src.Below(len(s.want))
		var on, by []string
		for i := range s.want {
			if i < n {
				on = append(on, fmt.Sprintf("y%d", i+1))
			}
			by = append(by, fmt.Sprintf("y%d%s", i+1, s.g.pick("", " DESC")))
		}
		inner := fmt.Sprintf("SELECT %s FROM %s%s", s.list(s.scope()), s.from.sql, s.where())
		return query{fmt.Sprintf("SELECT DISTINCT ON (%s) * FROM (%s) AS %s ORDER BY %s",
			strings.Join(on, ", "), inner, s.g.alias("d"), strings.Join(by, ", ")), s.want}
	}
	return query{fmt.Sprintf("SELECT DISTINCT %s FROM %s%s", s.list(s.scope()), s.from.sql, s.where()), s.want}
}

// grouped has GROUP BY, or aggregates over all rows.
func (s *selection) grouped() query {
	keys := s.keys()
	// below the aggregates only the keys are seen, and columns from around
	above := append(append([]column{}, keys...), s.outer...)
	var items []string
	for i, t := range s.want {
		e := s.g.aggregate(t, s.from.columns)
		if e == "" || len(keys) > 0 && s.g.chance(2) {
			e = s.g.expr(t, above, 1)
		} else if len(above) > 0 && s.g.chance(4) {
			e = fmt.Sprintf("coalesce(%s, %s)", e, s.g.literal(t))
		}
		items = append(items, fmt.Sprintf("%s AS y%d", cast(e, t), i+1))
	}
	sql := fmt.Sprintf("SELECT %s FROM %s%s", strings.Join(items, ", "), s.from.sql, s.where())
	sql += s.groupBy(keys)
	if s.g.chance(4) {
		sql += " HAVING " + s.g.pick("count(*) > 1", "count(*) < 5", "count(DISTINCT "+s.g.anyColumn(s.from.columns)+") >= 1", "bool_or("+s.g.expr(Bool, s.from.columns, 1)+")")
	}
	return query{sql, s.want}
}

// keys picks the grouping columns.
func (s *selection) keys() []column {
	var out []column
	for n := s.g.src.Below(4); n > 0 && len(s.from.columns) > 0; n-- {
		out = append(out, s.from.columns[s.g.src.Below(len(s.from.columns))])
	}
	return out
}

func (s *selection) groupBy(keys []column) string {
	if len(keys) == 0 {
		return ""
	}
	var names []string
	for _, k := range keys {
		names = append(names, k.name)
	}
	list := strings.Join(names, ", ")
	switch s.g.src.Below(8) {
	case 4:
		return " GROUP BY ROLLUP (" + list + ")"
	case 5:
		return " GROUP BY CUBE (" + list + ")"
	case 6:
		return fmt.Sprintf(" GROUP BY GROUPING SETS ((%s), (), (%s))", list, names[0])
	case 7:
		return fmt.Sprintf(" GROUP BY %s, GROUPING SETS ((%s), ())", names[0], names[len(names)-1])
	}
	return " GROUP BY " + list
}

// windowed has window functions, over a total order of rows.
func (s *selection) windowed() query {
	var items []string
	for i, t := range s.want {
		e := s.g.window(t, s.from.columns)
		if e == "" || s.g.chance(3) {
			e = s.g.expr(t, s.scope(), 1)
		}
		items = append(items, fmt.Sprintf("%s AS y%d", cast(e, t), i+1))
	}
	return query{fmt.Sprintf("SELECT %s FROM %s%s", strings.Join(items, ", "), s.from.sql, s.where()), s.want}
}
