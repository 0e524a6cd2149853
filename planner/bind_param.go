package planner

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/parser/ast"
	"volley/planner/expr"
	"volley/sqlerr"
	"volley/sqltype"
)

// maxParams is PostgreSQL's limit on the index of a parameter.
const maxParams = 65535

func (b *binder) declareParams(types []arrow.DataType) {
	b.params = make([]arrow.DataType, len(types))
	for i, t := range types {
		if t != nil && !isUnknown(t) {
			b.params[i] = t
		}
	}
}

// bindParam is $n: of its declared or inferred type, or of unknown type until
// coerce meets it.
func (b *binder) bindParam(e *ast.Param) (expr.Expr, error) {
	if e.Index < 1 || e.Index > maxParams {
		return nil, sqlerr.At(e.Position(), sqlerr.UndefinedParameter, "there is no parameter $%d", e.Index)
	}
	for len(b.params) < e.Index {
		b.params = append(b.params, nil)
	}
	t := b.params[e.Index-1]
	if t == nil {
		t = sqltype.Unknown
	}
	return &expr.Param{Index: e.Index, Type: t}, nil
}

// decide is a parameter of type t, if its type was not decided before.
func (b *binder) decide(p *expr.Param, t arrow.DataType) *expr.Param {
	slot := &b.params[p.Index-1]
	if *slot == nil {
		*slot = t
	}
	return &expr.Param{Index: p.Index, Type: *slot}
}

// settleParams makes text of what nothing decided.
func (b *binder) settleParams() {
	for i, t := range b.params {
		if t == nil {
			b.params[i] = sqltype.Text
		}
	}
}
