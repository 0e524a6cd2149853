package randsql

import (
	"fmt"
	"strings"
)

// kin are types whose values compare with one another.
var kin = [][]Type{{Int, BigInt, SmallInt, Numeric, Float}, {Text, Char}, {Date, Timestamp, Timestamptz}}

// keyed joins two or three sides of different shapes by keys, whose types may
// differ, and looks at what is left: the sides send each other's scans their keys.
func (g *Generator) keyed() Statement {
	left := g.side()
	for range 1 + g.src.Below(2) {
		right := g.side()
		kind := g.pick("JOIN", "JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN")
		columns := join(left.columns, right.columns)
		left = source{fmt.Sprintf("%s %s %s ON %s", left.sql, kind, right.sql, g.keys(left.columns, right.columns)), columns}
	}
	where := ""
	if g.chance(2) {
		where = " WHERE " + g.keyTest(left.columns)
	}
	if g.chance(3) {
		c := left.columns[g.src.Below(len(left.columns))]
		return Statement{SQL: fmt.Sprintf("SELECT count(*) AS y1, count(%s) AS y2 FROM %s%s", c.name, left.sql, where), Columns: []Type{BigInt, BigInt}}
	}
	var items []string
	var types []Type
	for range 1 + g.src.Below(3) {
		c := left.columns[g.src.Below(len(left.columns))]
		items, types = append(items, c.name), append(types, c.typ)
	}
	sql := fmt.Sprintf("SELECT %s FROM %s%s", aliased(items), left.sql, where)
	if g.chance(6) {
		sql = "SELECT DISTINCT" + strings.TrimPrefix(sql, "SELECT")
	}
	return Statement{SQL: sql, Columns: types}
}

// keyTable is a table of rows with its comparable columns.
func (g *Generator) keyTable() (name string, columns []column) {
	t := tables[g.src.Below(len(tables)-1)]
	for _, c := range t.columns {
		if family(c.typ) >= 0 {
			columns = append(columns, c)
		}
	}
	return t.name, columns
}

// family is the number of a type's kin, -1 for none.
func family(t Type) int {
	for i, list := range kin {
		for _, u := range list {
			if u == t {
				return i
			}
		}
	}
	return -1
}

// side is a table, filtered or not, groups, different values, parts of two tables,
// or a join of two.
func (g *Generator) side() source {
	name, columns := g.keyTable()
	alias := g.alias("s")
	where := ""
	if g.chance(2) {
		where = " WHERE " + g.expr(Bool, columns, 1)
	}
	switch g.src.Below(8) {
	case 1, 2: // groups
		k, v := columns[g.src.Below(len(columns))], columns[g.src.Below(len(columns))]
		second := columns[g.src.Below(len(columns))]
		keys := []column{of("k", k.typ)}
		list := k.name + " AS k"
		if g.chance(3) {
			keys, list = append(keys, of("l", second.typ)), list+", "+second.name+" AS l"
		}
		having := g.pick("", "", fmt.Sprintf(" HAVING count(%s) > 0", v.name), " HAVING count(*) < 3")
		sql := fmt.Sprintf("(SELECT %s, count(*) AS n, min(%s) AS m FROM %s%s GROUP BY %s%s) AS %s", list, v.name, name, where, strings.Join(ordinals(len(keys)), ", "), having, alias)
		return source{sql, qualify(alias, append(keys, of("n", BigInt), of("m", v.typ)))}
	case 3: // parts
		other, list := g.keyTable()
		k := columns[g.src.Below(len(columns))]
		for _, c := range list {
			if c.typ == k.typ {
				sql := fmt.Sprintf("(SELECT %s AS k, 1 AS part FROM %s%s UNION ALL SELECT %s, 2 FROM %s) AS %s", k.name, name, where, c.name, other, alias)
				return source{sql, qualify(alias, []column{of("k", k.typ), of("part", Int)})}
			}
		}
	case 4: // a join
		other, list := g.keyTable()
		x, y := qualify("p", columns), qualify("q", list)
		a, b := x[g.src.Below(len(x))], y[g.src.Below(len(y))]
		sql := fmt.Sprintf("(SELECT %s AS k, %s AS l FROM %s AS p %s %s AS q ON %s) AS %s",
			a.name, b.name, name, g.pick("JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN"), other, g.keys(x, y), alias)
		return source{sql, qualify(alias, []column{of("k", a.typ), of("l", b.typ)})}
	case 5: // different values
		k := columns[g.src.Below(len(columns))]
		return source{fmt.Sprintf("(SELECT DISTINCT %s AS k FROM %s%s) AS %s", k.name, name, where, alias), qualify(alias, []column{of("k", k.typ)})}
	}
	return source{fmt.Sprintf("(SELECT * FROM %s%s) AS %s", name, where, alias), qualify(alias, columns)}
}

func ordinals(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprint(i + 1)
	}
	return out
}

// keys compares columns of two sides for equality, of different types at times.
func (g *Generator) keys(left, right []column) string {
	var same, alike []string
	for _, l := range left {
		for _, r := range right {
			switch {
			case l.typ == r.typ:
				same = append(same, l.name+" = "+r.name)
			case family(l.typ) == family(r.typ):
				alike = append(alike, l.name+" = "+r.name)
			}
		}
	}
	list := same
	if len(alike) > 0 && (len(same) == 0 || g.chance(4)) {
		list = alike
	}
	if len(list) == 0 {
		return g.pick("true", "1 = 0")
	}
	on := list[g.src.Below(len(list))]
	if g.chance(4) {
		on += " AND " + list[g.src.Below(len(list))]
	}
	return on
}

// keyTest is a condition on keys: a subquery of keys, or an expression.
func (g *Generator) keyTest(columns []column) string {
	c := columns[g.src.Below(len(columns))]
	name, list := g.keyTable()
	for _, k := range list {
		if k.typ != c.typ && (family(k.typ) != family(c.typ) || !g.chance(4)) {
			continue
		}
		where := g.expr(Bool, list, 1)
		switch g.src.Below(5) {
		case 0:
			return fmt.Sprintf("%s IN (SELECT %s FROM %s WHERE %s)", c.name, k.name, name, where)
		case 1:
			return fmt.Sprintf("%s NOT IN (SELECT %s FROM %s WHERE %s AND %s IS NOT NULL)", c.name, k.name, name, where, k.name)
		case 2:
			return fmt.Sprintf("%s NOT IN (SELECT %s FROM %s WHERE %s)", c.name, k.name, name, where)
		case 3:
			return fmt.Sprintf("%s (SELECT FROM %s AS e WHERE e.%s = %s)", g.pick("EXISTS", "NOT EXISTS"), name, k.name, c.name)
		}
		return fmt.Sprintf("(SELECT count(*) FROM %s AS e WHERE e.%s = %s) %s %d", name, k.name, c.name, g.pick("=", ">", "<"), g.src.Below(3))
	}
	return g.expr(Bool, columns, 1)
}
