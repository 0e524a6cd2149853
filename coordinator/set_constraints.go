package coordinator

import (
	"context"

	"volley/catalog/memtable"
	"volley/parser/ast"
	"volley/sqlerr"
)

// setConstraints runs SET CONSTRAINTS: when deferrable constraints are checked in this
// transaction. Those that are checked by each statement from now on are checked at once.
func (s *Session) setConstraints(ctx context.Context, st *ast.SetConstraints) (*Result, error) {
	const tag = "SET CONSTRAINTS"
	if s.tx.status == 'I' {
		return command(tag, warning(sqlerr.NoActiveTransaction, tag+" can only be used in transaction blocks")), nil
	}
	err := s.write(ctx, func(_ context.Context, tx *memtable.Tx) error {
		if len(st.Names) == 0 {
			tx.SetAllConstraints(st.Deferred)
			return nil
		}
		for _, q := range st.Names {
			if err := s.setConstraint(tx, q, st.Deferred); err != nil {
				return sqlerr.Find(err).WithPos(q.Position())
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return command(tag), nil
}

// setConstraint is about the constraints of a name in the first schema that has one.
func (s *Session) setConstraint(tx *memtable.Tx, q ast.QName, deferred bool) error {
	name := q.Parts[len(q.Parts)-1]
	for _, schema := range s.schemas(q) {
		for _, t := range s.tables().Tables() {
			def := t.Definition()
			if def.Schema != schema {
				continue
			}
			for _, c := range def.Checks {
				if c.Name == name {
					return notDeferrable(name)
				}
			}
			for _, u := range def.Uniques {
				if u.Name != name || !u.Constraint {
					continue
				}
				if !u.Deferrable {
					return notDeferrable(name)
				}
				tx.SetConstraints(schema, name, deferred)
				return nil
			}
		}
	}
	return sqlerr.New(sqlerr.UndefinedObject, "constraint \"%s\" does not exist", name)
}

func notDeferrable(constraint string) error {
	return sqlerr.New(sqlerr.WrongObjectType, "constraint \"%s\" is not deferrable", constraint)
}
