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
	var out []arrow.Record
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
		return records(p.bound.Schema, "SELECT %d", out...), nil
	case p.mutation.returning != nil:
		return records(p.mutation.returning.schema, p.mutation.tag(n), out...), nil
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
func (s *Session) change(ctx context.Context, tx *memtable.Tx, p *Prepared, params []arrow.Array) ([]arrow.Record, int64, error) {
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

func (r *changeRun) main(ctx context.Context, m *mutation, q *planner.Bound) ([]arrow.Record, int64, error) {
	if m != nil {
		return r.mutation(ctx, m)
	}
	recs, err := r.rows(ctx, q)
	return recs, countRows(recs), err
}

// mutation carries out INSERT, UPDATE or DELETE and gives the rows of RETURNING
// and how many rows there are or were changed.
func (r *changeRun) mutation(ctx context.Context, m *mutation) (out []arrow.Record, n int64, err error) {
	var beside []arrow.Array
	switch m.kind {
	case "INSERT":
		out, err = r.insert(ctx, m)
	case "UPDATE":
		out, beside, err = r.update(ctx, m)
	case "DELETE":
		out, beside, err = r.delete(ctx, m)
	}
	if n = countRows(out); err != nil || m.returning == nil {
		return nil, n, err
	}
	if err := r.make(ctx, m.later); err != nil {
		return nil, n, err
	}
	out, err = r.returned(ctx, m, out, beside)
	return out, n, err
}

// apply changes the target's table and checks what a view demands of the rows.
func (r *changeRun) apply(ctx context.Context, m *mutation, c memtable.Change) ([]arrow.Record, error) {
	recs, err := r.st.Apply(ctx, m.target.table, c)
	if err == nil && m.target.view != nil {
		err = m.target.view.check(ctx, r, recs)
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
