package planner

import (
	"strconv"
	"strings"

	"volley/parser/ast"
)

// IndexColumnName is the name PostgreSQL gives to an index's column of an expression
// (FigureIndexColname in parse_target.c).
func IndexColumnName(e ast.Expr) string {
	if name, _ := (namer{}).name(e); name != "" {
		return name
	}
	return "expr"
}

// noName is the name of a column that has none.
const noName = "?column?"

// columnName is the name PostgreSQL gives to an output column without an alias, which
// has been bound (FigureColname in parse_target.c).
func (x *exprBinder) columnName(e ast.Expr) string {
	name, _ := namer{x}.name(e)
	if name == "" {
		return noName
	}
	return name
}

// namer finds names of expressions; bound is nil or knows the columns of their subqueries.
type namer struct{ bound *exprBinder }

// name gives a name and how strong it is: 0 none, 1 weak (a type or a
// construct), 2 strong (a column or a function).
func (n namer) name(e ast.Expr) (string, int) {
	switch e := e.(type) {
	case *ast.Column:
		return e.Parts[len(e.Parts)-1], 2
	case *ast.Field:
		return e.Name, 2
	case *ast.Subscript:
		return n.name(e.Arg)
	case *ast.Collate:
		return n.name(e.Arg)
	case *ast.Call:
		return e.Name.Parts[len(e.Name.Parts)-1], 2
	case *ast.Is:
		if strings.HasSuffix(e.What, "normalized") && !e.Not {
			return "is_normalized", 2
		}
	case *ast.TypedLiteral:
		return e.Type.Name, 1
	case *ast.Cast:
		if name, strength := n.name(e.Arg); strength == 2 {
			return name, strength
		}
		return e.Type.Name, 1
	case *ast.Case:
		if e.Else != nil {
			if name, strength := n.name(e.Else); strength == 2 {
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
		return n.subqueryName(e), 2
	}
	return "", 0
}

// subqueryName is the name of a subquery's first output column.
func (n namer) subqueryName(sub *ast.Subquery) string {
	body := sub.Query.Body
	for {
		switch b := body.(type) {
		case *ast.Query:
			body = b.Body
			continue
		case *ast.SetOp:
			body = b.Left
			continue
		case *ast.Values:
			return columnN(0)
		case *ast.Select:
			if len(b.Items) == 0 {
				return noName
			}
			item := b.Items[0]
			if item.Alias != "" {
				return item.Alias
			}
			if name, _ := n.name(item.Expr); name != "" {
				return name
			}
			if _, ok := item.Expr.(*ast.Star); ok && n.bound != nil {
				if a := n.bound.boundBefore(sub); a != nil {
					return a.node.Schema().Field(0).Name
				}
			}
		}
		return noName
	}
}

// columnN is the name of the i-th column (from 0) of VALUES.
func columnN(i int) string { return "column" + strconv.Itoa(i+1) }
