package planner

import (
	"strings"

	"volley/parser/ast"
	"volley/planner/expr"
	"volley/planner/logical"
	"volley/sqlerr"
	"volley/sqltype"
)

// sampled is a table with its TABLESAMPLE clause.
func (s *block) sampled(src source, sample *ast.Sample, outer *scope) (source, error) {
	if sample == nil {
		return src, nil
	}
	pos := sample.Position()
	if _, ok := src.node.(*logical.Scan); !ok {
		return source{}, sqlerr.At(pos, sqlerr.FeatureNotSupported, "TABLESAMPLE clause can only be applied to tables and materialized views")
	}
	n := &logical.Sample{Input: src.node, Pos: pos}
	switch method := strings.ToLower(sample.Method); method {
	case "bernoulli":
	case "system":
		n.System = true
	default:
		return source{}, sqlerr.At(pos, sqlerr.UndefinedObject, "tablesample method %s does not exist", method)
	}
	if len(sample.Args) != 1 {
		return source{}, sqlerr.At(pos, sqlerr.InvalidTablesampleArgument, "tablesample method %s requires 1 argument, not %d", sample.Method, len(sample.Args))
	}
	var err error
	if n.Percent, err = s.sampleArgument(sample.Args[0], outer); err != nil {
		return source{}, err
	}
	if sample.Seed != nil {
		if n.Seed, err = s.sampleArgument(sample.Seed, outer); err != nil {
			return source{}, err
		}
	}
	src.node = n
	return src, nil
}

// sampleArgument binds an argument, which may have columns of queries further
// out.
func (s *block) sampleArgument(e ast.Expr, outer *scope) (expr.Expr, error) {
	x := &exprBinder{binder: s.binder, scope: newScope(outer), clause: "TABLESAMPLE"}
	out, err := x.bind(e)
	if err != nil {
		return nil, err
	}
	if t := s.settled(out); !isUnknown(t) && !sqltype.CanCast(t, sqltype.Float64, sqltype.Implicit) {
		return nil, sqlerr.At(e.Position(), sqlerr.DatatypeMismatch, "argument of TABLESAMPLE must be type double precision, not type %s", typeName(t))
	}
	return s.coerce(out, sqltype.Float64, sqltype.Implicit, e.Position())
}
