package coordinator

import (
	"volley/catalog/memtable"
	"volley/sqlerr"
)

// checkFreeze refuses COPY FREEZE where PostgreSQL could not keep its promise
// that nobody sees the rows before COMMIT. Here the option has no other effect.
func (s *Session) checkFreeze(t *memtable.Table) error {
	if len(s.cursors) > 0 {
		return sqlerr.New(sqlerr.InvalidTransactionState, "cannot perform COPY FREEZE because of prior transaction activity")
	}
	if level, ok := s.fresh[t.Origin()]; !ok || level != len(s.savepoints) {
		return sqlerr.New(sqlerr.ObjectNotInState, "cannot perform COPY FREEZE because the table was not created or truncated in the current subtransaction")
	}
	return nil
}

// refreshed notes that the transaction block has created or truncated a table.
func (s *Session) refreshed(t *memtable.Table) {
	if s.tx.status == 'I' {
		return
	}
	if s.fresh == nil {
		s.fresh = map[string]int{}
	}
	s.fresh[t.Origin()] = len(s.savepoints)
}

// followFresh forgets what a subtransaction did when it is rolled back, and hands
// it to the one around when it is released; savepoints are those that remain.
func (s *Session) followFresh(released bool, savepoints int) {
	for id, level := range s.fresh {
		switch {
		case released && level > savepoints:
			s.fresh[id] = savepoints
		case !released && level >= savepoints:
			delete(s.fresh, id)
		}
	}
}
