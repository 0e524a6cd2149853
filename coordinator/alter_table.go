package coordinator

import (
	"context"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/catalog/memtable"
	"volley/catalog/pgcatalog"
	"volley/exec/eval"
	"volley/exec/kernel"
	"volley/parser/ast"
	"volley/planner"
	"volley/planner/expr"
	"volley/sqlerr"
	"volley/sqltype"
)

// alterTable runs ALTER TABLE, VIEW, INDEX and SEQUENCE. The actions on a
// managed table make a new definition and new rows, which take its place.
func (s *Session) alterTable(ctx context.Context, st *ast.AlterTable) (*Result, error) {
	tag := "ALTER " + strings.ToUpper(st.Kind)
	if err := s.await(st.Name); err != nil {
		return nil, err
	}
	if t := s.managed(st.Name); t != nil {
		res := command(tag)
		err := s.write(ctx, func(ctx context.Context, tx *memtable.Tx) error {
			a := &alteration{s: s, tx: tx, table: t, res: res}
			return a.run(ctx, st)
		})
		if err != nil {
			return nil, err
		}
		return res, nil
	}
	err := s.write(ctx, func(ctx context.Context, tx *memtable.Tx) error { return s.alterOther(ctx, tx, st) })
	name := st.Name.Parts[len(st.Name.Parts)-1]
	switch {
	case err == nil:
		return command(tag), nil
	case st.IfExists && sqlerr.Code(err) == sqlerr.UndefinedTable:
		return command(tag, notice("00000", "relation \""+name+"\" does not exist, skipping")), nil
	}
	return nil, sqlerr.Find(err).WithPos(st.Name.Position())
}

// alteration is a running ALTER TABLE: the table, and what becomes of it.
type alteration struct {
	s     *Session
	tx    *memtable.Tx
	table *memtable.Table
	res   *Result
	def   memtable.Definition
	rows  *memtable.Snapshot
	from  []int // by column of def: what it was in the table; −1: it is new, or of another type
}

func (a *alteration) run(ctx context.Context, st *ast.AlterTable) error {
	if err := a.tx.Lock(ctx, a.table); err != nil {
		return err
	}
	old := a.table.Definition()
	a.def, a.rows = *old, a.tx.Current(a.table)
	a.def.Columns, a.def.Uniques, a.def.Checks = slices.Clone(old.Columns), slices.Clone(old.Uniques), slices.Clone(old.Checks)
	for i := range old.Columns {
		a.from = append(a.from, i)
	}
	for i := range st.Actions {
		if err := a.action(ctx, &st.Actions[i]); err != nil {
			return sqlerr.Find(err).WithPos(st.Actions[i].Position())
		}
	}
	views := a.s.viewsOf(old.Schema, old.Name)
	def := a.def
	table, err := a.tx.Replace(ctx, a.table, &def, a.rows)
	if err != nil {
		return sqlerr.Find(err).WithPos(st.Name.Position())
	}
	a.tx.InheritStats(table, a.table, a.from)
	a.s.c.rules.Delete(a.table.ID())
	return a.brokenViews(ctx, st, old, views)
}

// brokenViews drops, or refuses to break, the views that need a column that is
// gone.
func (a *alteration) brokenViews(ctx context.Context, st *ast.AlterTable, old *memtable.Definition, views []dependantView) error {
	var gone *ast.AlterAction
	for i := range st.Actions {
		if st.Actions[i].Kind == "drop column" {
			gone = &st.Actions[i]
		}
	}
	if gone == nil {
		return nil
	}
	d := &dropping{s: a.s, tx: a.tx, st: &ast.Drop{Kind: "view"}, res: a.res}
	var dropped []string
	for _, v := range views {
		text, err := a.s.c.parseView(v.object)
		if err == nil {
			_, err = a.s.bindQuery(ctx, text.query, nil)
		}
		if err == nil {
			continue
		}
		if !gone.Cascade {
			return dependent("column "+gone.Name+" of table "+old.Name, "other objects depend on it",
				"view "+v.object.Name+" depends on column "+gone.Name+" of table "+old.Name)
		}
		if err := a.s.dropObject(ctx, a.tx, v.object, "view"); err != nil {
			return err
		}
		dropped = append(dropped, "view "+v.object.Name)
	}
	d.cascaded(dropped)
	return nil
}

