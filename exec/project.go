package exec

import (
	"context"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/eval"
	"volley/exec/kernel"
	"volley/planner/physical"
)

// project computes expressions for each row.
type project struct {
	input  Operator
	exprs  []*eval.Program
	schema *arrow.Schema
}

func newProject(t *task, n *physical.Project, input Operator) (Operator, error) {
	exprs, err := t.eval.CompileAll(n.Exprs)
	for _, p := range exprs { // where that is not wanted, it is decoded
		p.KeepEncoded()
		p.KeepShort()
	}
	return &project{input: input, exprs: exprs, schema: n.Schema()}, err
}

func (p *project) Schema() *arrow.Schema { return p.schema }

func (p *project) Next(ctx context.Context) (arrow.Record, error) {
	rec, err := p.input.Next(ctx)
	if err != nil {
		return nil, err
	}
	cols, err := evalAll(p.exprs, eval.NewBatch(rec))
	if err != nil {
		return nil, err
	}
	return kernel.Record(p.schema, cols, int(rec.NumRows())), nil
}

func (p *project) Close() error { return nil }
