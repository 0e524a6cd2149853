package memtable

import "context"

// Replace puts a table with another definition and other rows in the place of
// one, as ALTER TABLE does; rows are of the new definition's schema. Its
// constraints are checked: 23505. It keeps the old one's identity.
func (tx *Tx) Replace(ctx context.Context, old *Table, def *Definition, rows *Snapshot) (*Table, error) {
	if err := tx.Lock(ctx, old); err != nil {
		return nil, err
	}
	s := tx.store
	t := s.newTable(def)
	t.origin, t.plain = old.origin, old.plain
	for _, k := range t.keys {
		if err := k.fill(ctx, tx.keysOf(t, def), rows, false); err != nil {
			return nil, err
		}
	}
	t.pending.Store(rows)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, n := range t.relations() {
		now := s.now(n)
		if now.table == old || now.index != nil && now.index.table == old {
			continue
		}
		if err := tx.claim(ctx, n); err != nil {
			return nil, err
		}
	}
	tx.rename(old.relations()...)
	s.remove(old)
	s.add(t)
	tx.hold(t)
	tx.undo = append(tx.undo, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.remove(t)
		s.add(old)
	})
	return t, nil
}

// Current is the transaction's rows of a table that it has locked.
func (tx *Tx) Current(t *Table) *Snapshot { return t.current() }

// SetPlainIndexes changes the indexes without effect of a locked table: 42P07 when the name
// of a new one is taken.
func (tx *Tx) SetPlainIndexes(ctx context.Context, t *Table, plain []Unique) error {
	schema := t.Definition().Schema
	tx.store.mu.Lock()
	for _, u := range plain {
		n := name{schema, u.Name}
		if ix := tx.store.indexes[n]; ix != nil && ix.table == t {
			continue
		}
		if err := tx.claim(ctx, n); err != nil {
			tx.store.mu.Unlock()
			return err
		}
	}
	tx.store.mu.Unlock()
	tx.describe(t, t.Definition(), t.keys, plain)
	return nil
}

// Describe changes what is said of a locked table and its indexes, and nothing that its
// rows must satisfy.
func (tx *Tx) Describe(t *Table, def *Definition, plain []Unique) { tx.describe(t, def, t.keys, plain) }

// OnRollback runs f when what happens now is taken back.
func (tx *Tx) OnRollback(f func()) { tx.undo = append(tx.undo, f) }
