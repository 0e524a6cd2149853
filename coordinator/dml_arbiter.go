package coordinator

import (
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/catalog/memtable"
	"volley/parser/ast"
	"volley/planner/expr"
	"volley/sqlerr"
)

// arbiters are the unique constraints and indexes that ON CONFLICT is about; none are all.
func (b *changeBinder) arbiters(st *ast.Insert, t *changeTarget) ([]string, error) {
	def := t.table.Definition()
	switch {
	case st.ConflictConstraint != "":
		return namedArbiter(st, def)
	case len(st.ConflictItems) > 0:
		return b.inferred(st, t)
	case st.OnConflict != "" && slices.ContainsFunc(def.Uniques, func(u memtable.Unique) bool { return u.Deferrable }):
		return nil, noArbiter()
	}
	return nil, nil
}

func namedArbiter(st *ast.Insert, def *memtable.Definition) ([]string, error) {
	for _, u := range def.Uniques {
		if u.Name != st.ConflictConstraint || !u.Constraint {
			continue
		}
		if u.Deferrable {
			return nil, noArbiter()
		}
		return []string{u.Name}, nil
	}
	return nil, sqlerr.At(st.Table.Position(), sqlerr.UndefinedObject, "constraint \"%s\" for table \"%s\" does not exist", st.ConflictConstraint, def.Name)
}

// inference is what ON CONFLICT (…) WHERE … says, over the columns of the table.
type inference struct {
	columns []int // ascending, each once
	exprs   []expr.Expr
	where   expr.Expr // nil for none
}

// inferred finds the indexes of the columns and expressions of ON CONFLICT, which must all be
// there, in any order. A condition in ON CONFLICT is one that the rows of a partial index
// may have; an index without one is found too.
func (b *changeBinder) inferred(st *ast.Insert, t *changeTarget) (out []string, err error) {
	in, err := b.inference(st, t)
	if err != nil {
		return nil, err
	}
	rules, err := b.s.rulesOf(b.ctx, t.table)
	if err != nil {
		return nil, err
	}
	for i := range rules.def.Uniques {
		u := &rules.def.Uniques[i]
		if !b.matches(in, u, rules.keys[u.Name]) {
			continue
		}
		if u.Deferrable {
			return nil, noArbiter()
		}
		out = append(out, u.Name)
	}
	if len(out) == 0 {
		return nil, sqlerr.At(st.Table.Position(), sqlerr.InvalidColumnReference, "there is no unique or exclusion constraint matching the ON CONFLICT specification")
	}
	return out, nil
}

// inference binds the items of ON CONFLICT.
func (b *changeBinder) inference(st *ast.Insert, t *changeTarget) (*inference, error) {
	schema, toTable := t.conflictColumns()
	table := st.Alias
	if table == "" {
		table = st.Table.Parts[len(st.Table.Parts)-1]
	}
	in := &inference{}
	for i := range st.ConflictItems {
		item := &st.ConflictItems[i]
		switch {
		case item.Desc:
			return nil, sqlerr.At(item.Position(), sqlerr.InvalidColumnReference, "ASC/DESC is not allowed in ON CONFLICT clause")
		case item.NullsFirst != nil:
			return nil, sqlerr.At(item.Position(), sqlerr.InvalidColumnReference, "NULLS FIRST/LAST is not allowed in ON CONFLICT clause")
		}
		x, err := b.s.bindIndexed(b.ctx, item.Expr, schema, table, "index expressions")
		if err != nil {
			return nil, err
		}
		x = expr.MapColumns(x, toTable)
		if c, ok := x.(*expr.Column); ok {
			in.columns = append(in.columns, c.Index)
		} else {
			in.exprs = append(in.exprs, x)
		}
	}
	slices.Sort(in.columns)
	in.columns = slices.Compact(in.columns)
	if st.ConflictWhere == nil {
		return in, nil
	}
	where, err := b.s.bindIndexed(b.ctx, st.ConflictWhere, schema, table, "index predicates")
	if err != nil {
		return nil, err
	}
	in.where = expr.MapColumns(where, toTable)
	return in, nil
}

// conflictColumns are the columns that ON CONFLICT can name, and what they are in the table.
func (t *changeTarget) conflictColumns() (*arrow.Schema, func(*expr.Column) expr.Expr) {
	def := t.table.Definition()
	var fields []arrow.Field
	var base []int
	for _, c := range t.columns {
		if c.base >= 0 {
			fields, base = append(fields, arrow.Field{Name: c.name, Type: def.Columns[c.base].Type, Nullable: true}), append(base, c.base)
		}
	}
	return arrow.NewSchema(fields, nil), func(c *expr.Column) expr.Expr {
		return &expr.Column{Index: base[c.Index], Name: c.Name, Type: c.Type}
	}
}

// matches tells whether ON CONFLICT means an index; k is nil for one of columns alone.
func (b *changeBinder) matches(in *inference, u *memtable.Unique, k *keyRule) bool {
	columns := slices.DeleteFunc(slices.Sorted(slices.Values(u.Columns)), func(c int) bool { return c == memtable.Computed })
	if !slices.Equal(slices.Compact(columns), in.columns) {
		return false
	}
	if k == nil {
		return len(in.exprs) == 0
	}
	return hasAll(k.exprs, in.exprs) && hasAll(in.exprs, k.exprs) &&
		(k.where == nil || in.where != nil && b.s.planner().Implies(in.where, k.where))
}

// hasAll tells whether each of some expressions is in a list.
func hasAll(list, some []expr.Expr) bool {
	return !slices.ContainsFunc(some, func(x expr.Expr) bool {
		return !slices.ContainsFunc(list, func(y expr.Expr) bool { return expr.Equal(x, y) })
	})
}

func noArbiter() error {
	return sqlerr.New(sqlerr.ObjectNotInState, "ON CONFLICT does not support deferrable unique constraints/exclusion constraints as arbiters")
}
