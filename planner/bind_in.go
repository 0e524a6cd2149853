package planner

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/parser/ast"
	"volley/planner/expr"
	"volley/sqltype"
)

func (x *exprBinder) bindIn(e *ast.In) (expr.Expr, error) {
	if e.Query != nil {
		return x.bindInQuery(e.Arg, e.Query, e.Not, e.Position())
	}
	if row, ok := e.Arg.(*ast.Row); ok {
		return x.bindRowIn(e, row)
	}
	arg, err := x.bind(e.Arg)
	if err != nil {
		return nil, err
	}
	list, types, err := x.bindAll(e.List)
	if err != nil {
		return nil, err
	}
	if _, err := x.meetCollations(append([]expr.Expr{arg}, list...), func(i int) int { return e.List[i-1].Position() }); err != nil {
		return nil, err
	}
	x.charList(arg, list)
	if t := x.listType(arg, list, types); t != nil {
		return x.inList(e, arg, list, t)
	}
	return x.inByEquality(e, arg, list)
}

// listType is the one type that arg and the items of a list have in common, but
// for those with columns, which are compared one by one; nil when all of them are.
func (x *exprBinder) listType(arg expr.Expr, list []expr.Expr, types []arrow.DataType) arrow.DataType {
	known := make([]arrow.DataType, 1, len(types)+1)
	known[0] = x.settled(arg)
	items := 0
	for i, t := range types { // usually one type, however long the list is
		if expr.HasColumns(list[i]) {
			continue
		}
		items++
		if len(known) == 1 || !sqltype.Equal(t, known[len(known)-1]) {
			known = append(known, t)
		}
	}
	if items < min(2, len(list)) {
		return nil
	}
	t, err := sqltype.CommonType(known)
	if err != nil {
		return nil
	}
	if items == 1 && sqltype.Equal(known[0], sqltype.Float32) && sqltype.IsNumeric(known[1]) {
		return known[1] // a single one is compared as it is
	}
	return t
}

// listComparison is the type in which a value is compared with items of a list that
// have type t: reals and other numbers are in double precision.
func listComparison(arg, t arrow.DataType) arrow.DataType {
	if sqltype.IsNumeric(arg) && sqltype.IsNumeric(t) && sqltype.Equal(arg, sqltype.Float32) != sqltype.Equal(t, sqltype.Float32) {
		return sqltype.Float64
	}
	return t
}

// inList makes an expr.In of the constants of the list, which become type t, and
// comparisons of the rest.
func (x *exprBinder) inList(e *ast.In, arg expr.Expr, list []expr.Expr, t arrow.DataType) (expr.Expr, error) {
	given, as := arg, listComparison(x.settled(arg), t)
	arg, err := x.coerce(arg, as, sqltype.Implicit, e.Arg.Position())
	if err != nil {
		return nil, err
	}
	if arg != given {
		arg = bounded("=", arg)
	}
	var constants, others []expr.Expr
	for i, item := range list {
		against := given
		if !expr.HasColumns(item) {
			against = arg
			for _, u := range []arrow.DataType{t, as} {
				if item, err = x.coerce(item, u, sqltype.Implicit, e.List[i].Position()); err != nil {
					return nil, err
				}
			}
		}
		switch item.(type) {
		case *expr.Literal, *expr.Param:
			constants = append(constants, item)
		default:
			eq, err := x.binary("=", e.Position(), against, item, e.Arg.Position(), e.List[i].Position())
			if err != nil {
				return nil, err
			}
			others = append(others, eq)
		}
	}
	if len(others) == 0 {
		return &expr.In{Arg: arg, List: constants, Negated: e.Not}, nil
	}
	if len(constants) > 0 {
		others = append(others, &expr.In{Arg: arg, List: constants})
	}
	return x.anyOf(others, e)
}

// inByEquality is arg = a OR arg = b OR ….
func (x *exprBinder) inByEquality(e *ast.In, arg expr.Expr, list []expr.Expr) (expr.Expr, error) {
	tests := make([]expr.Expr, len(list))
	for i, item := range list {
		eq, err := x.binary("=", e.Position(), arg, item, e.Arg.Position(), e.List[i].Position())
		if err != nil {
			return nil, err
		}
		tests[i] = eq
	}
	return x.anyOf(tests, e)
}

func (x *exprBinder) bindRowIn(e *ast.In, row *ast.Row) (expr.Expr, error) {
	tests := make([]expr.Expr, len(e.List))
	for i, item := range e.List {
		eq, err := x.bindBinary(&ast.Binary{Pos: e.Pos, Op: "=", Left: row, Right: item})
		if err != nil {
			return nil, err
		}
		tests[i] = eq
	}
	return x.anyOf(tests, e)
}

func (x *exprBinder) anyOf(tests []expr.Expr, e *ast.In) (expr.Expr, error) {
	out := connect(true, tests)
	if e.Not {
		return x.not(out, e.Position())
	}
	return out, nil
}
