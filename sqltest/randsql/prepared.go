package randsql

import (
	"fmt"
	"strings"
)

// parameter is a parameter of a prepared statement.
type parameter struct {
	typ   Type
	value string // a constant
}

// prepare makes a statement with parameters one that is prepared and executed.
func (g *Generator) prepare(s Statement) Statement {
	if len(g.params) == 0 {
		return s
	}
	var typeNames, values []string
	for _, p := range g.params {
		typeNames, values = append(typeNames, p.typ.String()), append(values, p.value)
	}
	s.SQL = fmt.Sprintf("DEALLOCATE ALL; PREPARE q(%s) AS %s; EXECUTE q(%s)", strings.Join(typeNames, ", "), s.SQL, strings.Join(values, ", "))
	return s
}
