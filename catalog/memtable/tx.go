package memtable

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"sync"

	"volley/catalog/memtable/keyset"
)

// Tx is a transaction: one statement, or a block of them. Its writes are seen
// by its own Views at once and by others after Commit. It is used by one
// goroutine at a time and must end in Commit or Rollback.
type Tx struct {
	store     *Store
	locked    []*Table
	locks     []*lock                    // of sequences
	names     []string                   // keys of Store.locks
	undo      []func()                   // what takes each change back, in order
	mark      int                        // of the last point to which RollbackTo can go back
	swaps     map[*Table]int             // place in undo of the last swap of a table's rows
	sequences []*Sequence                // that were made, dropped or changed
	analyzed  sync.Map                   // *analyzed by *Table: what ANALYZE has made
	values    map[string]json.RawMessage // to keep, by key
	deferral  deferral
	computed  KeyFunc  // see ComputeKeys
	log       keyLog   // of what undo needs of keys
	ends      []func() // see AtEnd
	// Guarded by store.mu:
	waits   *lock
	ended   lock   // for those who wait for what names stand for; its own from when it changes one
	renamed []name // in Store.renames
}

// Begin starts a transaction.
func (s *Store) Begin() *Tx {
	return &Tx{store: s, log: keyLog{Log: keyset.NewLog(s.format.keys, s.format.pool.Keys())}}
}

// Mark is a point to which RollbackTo can go back.
func (tx *Tx) Mark() int {
	tx.mark = len(tx.undo)
	return tx.mark
}

// RollbackTo takes back every change since the mark. Tables stay locked.
func (tx *Tx) RollbackTo(mark int) {
	for _, f := range slices.Backward(tx.undo[mark:]) {
		f()
	}
	tx.undo, tx.mark = tx.undo[:mark], mark
	maps.DeleteFunc(tx.swaps, func(_ *Table, at int) bool { return at >= mark })
}

// Commit makes the changes durable, where the store is, and visible to all, and ends
// the transaction. After an error, of writing, of rows that break a deferred constraint
// (23505), or why ctx has ended while much was written, none of them has happened.
func (tx *Tx) Commit(ctx context.Context) error {
	if err := tx.checkKeys(true); err != nil {
		tx.Rollback()
		return err
	}
	if err := tx.persist(ctx); err != nil {
		tx.Rollback()
		return err
	}
	tx.undo, tx.swaps = nil, nil
	for _, q := range tx.sequences {
		q.changed()
	}
	for t, a := range tx.newStats() {
		t.analyzed.Store(a)
	}
	tx.store.mu.Lock() // for those who look at several tables
	defer tx.store.mu.Unlock()
	for _, t := range tx.locked {
		if p := t.pending.Load(); p != nil {
			t.committed.Store(p)
		}
		if t.dropped { // who still knows it, as a prepared statement may, needs no rows
			t.committed.Store(tx.store.format.empty())
			for _, k := range t.keys {
				k.keys.Free()
			}
			t.keys = nil
		}
	}
	tx.release()
	return nil
}

// Rollback takes everything back and ends the transaction. After Commit it does
// nothing.
func (tx *Tx) Rollback() {
	tx.RollbackTo(0)
	tx.store.mu.Lock()
	defer tx.store.mu.Unlock()
	tx.release()
}

// release lets go of what the transaction has locked. Under store.mu.
func (tx *Tx) release() {
	for _, t := range tx.locked {
		t.pending.Store(nil)
		t.before = nil
		t.lock.release()
		if t.dropped {
			tx.store.format.tables.Delete(t.id)
		}
	}
	tx.settle()
	for _, l := range tx.locks {
		l.release()
	}
	for _, key := range tx.names {
		tx.store.locks[key].release()
		delete(tx.store.locks, key)
	}
	tx.log.Free()
	tx.locked, tx.locks, tx.names, tx.values = nil, nil, nil, nil
	tx.analyzed.Clear()
}

// swap replaces the transaction's rows of a table that it has locked. Those of which
// no mark speaks are not kept: a statement may bring its rows in many steps.
func (tx *Tx) swap(t *Table, s *Snapshot) {
	before := t.pending.Load()
	t.pending.Store(s)
	if at, ok := tx.swaps[t]; ok && at >= tx.mark {
		return
	}
	if tx.swaps == nil {
		tx.swaps = map[*Table]int{}
	}
	tx.swaps[t] = len(tx.undo)
	tx.undo = append(tx.undo, func() { t.pending.Store(before) })
}
