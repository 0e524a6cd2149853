package coordinator

import (
	"context"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/catalog/memtable"
	"volley/exec/kernel"
	"volley/parser/ast"
	"volley/planner/logical"
	"volley/sqlerr"
)

// bindInsert binds the query of an INSERT to the columns it fills.
func (b *changeBinder) bindInsert(st *ast.Insert) (m *mutation, err error) {
	t, err := b.s.changeTarget(b.ctx, st.Table, insertVerb)
	if err != nil {
		return nil, err
	}
	m = &mutation{kind: "INSERT", target: t, skip: st.OnConflict == "nothing"}
	if m.arbiters, err = b.arbiters(st, t); err != nil {
		return nil, err
	}
	if st.OnConflict == "update" && len(m.arbiters) == 0 {
		return nil, sqlerr.At(st.Position(), sqlerr.SyntaxError, "ON CONFLICT DO UPDATE requires inference specification or constraint name").
			WithHint("For example, ON CONFLICT (column_name).")
	}
	if st.Query != nil {
		if err := b.bindInserted(st, m); err != nil {
			return nil, err
		}
	}
	if m.defaults, err = b.viewDefaults(m); err != nil {
		return nil, err
	}
	if st.OnConflict == "update" {
		if err := b.bindUpsert(st, m); err != nil {
			return nil, err
		}
	}
	return m, b.bindReturning(m, st.Returning, []ast.TableRef{targetRef(st.Table, st.Alias)})
}

// bindInserted binds the query whose rows are inserted.
func (b *changeBinder) bindInserted(st *ast.Insert, m *mutation) (err error) {
	t := m.target
	var list *insertList
	if len(st.Columns) > 0 {
		list, err = t.insertList(st.Columns, st.Table.Position())
	} else {
		list, err = b.leadingColumns(st.Query, t)
	}
	if err != nil {
		return err
	}
	query := st.Query
	if v, ok := query.Body.(*ast.Values); ok {
		if query, err = b.s.withDefaults(b.ctx, query, v, t, list); err != nil || query == nil {
			return err
		}
	}
	def := t.table.Definition()
	if err := refuseGenerated(def, list.columns, "insert", st.Overriding, st.Table.Position()); err != nil {
		return err
	}
	values, err := list.values(def)
	if err != nil {
		return err
	}
	if m.bound, err = b.bindTo(query, &names{s: b.s}, values); err != nil {
		return err
	}
	m.columns, m.parts, err = b.bindParts(def, list, values)
	return err
}

// leadingColumns are the first columns of the target, as many as the query has.
func (b *changeBinder) leadingColumns(q *ast.Query, t *changeTarget) (*insertList, error) {
	n := 0
	if v, ok := q.Body.(*ast.Values); ok {
		n = len(v.Rows[0])
	} else {
		bound, err := b.bind(q, &names{s: b.s}, b.options())
		if err != nil {
			return nil, err
		}
		n = len(bound.Names)
	}
	if n > len(t.columns) {
		return nil, sqlerr.At(q.Position(), sqlerr.SyntaxError, "INSERT has more expressions than target columns")
	}
	return t.leading(n)
}

func pick[T any](list []T, at []int) []T {
	out := make([]T, len(at))
	for i, c := range at {
		out[i] = list[c]
	}
	return out
}

// withDefaults takes DEFAULT out of VALUES: columns that have nothing else are
// left out of the list, and elsewhere the column's default stands in its place.
// The query is nil when nothing is left of a single row.
func (s *Session) withDefaults(ctx context.Context, q *ast.Query, v *ast.Values, t *changeTarget, list *insertList) (*ast.Query, error) {
	uses := make([]int, len(v.Rows[0]))
	total := 0
	for _, row := range v.Rows {
		for c, e := range row {
			if c < len(uses) && isDefault(e) {
				if c < len(list.targets) && list.targets[c].Part != nil {
					return nil, partDefault(e)
				}
				uses[c]++
				total++
			}
		}
	}
	switch {
	case total == 0:
		return q, nil
	case len(uses) > len(list.columns):
		return nil, sqlerr.At(v.Rows[0][len(list.columns)].Position(), sqlerr.SyntaxError, "INSERT has more expressions than target columns")
	case len(uses) < len(list.columns):
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
			list.columns = nil
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
			if rows[r][i], err = s.defaultExpr(ctx, t, list.columns[c], row[c]); err != nil {
				return nil, err
			}
		}
	}
	list.columns, list.targets = pick(list.columns, keep), pick(list.targets, keep)
	out := *q
	out.Body = &ast.Values{Pos: v.Pos, Rows: rows}
	return &out, nil
}

