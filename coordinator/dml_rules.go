package coordinator

import (
	"context"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/catalog/memtable"
	"volley/exec/cast"
	"volley/exec/eval"
	"volley/exec/kernel"
	"volley/parser"
	"volley/parser/ast"
	"volley/planner"
	"volley/planner/expr"
	"volley/sqlerr"
	"volley/sqltype"
)

// tableRules are a table's DEFAULT and CHECK expressions, bound. They are
// immutable and shared by all sessions.
type tableRules struct {
	def          *memtable.Definition
	defaultTrees []ast.Expr          // by column; nil for none
	defaultExprs []expr.Expr         // the same, of the column's type
	checks       []expr.Expr         // by memtable.Definition.Checks
	generated    []expr.Expr         // by column, over the table's columns; nil for ordinary ones
	keys         map[string]*keyRule // of indexes with expressions or a condition, by name
}

// rulesOf gives a table's rules, which are bound when they are first needed.
func (s *Session) rulesOf(ctx context.Context, t *memtable.Table) (*tableRules, error) {
	return s.rulesFor(ctx, t, t.Definition())
}

// rulesFor is rulesOf for a definition that the table may be about to get.
func (s *Session) rulesFor(ctx context.Context, t *memtable.Table, def *memtable.Definition) (*tableRules, error) {
	if r, ok := s.c.rules.Load(t.ID()); ok && r.(*tableRules).def == def {
		return r.(*tableRules), nil
	}
	r, err := s.bindRules(ctx, def, t.Schema())
	if err != nil {
		return nil, err
	}
	s.c.rules.Store(t.ID(), r)
	return r, nil
}

// bindRules binds the expressions of a definition; schema is its columns.
func (s *Session) bindRules(ctx context.Context, def *memtable.Definition, schema *arrow.Schema) (*tableRules, error) {
	r := &tableRules{
		def: def, defaultTrees: make([]ast.Expr, len(def.Columns)),
		defaultExprs: make([]expr.Expr, len(def.Columns)), checks: make([]expr.Expr, len(def.Checks)),
		generated: make([]expr.Expr, len(def.Columns)),
	}
	var err error
	for i, c := range def.Columns {
		if c.Generated != "" {
			tree, err := parseExpr(c.Generated)
			if err != nil {
				return nil, sqlerr.Wrap(err, sqlerr.InternalError, "generated column \"%s\"", c.Name)
			}
			if r.generated[i], err = s.bindGenerated(ctx, tree, schema, c); err != nil {
				return nil, err
			}
		}
		if c.Default == "" {
			continue
		}
		if r.defaultTrees[i], err = parseExpr(c.Default); err != nil {
			return nil, sqlerr.Wrap(err, sqlerr.InternalError, "default of column \"%s\"", c.Name)
		}
		if r.defaultExprs[i], err = s.bindDefault(ctx, r.defaultTrees[i], c); err != nil {
			return nil, err
		}
	}
	for i, c := range def.Checks {
		tree, err := parseExpr(c.Text)
		if err != nil {
			return nil, sqlerr.Wrap(err, sqlerr.InternalError, "check constraint \"%s\"", c.Name)
		}
		if r.checks[i], err = s.bindCheck(ctx, tree, schema); err != nil {
			return nil, err
		}
	}
	for i := range def.Uniques {
		u := &def.Uniques[i]
		if !u.IsComputed() {
			continue
		}
		k, err := s.bindKey(ctx, u, schema)
		if err != nil {
			return nil, err
		}
		if r.keys == nil {
			r.keys = map[string]*keyRule{}
		}
		r.keys[u.Name] = k
	}
	return r, nil
}

// parseExpr reads the SQL text of an expression.
func parseExpr(text string) (ast.Expr, error) {
	st, err := parser.ParseOne("SELECT " + text)
	if err != nil {
		return nil, err
	}
	if q, ok := st.(*ast.Query); ok {
		if sel, ok := q.Body.(*ast.Select); ok && len(sel.Items) == 1 {
			return sel.Items[0].Expr, nil
		}
	}
	return nil, sqlerr.New(sqlerr.SyntaxError, "not an expression: %s", text)
}

