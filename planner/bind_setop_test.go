package planner

import (
	"testing"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/planner/expr"
	"volley/planner/logical"
	"volley/sqltype"
)

// TestAlignLeavesAlignedPartsAlone keeps a long chain of UNION ALL linear: the
// parts are converted again only when the common types change.
func TestAlignLeavesAlignedPartsAlone(t *testing.T) {
	part := func(typ arrow.DataType) relation {
		schema := arrow.NewSchema([]arrow.Field{{Name: "a", Type: typ, Nullable: true}}, nil)
		in := &logical.Values{Out: logical.SchemaOf(schema)}
		return relation{logical.NewProject(in, []expr.Expr{&expr.Column{Index: 0, Type: typ}}, []string{"a"}), []string{"a"}}
	}
	b := &binder{}
	parts, err := b.align("union", []relation{part(sqltype.Int32)}, part(sqltype.Int32), 0)
	if err != nil {
		t.Fatal(err)
	}
	before := parts[0].node
	if parts, err = b.align("union", parts, part(sqltype.Int32), 0); err != nil || parts[0].node != before {
		t.Errorf("the first part was converted again: %v", err)
	}
	if parts, err = b.align("union", parts, part(sqltype.Int64), 0); err != nil || !sqltype.Equal(parts[0].node.Schema().Field(0).Type, sqltype.Int64) {
		t.Errorf("the first part was not widened: %v", err)
	}
}
