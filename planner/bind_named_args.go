package planner

import (
	"strings"

	"volley/parser/ast"
	"volley/sqlerr"
)

// positional gives a call's arguments in the order of the parameters, where
// some of them are given by name. Parameters that are left out before the last
// one given are there by their defaults.
func (x *exprBinder) positional(e *ast.Call, name string) (*ast.Call, error) {
	var names []string
	for _, a := range e.Args {
		if a.Name == "" && len(names) > 0 && names[len(names)-1] != "" {
			return nil, sqlerr.At(a.Value.Position(), sqlerr.SyntaxError, "positional argument cannot follow named argument")
		}
		for _, other := range names {
			if a.Name != "" && other == a.Name {
				return nil, sqlerr.At(a.Value.Position(), sqlerr.SyntaxError, "argument name %q used more than once", a.Name)
			}
		}
		names = append(names, a.Name)
	}
	order, params, ok := x.p.Registry.ArrangeParams(name, names)
	if !ok {
		return nil, x.noSuchNamed(e, name)
	}
	out := *e
	out.Args = nil
	for at, i := range order {
		if i >= 0 {
			out.Args = append(out.Args, ast.Arg{Value: e.Args[i].Value})
			continue
		}
		out.Args = append(out.Args, ast.Arg{Value: defaultLiteral(e.Position(), params[at].Default)})
	}
	return &out, nil
}

// defaultLiteral is a parameter's default: a number, a string, true or false.
func defaultLiteral(pos int, text string) ast.Expr {
	lit := &ast.Literal{Pos: ast.Pos(pos), Text: text}
	switch {
	case text == "true" || text == "false":
		lit.Kind = ast.Boolean
	case strings.HasPrefix(text, "'"):
		lit.Kind, lit.Text = ast.String, strings.Trim(text, "'")
	case strings.Contains(text, "."):
		lit.Kind = ast.Decimal
	default:
		lit.Kind = ast.Integer
	}
	return lit
}

// noSuchNamed says that no function has parameters of these names and types.
func (x *exprBinder) noSuchNamed(e *ast.Call, name string) error {
	var parts []string
	for _, a := range e.Args {
		v, err := x.bind(a.Value)
		if err != nil {
			return err
		}
		part := typeName(v.DataType())
		if a.Name != "" {
			part = a.Name + " => " + part
		}
		parts = append(parts, part)
	}
	return sqlerr.At(e.Position(), sqlerr.UndefinedFunction, "function %s(%s) does not exist", name, strings.Join(parts, ", ")).
		WithHint("No function matches the given name and argument types. You might need to add explicit type casts.")
}
