package coordinator

import (
	"slices"
	"strconv"

	"volley/catalog/memtable"
	"volley/parser/ast"
	"volley/planner"
	"volley/sqlerr"
	"volley/sqltype"
)

// mergeAction is a bound WHEN of MERGE. Its lists are over the columns of the target
// and then those of the source or, where nothing matches, over those of the source.
type mergeAction struct {
	matched bool
	kind    string    // as in ast.MergeWhen
	cond    *rowQuery // nil: always
	columns []int     // of the table, that values are for
	values  *rowQuery // nil for none
	parts   *partList // of an INSERT that gives parts of columns; nil for none
}

// mergeBinder binds the parts of one MERGE.
type mergeBinder struct {
	*changeBinder
	m      *mutation
	target *ast.Table
	source ast.TableRef
	uses   []memtable.Column // by column of target and source: the name is "" where no action reads it
}

// bindMerge makes a query of MERGE:
//
//	SELECT target.ctid, columns that the actions read, … FROM target RIGHT JOIN source ON condition
//
// whose join is an inner one where nothing is done with rows that match nothing. What is done
// with a row is found out when it is there.
func (b *changeBinder) bindMerge(st *ast.Merge) (*mutation, error) {
	if err := unreachable(st.Whens); err != nil {
		return nil, err
	}
	t, err := b.mergeTarget(st.Table)
	if err != nil {
		return nil, err
	}
	w := &mergeBinder{
		changeBinder: b, m: &mutation{kind: "MERGE", target: t},
		target: targetRef(st.Table, st.Alias), source: st.Using, uses: make([]memtable.Column, len(t.columns)),
	}
	if name := w.target.Alias.Name; refName(st.Using) == name {
		return nil, sqlerr.At(st.Using.Position(), sqlerr.DuplicateAlias, "name \"%s\" specified more than once", name).
			WithDetail("The name is used both as MERGE target table and data source.")
	}
	if err := w.bindQuery(st); err != nil { // for its errors, which come first
		return nil, err
	}
	for i := range st.Whens {
		if err := w.bindWhen(&st.Whens[i]); err != nil {
			return nil, err
		}
	}
	for i, c := range w.uses {
		if c.Name != "" {
			w.m.carried = append(w.m.carried, i)
		}
	}
	return w.m, w.bindQuery(st)
}

// mergeTarget is the table whose rows MERGE changes, which cannot be a view.
func (b *changeBinder) mergeTarget(q ast.QName) (*changeTarget, error) {
	what := ""
	if b.s.findView(q) != nil {
		what = "views"
	} else if t := b.s.managed(q); t != nil && t.Definition().Query != "" {
		what = "materialized views"
	}
	if what != "" {
		return nil, sqlerr.New(sqlerr.FeatureNotSupported, "cannot execute MERGE on relation \"%s\"", q.Parts[len(q.Parts)-1]).
			WithDetail("This operation is not supported for %s.", what)
	}
	return b.s.changeTarget(b.ctx, q, mergeVerb)
}

// unreachable is the error of a WHEN that comes after one without a condition.
func unreachable(whens []ast.MergeWhen) error {
	always := map[bool]bool{}
	for _, w := range whens {
		if always[w.Matched] {
			return sqlerr.New(sqlerr.SyntaxError, "unreachable WHEN clause specified after unconditional WHEN clause")
		}
		always[w.Matched] = w.Cond == nil
	}
	return nil
}

// refName is the name of an item of FROM; "" for a join.
func refName(r ast.TableRef) string {
	switch r := r.(type) {
	case *ast.Table:
		if r.Alias.Name == "" && r.File == "" {
			return r.Name.Parts[len(r.Name.Parts)-1]
		}
		return r.Alias.Name
	case *ast.Derived:
		return r.Alias.Name
	case *ast.TableFunc:
		if r.Alias.Name == "" && len(r.Calls) == 1 {
			return r.Calls[0].Name.Parts[len(r.Calls[0].Name.Parts)-1]
		}
		return r.Alias.Name
	}
	return ""
}

// bindQuery binds the query, with the columns that are carried so far.
func (w *mergeBinder) bindQuery(st *ast.Merge) (err error) {
	target := *w.target
	target.Alias.Unlisted = true // the number of the row
	number := rowNumberOf(&target)
	join := &ast.Join{Pos: st.Pos, Kind: ast.Right, On: st.On, Left: &target, Right: st.Using}
	sel := &ast.Select{Pos: st.Pos, Items: []ast.SelectItem{{Expr: number}}, From: []ast.TableRef{join}}
	of := func(matched bool) bool {
		return slices.ContainsFunc(st.Whens, func(a ast.MergeWhen) bool { return a.Matched == matched && a.Action != "nothing" })
	}
	if !of(false) {
		join.Kind = ast.Inner
	} else if !of(true) {
		sel.Where = &ast.Is{Pos: st.Pos, Arg: number, What: "null"}
	}
	targets := []memtable.Column{{Name: memtable.RowNumber, Type: sqltype.Int64}}
	for _, i := range w.m.carried {
		at := i
		if i >= len(w.m.target.columns) {
			at++ // the number of the row is between target and source
		}
		column := &ast.Column{Pos: st.Pos, Parts: []string{planner.RowsName, strconv.Itoa(at)}}
		sel.Items = append(sel.Items, ast.SelectItem{Expr: column})
		targets = append(targets, w.uses[i])
	}
	w.m.bound, err = w.bindTo(&ast.Query{Pos: st.Pos, Body: sel}, w.m.target.names(w.s, true), targets)
	return err
}

