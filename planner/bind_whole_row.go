package planner

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/parser/ast"
	"volley/planner/expr"
	"volley/sqlerr"
	"volley/sqltype"
)

// wholeRow is a reference to a table: a row of its columns, or nil when there
// is no table of that name. The row is NULL where an outer join has none.
func (x *exprBinder) wholeRow(qualifier []string, pos int) expr.Expr {
	for sc := x.scope; sc != nil; sc = sc.parent {
		t := sc.tableNamed(qualifier)
		if t == nil {
			continue
		}
		if sc != x.scope && sc.frame == nil {
			return nil
		}
		var items []expr.Expr
		var fields []arrow.Field
		for _, c := range sc.star(qualifier) {
			col := &expr.Column{Index: c.index, Name: c.name, Type: c.typ}
			if sc != x.scope {
				items = append(items, sc.frame.column(col, pos))
			} else {
				if x.block != nil {
					x.block.seen[col] = pos
				}
				items = append(items, col)
			}
			fields = append(fields, arrow.Field{Name: c.name, Type: c.typ, Nullable: true})
		}
		if t.scalar && len(items) == 1 {
			return items[0]
		}
		row := namedRow(items, fields)
		if !t.nullable || len(items) == 0 {
			return row
		}
		return &expr.Case{Whens: []expr.When{{Cond: allNull(items), Then: nullOf(row.DataType())}}, Else: row, Type: row.DataType()}
	}
	return nil
}

// allNull tells whether all of several values are NULL.
func allNull(items []expr.Expr) expr.Expr { return eachIs("is null", items) }

func eachIs(test string, items []expr.Expr) expr.Expr {
	tests := make([]expr.Expr, len(items))
	for i, e := range items {
		tests[i] = &expr.Call{Func: test, Args: []expr.Expr{e}, Type: sqltype.Bool, Pos: -1}
	}
	return connect(false, tests)
}

// bindTableStar is t.* as one value, as in count(t.*).
func (x *exprBinder) bindTableStar(e *ast.Star) (expr.Expr, error) {
	if e.Table == nil || e.Pattern != "" || len(e.Exclude)+len(e.Replace) > 0 {
		return nil, sqlerr.At(e.Position(), sqlerr.SyntaxError, "* is not allowed here")
	}
	row := x.wholeRow(e.Table, e.Position())
	if row == nil {
		return nil, x.missingTable(e.Table, e.Position())
	}
	return row, nil
}

// bindField is (r).f.
func (x *exprBinder) bindField(e *ast.Field) (expr.Expr, error) {
	arg, err := x.bind(e.Arg)
	if err != nil {
		return nil, err
	}
	t, ok := arg.DataType().(*arrow.StructType)
	if !ok {
		return nil, sqlerr.At(e.Position(), sqlerr.WrongObjectType, "column notation .%s applied to type %s, which is not a composite type", e.Name, typeName(x.settled(arg)))
	}
	for i, f := range t.Fields() {
		if f.Name == e.Name {
			return fieldOf(arg, i), nil
		}
	}
	return nil, sqlerr.At(e.Position(), sqlerr.UndefinedColumn, "could not identify column \"%s\" in record data type", e.Name)
}

// fieldSelection is the registry's name of (r).f.
const fieldSelection = "field"

// fieldOf is field i of a row; of one that is made right here it is the value
// itself.
func fieldOf(row expr.Expr, i int) expr.Expr {
	t := row.DataType().(*arrow.StructType).Field(i).Type
	made := row
	if c, ok := row.(*expr.Cast); ok {
		made = c.Arg
	}
	if c, ok := made.(*expr.Call); ok && c.Func == rowConstructor && c.Args[i].DataType() == t {
		return c.Args[i]
	}
	return &expr.Call{Func: fieldSelection, Args: []expr.Expr{row, int32Literal(int32(i + 1))}, Type: t, Pos: -1}
}

// bindFields expands (r).* in a select list.
func (x *exprBinder) bindFields(e *ast.Field) ([]target, error) {
	arg, err := x.bind(e.Arg)
	if err != nil {
		return nil, err
	}
	t, ok := arg.DataType().(*arrow.StructType)
	if !ok {
		return nil, sqlerr.At(e.Position(), sqlerr.WrongObjectType, "type %s is not composite", typeName(x.settled(arg)))
	}
	out := make([]target, t.NumFields())
	for i, f := range t.Fields() {
		out[i] = target{fieldOf(arg, i), f.Name, e.Position()}
	}
	return out, nil
}
