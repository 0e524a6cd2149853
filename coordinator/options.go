package coordinator

import (
	"strconv"
	"strings"

	"volley/parser/ast"
	"volley/sqlerr"
)

// optionText gives an option's value as text; an option without a value is
// "true". Lists and structs are joined: ['a','b'] is a,b and {'k': 'v'} is k=v.
func optionText(opt ast.Option) (string, error) {
	if opt.Value == nil {
		return "true", nil
	}
	return exprText(opt.Value)
}

func exprText(e ast.Expr) (string, error) {
	switch v := e.(type) {
	case *ast.Literal:
		return v.Text, nil
	case *ast.TypedLiteral:
		return v.Text, nil
	case *ast.Column:
		return strings.Join(v.Parts, "."), nil
	case *ast.Star:
		return "*", nil
	case *ast.Unary:
		t, err := exprText(v.Arg)
		return v.Op + t, err
	case *ast.Array:
		return joinTexts(v.Items)
	case *ast.Row:
		return joinTexts(v.Items)
	case *ast.StructLit:
		parts := make([]string, len(v.Keys))
		for i, k := range v.Keys {
			t, err := exprText(v.Values[i])
			if err != nil {
				return "", err
			}
			parts[i] = k + "=" + t
		}
		return strings.Join(parts, ","), nil
	}
	return "", sqlerr.At(e.Position(), sqlerr.SyntaxError, "an option's value must be a constant")
}

func joinTexts(items []ast.Expr) (string, error) {
	parts := make([]string, len(items))
	for i, e := range items {
		t, err := exprText(e)
		if err != nil {
			return "", err
		}
		parts[i] = t
	}
	return strings.Join(parts, ","), nil
}

func optionBool(opt ast.Option, v string) (bool, error) {
	on, err := checkBool(v)
	if err != nil {
		return false, sqlerr.At(opt.Position(), sqlerr.SyntaxError, "%s requires a Boolean value", opt.Name)
	}
	return on == "on", nil
}

func optionInt(opt ast.Option, v string) (int64, error) {
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil || n < 1 {
		return 0, sqlerr.At(opt.Position(), sqlerr.InvalidParameterValue, "%s requires a positive number", opt.Name)
	}
	return n, nil
}

func columnNames(items []ast.Expr) []string {
	var names []string
	for _, e := range items {
		if t, err := exprText(e); err == nil {
			names = append(names, t)
		}
	}
	return names
}
