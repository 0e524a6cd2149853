package coordinator

import (
	"context"

	"volley/catalog"
	"volley/catalog/memtable"
	"volley/parser/ast"
)

// write runs f as one statement that changes managed tables: all of it happens
// or nothing. Outside a transaction block it is committed at once.
func (s *Session) write(ctx context.Context, f func(ctx context.Context, tx *memtable.Tx) error) error {
	if s.writes == nil {
		s.writes = s.c.tables.Begin()
		s.writes.ComputeKeys(s.indexKeys)
	}
	mark := s.writes.Mark()
	err := f(ctx, s.writes)
	if err == nil {
		err = s.writes.CheckConstraints()
	}
	switch {
	case s.tx.status == 'I':
		if e := s.endWrites(ctx, err == nil); err == nil {
			err = e
		}
	case err != nil:
		s.writes.RollbackTo(mark)
	}
	return err
}

// endWrites ends the session's transaction on managed tables, if there is one. An
// error is that of making it durable: then it is rolled back.
func (s *Session) endWrites(ctx context.Context, commit bool) (err error) {
	clear(s.fresh)
	s.savepoints = nil
	if s.writes == nil {
		return nil
	}
	if commit {
		err = s.writes.Commit(ctx)
	} else {
		s.writes.Rollback()
	}
	s.writes = nil
	return err
}

// tables are the managed tables as the session's transaction sees their names.
func (s *Session) tables() memtable.Names { return s.c.tables.As(s.writes) }

// objects are the catalog's parts beside the managed tables, as the transaction sees them.
func (s *Session) objects() catalog.Names { return s.c.cfg.Catalog.As(s.writes) }

// view is what a statement that starts now sees of managed tables.
func (s *Session) view() *memtable.View { return memtable.NewView(s.writes) }

// savepoint is a point in the session's transaction to go back to.
type savepoint struct {
	name     string
	mark     int
	declared int // cursors before it
	settings settingsMark
}

// followTransaction carries out on managed tables and settings what a
// transaction statement says; failed is whether the block had failed before it. An
// error is that of a commit.
func (s *Session) followTransaction(ctx context.Context, st *ast.Transaction, failed bool) error {
	s.followCursors(st, failed)
	mark := 0
	if s.writes != nil {
		mark = s.writes.Mark()
	}
	switch st.Kind {
	case "begin":
		s.settings.begin()
	case "commit":
		err := s.endWrites(ctx, !failed)
		s.settings.end(!failed && err == nil)
		return err
	case "rollback":
		s.settings.end(false)
		return s.endWrites(ctx, false)
	case "savepoint":
		s.savepoints = append(s.savepoints, savepoint{st.Name, mark, s.declared, s.settings.mark()})
	case "release":
		i := s.findSavepoint(st.Name)
		s.settings.release(s.savepoints[i].settings)
		s.savepoints = s.savepoints[:i]
		s.followFresh(true, len(s.savepoints))
	case "rollback to":
		if i := s.findSavepoint(st.Name); i < len(s.savepoints) {
			if s.writes != nil {
				s.writes.RollbackTo(s.savepoints[i].mark)
			}
			s.settings.rollbackTo(s.savepoints[i].settings)
			s.savepoints = s.savepoints[:i+1]
			s.followFresh(false, i+1)
		}
	}
	return nil
}

// findSavepoint is the position of the latest savepoint of that name, the
// number of savepoints when there is none.
func (s *Session) findSavepoint(name string) int {
	for i := len(s.savepoints) - 1; i >= 0; i-- {
		if s.savepoints[i].name == name {
			return i
		}
	}
	return len(s.savepoints)
}