func isDefault(e ast.Expr) bool {
	l, ok := e.(*ast.Literal)
	return ok && l.Kind == ast.Default
}

// defaultExpr is the syntax tree of the default of a column of the target's table, NULL for
// none.
func (s *Session) defaultExpr(ctx context.Context, t *changeTarget, column int, at ast.Expr) (ast.Expr, error) {
	if text := t.defaultOf(column); text != "" {
		return parseExpr(text)
	}
	table := t.table
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

// insert adds the query's rows, keeps those that were added or updated when they are to be
// returned, and gives their number.
func (r *changeRun) insert(ctx context.Context, m *mutation, kept *changedRows) (n int64, err error) {
	add := func(rec arrow.Record) error {
		added, err := r.insertRows(ctx, m, rec)
		if n += countRows(added); err == nil {
			err = kept.add(added, nil)
		}
		return err
	}
	if m.bound == nil {
		rec, err := r.newRows(ctx, m, nil, 1)
		if err == nil {
			err = add(rec)
		}
		return n, err
	}
	if _, constant := m.bound.Root.(*logical.Values); !constant {
		// before the query begins, which must not see rows that come while it runs
		if err := r.st.Lock(ctx, m.target.table); err != nil {
			return 0, err
		}
	}
	err = r.p.each(ctx, m.bound, r.params, func(rec arrow.Record) error {
		cols, n := rec.Columns(), int(rec.NumRows())
		if m.parts != nil {
			var err error
			if cols, err = m.parts.columns(ctx, r, cols, n); err != nil {
				return err
			}
		}
		rec, err := r.newRows(ctx, m, cols, n)
		if err == nil {
			err = add(rec)
		}
		return err
	})
	return n, err
}

func (r *changeRun) insertRows(ctx context.Context, m *mutation, rec arrow.Record) ([]arrow.Record, error) {
	if m.upsert != nil {
		return r.upsert(ctx, m, rec)
	}
	return r.apply(ctx, m, memtable.Change{Insert: []arrow.Record{rec}, SkipDuplicates: m.skip, Arbiters: m.arbiters})
}

// newRows are n rows that an INSERT makes; cols are of its columns, the others get defaults.
func (r *changeRun) newRows(ctx context.Context, m *mutation, cols []arrow.Array, n int) (arrow.Record, error) {
	rules, err := r.s.rulesOf(ctx, m.target.table)
	if err != nil {
		return nil, err
	}
	all := make([]arrow.Array, len(rules.def.Columns))
	for i, c := range m.columns {
		if all[c], err = kernel.Decode(cols[i]); err != nil {
			return nil, err
		}
	}
	for c := range all {
		switch own := m.defaults[c]; {
		case all[c] != nil || rules.generated[c] != nil:
		case own != nil:
			all[c], err = r.s.repeated(own, n)
		default:
			all[c], err = rules.defaults(r.s, c, n)
		}
		if err != nil {
			return nil, err
		}
	}
	return rules.conform(r.s, m.target.table, all, n)
}

// conform makes rows of the table of columns, with the generated ones, if they
// obey its constraints.
func (r *tableRules) conform(s *Session, t *memtable.Table, cols []arrow.Array, n int) (arrow.Record, error) {
	if err := r.generate(s, cols, n); err != nil {
		return nil, err
	}
	rec, err := t.Conform(cols, int64(n))
	if err != nil {
		return nil, err
	}
	return rec, r.check(s, rec)
}
