package planner

import (
	"strconv"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/parser/ast"
	"volley/planner/expr"
	"volley/sqlerr"
	"volley/sqltype"
)

// rowConstructor is the registry's name of ROW(…).
const rowConstructor = "row"

// maxRowFields is PostgreSQL's MaxTupleAttributeNumber.
const maxRowFields = 1664

// bindRowValue binds ROW(…) and (a, b, …), whose fields are named f1, f2, ….
func (x *exprBinder) bindRowValue(e *ast.Row) (expr.Expr, error) {
	var items []expr.Expr
	for _, item := range e.Items {
		if star, ok := item.(*ast.Star); ok && x.block != nil {
			columns, err := x.bindStar(star)
			if err != nil {
				return nil, err
			}
			for _, c := range columns {
				items = append(items, c.expr)
			}
			continue
		}
		v, err := x.bind(item)
		if err != nil {
			return nil, err
		}
		if v, err = x.resolveUnknown(v, item.Position()); err != nil {
			return nil, err
		}
		items = append(items, v)
	}
	if len(items) > maxRowFields {
		return nil, sqlerr.At(e.Position(), "54011", "ROW expressions can have at most %d entries", maxRowFields)
	}
	return rowOf(x.charArgs(rowConstructor, items)), nil
}

func isRow(e expr.Expr) bool {
	_, ok := e.DataType().(*arrow.StructType)
	return ok
}

// distinctRows is (a, b) IS [NOT] DISTINCT FROM (c, d), field by field.
func (x *exprBinder) distinctRows(e *ast.IsDistinct, l, r *ast.Row) (expr.Expr, error) {
	if len(l.Items) != len(r.Items) {
		return nil, sqlerr.At(e.Position(), sqlerr.SyntaxError, "unequal number of entries in row expressions")
	}
	if len(l.Items) == 0 {
		return boolLiteral(e.Not), nil
	}
	tests := make([]expr.Expr, len(l.Items))
	for i := range tests {
		var err error
		if tests[i], err = x.bindIsDistinct(&ast.IsDistinct{Pos: e.Pos, Not: e.Not, Left: l.Items[i], Right: r.Items[i]}); err != nil {
			return nil, err
		}
	}
	return connect(!e.Not, tests), nil
}

// rowOf is a row of values.
func rowOf(items []expr.Expr) *expr.Call {
	fields := make([]arrow.Field, len(items))
	for i, v := range items {
		fields[i] = arrow.Field{Name: "f" + strconv.Itoa(i+1), Type: v.DataType(), Nullable: true}
	}
	return &expr.Call{Func: rowConstructor, Args: items, Type: arrow.StructOf(fields...), Pos: -1}
}

// namedRow is a row of values whose fields have the names of columns.
func namedRow(items []expr.Expr, columns []arrow.Field) expr.Expr {
	row := rowOf(items)
	t := arrow.StructOf(columns...)
	if sqltype.Equal(row.Type, t) {
		return row
	}
	return &expr.Cast{Arg: row, Type: t, Pos: -1}
}
