package physical

import "volley/planner/expr"

// expression tags.
const (
	tagColumn byte = iota + 1
	tagLiteral
	tagParam
	tagCall
	tagCast
	tagLogic
	tagCase
	tagCoalesce
	tagIn
)

func exprTag(e expr.Expr) byte {
	switch e.(type) {
	case *expr.Column:
		return tagColumn
	case *expr.Literal:
		return tagLiteral
	case *expr.Param:
		return tagParam
	case *expr.Call:
		return tagCall
	case *expr.Cast:
		return tagCast
	case *expr.Logic:
		return tagLogic
	case *expr.Case:
		return tagCase
	case *expr.Coalesce:
		return tagCoalesce
	case *expr.In:
		return tagIn
	}
	return 0
}

func newExpr(tag byte) expr.Expr {
	switch tag {
	case tagColumn:
		return &expr.Column{}
	case tagLiteral:
		return &expr.Literal{}
	case tagParam:
		return &expr.Param{}
	case tagCall:
		return &expr.Call{}
	case tagCast:
		return &expr.Cast{}
	case tagLogic:
		return &expr.Logic{}
	case tagCase:
		return &expr.Case{}
	case tagCoalesce:
		return &expr.Coalesce{}
	case tagIn:
		return &expr.In{}
	}
	return nil
}

// expr is never nil.
func (c *codec) expr(v *expr.Expr) {
	defer c.leave()
	if !c.enter() {
		return
	}
	tag := exprTag(*v)
	c.byte(&tag)
	if !c.writing {
		*v = newExpr(tag)
	}
	switch e := (*v).(type) {
	case *expr.Column:
		c.int(&e.Index)
		c.string(&e.Name)
		c.dataType(&e.Type)
		if e.Index < 0 {
			c.corrupt()
		}
	case *expr.Literal:
		c.array(&e.Value)
		if c.err == nil && (e.Value == nil || e.Value.Len() != 1) {
			c.corrupt()
		}
	case *expr.Param:
		c.int(&e.Index)
		c.dataType(&e.Type)
	case *expr.Call:
		c.string(&e.Func)
		c.exprs(&e.Args)
		c.dataType(&e.Type)
		c.int(&e.Pos)
	case *expr.Cast:
		c.expr(&e.Arg)
		c.dataType(&e.Type)
		c.bool(&e.Try)
		c.int32(&e.VarcharLen)
		c.bool(&e.Pad)
		c.bool(&e.Bounded)
		c.int(&e.Pos)
	case *expr.Logic:
		c.bool(&e.Or)
		c.exprs(&e.Args)
	case *expr.Case:
		slice(c, &e.Whens, func(w *expr.When) {
			c.expr(&w.Cond)
			c.expr(&w.Then)
		})
		c.expr(&e.Else)
		c.dataType(&e.Type)
	case *expr.Coalesce:
		c.exprs(&e.Args)
		c.dataType(&e.Type)
	case *expr.In:
		c.expr(&e.Arg)
		c.constants(&e.List)
		c.bool(&e.Negated)
	default:
		c.corrupt()
	}
}
