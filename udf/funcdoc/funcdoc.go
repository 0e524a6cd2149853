// Package funcdoc writes the table of functions that docs/functions.md is: every
// name of a registry with its kind, its signatures and one line about it.
package funcdoc

import (
	"fmt"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqltype"
	"volley/udf"
)

// entry is one name of one kind.
type entry struct {
	name, kind, doc string
	signatures      []string
}

// Markdown is the whole page for a registry.
func Markdown(r *udf.Registry) []byte {
	entries := collect(r)
	var b strings.Builder
	b.WriteString("# Functions and operators\n\n")
	b.WriteString("Written from the registry by `make docs`. In signatures, `any` takes any type, and `…` stands for more arguments of the last type.\n")
	for _, kind := range []string{"operator", "function", "aggregate", "window function", "table function"} {
		fmt.Fprintf(&b, "\n## %s%ss\n\n| name | signatures | |\n|---|---|---|\n", strings.ToUpper(kind[:1]), kind[1:])
		for _, e := range entries {
			if e.kind == kind {
				fmt.Fprintf(&b, "| `%s` | %s | %s |\n", escaped(e.name), strings.Join(e.signatures, "<br>"), escaped(e.doc))
			}
		}
	}
	return []byte(b.String())
}

// collect groups overloads by name, and sorts by it.
func collect(r *udf.Registry) []*entry {
	byKey := map[string]*entry{}
	add := func(name, kind, doc, signature string) {
		key := kind + " " + name
		e := byKey[key]
		if e == nil {
			e = &entry{name: name, kind: kind}
			byKey[key] = e
		}
		if e.doc == "" {
			e.doc = doc
		}
		e.signatures = append(e.signatures, "`"+escaped(signature)+"`")
	}
	for _, s := range r.Scalars() {
		kind := "function"
		if udf.IsOperator(s.Name) || strings.HasPrefix(s.Name, "is ") {
			kind = "operator"
		}
		add(s.Name, kind, s.Doc, parameters(s.Params, s.Variadic)+result(s.Returns))
	}
	for _, a := range r.Aggregates() {
		add(a.Name, "aggregate", a.Doc, parameters(a.Params, a.Variadic)+result(a.Returns))
	}
	for _, w := range r.Windows() {
		add(w.Name, "window function", w.Doc, parameters(w.Params, false)+result(w.Returns))
	}
	for _, t := range r.Tables() {
		add(t.Name, "table function", t.Doc, parameters(t.Params, t.Variadic)+columns(t.Returns))
	}
	out := make([]*entry, 0, len(byKey))
	for _, e := range byKey {
		slices.Sort(e.signatures)
		e.signatures = slices.Compact(e.signatures)
		out = append(out, e)
	}
	slices.SortFunc(out, func(a, b *entry) int { return strings.Compare(a.name, b.name) })
	return out
}

func parameters(params []arrow.DataType, variadic bool) string {
	names := make([]string, len(params))
	for i, p := range params {
		names[i] = typeName(p)
	}
	list := strings.Join(names, ", ")
	if variadic {
		list += ", …"
	}
	return "(" + list + ")"
}

func result(t arrow.DataType) string {
	if t == nil {
		return ""
	}
	return " → " + typeName(t)
}

func columns(fields []arrow.Field) string {
	switch {
	case len(fields) == 0:
		return " → setof record"
	case len(fields) == 1 && fields[0].Name == "":
		return " → setof " + typeName(fields[0].Type)
	}
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.Name + " " + typeName(f.Type)
	}
	return " → table(" + strings.Join(names, ", ") + ")"
}

func typeName(t arrow.DataType) string {
	switch {
	case t == nil:
		return "any"
	case t == udf.Decimal:
		return "numeric"
	case t.ID() == arrow.NULL:
		return t.Name()
	}
	return sqltype.Name(t)
}

// escaped keeps a bar from ending a cell of the table.
func escaped(s string) string { return strings.ReplaceAll(s, "|", `\|`) }
