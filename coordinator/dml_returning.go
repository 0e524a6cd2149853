package coordinator

import (
	"context"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/kernel"
	"volley/parser/ast"
)

// bindReturning binds RETURNING, if there is one, over the target's columns and
// those of the items beside it.
func (b *changeBinder) bindReturning(m *mutation, items []ast.SelectItem, from []ast.TableRef) (err error) {
	if len(items) == 0 {
		return nil
	}
	opts := b.options()
	opts.Returning, opts.Unpadded = true, b.inWith
	sel := &ast.Select{Pos: ast.Pos(items[0].Expr.Position()), Items: items, From: from}
	m.returning, err = b.bindRows(sel, m.target.names(b.s, false), opts)
	return err
}

// returned computes RETURNING for rows of the table; beside are m.carried.
func (r *changeRun) returned(ctx context.Context, m *mutation, recs []arrow.Record, beside []arrow.Array) ([]arrow.Record, error) {
	out := make([]arrow.Record, 0, len(recs))
	for _, rec := range recs {
		seen, err := m.target.seen(ctx, r, rec)
		if err != nil {
			return nil, err
		}
		cols := make([]arrow.Array, len(m.returning.uses))
		copy(cols, seen)
		for i, at := range m.carried {
			if cols[at], err = kernel.Decode(beside[i]); err != nil {
				return nil, err
			}
		}
		list, err := m.returning.of(ctx, r, cols, int(rec.NumRows()))
		if err != nil {
			return nil, err
		}
		if err := r.memory.hold(kernel.RecordBytes(list)); err != nil {
			return nil, err
		}
		out = append(out, list)
	}
	return out, nil
}
