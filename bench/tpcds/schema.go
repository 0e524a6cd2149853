// Package tpcds makes small data of the TPC-DS schema: the benchmark's 24
// tables and their columns, with values that are made up but lie where its
// queries look for them. The data are the same each time, so that the answers of
// two engines to a query can be compared; they are not those of the benchmark's
// own generator, and no times measured over them mean anything.
package tpcds

import (
	_ "embed" // of the schema
	"fmt"
	"strconv"
	"strings"
)

//go:embed schema.txt
var schemaText string

// Table is a table and how its rows are made.
type Table struct {
	Name    string
	Rows    int
	Columns []Column
	// sales is the table that the rows are returns of, nil for others.
	sales *Table
}

// Column is a column; Type is as in SQL.
type Column struct {
	Name, Type string
	how        []string // words of schema.txt
	turn       int      // how many rows have the same value in turn
}

// DDL is CREATE TABLE's list of columns, with its parentheses.
func (t *Table) DDL() string {
	columns := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		columns[i] = c.Name + " " + c.Type
	}
	return "(" + strings.Join(columns, ", ") + ")"
}

// KeyedDDL is DDL with the primary key of those tables that have a key of one
// column.
func (t *Table) KeyedDDL() string {
	switch t.Columns[0].how[0] {
	case "key", "calendar", "clock":
		return strings.Replace(t.DDL(), t.Columns[0].Type, t.Columns[0].Type+" PRIMARY KEY", 1)
	}
	return t.DDL()
}

// Keys are the names of the columns that joins compare.
func (t *Table) Keys() (out []string) {
	for _, c := range t.Columns {
		if strings.HasSuffix(c.Name, "_sk") || strings.HasSuffix(c.Name, "_number") {
			out = append(out, c.Name)
		}
	}
	return out
}

// Schema is the tables by name.
func Schema() ([]*Table, error) {
	var out []*Table
	for i, line := range strings.Split(schemaText, "\n") {
		words := strings.Fields(line)
		if len(words) == 0 || words[0] == "#" {
			continue
		}
		if len(words) < 2 {
			return nil, fmt.Errorf("line %d: %q", i+1, line)
		}
		if rows, err := strconv.Atoi(words[1]); err == nil { // the table's own line
			out = append(out, &Table{Name: words[0], Rows: rows})
			if len(words) > 3 {
				out[len(out)-1].sales = &Table{Name: words[3]}
			}
			continue
		}
		t := out[len(out)-1]
		c := Column{Name: words[0], Type: words[1], how: words[2:], turn: 1}
		for _, before := range t.Columns {
			if before.how[0] == "turn" {
				c.turn *= strings.Count(before.how[1], ",") + 1
			}
		}
		t.Columns = append(t.Columns, c)
	}
	for _, t := range out {
		if t.sales == nil {
			continue
		}
		for _, s := range out {
			if s.Name == t.sales.Name {
				t.sales = s
			}
		}
	}
	return out, nil
}
