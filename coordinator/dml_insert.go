package coordinator

import (
	"context"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/catalog/memtable"
	"volley/exec/kernel"
	"volley/parser/ast"
	"volley/sqlerr"
)

// bindInsert binds the query of an INSERT to the columns it fills.
func (s *Session) bindInsert(ctx context.Context, st *ast.Insert, params []arrow.DataType) (*mutation, error) {
	table, err := s.writable(st.Table, "insert into")
	if err != nil {
		return nil, err
	}
	def := table.Definition()
	m := &mutation{kind: "INSERT", table: table, skip: st.OnConflict == "nothing"}
	if st.Query == nil {
		return m, nil
	}
	if len(st.Columns) > 0 {
		m.columns, err = columnsAt(def, st.Columns, st.Table.Position())
	} else {
		m.columns, err = s.leadingColumns(ctx, st.Query, def, params)
	}
	if err != nil {
		return nil, err
	}
	query, err := s.withDefaults(ctx, st.Query, table, m.columns)
	if err != nil {
		return nil, err
	}
	m.bound, err = s.bindTo(ctx, query, &names{s: s}, params, pick(def.Columns, m.columns))
	return m, err
}

// leadingColumns are the first columns of the table, as many as the query has.
func (s *Session) leadingColumns(ctx context.Context, q *ast.Query, def *memtable.Definition, params []arrow.DataType) ([]int, error) {
	n := 0
	if v, ok := q.Body.(*ast.Values); ok {
		n = len(v.Rows[0])
	} else {
		b, err := s.bindQuery(ctx, q, params)
		if err != nil {
			return nil, err
		}
		n = len(b.Names)
	}
	if n > len(def.Columns) {
		return nil, sqlerr.At(q.Position(), sqlerr.SyntaxError, "INSERT has more expressions than target columns")
	}
	columns := make([]int, n)
	for i := range columns {
		columns[i] = i
	}
	return columns, nil
}

func pick[T any](list []T, at []int) []T {
	out := make([]T, len(at))
	for i, c := range at {
		out[i] = list[c]
	}
	return out
}

// withDefaults puts the columns' defaults in the place of DEFAULT in VALUES.
func (s *Session) withDefaults(ctx context.Context, q *ast.Query, table *memtable.Table, columns []int) (*ast.Query, error) {
	v, ok := q.Body.(*ast.Values)
	if !ok {
		return q, nil
	}
	var rows [][]ast.Expr
	for r, row := range v.Rows {
		for c, e := range row {
			if !isDefault(e) || c >= len(columns) {
				continue
			}
			if rows == nil {
				rows = append(rows, v.Rows...)
			}
			if &rows[r][0] == &row[0] {
				rows[r] = append([]ast.Expr(nil), row...)
			}
			d, err := s.defaultExpr(ctx, table, columns[c], e)
			if err != nil {
				return nil, err
			}
			rows[r][c] = d
		}
	}
	if rows == nil {
		return q, nil
	}
	out := *q
	out.Body = &ast.Values{Pos: v.Pos, Rows: rows}
	return &out, nil
}

func isDefault(e ast.Expr) bool {
	l, ok := e.(*ast.Literal)
	return ok && l.Kind == ast.Default
}

// defaultExpr is the syntax tree of a column's default, NULL for none.
func (s *Session) defaultExpr(ctx context.Context, table *memtable.Table, column int, at ast.Expr) (ast.Expr, error) {
	r, err := s.rulesOf(ctx, table)
	if err != nil {
		return nil, err
	}
	if e := r.defaultTrees[column]; e != nil {
		return e, nil
	}
	return &ast.Literal{Pos: ast.Pos(at.Position()), Kind: ast.Null}, nil
}

// insert adds the query's rows and gives those that were added.
func (s *Session) insert(ctx context.Context, tx *memtable.Tx, p *Prepared, params []arrow.Array) ([]arrow.Record, error) {
	m := p.mutation
	if m.bound == nil {
		return s.insertColumns(ctx, tx, m, nil, 1)
	}
	recs, err := s.rows(ctx, p, m.bound, params)
	if err != nil {
		return nil, err
	}
	mark := tx.Mark()
	var out []arrow.Record
	for _, rec := range recs {
		added, err := s.insertColumns(ctx, tx, m, rec.Columns(), int(rec.NumRows()))
		if err != nil {
			tx.RollbackTo(mark)
			return nil, err
		}
		out = append(out, added...)
	}
	return out, nil
}

// insertColumns adds n rows; cols belong to m.columns, the others get defaults.
func (s *Session) insertColumns(ctx context.Context, tx *memtable.Tx, m *mutation, cols []arrow.Array, n int) ([]arrow.Record, error) {
	r, err := s.rulesOf(ctx, m.table)
	if err != nil {
		return nil, err
	}
	all := make([]arrow.Array, len(m.table.Definition().Columns))
	for i, c := range m.columns {
		if all[c], err = kernel.Decode(cols[i]); err != nil {
			return nil, err
		}
	}
	for c := range all {
		if all[c] == nil {
			if all[c], err = r.defaults(s, c, n); err != nil {
				return nil, err
			}
		}
	}
	rec, err := m.table.Conform(all, int64(n))
	if err != nil {
		return nil, err
	}
	if err := r.check(s, rec); err != nil {
		return nil, err
	}
	return tx.Apply(ctx, m.table, memtable.Change{Insert: []arrow.Record{rec}, SkipDuplicates: m.skip})
}
