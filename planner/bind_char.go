package planner

import (
	"math"
	"strings"

	"volley/parser/ast"
	"volley/planner/expr"
	"volley/sqltype"
)

// charOf is what a bound expression is as a char.
func (x *exprBinder) charOf(e expr.Expr) charLength {
	return lengthOf(e, func(c *expr.Column) charLength {
		switch {
		case x.scope == nil:
			return notChar
		case c.Index >= outerBase:
			return x.chars.column(nil, c.Index)
		case isSubquery(c) && x.block != nil:
			result := x.block.slots[c.Index-subqueryBase]
			return x.chars.column(result.of.node, result.column)
		}
		return x.scope.charOf(c, x.chars)
	})
}

// charOf is what a column of the scope is as a char.
func (s *scope) charOf(c *expr.Column, chars charLengths) charLength {
	for i := range s.columns {
		if k := &s.columns[i]; k.index == c.Index && k.source.node != nil {
			return chars.column(k.source.node, k.source.at)
		}
	}
	return notChar
}

// asText makes a text of a char that is cast to a text type, so that it is
// not taken for the char any more.
func (x *exprBinder) asText(out, arg expr.Expr, t ast.TypeName, pos int) expr.Expr {
	if out != arg || !sqltype.IsString(out.DataType()) || strings.HasSuffix(t.Name, "char") && !strings.HasPrefix(t.Name, "var") || t.Name == "character" {
		return out
	}
	if c := x.charOf(arg); !c.isChar() && !c.isVarchar() {
		return out
	}
	return &expr.Cast{Arg: arg, Type: sqltype.Text, Pos: pos}
}

// comparedAsChar are the operators of char, which take no notice of trailing
// blanks.
var comparedAsChar = map[string]bool{
	"=": true, "<>": true, "<": true, "<=": true, ">": true, ">=": true,
	"is distinct from": true, "is not distinct from": true,
}

// shownToFunction are functions and operators that get a char with its blanks.
var shownToFunction = map[string]bool{
	"concat": true, "concat_ws": true, "format": true, "octet_length": true, "to_json": true, "to_jsonb": true,
	"json_build_array": true, "json_build_object": true, "jsonb_build_array": true, "jsonb_build_object": true,
	"array_agg": true, "json_agg": true, "jsonb_agg": true, "json_object_agg": true, "jsonb_object_agg": true, rowConstructor: true,
	"like": true, "not like": true, "ilike": true, "not ilike": true, "~": true, "~*": true, "!~": true, "!~*": true,
}

// charArgs are the arguments of a function or operator as it takes chars:
// constants without type that are compared with one lose their trailing blanks.
func (x *exprBinder) charArgs(name string, args []expr.Expr) []expr.Expr {
	switch {
	case comparedAsChar[name] && len(args) == 2:
		for i, a := range args {
			if x.mayLoseBlanks(a) && x.charOf(args[1-i]).isChar() {
				args[i] = x.unblanked(a)
			} else if x.charOf(a).isVarchar() && x.charOf(args[1-i]).isChar() {
				args[i] = &expr.Call{Func: "rtrim", Args: []expr.Expr{a}, Type: sqltype.Text, Pos: -1}
			}
		}
	case shownToFunction[name]:
		for i, a := range args {
			if !sqltype.IsString(a.DataType()) || (strings.HasSuffix(name, "like") || strings.Contains(name, "~")) && i > 0 {
				continue
			}
			if n := x.charOf(a); n > 0 {
				args[i] = padTo(a, n)
			}
		}
	}
	return args
}

// mayLoseBlanks tells whether e is a constant without type that may have
// trailing blanks.
func (x *exprBinder) mayLoseBlanks(e expr.Expr) bool {
	switch c := e.(type) {
	case *untyped:
		return strings.HasSuffix(c.text, " ")
	case *expr.Param:
		return isUnknown(c.Type)
	}
	return false
}

// unblanked is such a constant as a char.
func (x *exprBinder) unblanked(e expr.Expr) expr.Expr {
	switch c := e.(type) {
	case *untyped:
		bare := *c
		bare.text = strings.TrimRight(c.text, " ")
		return &bare
	case *expr.Param:
		p := x.decide(c, sqltype.Text)
		if !sqltype.IsString(p.Type) {
			return p
		}
		return &expr.Cast{Arg: p, Type: sqltype.Text, VarcharLen: math.MaxInt32, Pad: true, Pos: -1}
	}
	return e
}

// charList is charArgs for the list of IN. Several texts become chars, as the first
// of all types is one, where a single one would be compared as text.
func (x *exprBinder) charList(arg expr.Expr, list []expr.Expr) {
	if !sqltype.IsString(arg.DataType()) || !x.charOf(arg).isChar() {
		return
	}
	for i, item := range list {
		switch {
		case x.mayLoseBlanks(item):
			list[i] = x.unblanked(item)
		case len(list) > 1 && !expr.HasColumns(item) && sqltype.IsString(item.DataType()) && !x.charOf(item).isChar():
			list[i] = &expr.Call{Func: "rtrim", Args: []expr.Expr{item}, Type: sqltype.Text, Pos: -1}
		}
	}
}
