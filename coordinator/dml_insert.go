package coordinator

import (
	"context"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/catalog/memtable"
	"volley/exec/kernel"
	"volley/parser/ast"
	"volley/sqlerr"
)

// bindInsert binds the query of an INSERT to the columns it fills.
func (s *Session) bindInsert(ctx context.Context, st *ast.Insert, params []arrow.DataType) (m *mutation, err error) {
	table, err := s.writable(st.Table, "insert into")
	if err != nil {
		return nil, err
	}
	def := table.Definition()
	m = &mutation{kind: "INSERT", table: table, skip: st.OnConflict == "nothing"}
	if m.arbiter, err = arbiter(def, st); err != nil {
		return nil, err
	}
	if st.OnConflict == "update" {
		if m.arbiter == "" {
			return nil, sqlerr.At(st.Position(), sqlerr.SyntaxError, "ON CONFLICT DO UPDATE requires inference specification or constraint name").
				WithHint("For example, ON CONFLICT (column_name).")
		}
		defer func() {
			if err == nil {
				if m.bound != nil {
					params = m.bound.Params
				}
				err = s.bindUpsert(ctx, st, m, params)
			}
		}()
	}
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
	query := st.Query
	if v, ok := query.Body.(*ast.Values); ok {
		if query, err = s.withDefaults(ctx, query, v, m); err != nil || query == nil {
			return m, err
		}
	}
	if err := refuseGenerated(def, m.columns, "insert", st.Overriding, st.Table.Position()); err != nil {
		return nil, err
	}
	m.bound, err = s.bindTo(ctx, query, &names{s: s}, params, pick(def.Columns, m.columns))
	return m, err
}

// arbiter is the unique constraint that ON CONFLICT names, "" when it names none.
func arbiter(def *memtable.Definition, st *ast.Insert) (string, error) {
	if st.ConflictConstraint == "" && len(st.ConflictColumns) == 0 {
		return "", nil
	}
	columns := make([]int, len(st.ConflictColumns))
	for i, name := range st.ConflictColumns {
		if columns[i] = def.Ordinal(name); columns[i] < 0 {
			return "", sqlerr.At(st.Table.Position(), sqlerr.UndefinedColumn, "column \"%s\" does not exist", name)
		}
	}
	slices.Sort(columns)
	for _, u := range def.Uniques {
		if u.Name == st.ConflictConstraint || st.ConflictConstraint == "" && slices.Equal(slices.Sorted(slices.Values(u.Columns)), columns) {
			return u.Name, nil
		}
	}
	if st.ConflictConstraint != "" {
		return "", sqlerr.At(st.Table.Position(), sqlerr.UndefinedObject, "constraint \"%s\" for table \"%s\" does not exist", st.ConflictConstraint, def.Name)
	}
	return "", sqlerr.At(st.Table.Position(), sqlerr.InvalidColumnReference, "there is no unique or exclusion constraint matching the ON CONFLICT specification")
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

// withDefaults takes DEFAULT out of VALUES: columns that have nothing else are
// left out of m.columns, and elsewhere the column's default stands in its place.
// The query is nil when nothing is left of a single row.
func (s *Session) withDefaults(ctx context.Context, q *ast.Query, v *ast.Values, m *mutation) (*ast.Query, error) {
	uses := make([]int, len(v.Rows[0]))
	total := 0
	for _, row := range v.Rows {
		for c, e := range row {
			if c < len(uses) && isDefault(e) {
				uses[c]++
				total++
			}
		}
	}
	switch {
	case total == 0:
		return q, nil
	case len(uses) > len(m.columns):
		return nil, sqlerr.At(v.Rows[0][len(m.columns)].Position(), sqlerr.SyntaxError, "INSERT has more expressions than target columns")
	case len(uses) < len(m.columns):
		return nil, sqlerr.At(q.Position(), sqlerr.SyntaxError, "INSERT has more target columns than expressions")
	}
	var keep []int // of the columns of VALUES
	for c, n := range uses {
		if n < len(v.Rows) {
			keep = append(keep, c)
		}
	}
	if len(keep) == 0 {
		if len(v.Rows) == 1 {
			m.columns = nil
			return nil, nil
		}
		keep = []int{0}
	}
	rows := make([][]ast.Expr, len(v.Rows))
	for r, row := range v.Rows {
		if len(row) != len(uses) {
			return q, nil // the binder has the error
		}
		rows[r] = pick(row, keep)
		for i, c := range keep {
			if !isDefault(row[c]) {
				continue
			}
			var err error
			if rows[r][i], err = s.defaultExpr(ctx, m.table, m.columns[c], row[c]); err != nil {
				return nil, err
			}
		}
	}
	m.columns = pick(m.columns, keep)
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
	def := table.Definition()
	if c := def.Columns[column]; c.Sequence != "" {
		return parseExpr(sequenceText(def.Schema, c.Sequence, false))
	}
	return &ast.Literal{Pos: ast.Pos(at.Position()), Kind: ast.Null}, nil
}

// insert adds the query's rows and gives those that were added.
func (s *Session) insert(ctx context.Context, tx *memtable.Tx, p *Prepared, params []arrow.Array) ([]arrow.Record, error) {
	m := p.mutation
	if m.bound == nil {
		return s.insertColumns(ctx, tx, m, nil, 1, params)
	}
	recs, err := s.rows(ctx, p, m.bound, params)
	if err != nil {
		return nil, err
	}
	mark := tx.Mark()
	var out []arrow.Record
	for _, rec := range recs {
		added, err := s.insertColumns(ctx, tx, m, rec.Columns(), int(rec.NumRows()), params)
		if err != nil {
			tx.RollbackTo(mark)
			return nil, err
		}
		out = append(out, added...)
	}
	return out, nil
}

// insertColumns adds n rows; cols belong to m.columns, the others get defaults.
func (s *Session) insertColumns(ctx context.Context, tx *memtable.Tx, m *mutation, cols []arrow.Array, n int, params []arrow.Array) ([]arrow.Record, error) {
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
		if all[c] == nil && r.generated[c] == nil {
			if all[c], err = r.defaults(s, c, n); err != nil {
				return nil, err
			}
		}
	}
	if err := r.generate(s, all, n); err != nil {
		return nil, err
	}
	rec, err := m.table.Conform(all, int64(n))
	if err != nil {
		return nil, err
	}
	if err := r.check(s, rec); err != nil {
		return nil, err
	}
	if m.upsert != nil {
		return s.upsertRows(ctx, tx, m, r, rec, params)
	}
	return tx.Apply(ctx, m.table, memtable.Change{Insert: []arrow.Record{rec}, SkipDuplicates: m.skip, Arbiter: m.arbiter})
}
