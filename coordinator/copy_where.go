package coordinator

import (
	"context"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/catalog/memtable"
	"volley/parser/ast"
	"volley/planner"
	"volley/planner/expr"
	"volley/sqlerr"
	"volley/sqltype"
)

// bindCopyWhere binds COPY … FROM … WHERE over the table's columns; nil for none.
func (s *Session) bindCopyWhere(ctx context.Context, e ast.Expr, table *memtable.Table) (expr.Expr, error) {
	if e == nil {
		return nil, nil
	}
	def := table.Definition()
	opt := planner.BindOptions{
		Catalog: &names{s: s}, TimeZone: s.settings.location, Style: s.settings.style(),
		Clause: "COPY FROM WHERE conditions", Table: def.Name,
	}
	x, err := s.planner().BindExpr(ctx, e, table.Schema(), opt)
	if err != nil {
		return nil, err
	}
	if t := x.DataType(); t.ID() != arrow.BOOL && t.ID() != arrow.NULL {
		return nil, sqlerr.At(e.Position(), sqlerr.DatatypeMismatch, "argument of WHERE must be type boolean, not type %s", sqltype.Name(t))
	}
	generated := ""
	expr.EachColumn(x, func(c *expr.Column) {
		if def.Columns[c.Index].Generated != "" {
			generated = c.Name
		}
	})
	if generated != "" {
		return nil, sqlerr.New(sqlerr.InvalidColumnReference, "generated columns are not supported in COPY FROM WHERE conditions").
			WithDetail("Column \"%s\" is a generated column.", generated)
	}
	return x, nil
}
