package coordinator

import (
	"context"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/catalog/memtable"
	"volley/exec/eval"
	"volley/exec/kernel"
	"volley/parser/ast"
	"volley/planner"
	"volley/planner/expr"
	"volley/sqlerr"
	"volley/sqltype"
)

// generatedAlways is the SQLSTATE of a value for a column that makes its own.
const generatedAlways = "428C9"

// checkGenerated binds the expressions of generated columns once, so that wrong
// ones are refused.
func (d *tableDefinition) checkGenerated(ctx context.Context, st *ast.CreateTable) error {
	for _, c := range st.Columns {
		if c.Generated == nil {
			continue
		}
		if c.Default != nil {
			return sqlerr.At(c.Position(), sqlerr.SyntaxError, "both default and generation expression specified for column \"%s\" of table \"%s\"", c.Name, d.def.Name)
		}
		x, err := d.s.bindGenerated(ctx, c.Generated, d.schema, d.def.Columns[d.def.Ordinal(c.Name)])
		if err != nil {
			return err
		}
		other := ""
		expr.EachColumn(x, func(col *expr.Column) {
			if d.def.Columns[col.Index].Generated != "" {
				other = col.Name
			}
		})
		if other != "" {
			return sqlerr.At(c.Generated.Position(), "42P17", "cannot use generated column \"%s\" in column generation expression", other).
				WithDetail("A generated column cannot reference another generated column.")
		}
	}
	return nil
}

// bindGenerated binds the expression of a generated column over the table's
// columns.
func (s *Session) bindGenerated(ctx context.Context, e ast.Expr, schema *arrow.Schema, c memtable.Column) (expr.Expr, error) {
	x, err := s.planner().BindExpr(ctx, e, schema, planner.BindOptions{Catalog: &names{s: s}, TimeZone: s.settings.location, Style: s.settings.style(), Targets: []arrow.DataType{c.Type}, Clause: "column generation expressions"})
	if out := sqlerr.Find(err); err != nil && out.Code == sqlerr.DatatypeMismatch {
		if y, typeErr := s.planner().BindExpr(ctx, e, schema, planner.BindOptions{Catalog: &names{s: s}, TimeZone: s.settings.location, Style: s.settings.style()}); typeErr == nil {
			return nil, sqlerr.At(e.Position(), sqlerr.DatatypeMismatch, "column \"%s\" is of type %s but default expression is of type %s",
				c.Name, sqltype.Name(c.Type), sqltype.Name(y.DataType())).WithHint("%s", out.Hint)
		}
	}
	return x, err
}

// generate fills in the generated columns of n rows.
func (r *tableRules) generate(s *Session, cols []arrow.Array, n int) error {
	for c, e := range r.generated {
		if e == nil {
			continue
		}
		program, err := s.compile(e)
		if err != nil {
			return err
		}
		if cols[c] == nil {
			cols[c] = kernel.Nulls(r.def.Columns[c].Type, n)
		}
		if cols[c], err = program.Array(eval.Columns(cols, n)); err != nil {
			return err
		}
	}
	return nil
}

// refuseGenerated refuses values for generated columns, and for columns
// GENERATED ALWAYS AS IDENTITY unless they are overridden.
func refuseGenerated(def *memtable.Definition, columns []int, verb string, overriding string, pos int) error {
	for _, c := range columns {
		col := def.Columns[c]
		switch {
		case col.Generated != "" && verb == "insert":
			return sqlerr.At(pos, generatedAlways, "cannot insert a non-DEFAULT value into column \"%s\"", col.Name).
				WithDetail("Column \"%s\" is a generated column.", col.Name)
		case col.Generated != "":
			return sqlerr.At(pos, generatedAlways, "column \"%s\" can only be updated to DEFAULT", col.Name).
				WithDetail("Column \"%s\" is a generated column.", col.Name)
		case col.Identity == 'a' && verb == "insert" && overriding == "":
			return sqlerr.At(pos, generatedAlways, "cannot insert a non-DEFAULT value into column \"%s\"", col.Name).
				WithDetail("Column \"%s\" is an identity column defined as GENERATED ALWAYS.", col.Name).
				WithHint("Use OVERRIDING SYSTEM VALUE to override.")
		case col.Identity == 'a' && verb == "update":
			return sqlerr.At(pos, generatedAlways, "column \"%s\" can only be updated to DEFAULT", col.Name).
				WithDetail("Column \"%s\" is an identity column defined as GENERATED ALWAYS.", col.Name)
		}
	}
	return nil
}
