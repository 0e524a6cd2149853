package memtable

import (
	"context"
	"slices"

	"volley/sqlerr"
)

// Deadlock is the SQLSTATE of transactions that wait for each other.
const Deadlock = "40P01"

// Tx is a transaction: one statement, or a block of them. Its writes are seen
// by its own Views at once and by others after Commit. It is used by one
// goroutine at a time and must end in Commit or Rollback.
type Tx struct {
	store     *Store
	locked    []*Table
	undo      []func()    // what takes each change back, in order
	sequences []*Sequence // that were made, dropped or changed
	waits     *Table      // guarded by store.mu
}

// Begin starts a transaction.
func (s *Store) Begin() *Tx { return &Tx{store: s} }

// Lock takes a table for writing until the transaction ends, waiting for the
// one that has it. 40P01 when that one waits for this transaction in turn;
// 42P01 when the table is dropped meanwhile.
func (tx *Tx) Lock(ctx context.Context, t *Table) error {
	s := tx.store
	s.mu.Lock()
	defer s.mu.Unlock()
	for t.holder != tx {
		if s.format.find(t.id) == nil {
			return sqlerr.New(sqlerr.UndefinedTable, "relation \"%s\" does not exist", t.Definition().Name)
		}
		if t.holder == nil {
			t.holder, t.released = tx, make(chan struct{})
			tx.locked = append(tx.locked, t)
			return nil
		}
		if tx.blocks(t.holder) {
			return sqlerr.New(Deadlock, "deadlock detected").
				WithDetail("Two transactions each wait for a table that the other has changed.")
		}
		tx.waits = t
		released := t.released
		s.mu.Unlock()
		var err error
		select {
		case <-released:
		case <-ctx.Done():
			err = context.Cause(ctx)
		}
		s.mu.Lock()
		tx.waits = nil
		if err != nil {
			return sqlerr.Wrap(err, sqlerr.QueryCanceled, "canceled while waiting for table \"%s\"", t.Definition().Name)
		}
	}
	return nil
}

// blocks tells whether other waits, directly or not, for tx. Under store.mu.
func (tx *Tx) blocks(other *Tx) bool {
	for other != nil && other != tx {
		if other.waits == nil {
			return false
		}
		other = other.waits.holder
	}
	return other == tx
}

// Mark is a point to which RollbackTo can go back.
func (tx *Tx) Mark() int { return len(tx.undo) }

// RollbackTo takes back every change since the mark. Tables stay locked.
func (tx *Tx) RollbackTo(mark int) {
	for _, f := range slices.Backward(tx.undo[mark:]) {
		f()
	}
	tx.undo = tx.undo[:mark]
}

// Commit makes the changes durable, where the store is, and visible to all, and ends
// the transaction. After an error, which is that of writing, or why ctx has ended
// while much was written, none of them has happened.
func (tx *Tx) Commit(ctx context.Context) error {
	if err := tx.persist(ctx); err != nil {
		tx.Rollback()
		return err
	}
	tx.undo = nil
	for _, t := range tx.locked {
		if p := t.pending.Load(); p != nil {
			t.committed.Store(p)
		}
		if a := t.newlyAnalyzed.Load(); a != nil {
			t.analyzed.Store(a)
		}
		if tx.store.format.find(t.id) == nil { // dropped: who still knows it, as a prepared statement may, needs no rows
			t.committed.Store(&Snapshot{})
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
	tx.release()
}

func (tx *Tx) release() {
	tx.store.mu.Lock()
	defer tx.store.mu.Unlock()
	for _, t := range tx.locked {
		t.pending.Store(nil)
		t.newlyAnalyzed.Store(nil)
		t.holder = nil
		close(t.released)
	}
	tx.locked = nil
}

// swap replaces the transaction's rows of a table that it has locked.
func (tx *Tx) swap(t *Table, s *Snapshot) {
	before := t.pending.Load()
	t.pending.Store(s)
	tx.undo = append(tx.undo, func() { t.pending.Store(before) })
}
