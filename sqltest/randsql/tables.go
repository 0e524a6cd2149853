package randsql

import (
	"fmt"
	"strings"
)

// column is a name in scope with its type.
type column struct {
	name string
	typ  Type
}

// table is a table, or a CTE.
type table struct {
	name    string
	columns []column
	rows    int
}

// wide has a column of each type, besides its key.
func wide() []column {
	out := []column{{"id", Int}}
	for t := Int; t < types; t++ {
		out = append(out, column{fmt.Sprintf("c%d", t), t})
	}
	return out
}

// tables are the same in every data set; their rows differ.
var tables = []table{
	{"t1", wide(), 30},
	{"t2", []column{{"id", Int}, {"a", Int}, {"b", Int}, {"s", Text}, {"n", Numeric}}, 20},
	{"t3", []column{{"id", Int}, {"a", Int}, {"k", BigInt}, {"s", Text}, {"d", Date}, {"f", Float}}, 12},
	{"t4", []column{{"a", Int}, {"b", Bool}, {"s", Text}, {"ts", Timestamp}}, 50},
	{"t0", []column{{"a", Int}, {"s", Text}}, 0},
}

// Tables gives the statements that make the tables and fill them.
func Tables(s Source) []string {
	var out []string
	for _, t := range tables {
		var defs []string
		for _, c := range t.columns {
			typ := c.typ.String()
			if c.typ == Numeric {
				typ = "numeric(8,2)"
			}
			defs = append(defs, c.name+" "+typ)
		}
		out = append(out, fmt.Sprintf("CREATE TABLE %s (%s)", t.name, strings.Join(defs, ", ")))
		var rows []string
		for i := range t.rows {
			var values []string
			for _, c := range t.columns {
				switch {
				case c.name == "id":
					values = append(values, fmt.Sprint(i+1))
				case s.Below(6) == 5:
					values = append(values, "NULL")
				default:
					list := literals[c.typ]
					values = append(values, list[s.Below(len(list))])
				}
			}
			rows = append(rows, "("+strings.Join(values, ", ")+")")
		}
		if len(rows) > 0 {
			out = append(out, fmt.Sprintf("INSERT INTO %s VALUES %s", t.name, strings.Join(rows, ", ")))
		}
	}
	return out
}
