package coordinator

import (
	"context"

	"volley/catalog/memtable"
	"volley/parser"
	"volley/parser/ast"
	"volley/sqlerr"
)

// kindOf is what a managed table is called: a materialized view is a table that
// remembers its query.
func kindOf(t *memtable.Table) string {
	if t.Definition().Query != "" {
		return "materialized view"
	}
	return "table"
}

// refresh runs REFRESH MATERIALIZED VIEW: the rows become those that the query
// gives now.
func (s *Session) refresh(ctx context.Context, st *ast.Refresh) (*Result, error) {
	name := st.Name.Parts[len(st.Name.Parts)-1]
	if err := s.await(st.Name); err != nil {
		return nil, err
	}
	t := s.managed(st.Name)
	switch {
	case t == nil && s.isView(st.Name), t != nil && t.Definition().Query == "":
		return nil, sqlerr.At(st.Name.Position(), sqlerr.FeatureNotSupported, "%q is not a materialized view", name)
	case t == nil:
		return nil, sqlerr.At(st.Name.Position(), sqlerr.UndefinedTable, "relation %q does not exist", name)
	}
	text := t.Definition().Query
	stmt, err := parser.ParseOne(text)
	if err != nil {
		return nil, err
	}
	p, err := s.prepareStatement(ctx, stmt, text, nil)
	if err != nil {
		return nil, err
	}
	err = s.write(ctx, func(ctx context.Context, tx *memtable.Tx) error {
		if err := tx.Truncate(ctx, t); err != nil || st.WithNoData {
			return err
		}
		_, err := s.fill(ctx, tx, t, p, nil)
		return err
	})
	if err != nil {
		return nil, err
	}
	return command("REFRESH MATERIALIZED VIEW"), nil
}

// isView tells whether a name is a view's or an external table's.
func (s *Session) isView(q ast.QName) bool {
	for _, schema := range s.schemas(q) {
		if _, ok := s.objects().Lookup(schema, q.Parts[len(q.Parts)-1]); ok {
			return true
		}
	}
	return false
}
