package udf

import (
	"fmt"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqlerr"
	"volley/sqltype"
)

// IsOperator tells whether name is an operator's: of punctuation, or one of
// the keyword operators.
func IsOperator(name string) bool {
	switch name {
	case "like", "ilike", "similar", "not", "is distinct from", "is not distinct from":
		return true
	}
	return name != "" && !strings.ContainsAny(name[:1], "abcdefghijklmnopqrstuvwxyz_")
}

// symbol is the operator PostgreSQL names in messages.
func symbol(name string) string {
	switch name {
	case "like":
		return "~~"
	case "ilike":
		return "~~*"
	case "similar":
		return "~"
	case "is distinct from", "is not distinct from":
		return "="
	}
	return name
}

// call is how messages show a call: f(integer, text) or integer + text.
func call(name string, args []arrow.DataType) string {
	names := make([]string, len(args))
	for i, t := range args {
		names[i] = typeName(t)
	}
	switch {
	case IsOperator(name) && len(args) == 1:
		return symbol(name) + " " + names[0]
	case IsOperator(name) && len(args) == 2:
		return names[0] + " " + symbol(name) + " " + names[1]
	}
	return name + "(" + strings.Join(names, ", ") + ")"
}

func typeName(t arrow.DataType) string {
	switch {
	case t == nil:
		return "any"
	case isDecimalParam(t):
		return "numeric"
	case asPolymorphic(t) != nil:
		return t.Name()
	case isUnknown(t):
		return "unknown"
	case sqltype.IsDecimal(sqltype.ElementType(t)): // messages name types without modifiers
		t = sqltype.ArrayOf(sqltype.Numeric, sqltype.Dimensions(t))
	}
	return sqltype.Name(t)
}

func kind(name string) string {
	if IsOperator(name) {
		return "operator"
	}
	return "function"
}

// undefined is the error of a call that no overload takes.
func (r *Registry) undefined(name string, args []arrow.DataType) error {
	if len(args) == 1 && (name == "not" || strings.HasPrefix(name, "is ")) {
		return sqlerr.New(sqlerr.DatatypeMismatch, "argument of %s must be type boolean, not type %s",
			strings.ToUpper(name), typeName(args[0]))
	}
	if kind(name) == "operator" {
		hint := "No operator matches the given name and argument types. You might need to add explicit type casts."
		if len(args) == 1 {
			hint = "No operator matches the given name and argument type. You might need to add an explicit type cast."
		}
		return sqlerr.New(sqlerr.UndefinedFunction, "operator does not exist: %s", call(name, args)).WithHint("%s", hint)
	}
	err := sqlerr.New(sqlerr.UndefinedFunction, "function %s does not exist", call(name, args))
	if overloads := r.overloads(name); len(overloads) > 0 {
		hint := "No function matches the given name and argument types. You might need to add explicit type casts."
		if len(overloads) <= 4 {
			hint += " There is " + strings.Join(overloads, ", ") + "."
		}
		return err.WithHint("%s", hint)
	}
	if like := r.similarName(name); like != "" {
		return err.WithHint("Did you mean %q?", like)
	}
	return err.WithHint("No function matches the given name and argument types. You might need to add explicit type casts.")
}

func (r *Registry) overloads(name string) []string {
	var out []string
	for _, s := range r.scalarsNamed(name) {
		out = append(out, s.String())
	}
	for _, a := range r.aggregatesNamed(name) {
		out = append(out, a.String())
	}
	for _, w := range r.windowsNamed(name) {
		out = append(out, w.String())
	}
	for _, t := range r.tablesNamed(name) {
		out = append(out, t.String())
	}
	return out
}

func ambiguous(name string, args []arrow.DataType) error {
	k := kind(name)
	e := sqlerr.New(sqlerr.AmbiguousFunction, "function %s is not unique", call(name, args))
	if k == "operator" {
		e.Message = "operator is not unique: " + call(name, args)
	}
	return e.WithHint("Could not choose a best candidate %s. You might need to add explicit type casts.", k)
}

// similarName is the function whose name is the fewest edits away from name,
// "" when none is near.
func (r *Registry) similarName(name string) string {
	best, limit := "", max(1, len(name)/3)+1
	for _, n := range r.Names() {
		if IsOperator(n) || strings.Contains(n, " ") {
			continue
		}
		if d := editDistance(name, n, limit); d < limit {
			best, limit = n, d
		}
	}
	return best
}

// editDistance is Levenshtein's, or limit when it is not below limit.
func editDistance(a, b string, limit int) int {
	if len(a)-len(b) >= limit || len(b)-len(a) >= limit {
		return limit
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, diagonal+1)
		}
	}
	return min(row[len(b)], limit)
}

func signature(name string, params []arrow.DataType, variadic bool) string {
	names := make([]string, len(params))
	for i, p := range params {
		names[i] = typeName(p)
	}
	if variadic {
		names = append(names, "…")
	}
	return fmt.Sprintf("%s(%s)", name, strings.Join(names, ", "))
}
