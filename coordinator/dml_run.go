package coordinator

import (
	"context"
	"fmt"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/catalog/memtable"
	"volley/planner"
)

// changeRun is one execution of a statement that changes data. All its parts see
// the tables as they were before it.
type changeRun struct {
	s      *Session
	p      *Prepared
	st     *memtable.Statement
	params []arrow.Array
	made   []bool // by item of the list
	memory changeMemory
}

// runChange carries out a statement that changes data.
func (s *Session) runChange(ctx context.Context, p *Prepared, params []arrow.Array) (*Result, error) {
	var out *memtable.Snapshot
	var n int64
	err := s.write(ctx, func(ctx context.Context, tx *memtable.Tx) (err error) {
		out, n, err = s.change(ctx, tx, p, params)
		return err
	})
	if err != nil {
		return nil, err
	}
	switch {
	case p.mutation == nil:
		return heldRecords(p.bound.Schema, "SELECT %d", out), nil
	case p.mutation.returning != nil:
		return heldRecords(p.mutation.returning.schema, p.mutation.tag(n), out), nil
	}
	return command(p.mutation.tag(n)), nil
}

// tag is the command tag for n rows.
func (m *mutation) tag(n int64) string {
	if m.kind == "INSERT" {
		return fmt.Sprintf("INSERT 0 %d", n)
	}
	return fmt.Sprintf("%s %d", m.kind, n)
}

// change carries out a statement within a transaction and gives the rows of the
// query or of RETURNING, and how many rows there are or were changed.
func (s *Session) change(ctx context.Context, tx *memtable.Tx, p *Prepared, params []arrow.Array) (*memtable.Snapshot, int64, error) {
	st, err := tx.Statement(ctx, p.locked()...)
	if err != nil {
		return nil, 0, err
	}
	if err := p.checkMeanings(); err != nil {
		return nil, 0, err
	}
	r := &changeRun{s: s, p: p, st: st, params: params, memory: changeMemory{account: s.account()}}
	defer r.memory.account.Close()
	ctx = memtable.WithView(ctx, st.View())
	if p.with != nil {
		r.made = make([]bool, len(p.with.items))
		if err := r.make(ctx, p.with.main); err != nil {
			return nil, 0, err
		}
	}
	out, n, err := r.main(ctx, p.mutation, p.bound)
	if err == nil && p.with != nil {
		err = r.finish(ctx)
	}
	if s.observed != nil {
		s.observed.changed = n
	}
	return out, n, err
}

func (r *changeRun) main(ctx context.Context, m *mutation, q *planner.Bound) (*memtable.Snapshot, int64, error) {
	if m != nil {
		return r.mutation(ctx, m)
	}
	out := r.s.c.tables.NewSnapshot()
	err := r.p.each(ctx, q, r.params, func(rec arrow.Record) error { return out.Append(rec) })
	return out, out.Rows(), err
}

// mutation carries out INSERT, UPDATE, DELETE or MERGE and gives the rows of RETURNING
// and how many rows there are or were changed.
func (r *changeRun) mutation(ctx context.Context, m *mutation) (out *memtable.Snapshot, n int64, err error) {
	var kept *changedRows
	if m.returning != nil {
		kept = &changedRows{rows: r.s.c.tables.NewSnapshot()}
	}
	switch m.kind {
	case "INSERT":
		n, err = r.insert(ctx, m, kept)
	case "UPDATE":
		n, err = r.update(ctx, m, kept)
	case "DELETE":
		n, err = r.delete(ctx, m, kept)
	case "MERGE":
		n, err = r.merge(ctx, m)
	}
	if err != nil || kept == nil {
		return r.s.c.tables.NewSnapshot(), n, err
	}
	if err := r.make(ctx, m.later); err != nil {
		return nil, n, err
	}
	out, err = r.returned(ctx, m, kept)
	return out, n, err
}

// apply changes the target's table and checks what a view demands of the rows.
func (r *changeRun) apply(ctx context.Context, m *mutation, c memtable.Change) ([]arrow.Record, error) {
	recs, err := r.st.Apply(ctx, m.target.table, c)
	if err != nil || m.target.view == nil {
		return recs, err
	}
	if err = m.target.view.check(ctx, r, recs); err == nil && c.Rows != nil {
		err = c.Rows.Each(ctx, func(rec arrow.Record) error { return m.target.view.check(ctx, r, []arrow.Record{rec}) })
	}
	return recs, err
}

// locked are the tables whose rows must not change between the queries that
// read them and the change.
func (p *Prepared) locked() []*memtable.Table {
	var out []*memtable.Table
	if m := p.mutation; m != nil && (m.locks() || p.with != nil) {
		out = append(out, m.target.table)
	}
	if p.with == nil {
		return out
	}
	for _, item := range p.with.items {
		if item != nil && item.change != nil {
			out = append(out, item.change.target.table)
		}
	}
	return out
}
