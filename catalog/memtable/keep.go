package memtable

import "encoding/json"

// valuePrefix begins the journal's names of values that are kept for others. Names of
// sequences do not begin so, since no schema is called "".
const valuePrefix = "\x00"

// Keep makes text what is kept under a key beside the tables, from the moment the
// transaction is committed; nil removes it. A store that ends with the process keeps
// nothing. Whoever changes what a key says holds its name (LockName).
func (tx *Tx) Keep(key string, text json.RawMessage) {
	if tx.store.durable == nil {
		return
	}
	if tx.values == nil {
		tx.values = map[string]json.RawMessage{}
	}
	before, changed := tx.values[key]
	tx.values[key] = text
	tx.OnRollback(func() {
		if changed {
			tx.values[key] = before
		} else {
			delete(tx.values, key)
		}
	})
}

// Kept is what transactions of earlier processes have kept, by key.
func (s *Store) Kept() map[string]json.RawMessage {
	if s.durable == nil {
		return nil
	}
	return s.durable.values
}
