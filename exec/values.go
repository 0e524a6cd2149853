package exec

import (
	"context"
	"io"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/eval"
	"volley/exec/kernel"
	"volley/planner/physical"
)

// values gives rows of constant expressions.
type values struct {
	node *physical.Values
	eval *eval.Env
	rows int
	at   int
}

func newValues(t *task, n *physical.Values) (Operator, error) {
	return &values{node: n, eval: t.eval, rows: t.rows}, nil
}

func (v *values) Schema() *arrow.Schema { return v.node.Out }

func (v *values) Next(context.Context) (arrow.Record, error) {
	if v.at == len(v.node.Rows) {
		return nil, io.EOF
	}
	rows := v.node.Rows[v.at:min(v.at+v.rows, len(v.node.Rows))]
	v.at += len(rows)
	cols := make([]arrow.Array, v.node.Out.NumFields())
	one := eval.Columns(nil, 1)
	for c := range cols {
		parts := make([]arrow.Array, len(rows))
		for i, row := range rows {
			p, err := v.eval.Compile(row[c])
			if err != nil {
				return nil, err
			}
			if parts[i], err = p.Array(one); err != nil {
				return nil, err
			}
			if parts[i].DataType().ID() == arrow.NULL {
				parts[i] = kernel.Nulls(v.node.Out.Field(c).Type, 1)
			}
		}
		var err error
		if cols[c], err = kernel.Concat(parts); err != nil {
			return nil, err
		}
	}
	return kernel.Record(v.node.Out, cols, len(rows)), nil
}

func (v *values) Close() error { return nil }
