package planner

import (
	"strconv"

	"volley/parser/ast"
)

// IndexColumnName is the name PostgreSQL gives to an index's column of an expression
// (FigureIndexColname in parse_target.c).
func IndexColumnName(e ast.Expr) string {
	if name, _ := figureName(e); name != "" {
		return name
	}
	return "expr"
}

// columnName is the name PostgreSQL gives to an output column without an alias
// (FigureColname in parse_target.c).
func columnName(e ast.Expr) string {
	name, _ := figureName(e)
	if name == "" {
		return "?column?"
	}
	return name
}

// figureName gives a name and how strong it is: 0 none, 1 weak (a type or a
// construct), 2 strong (a column or a function).
func figureName(e ast.Expr) (string, int) {
	switch e := e.(type) {
	case *ast.Column:
		return e.Parts[len(e.Parts)-1], 2
	case *ast.Field:
		return e.Name, 2
	case *ast.Subscript:
		return figureName(e.Arg)
	case *ast.Collate:
		return figureName(e.Arg)
	case *ast.Call:
		return e.Name.Parts[len(e.Name.Parts)-1], 2
	case *ast.Literal:
		if e.Kind == ast.Boolean {
			return "bool", 1
		}
	case *ast.TypedLiteral:
		return e.Type.Name, 1
	case *ast.Cast:
		if name, strength := figureName(e.Arg); strength == 2 {
			return name, strength
		}
		return e.Type.Name, 1
	case *ast.Case:
		if e.Else != nil {
			if name, strength := figureName(e.Else); strength == 2 {
				return name, strength
			}
		}
		return "case", 1
	case *ast.Array:
		return "array", 2
	case *ast.Row:
		return "row", 2
	case *ast.Subquery:
		switch e.Kind {
		case ast.Exists:
			return "exists", 2
		case ast.ArrayOf:
			return "array", 2
		}
		return queryName(e.Query)
	}
	return "", 0
}

// queryName is the name of a query's first output column.
func queryName(q *ast.Query) (string, int) {
	body := q.Body
	for {
		switch b := body.(type) {
		case *ast.Query:
			body = b.Body
			continue
		case *ast.SetOp:
			body = b.Left
			continue
		case *ast.Values:
			return columnN(0), 2
		case *ast.Select:
			if len(b.Items) == 0 {
				return "", 0
			}
			if b.Items[0].Alias != "" {
				return b.Items[0].Alias, 2
			}
			return figureName(b.Items[0].Expr)
		}
		return "", 0
	}
}

// columnN is the name of the i-th column (from 0) of VALUES.
func columnN(i int) string { return "column" + strconv.Itoa(i+1) }
