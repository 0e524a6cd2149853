package coordinator

import (
	"context"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/catalog/memtable"
	"volley/catalog/pgcatalog"
	"volley/exec/eval"
	"volley/exec/kernel"
	"volley/parser/ast"
	"volley/planner"
	"volley/planner/expr"
	"volley/sqlerr"
	"volley/sqltype"
	"volley/udf"
)

// invalidObject is the SQLSTATE of a definition that cannot be meant.
const invalidObject = "42P17"

// keyRule is an index that has expressions or a condition, bound.
type keyRule struct {
	columns []int       // of the key: ordinals; memtable.Computed for the next of exprs
	exprs   []expr.Expr // over the table's columns
	names   []string    // of exprs, as columns of the index
	where   expr.Expr   // nil for none
}

// bindKey binds the expressions and the condition of an index over a table's columns.
func (s *Session) bindKey(ctx context.Context, u *memtable.Unique, schema *arrow.Schema) (*keyRule, error) {
	k := &keyRule{columns: u.Columns}
	for _, text := range u.Exprs {
		tree, err := parseExpr(text)
		if err != nil {
			return nil, sqlerr.Wrap(err, sqlerr.InternalError, "expression of index \"%s\"", u.Name)
		}
		e, err := s.bindIndexExpr(ctx, tree, schema, "")
		if err != nil {
			return nil, err
		}
		k.exprs, k.names = append(k.exprs, e), append(k.names, planner.IndexColumnName(tree))
	}
	if u.Where == "" {
		return k, nil
	}
	tree, err := parseExpr(u.Where)
	if err != nil {
		return nil, sqlerr.Wrap(err, sqlerr.InternalError, "condition of index \"%s\"", u.Name)
	}
	k.where, err = s.bindIndexWhere(ctx, tree, schema, "")
	return k, err
}

// bindIndexExpr binds an expression that an index is to have over a table's columns, which
// may be qualified by a name: it must be immutable, and of a type that has an order.
func (s *Session) bindIndexExpr(ctx context.Context, e ast.Expr, schema *arrow.Schema, table string) (expr.Expr, error) {
	x, err := s.bindIndexed(ctx, e, schema, table, "index expressions")
	switch {
	case err != nil:
		return nil, err
	case s.planner().ExprVolatility(x) != udf.Immutable:
		return nil, sqlerr.At(e.Position(), invalidObject, "functions in index expression must be marked IMMUTABLE")
	case !memtable.CanIndex(x.DataType()):
		return nil, noKeyType(x.DataType(), e.Position())
	}
	return x, nil
}

// bindIndexWhere binds the condition of an index.
func (s *Session) bindIndexWhere(ctx context.Context, e ast.Expr, schema *arrow.Schema, table string) (expr.Expr, error) {
	x, err := s.bindIndexed(ctx, e, schema, table, "index predicates")
	if err != nil {
		return nil, err
	}
	if t := x.DataType(); t.ID() != arrow.BOOL && t.ID() != arrow.NULL {
		return nil, sqlerr.At(e.Position(), sqlerr.DatatypeMismatch, "argument of WHERE must be type boolean, not type %s", sqltype.Name(t))
	}
	if s.planner().ExprVolatility(x) != udf.Immutable {
		return nil, sqlerr.At(e.Position(), invalidObject, "functions in index predicate must be marked IMMUTABLE")
	}
	return x, nil
}

func (s *Session) bindIndexed(ctx context.Context, e ast.Expr, schema *arrow.Schema, table, clause string) (expr.Expr, error) {
	return s.planner().BindExpr(ctx, e, schema, planner.BindOptions{
		Catalog: &names{s: s}, TimeZone: s.settings.location, Style: s.settings.style(), Clause: clause, Table: table,
	})
}

// reads calls f with every column on which the keys depend.
func (k *keyRule) reads(f func(column int)) {
	column := func(c *expr.Column) { f(c.Index) }
	for _, c := range k.columns {
		if c != memtable.Computed {
			f(c)
		}
	}
	for _, e := range k.exprs {
		expr.EachColumn(e, column)
	}
	if k.where != nil {
		expr.EachColumn(k.where, column)
	}
}

