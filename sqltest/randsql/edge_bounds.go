package randsql

import (
	"fmt"
	"strings"
)

// boundsOf are the types of constants that values of a type are compared with.
var boundsOf = map[string][]string{
	"smallint":     {"smallint", "int", "bigint", "numeric", "float8", "real", "numeric(7,1)"},
	"int":          {"smallint", "int", "bigint", "numeric", "float8", "real", "numeric(12,2)"},
	"bigint":       {"smallint", "int", "bigint", "numeric", "float8", "real", "numeric(21,1)"},
	"numeric(6,2)": {"int", "bigint", "numeric", "float8", "numeric(6,2)", "numeric(12,5)", "numeric(5,1)"},
	"numeric":      {"int", "bigint", "numeric", "float8", "numeric(12,5)"},
	"real":         {"int", "bigint", "numeric", "float8", "real"},
	"float8":       {"int", "bigint", "numeric", "float8", "real"},
	"date":         {"date", "timestamp", "timestamptz"},
	"timestamp":    {"date", "timestamp", "timestamptz"},
	"timestamptz":  {"date", "timestamp", "timestamptz"},
	"char(4)":      {"char(4)", "text", "char(6)"},
	"text":         {"char(4)", "text"},
}

// ends are values of the types that are not Type's. Dates are of those that
// timestamps have too: PostgreSQL cannot make a list of others.
var ends = map[string][]string{
	"date":          {"infinity", "-infinity", "2024-02-29", "2023-12-31", "0001-01-01", "1999-12-31", "2000-01-01", "0001-12-31 BC"},
	"numeric(6,2)":  {"9999.99", "-9999.99", "0", "0.01", "-0.01", "1.5"},
	"numeric(5,1)":  {"9999.9", "-9999.9", "0", "0.1", "-0.1", "1.5"},
	"numeric(7,1)":  {"32767.5", "-32768.5", "32767", "32768", "0.5", "-0.5"},
	"numeric(12,2)": {"2147483647.5", "-2147483648.5", "2147483648", "0.5", "7.00"},
	"numeric(21,1)": {"9223372036854775807.5", "-9223372036854775808.5", "9223372036854775808", "0.5", "63"},
	"numeric(12,5)": {"9999.99001", "-9999.99001", "0.00999", "0.01", "-0.00001", "1.5", "10000"},
	"real":          {"NaN", "Infinity", "-Infinity", "0", "-0", "1", "0.1", "3.4028235e38", "1e-45", "16777216", "-16777217", "2147483648", "9.223372e18", "32767.5"},
	"char(6)":       {"", "a", "ab", "abcd", "abcd  ", "abcde"},
}

func endsOf(t string) []string {
	if list := ends[t]; list != nil {
		return list
	}
	for u, name := range typeNames {
		if name == t {
			return edges[u]
		}
	}
	return nil
}

// edgeBounds compares values at the ends of a type with constants of other types.
func (g *Generator) edgeBounds() Statement {
	names := []string{"int", "smallint", "bigint", "numeric(6,2)", "numeric", "real", "float8", "date", "timestamp", "timestamptz", "char(4)", "text"}
	t := names[g.src.Below(len(names))]
	var rows []string
	for i := range 4 + g.src.Below(8) {
		v := "NULL"
		if !g.chance(8) {
			v = "'" + g.pick(endsOf(t)...) + "'"
		}
		rows = append(rows, fmt.Sprintf("(%d, %s::%s)", i, v, t))
	}
	constant := func() string {
		u := t
		if !g.chance(4) {
			u = g.pick(boundsOf[t]...)
		}
		if g.chance(16) {
			return "NULL::" + u
		}
		return "'" + g.pick(endsOf(u)...) + "'::" + u
	}
	parts := make([]string, 1+g.src.Below(3))
	for i := range parts {
		switch g.src.Below(7) {
		case 0:
			parts[i] = fmt.Sprintf("x %s (%s, %s, %s)", g.pick("IN", "NOT IN"), constant(), constant(), constant())
		case 1:
			parts[i] = fmt.Sprintf("x %s %s AND %s", g.pick("BETWEEN", "NOT BETWEEN", "BETWEEN SYMMETRIC"), constant(), constant())
		case 2:
			parts[i] = fmt.Sprintf("%s %s x", constant(), g.pick("<", ">=", "=", "<>", "<=", ">"))
		case 3:
			parts[i] = "x IS " + g.pick("", "NOT ") + g.pick("NULL", "DISTINCT FROM "+constant())
		default:
			parts[i] = fmt.Sprintf("x %s %s", g.pick(">", "<=", "<", ">=", "=", "<>"), constant())
		}
		parts[i] = g.pick("", "", "NOT ") + "(" + parts[i] + ")"
	}
	test := strings.Join(parts, g.pick(" AND ", " AND ", " OR "))
	from := fmt.Sprintf("FROM (VALUES %s) AS v(n, x)", strings.Join(rows, ", "))
	if g.chance(2) {
		return Statement{SQL: fmt.Sprintf("SELECT n, %s AS y %s", test, from), Columns: []Type{Int, Bool}}
	}
	return Statement{SQL: fmt.Sprintf("SELECT n %s WHERE %s", from, test), Columns: []Type{Int}}
}
