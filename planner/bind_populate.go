package planner

import (
	"strings"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/parser/ast"
	"volley/planner/logical"
	"volley/sqlerr"
	"volley/sqltype"
)

// isPopulate tells whether a function's rows are those of its first argument.
func isPopulate(name string) bool {
	return strings.HasSuffix(name, "_populate_record") || strings.HasSuffix(name, "_populate_recordset")
}

// bindPopulateAs is json(b)_populate_record(NULL::record, x) AS t(a integer, …),
// which is json(b)_to_record(x). ok is false for other calls.
func (x *exprBinder) bindPopulateAs(c *ast.Call, name string) (call logical.SetCall, ok bool, err error) {
	prefix, ok := strings.CutSuffix(name, "_populate_record")
	if !ok || len(c.Args) < 2 || !x.p.Registry.IsTable(prefix+"_to_record") {
		return call, false, nil
	}
	base, err := x.bind(c.Args[0].Value)
	if err != nil {
		return call, true, err
	}
	if t, ok := base.DataType().(*arrow.StructType); !ok || t.NumFields() > 0 {
		return call, false, nil
	}
	rest := &ast.Call{Pos: c.Pos, Name: c.Name, Args: c.Args[1:2]}
	args, err := x.bindArgs(rest)
	if err == nil {
		call, err = x.setCall(prefix+"_to_record", rest, args)
	}
	return call, true, err
}

// matchColumns checks a column definition list against the row type that a
// function has by its argument.
func (s *block) matchColumns(f *ast.TableFunc, columns []arrow.Field) error {
	mismatch := sqlerr.At(f.Position(), sqlerr.DatatypeMismatch, "function return row and query-specified return row do not match")
	if len(columns) != len(f.Alias.Defs) {
		plural := "s"
		if len(columns) == 1 {
			plural = ""
		}
		return mismatch.WithDetail("Returned row contains %d attribute%s, but query expects %d.", len(columns), plural, len(f.Alias.Defs))
	}
	for i, d := range f.Alias.Defs {
		t, err := s.resolveType(d, f.Position())
		if err != nil {
			return err
		}
		if !sqltype.SameType(t, columns[i].Type) {
			return mismatch.WithDetail("Returned type %s at ordinal position %d, but query expects %s.", typeName(columns[i].Type), i+1, typeName(t))
		}
	}
	return nil
}