// action applies one action to the definition and the rows.
func (a *alteration) action(ctx context.Context, act *ast.AlterAction) error {
	switch act.Kind {
	case "none":
		return nil
	case "rename":
		a.def.Name = act.NewName
		return nil
	case "set schema":
		if !a.s.objects().HasSchema(act.NewName) {
			return sqlerr.New(sqlerr.InvalidSchemaName, "schema \"%s\" does not exist", act.NewName)
		}
		return a.moveTo(ctx, act.NewName)
	case "add column":
		return a.addColumn(ctx, act)
	case "add constraint":
		return a.addConstraint(ctx, act)
	case "drop constraint", "rename constraint":
		return a.constraint(act)
	}
	at := a.def.Ordinal(act.Name)
	if at < 0 {
		if act.Kind == "drop column" && act.IfExists {
			a.res.notices = append(a.res.notices, *notice("00000", "column \""+act.Name+"\" of relation \""+a.def.Name+"\" does not exist, skipping"))
			return nil
		}
		if act.Kind == "rename column" {
			return sqlerr.New(sqlerr.UndefinedColumn, "column \"%s\" does not exist", act.Name)
		}
		return sqlerr.New(sqlerr.UndefinedColumn, "column \"%s\" of relation \"%s\" does not exist", act.Name, a.def.Name)
	}
	col := &a.def.Columns[at]
	switch act.Kind {
	case "drop column":
		return a.dropColumn(ctx, at)
	case "rename column":
		return a.renameColumn(ctx, at, act.NewName)
	case "set default":
		if err := a.refuseOwnDefault(act, col); err != nil {
			return err
		}
		if _, err := a.s.bindDefault(ctx, act.Column.Default, *col); err != nil {
			return err
		}
		col.Default, col.Sequence = act.Column.DefaultText, ""
	case "drop default":
		if err := a.refuseOwnDefault(act, col); err != nil {
			return err
		}
		col.Default, col.Sequence = "", ""
	case "add identity":
		return a.addIdentity(ctx, act, col)
	case "set identity":
		return a.setIdentity(ctx, act, col)
	case "drop identity":
		return a.dropIdentity(ctx, act, col)
	case "drop expression":
		return a.dropExpression(act, col)
	case "set not null":
		return a.setNotNull(ctx, at)
	case "drop not null":
		for _, u := range a.def.Uniques {
			if u.Primary && slices.Contains(u.Columns, at) {
				return sqlerr.New(sqlerr.InvalidTableDefinition, "column \"%s\" is in a primary key", col.Name)
			}
		}
		if col.Identity != 0 {
			return sqlerr.New(sqlerr.SyntaxError, "column \"%s\" of relation \"%s\" is an identity column", col.Name, a.def.Name)
		}
		col.NotNull = false
	case "type":
		return a.changeType(ctx, at, act)
	}
	return nil
}

// moveTo puts the table and its sequences into another schema.
func (a *alteration) moveTo(ctx context.Context, schema string) error {
	for _, c := range a.def.Columns {
		if q := a.s.tables().Sequence(a.def.Schema, c.Sequence); q != nil {
			if err := a.tx.RenameSequence(ctx, q, schema, c.Sequence); err != nil {
				return err
			}
		}
	}
	a.def.Schema = schema
	return nil
}

