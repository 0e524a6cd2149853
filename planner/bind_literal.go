package planner

import (
	"strconv"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/parser/ast"
	"volley/planner/expr"
	"volley/sqlerr"
	"volley/sqltype"
)

func (x *exprBinder) bindLiteral(e *ast.Literal) (expr.Expr, error) {
	switch e.Kind {
	case ast.Null:
		return &untyped{null: true, pos: e.Position()}, nil
	case ast.String:
		return &untyped{text: e.Text, pos: e.Position()}, nil
	case ast.Boolean:
		return boolLiteral(e.Text == "true"), nil
	case ast.Integer, ast.Decimal:
		return numberLiteral(e.Text, e.Position())
	case ast.Bits:
		v, err := sqltype.Scalar(sqltype.Bit, e.Text)
		if err != nil {
			return nil, at(err, e.Position())
		}
		return &expr.Literal{Value: v}, nil
	case ast.Default:
		return nil, sqlerr.At(e.Position(), sqlerr.SyntaxError, "DEFAULT is not allowed in this context")
	}
	return nil, unsupported(e.Position(), "this literal is")
}

// numberLiteral is integer, bigint or numeric, whichever holds the number as
// written: 1.50 is numeric(3,2).
func numberLiteral(text string, pos int) (expr.Expr, error) {
	if v, err := strconv.ParseInt(text, 10, 64); err == nil {
		if int64(int32(v)) == v {
			return &expr.Literal{Value: sqltype.Int32Scalar(int32(v))}, nil
		}
		return int64Literal(v), nil
	}
	if v := sqltype.ShortDecimal(decimalFor(text), text); v != nil {
		return &expr.Literal{Value: v}, nil
	}
	n, err := sqltype.ParseNum([]byte(text))
	if err != nil {
		return nil, at(err, pos)
	}
	canonical := n.String()
	v, err := sqltype.Scalar(decimalFor(canonical), canonical)
	if err != nil {
		return nil, at(err, pos)
	}
	return &expr.Literal{Value: v}, nil
}

// decimalFor is the narrowest numeric(p,s) for a number's digits, or Numeric.
func decimalFor(digits string) arrow.DataType {
	digits = strings.TrimPrefix(digits, "-")
	whole, frac, _ := strings.Cut(digits, ".")
	whole = strings.TrimLeft(whole, "0")
	p, s := len(whole)+len(frac), len(frac)
	if p == 0 {
		p = 1
	}
	if p > sqltype.MaxDecimalPrecision {
		return sqltype.Numeric
	}
	return sqltype.Decimal(int32(p), int32(s))
}

func (x *exprBinder) bindTypedLiteral(e *ast.TypedLiteral) (expr.Expr, error) {
	t, err := x.resolveType(e.Type, e.Position())
	if err != nil {
		return nil, err
	}
	u := &untyped{text: e.Text, pos: e.Position()}
	var v expr.Expr
	if fields := fieldsOf(e.Type); fields != 0 {
		v, err = x.intervalLiteral(u, fields)
	} else {
		v, err = x.literalOf(u, t)
	}
	if err != nil {
		return nil, err
	}
	return x.modified(v, e.Type, e.Position())
}

// resolveType finds the type a name stands for.
func (b *binder) resolveType(t ast.TypeName, pos int) (arrow.DataType, error) {
	if t.Position() > 0 {
		pos = t.Position()
	}
	out, err := sqltype.Resolve(t.Name, t.Mods, t.Array)
	if err != nil {
		if row := b.rowType(t); row != nil {
			return row, nil
		}
		return nil, at(err, pos)
	}
	return out, nil
}

// rowType is the type of a table's or view's rows, which has the table's name;
// nil when there is none.
func (b *binder) rowType(t ast.TypeName) arrow.DataType {
	if b.cat == nil || len(t.Mods) > 0 {
		return nil
	}
	found, err := b.cat.Resolve(b.ctx, strings.Split(t.Name, "."))
	if err != nil || found.Table == nil || found.Table.Schema == nil {
		return nil
	}
	fields := make([]arrow.Field, found.Table.Schema.NumFields())
	for i, f := range found.Table.Schema.Fields() {
		fields[i] = arrow.Field{Name: f.Name, Type: f.Type, Nullable: true}
	}
	return sqltype.ArrayOf(arrow.StructOf(fields...), t.Array)
}
