package memtable

import (
	"context"
	"errors"

	"volley/sqlerr"
)

// Deadlock is the SQLSTATE of transactions that wait for each other.
const Deadlock = "40P01"

// ErrGone is the cause of the error of using a table that another transaction has dropped
// or replaced since it was looked up: who looks its name up again may find another one.
var ErrGone = errors.New("memtable: the table is gone")

func gone(table string) error {
	e := sqlerr.New(sqlerr.UndefinedTable, "relation \"%s\" does not exist", table)
	e.Cause = ErrGone
	return e
}

// lock belongs to one transaction at a time, from when it takes it to its end. It is
// guarded by Store.mu.
type lock struct {
	holder   *Tx
	released chan struct{} // closed when the holder lets go
}

func (l *lock) take(tx *Tx) { l.holder, l.released = tx, make(chan struct{}) }

func (l *lock) release() {
	l.holder = nil
	close(l.released)
}

// Lock takes a table for writing until the transaction ends, waiting for the
// one that has it. 40P01 when that one waits for this transaction in turn;
// 42P01 when the table is dropped meanwhile.
func (tx *Tx) Lock(ctx context.Context, t *Table) error {
	s := tx.store
	s.mu.Lock()
	defer s.mu.Unlock()
	for t.lock.holder != tx {
		if t.lock.holder == nil {
			if t.dropped {
				return gone(t.Definition().Name)
			}
			tx.hold(t)
			return nil
		}
		if err := tx.await(ctx, &t.lock, "table", t.Definition().Name); err != nil {
			return err
		}
	}
	return nil
}

// hold takes a table that no other transaction has. Under store.mu.
func (tx *Tx) hold(t *Table) {
	t.lock.take(tx)
	tx.locked = append(tx.locked, t)
}

// LockName takes a name of something that is kept beside the tables, as Lock takes a
// table; what says what it is, for messages.
func (tx *Tx) LockName(ctx context.Context, key, what, name string) error {
	s := tx.store
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		l := s.locks[key]
		if l == nil {
			l = &lock{}
			l.take(tx)
			s.locks[key], tx.names = l, append(tx.names, key)
			return nil
		}
		if l.holder == tx {
			return nil
		}
		if err := tx.await(ctx, l, what, name); err != nil {
			return err
		}
	}
}

// AwaitName waits while another transaction has a name that LockName gives.
func (tx *Tx) AwaitName(ctx context.Context, key, what, name string) error {
	tx.store.mu.Lock()
	defer tx.store.mu.Unlock()
	for {
		l := tx.store.locks[key]
		if l == nil || l.holder == tx {
			return nil
		}
		if err := tx.await(ctx, l, what, name); err != nil {
			return err
		}
	}
}

// acquire takes a sequence's lock. Under store.mu.
func (tx *Tx) acquire(ctx context.Context, l *lock, what, name string) error {
	for l.holder != tx {
		if l.holder == nil {
			l.take(tx)
			tx.locks = append(tx.locks, l)
			return nil
		}
		if err := tx.await(ctx, l, what, name); err != nil {
			return err
		}
	}
	return nil
}

// await waits until the holder of a lock lets go of it, when another may have taken it
// already. Under store.mu, which is open meanwhile.
func (tx *Tx) await(ctx context.Context, l *lock, what, name string) error {
	if tx.blocks(l.holder) {
		return sqlerr.New(Deadlock, "deadlock detected").
			WithDetail("Two transactions each wait for a %s that the other has changed.", what)
	}
	tx.waits = l
	released := l.released
	tx.store.mu.Unlock()
	var err error
	select {
	case <-released:
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	tx.store.mu.Lock()
	tx.waits = nil
	if err != nil {
		return sqlerr.Wrap(err, sqlerr.QueryCanceled, "canceled while waiting for %s \"%s\"", what, name)
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