// mapRows makes all rows anew from their columns.
func (a *alteration) mapRows(ctx context.Context, f func(cols []arrow.Array, n int) ([]arrow.Array, error)) (err error) {
	a.rows, err = a.rows.Map(ctx, func(rec arrow.Record) (arrow.Record, error) {
		cols, err := f(slices.Clone(rec.Columns()), int(rec.NumRows()))
		if err != nil {
			return nil, err
		}
		return a.def.Conform(cols, rec.NumRows())
	})
	return err
}

func (a *alteration) addColumn(ctx context.Context, act *ast.AlterAction) error {
	if a.def.Ordinal(act.Column.Name) >= 0 {
		if act.IfExists {
			a.res.notices = append(a.res.notices, *notice(sqlerr.DuplicateColumn, "column \""+act.Column.Name+"\" of relation \""+a.def.Name+"\" already exists, skipping"))
			return nil
		}
		return sqlerr.New(sqlerr.DuplicateColumn, "column \"%s\" of relation \"%s\" already exists", act.Column.Name, a.def.Name)
	}
	d := &tableDefinition{s: a.s, def: &a.def}
	st := &ast.CreateTable{Pos: act.Pos, Columns: []ast.ColumnDef{act.Column}}
	if err := d.fromColumns(ctx, st); err != nil {
		return err
	}
	for _, q := range d.sequences {
		if _, err := a.tx.CreateSequence(ctx, q); err != nil {
			return err
		}
	}
	rules, err := a.s.bindRules(ctx, &a.def, a.def.ArrowSchema())
	if err != nil {
		return err
	}
	at := len(a.def.Columns) - 1
	a.from = append(a.from, -1)
	err = a.mapRows(ctx, func(cols []arrow.Array, n int) ([]arrow.Array, error) {
		cols = append(cols, nil)
		if rules.generated[at] == nil {
			if cols[at], err = rules.defaults(a.s, at, n); err != nil {
				return nil, err
			}
			return cols, nil
		}
		return cols, rules.generate(a.s, cols, n)
	})
	if e := sqlerr.Find(err); err != nil && e.Code == sqlerr.NotNullViolation {
		return sqlerr.New(sqlerr.NotNullViolation, "column \"%s\" of relation \"%s\" contains null values", act.Column.Name, a.def.Name)
	}
	if err != nil {
		return err
	}
	return a.checkRows(ctx, rules)
}

// checkRows refuses rows that break a CHECK constraint.
func (a *alteration) checkRows(ctx context.Context, rules *tableRules) error {
	return a.rows.Each(ctx, func(rec arrow.Record) error {
		if err := rules.check(a.s, rec); err != nil {
			e := *sqlerr.Find(err)
			if _, name, ok := strings.Cut(e.Message, "violates check constraint "); ok && e.Code == sqlerr.CheckViolation {
				return sqlerr.New(sqlerr.CheckViolation, "check constraint %s of relation \"%s\" is violated by some row", name, a.def.Name)
			}
			return err
		}
		return nil
	})
}

func (a *alteration) dropColumn(ctx context.Context, at int) error {
	name := a.def.Columns[at].Name
	if q := a.s.tables().Sequence(a.def.Schema, a.def.Columns[at].Sequence); q != nil {
		if err := a.tx.DropSequence(ctx, q); err != nil {
			return err
		}
	}
	without := func(list []memtable.Unique) []memtable.Unique {
		var out []memtable.Unique
		for _, u := range list {
			if slices.Contains(u.Columns, at) || mentions(&u, name) {
				continue
			}
			u.Columns = slices.Clone(u.Columns)
			for i, c := range u.Columns {
				if c > at {
					u.Columns[i]--
				}
			}
			out = append(out, u)
		}
		return out
	}
	a.def.Uniques = without(a.def.Uniques)
	if err := a.tx.SetPlainIndexes(ctx, a.table, without(a.table.PlainIndexes())); err != nil {
		return err
	}
	a.def.Checks = slices.DeleteFunc(a.def.Checks, func(c memtable.Check) bool { return renamed(c.Text, name, "") != c.Text })
	a.def.Columns, a.from = slices.Delete(a.def.Columns, at, at+1), slices.Delete(a.from, at, at+1)
	return a.mapRows(ctx, func(cols []arrow.Array, _ int) ([]arrow.Array, error) { return slices.Delete(cols, at, at+1), nil })
}

