package coordinator

import (
	"context"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/catalog/memtable"
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

// changedRows are rows of a target that are to be returned, each with what RETURNING reads
// beside them (m.carried), on disk where memory is short.
type changedRows struct{ rows *memtable.Snapshot }

// add adds records; beside are as many rows as a single one.
func (c *changedRows) add(recs []arrow.Record, beside []arrow.Array) error {
	if c == nil {
		return nil
	}
	if len(beside) == 0 {
		return c.rows.Append(recs...)
	}
	rec := recs[0]
	fields, cols := slices.Clone(rec.Schema().Fields()), slices.Clone(rec.Columns())
	for _, b := range beside {
		b, err := kernel.Decode(b)
		if err != nil {
			return err
		}
		fields, cols = append(fields, arrow.Field{Type: b.DataType(), Nullable: true}), append(cols, b)
	}
	return c.rows.Append(kernel.Record(arrow.NewSchema(fields, nil), cols, int(rec.NumRows())))
}

// returned computes RETURNING for rows of the table.
func (r *changeRun) returned(ctx context.Context, m *mutation, changed *changedRows) (*memtable.Snapshot, error) {
	out := r.s.c.tables.NewSnapshot()
	schema := m.target.table.Schema()
	err := changed.rows.Each(ctx, func(rec arrow.Record) error {
		own := kernel.Record(schema, rec.Columns()[:schema.NumFields()], int(rec.NumRows()))
		seen, err := m.target.seen(ctx, r, own)
		if err != nil {
			return err
		}
		cols := make([]arrow.Array, len(m.returning.uses))
		copy(cols, seen)
		for i, at := range m.carried {
			cols[at] = rec.Column(schema.NumFields() + i)
		}
		list, err := m.returning.of(ctx, r, cols, int(rec.NumRows()))
		if err == nil {
			err = out.Append(list)
		}
		return err
	})
	return out, err
}
