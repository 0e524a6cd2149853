package randsql

import (
	"fmt"
	"strings"
)

// parameter is a parameter of a prepared statement.
type parameter struct {
	typ   Type
	value string // a constant
	other string // another one, for the executions before
}

// prepare makes a statement with parameters one that is prepared and executed, at
// times before with other values, so that a plan of these is at hand; at times with
// the plan for all values.
func (g *Generator) prepare(s Statement) Statement {
	if len(g.params) == 0 {
		return s
	}
	var typeNames, values, others []string
	for _, p := range g.params {
		typeNames, values, others = append(typeNames, p.typ.String()), append(values, p.value), append(others, p.other)
	}
	last, before := strings.Join(values, ", "), strings.Join(others, ", ")
	runs := []string{}
	for range g.src.Below(4) {
		runs = append(runs, "EXECUTE q("+g.pick(before, last)+")")
	}
	runs = append(runs, "EXECUTE q("+last+")")
	mode := g.pick("auto", "force_generic_plan")
	s.SQL = fmt.Sprintf("SET plan_cache_mode = %s; DEALLOCATE ALL; PREPARE q(%s) AS %s; %s", mode, strings.Join(typeNames, ", "), s.SQL, strings.Join(runs, "; "))
	return s
}