func (a *alteration) renameColumn(ctx context.Context, at int, name string) error {
	if a.def.Ordinal(name) >= 0 || name == memtable.RowNumber {
		return sqlerr.New(sqlerr.DuplicateColumn, "column \"%s\" of relation \"%s\" already exists", name, a.def.Name)
	}
	old := a.def.Columns[at].Name
	a.def.Columns[at].Name = name
	for i := range a.def.Checks {
		a.def.Checks[i].Text = renamed(a.def.Checks[i].Text, old, pgcatalog.QuoteIdent(name))
	}
	for i := range a.def.Columns {
		a.def.Columns[i].Generated = renamed(a.def.Columns[i].Generated, old, pgcatalog.QuoteIdent(name))
	}
	for i := range a.def.Uniques {
		renameIn(&a.def.Uniques[i], old, name)
	}
	plain := slices.Clone(a.table.PlainIndexes())
	for i := range plain {
		renameIn(&plain[i], old, name)
	}
	if err := a.tx.SetPlainIndexes(ctx, a.table, plain); err != nil {
		return err
	}
	return a.mapRows(ctx, func(cols []arrow.Array, _ int) ([]arrow.Array, error) { return cols, nil })
}

func (a *alteration) setNotNull(ctx context.Context, at int) error {
	err := a.rows.Each(ctx, func(rec arrow.Record) error {
		if rec.Column(at).NullN() > 0 {
			return sqlerr.New(sqlerr.NotNullViolation, "column \"%s\" of relation \"%s\" contains null values", a.def.Columns[at].Name, a.def.Name)
		}
		return nil
	})
	if err != nil {
		return err
	}
	a.def.Columns[at].NotNull = true
	return a.mapRows(ctx, func(cols []arrow.Array, _ int) ([]arrow.Array, error) { return cols, nil })
}

// changeType converts a column by a cast, or by the expression of USING.
func (a *alteration) changeType(ctx context.Context, at int, act *ast.AlterAction) error {
	t, err := sqltype.Resolve(act.Column.Type.Name, act.Column.Type.Mods, act.Column.Type.Array)
	if err != nil {
		return err
	}
	col := &a.def.Columns[at]
	if err := a.identityType(ctx, col, t); err != nil {
		return err
	}
	var x expr.Expr
	opt := planner.BindOptions{TimeZone: a.s.settings.location, Targets: []arrow.DataType{t}}
	if act.Using != nil {
		x, err = a.s.planner().BindExpr(ctx, act.Using, a.def.ArrowSchema(), opt)
	} else {
		x, err = a.s.planner().BindExpr(ctx, &ast.Column{Pos: act.Pos, Parts: []string{col.Name}}, a.def.ArrowSchema(), opt)
		if err != nil && sqlerr.Code(err) == sqlerr.DatatypeMismatch {
			err = sqlerr.New(sqlerr.DatatypeMismatch, "column \"%s\" cannot be cast automatically to type %s", col.Name, sqltype.Name(t)).
				WithHint("You might need to specify \"USING %s::%s\".", col.Name, sqltype.Name(t))
		}
	}
	if err != nil {
		return err
	}
	program, err := a.s.compile(x)
	if err != nil {
		return err
	}
	col.Type, col.Declared, a.from[at] = t, "", -1
	col.Length, col.Char = length(act.Column.Type)
	if t.ID() == arrow.STRING {
		col.Declared = act.Column.Type.Name
	}
	return a.mapRows(ctx, func(cols []arrow.Array, n int) ([]arrow.Array, error) {
		v, err := program.Array(eval.Columns(cols, n))
		if err != nil {
			return nil, err
		}
		cols[at], err = kernel.Decode(v)
		return cols, err
	})
}