// bindWhen binds a WHEN.
func (w *mergeBinder) bindWhen(st *ast.MergeWhen) (err error) {
	a := mergeAction{matched: st.Matched, kind: st.Action}
	if st.Cond != nil {
		opts := w.options()
		opts.Condition, opts.Clause = "WHEN", "MERGE WHEN conditions"
		if a.cond, err = w.bindOver(a.matched, []ast.SelectItem{{Expr: st.Cond}}, opts); err != nil {
			return err
		}
	}
	switch st.Action {
	case "update":
		set, err := w.assignments(st.Set, w.m.target, w.from(true), st.Position())
		if err != nil {
			return err
		}
		for i, c := range w.m.target.table.Definition().Columns { // the others stay
			w.uses[i] = c
		}
		if a.columns = set.columns; len(set.items) == 0 {
			break
		}
		if a.values, err = w.bindOver(true, set.items, w.assigning(set.targets)); err != nil {
			return err
		}
	case "insert":
		if err := w.bindInsertion(st, &a); err != nil {
			return err
		}
	}
	w.m.merge = append(w.m.merge, a)
	return nil
}

// from is what the lists of an action may read.
func (w *mergeBinder) from(matched bool) []ast.TableRef {
	if matched {
		return []ast.TableRef{w.target, w.source}
	}
	return []ast.TableRef{w.source}
}

// bindOver binds a list of an action, and notes which columns it reads.
func (w *mergeBinder) bindOver(matched bool, items []ast.SelectItem, opts planner.BindOptions) (*rowQuery, error) {
	sel := &ast.Select{Pos: ast.Pos(items[0].Expr.Position()), Items: items, From: w.from(matched)}
	q, err := w.bindRows(sel, w.m.target.names(w.s, false), opts)
	if err != nil {
		return nil, err
	}
	first := 0
	if !matched {
		first = len(w.m.target.columns)
	}
	for i, f := range q.rows.Schema().Fields() {
		if first+i == len(w.uses) {
			w.uses = append(w.uses, memtable.Column{})
		}
		if q.uses[i] {
			w.uses[first+i] = memtable.Column{Name: f.Name, Type: f.Type}
		}
	}
	return q, nil
}

// bindInsertion binds INSERT of a WHEN.
func (w *mergeBinder) bindInsertion(st *ast.MergeWhen, a *mergeAction) error {
	t := w.m.target
	values, err := w.unstarred(st.Values, t, w.from(false))
	if err != nil || len(values) == 0 {
		return err
	}
	var list *insertList
	if len(st.Columns) > 0 {
		list, err = t.insertList(st.Columns, st.Position())
	} else {
		list, err = t.leading(min(len(values), len(t.columns)))
	}
	if err != nil {
		return err
	}
	switch {
	case len(values) > len(list.columns):
		return sqlerr.At(values[len(list.columns)].Position(), sqlerr.SyntaxError, "INSERT has more expressions than target columns")
	case len(values) < len(list.columns):
		return sqlerr.At(st.Position(), sqlerr.SyntaxError, "INSERT has more target columns than expressions")
	}
	def := t.table.Definition()
	var items []ast.SelectItem
	var keep []int // of the list
	for i, c := range list.columns {
		if isDefault(values[i]) && list.targets[i].Part != nil {
			return partDefault(values[i])
		}
		if isDefault(values[i]) || st.Overriding == "user" && def.Columns[c].Identity != 0 {
			continue
		}
		keep = append(keep, i)
		items = append(items, ast.SelectItem{Expr: values[i]})
	}
	list.columns, list.targets = pick(list.columns, keep), pick(list.targets, keep)
	if err := refuseGenerated(def, list.columns, "insert", st.Overriding, st.Position()); err != nil || len(items) == 0 {
		return err
	}
	given, err := list.values(def)
	if err != nil {
		return err
	}
	opts := w.assigning(given)
	opts.Clause = "VALUES"
	if a.values, err = w.bindOver(false, items, opts); err != nil {
		return err
	}
	a.columns, a.parts, err = w.bindParts(def, list, given)
	return err
}
