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
func (s *selection) scope() []column { return join(s.from.columns, s.outer) }

// list joins select items of the wanted types.
func (s *selection) list(scope []column) string {
	var items []string
	for _, t := range s.want {
		items = append(items, s.item(t, scope))
	}
	return aliased(items)
}

// aliased is a select list with the names y1, y2, …
func aliased(items []string) string {
	out := make([]string, len(items))
	for i, e := range items {
		out[i] = fmt.Sprintf("%s AS y%d", e, i+1)
	}
	return strings.Join(out, ", ")
}

// item is an expression of just this type, also when it is a string constant.
func (s *selection) item(t Type, scope []column) string {
	return cast(s.g.expr(t, scope, 2), t)
}

// where is the WHERE clause, or nothing.
func (s *selection) where() string {
	if s.g.chance(3) {
		return ""
	}
	where := " WHERE " + s.g.expr(Bool, s.scope(), 2)
	for s.g.chance(4) {
		where += s.g.pick(" AND ", " OR ") + s.g.expr(Bool, s.scope(), 2)
	}
	return where
}

func (s *selection) plain() query {
	sql := fmt.Sprintf("SELECT %s FROM %s%s", s.list(s.scope()), s.from.sql, s.where())
	return query{sql: sql, columns: s.want, aliased: true, inner: s.from.columns}
}

// expanded has calls in the select list that give several rows.
func (s *selection) expanded() query {
	var items []string
	distinct := s.g.pick("", "", "", "DISTINCT ")
	for _, t := range s.want {
		e := ""
		if !s.g.chance(3) {
			e = s.g.rowsOf(t, s.scope())
		}
		if e == "" {
			e = s.g.expr(t, s.scope(), 1)
		}
		items = append(items, cast(e, t))
	}
	return query{sql: fmt.Sprintf("SELECT %s%s FROM %s%s", distinct, aliased(items), s.from.sql, s.where()), columns: s.want, aliased: true}
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
			by = append(by, fmt.Sprintf("y%d%s", i+1, s.g.pick("", " DESC", " NULLS FIRST")))
		}
		inner := fmt.Sprintf("SELECT %s FROM %s%s", s.list(s.scope()), s.from.sql, s.where())
		return query{sql: fmt.Sprintf("SELECT DISTINCT ON (%s) * FROM (%s) AS %s ORDER BY %s",
			strings.Join(on, ", "), inner, s.g.alias("d"), strings.Join(by, ", ")), columns: s.want, ordered: true}
	}
	return query{sql: fmt.Sprintf("SELECT DISTINCT %s FROM %s%s", s.list(s.scope()), s.from.sql, s.where()), columns: s.want, aliased: true}
}

// windowed has window functions, over a total order of rows.
func (s *selection) windowed() query {
	s.g.windows, s.g.total = nil, ""
	var items []string
	for _, t := range s.want {
		e := s.g.window(t, s.from.columns)
		if e == "" || s.g.chance(3) {
			e = s.g.expr(t, s.scope(), 1)
		}
		items = append(items, cast(e, t))
	}
	sql := fmt.Sprintf("SELECT %s FROM %s%s%s", aliased(items), s.from.sql, s.where(), s.g.windowClause())
	return query{sql: sql, columns: s.want, aliased: true, inner: s.from.columns}
}