// indexKeys computes the keys of an index for rows of a table: a memtable.KeyFunc.
func (s *Session) indexKeys(ctx context.Context, t *memtable.Table, def *memtable.Definition, index string, rec arrow.Record) (memtable.KeyColumns, error) {
	rules, err := s.rulesFor(ctx, t, def)
	if err != nil {
		return memtable.KeyColumns{}, err
	}
	k := rules.keys[index]
	if k == nil {
		return memtable.KeyColumns{}, sqlerr.New(sqlerr.InternalError, "index \"%s\" has neither expressions nor a condition", index)
	}
	return k.of(s, rec)
}

// of are the keys of rows. Expressions are computed for those alone that the index has, as
// they may fail for others.
func (k *keyRule) of(s *Session, rec arrow.Record) (out memtable.KeyColumns, err error) {
	if k.where != nil {
		if out.Place, rec, err = k.chosen(s, rec); err != nil {
			return out, err
		}
	}
	batch, exprs := eval.NewBatch(rec), k.exprs
	for _, c := range k.columns {
		if c != memtable.Computed {
			out.Columns = append(out.Columns, rec.Column(c))
			continue
		}
		col, err := s.computed(exprs[0], batch)
		if err != nil {
			return out, err
		}
		out.Columns, exprs = append(out.Columns, col), exprs[1:]
	}
	return out, nil
}

// chosen are the rows for which the index's condition holds, and their places among these.
func (k *keyRule) chosen(s *Session, rec arrow.Record) (place []int32, rows arrow.Record, err error) {
	col, err := s.computed(k.where, eval.NewBatch(rec))
	if err != nil {
		return nil, nil, err
	}
	holds, _ := col.(*array.Boolean)
	place = make([]int32, rec.NumRows())
	kept := make([]int32, 0, rec.NumRows())
	for row := range place {
		if place[row] = -1; holds != nil && holds.IsValid(row) && holds.Value(row) {
			place[row] = int32(len(kept))
			kept = append(kept, int32(row))
		}
	}
	if len(kept) == len(place) {
		return nil, rec, nil
	}
	rows, err = kernel.TakeRecord(rec, kept)
	return place, rows, err
}

// computed is an expression over rows, as a plain column.
func (s *Session) computed(e expr.Expr, rows *eval.Batch) (arrow.Array, error) {
	program, err := s.compile(e)
	if err != nil {
		return nil, err
	}
	col, err := program.Array(rows)
	if err != nil {
		return nil, err
	}
	return kernel.Decode(col)
}

// mentions tells whether the text of an index has the name of a column.
func mentions(u *memtable.Unique, column string) bool {
	has := func(sql string) bool { return renamed(sql, column, "") != sql }
	return has(u.Where) || slices.ContainsFunc(u.Exprs, has)
}

// renameIn gives a column another name in the text of an index.
func renameIn(u *memtable.Unique, from, to string) {
	to = pgcatalog.QuoteIdent(to)
	u.Where, u.Exprs = renamed(u.Where, from, to), slices.Clone(u.Exprs)
	for i := range u.Exprs {
		u.Exprs[i] = renamed(u.Exprs[i], from, to)
	}
}

// describeKeyExprs are the expressions of an index for pg_catalog.
func (s *Session) describeKeyExprs(u *memtable.Unique, schema *arrow.Schema) (out []pgcatalog.KeyExpr) {
	if len(u.Exprs) == 0 {
		return nil
	}
	k, err := s.bindKey(context.Background(), u, schema)
	for i, text := range u.Exprs {
		e := pgcatalog.KeyExpr{Text: memtable.KeyExprText(text), Column: pgcatalog.Column{Name: "expr", Mod: -1}}
		if err == nil { // else what it calls is gone
			e.Column.Name = k.names[i]
			e.Column.Type, e.Column.Mod = pgcatalog.TypeOf(k.exprs[i].DataType())
		}
		out = append(out, e)
	}
	return out
}