// bindDefault binds a DEFAULT expression to its column.
func (s *Session) bindDefault(ctx context.Context, e ast.Expr, c memtable.Column) (expr.Expr, error) {
	x, err := s.planner().BindExpr(ctx, e, nil, planner.BindOptions{Catalog: &names{s: s}, TimeZone: s.settings.location, Style: s.settings.style(), Targets: []arrow.DataType{c.Type}, Clause: "DEFAULT expressions"})
	if err == nil {
		return x, nil
	}
	out := sqlerr.Find(err)
	switch out.Code {
	case sqlerr.UndefinedColumn:
		return nil, sqlerr.At(e.Position(), sqlerr.FeatureNotSupported, "cannot use column reference in DEFAULT expression")
	case sqlerr.DatatypeMismatch:
		if x, typeErr := s.planner().BindExpr(ctx, e, nil, planner.BindOptions{Catalog: &names{s: s}, TimeZone: s.settings.location, Style: s.settings.style()}); typeErr == nil {
			return nil, sqlerr.At(e.Position(), sqlerr.DatatypeMismatch, "column \"%s\" is of type %s but default expression is of type %s",
				c.Name, sqltype.Name(c.Type), sqltype.Name(x.DataType())).WithHint("%s", out.Hint)
		}
	}
	return nil, err
}

// bindCheck binds a CHECK expression over a table's columns.
func (s *Session) bindCheck(ctx context.Context, e ast.Expr, schema *arrow.Schema) (expr.Expr, error) {
	x, err := s.planner().BindExpr(ctx, e, schema, planner.BindOptions{Catalog: &names{s: s}, TimeZone: s.settings.location, Style: s.settings.style(), Clause: "check constraints"})
	if err != nil {
		return nil, err
	}
	if t := x.DataType(); t.ID() != arrow.BOOL && t.ID() != arrow.NULL {
		return nil, sqlerr.At(e.Position(), sqlerr.DatatypeMismatch, "argument of CHECK must be type boolean, not type %s", sqltype.Name(t))
	}
	return x, nil
}

// defaults are n rows of a column's default.
func (r *tableRules) defaults(s *Session, column, n int) (arrow.Array, error) {
	if r.def.Columns[column].Sequence != "" {
		return r.serials(s, column, n)
	}
	if r.defaultExprs[column] == nil {
		return kernel.Nulls(r.def.Columns[column].Type, n), nil
	}
	return s.repeated(r.defaultExprs[column], n)
}

// repeated is an expression without columns, for n rows.
func (s *Session) repeated(e expr.Expr, n int) (arrow.Array, error) {
	if l, ok := e.(*expr.Literal); ok {
		return kernel.Repeat(l.Value, n)
	}
	program, err := s.compile(e)
	if err != nil {
		return nil, err
	}
	return program.Array(eval.Columns(nil, n))
}

// serials are the next n numbers of a column's sequence.
func (r *tableRules) serials(s *Session, column, n int) (arrow.Array, error) {
	c := r.def.Columns[column]
	q := s.tables().Sequence(r.def.Schema, c.Sequence)
	if q == nil {
		return nil, sqlerr.New(sqlerr.UndefinedTable, "relation \"%s\" does not exist", c.Sequence)
	}
	b := array.NewInt64Builder(memory.DefaultAllocator)
	b.Reserve(n)
	for i := range n {
		v, err := q.Next(s.context(), s.writes)
		if err != nil {
			return nil, err
		}
		b.UnsafeAppend(v)
		if i == n-1 {
			s.given(q, v)
		}
	}
	numbers := b.NewArray()
	if sqltype.Equal(c.Type, sqltype.Int64) {
		return numbers, nil
	}
	f, err := cast.New(sqltype.Int64, c.Type, cast.Options{})
	if err != nil {
		return nil, err
	}
	return f(numbers)
}

// check refuses rows for which a CHECK is false (23514).
func (r *tableRules) check(s *Session, rec arrow.Record) error {
	for i, e := range r.checks {
		program, err := s.compile(e)
		if err != nil {
			return err
		}
		result, err := program.Array(eval.NewBatch(rec))
		if err != nil {
			return err
		}
		holds, ok := result.(*array.Boolean)
		if !ok {
			continue // CHECK (NULL) never fails
		}
		for row := range holds.Len() {
			if holds.IsValid(row) && !holds.Value(row) {
				return sqlerr.New(sqlerr.CheckViolation, "new row for relation \"%s\" violates check constraint \"%s\"", r.def.Name, r.def.Checks[i].Name).
					WithDetail("Failing row contains (%s).", memtable.RowText(rec, row))
			}
		}
	}
	return nil
}

// compile turns an expression into a program in the session's surroundings.
func (s *Session) compile(e expr.Expr) (*eval.Program, error) {
	env := eval.Env{Registry: s.c.cfg.Registry, Context: s.functionContext()}
	return env.Compile(e)
}
