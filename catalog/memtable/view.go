package memtable

import (
	"context"
	"iter"
	"sync"

	"volley/catalog"
)

// View is what one statement sees: each table as it was when the statement
// first read it, those of one query as they were together (Store.Pin), with the
// changes of its own transaction, even when the table is dropped meanwhile. It is
// safe for concurrent use.
type View struct {
	tx     *Tx
	mu     sync.Mutex
	pinned map[*Table]*Snapshot
}

// NewView begins a statement's view; tx is its transaction, nil for none.
func NewView(tx *Tx) *View { return &View{tx: tx} }

// Snapshot is the table as the view sees it.
func (v *View) Snapshot(t *Table) *Snapshot {
	v.mu.Lock()
	defer v.mu.Unlock()
	if s := v.pinned[t]; s != nil {
		return s
	}
	t.store.mu.Lock()
	defer t.store.mu.Unlock()
	return v.pin(t)
}

// pin notes a table as it is now. Under mu and store.mu.
func (v *View) pin(t *Table) *Snapshot {
	s := t.committed.Load()
	if v.tx != nil && t.lock.holder == v.tx {
		s = t.current()
	}
	if v.pinned == nil {
		v.pinned = map[*Table]*Snapshot{}
	}
	v.pinned[t] = s
	return s
}

// Pin lets the context's view see the tables of a query as they all are at this moment:
// of a transaction that commits meanwhile it sees all or nothing. 42P01, with the cause
// ErrGone, when one of them has been dropped or replaced since it was looked up.
func (s *Store) Pin(ctx context.Context, defs iter.Seq[*catalog.TableDef]) error {
	v, ok := ctx.Value(viewKey{}).(*View)
	if !ok {
		return nil
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	for def := range defs {
		if def.Format != FormatName {
			continue
		}
		id := def.Options[optionID]
		switch t := s.format.find(id); {
		case t == nil && v.find(id) == nil:
			return gone(def.Location)
		case t != nil && v.pinned[t] == nil:
			v.pin(t)
		}
	}
	return nil
}

// table finds a table that the view has read already, by id.
func (v *View) table(id string) *Table {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.find(id)
}

// find is table. Under mu.
func (v *View) find(id string) *Table {
	for t := range v.pinned {
		if t.id == id {
			return t
		}
	}
	return nil
}

// holds tells whether the transaction has the table locked.
func (tx *Tx) holds(t *Table) bool {
	tx.store.mu.Lock()
	defer tx.store.mu.Unlock()
	return t.lock.holder == tx
}

type viewKey struct{}

// WithView lets what runs under the context read managed tables through a view.
func WithView(ctx context.Context, v *View) context.Context {
	return context.WithValue(ctx, viewKey{}, v)
}

// HasView tells whether the context has a view.
func HasView(ctx context.Context) bool {
	_, ok := ctx.Value(viewKey{}).(*View)
	return ok
}

// snapshotIn is the table as the context's view sees it, as committed without.
func snapshotIn(ctx context.Context, t *Table) *Snapshot {
	if v, ok := ctx.Value(viewKey{}).(*View); ok {
		return v.Snapshot(t)
	}
	return t.committed.Load()
}
