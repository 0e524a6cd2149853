package coordinator

import (
	"context"

	"volley/catalog/memtable"
	"volley/parser/ast"
)

// truncate runs TRUNCATE of one or more tables.
func (s *Session) truncate(ctx context.Context, st *ast.Truncate) (*Result, error) {
	tables := make([]*memtable.Table, len(st.Names))
	for i, q := range st.Names {
		var err error
		if tables[i], err = s.writable(q, "truncate"); err != nil {
			return nil, err
		}
	}
	err := s.write(ctx, func(ctx context.Context, tx *memtable.Tx) error {
		for _, t := range tables {
			if err := tx.Truncate(ctx, t); err != nil {
				return err
			}
			s.refreshed(t)
			if st.Restart {
				if err := s.restart(ctx, tx, t); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return command("TRUNCATE TABLE"), nil
}
