package randsql

import (
	"fmt"
	"strings"
)

// column is a name in scope, or an expression that stands for one, with its type.
type column struct {
	name string
	typ  Type
	key  string // the column of a primary key that determines it, or ""
	// local: only the query's own level may use it, not its subqueries.
	local bool
}

// of is a column of a type.
func of(name string, t Type) column { return column{name: name, typ: t} }

// table is a table, or a CTE.
type table struct {
	name    string
	columns []column
	rows    int
}

// wide has a column of each type, besides its key.
func wide() []column {
	out := []column{of("id", Int)}
	for t := Int; t < types; t++ {
		out = append(out, of(fmt.Sprintf("c%d", t), t))
	}
	return out
}

// tables are the same in every data set; their rows differ. Columns named id are
// unique, that of t2 by a primary key, that of t3 by a UNIQUE constraint; u is so too, but for NULL.
var tables = []table{
	{"t1", wide(), 18},
	{"t2", []column{of("id", Int), of("a", Int), of("b", Int), of("s", Text), of("n", Numeric)}, 14},
	{"t3", []column{of("id", Int), of("a", Int), of("k", BigInt), of("s", Text), of("d", Date), of("f", Float), of("q", Numeric)}, 9},
	{"t4", []column{of("a", Int), of("b", Bool), of("s", Text), of("ts", Timestamp), of("ia", IntArray), of("j", JSONB), of("u", Int)}, 24},
	{"t0", []column{of("a", Int), of("s", Text)}, 0},
}

// definition is a column's part of CREATE TABLE.
func definition(table string, c column) string {
	switch table + "." + c.name {
	case "t2.id":
		return "id int PRIMARY KEY"
	case "t3.id":
		return "id int UNIQUE"
	case "t4.u":
		return "u int UNIQUE"
	case "t3.s":
		return "s varchar(8)"
	case "t3.q":
		return "q numeric"
	}
	if c.typ == Numeric {
		return c.name + " numeric(8,2)"
	}
	return c.name + " " + c.typ.String()
}

// Tables gives the statements that make the tables and fill them. How many
// values are NULL differs from column to column: none to most.
func Tables(s Source) []string {
	var out []string
	for _, t := range tables {
		var defs []string
		for _, c := range t.columns {
			defs = append(defs, definition(t.name, c))
		}
		out = append(out, fmt.Sprintf("CREATE TABLE %s (%s)", t.name, strings.Join(defs, ", ")))
		if rows := fill(s, t); len(rows) > 0 {
			out = append(out, fmt.Sprintf("INSERT INTO %s VALUES %s", t.name, strings.Join(rows, ", ")))
		}
	}
	return out
}

// Definition is a table's name, and its columns' names and types.
type Definition struct{ Name, Columns string }

// Definitions are the tables that Tables makes, without their constraints.
func Definitions() []Definition {
	var out []Definition
	for _, t := range tables {
		var defs []string
		for _, c := range t.columns {
			def := definition(t.name, c)
			def = strings.TrimSuffix(strings.TrimSuffix(def, " PRIMARY KEY"), " UNIQUE")
			defs = append(defs, def)
		}
		out = append(out, Definition{t.name, strings.Join(defs, ", ")})
	}
	return out
}

// fill makes a table's rows.
func fill(s Source, t table) []string {
	nulls := make([]int, len(t.columns)) // of 12 values
	for i := range nulls {
		nulls[i] = []int{2, 0, 6, 1, 9}[s.Below(5)]
	}
	var rows []string
	for i := range t.rows {
		var values []string
		for j, c := range t.columns {
			switch {
			case c.name == "u" && i%3 == 0:
				values = append(values, "NULL")
			case c.name == "id" || c.name == "u":
				values = append(values, fmt.Sprint(i+1))
			case s.Below(12) < nulls[j]:
				values = append(values, "NULL")
			default:
				list := literals[c.typ]
				values = append(values, list[s.Below(len(list))])
			}
		}
		rows = append(rows, "("+strings.Join(values, ", ")+")")
	}
	return rows
}
