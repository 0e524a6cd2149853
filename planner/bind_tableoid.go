package planner

import (
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/parser/ast"
	"volley/planner/expr"
	"volley/sqltype"
)

// tableOID is the system column tableoid where a table has no such column: the
// number of the table, which is the same for all of its rows. nil for other
// names and for what is no table.
func (x *exprBinder) tableOID(e *ast.Column) expr.Expr {
	qualifier := e.Parts[:len(e.Parts)-1]
	if e.Parts[len(e.Parts)-1] != "tableoid" {
		return nil
	}
	for sc := x.scope; sc != nil; sc = sc.parent {
		for _, t := range sc.tables {
			if t.oid == 0 || len(qualifier) > 0 && t.name != qualifier[len(qualifier)-1] {
				continue
			}
			b := array.NewBuilder(allocator, sqltype.OID).(*array.ExtensionBuilder)
			b.StorageBuilder().(*array.Int64Builder).Append(int64(t.oid))
			return &expr.Literal{Value: b.NewArray()}
		}
	}
	return nil
}
