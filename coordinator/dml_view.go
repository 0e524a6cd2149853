package coordinator

import (
	"context"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/catalog"
	"volley/catalog/memtable"
	"volley/exec/kernel"
	"volley/parser/ast"
	"volley/planner"
	"volley/sqlerr"
)

// baseName is the name by which the queries made of a view call the table whose
// rows the view has. Nobody can write it.
const baseName = "\x00base"

// updatableView is a view whose rows are rows of one table, each with some of
// its columns: INSERT, UPDATE and DELETE of it change that table.
type updatableView struct {
	name    string
	columns []string
	layers  []viewLayer // the view itself first, the one over the table last
	list    *rowQuery   // the view's columns, over rows of the table
	checks  []viewCheck // in the order in which they are made
}

// viewLayer is a view, over the next layer or over the table.
type viewLayer struct {
	object  *catalog.Object
	body    *ast.Select // without stars
	from    *ast.Table
	columns []targetColumn
}

// viewCheck is a condition that new rows must fulfill.
type viewCheck struct {
	view string
	cond *rowQuery // over rows of the table
}

// updatable finds a view that a statement changes; nil when the name is no
// view's.
func (s *Session) updatable(ctx context.Context, q ast.QName, verb string) (*changeTarget, error) {
	o := s.findView(q)
	if o == nil {
		return nil, nil
	}
	t := &changeTarget{view: &updatableView{name: o.Name}}
	why, err := s.resolveLayers(ctx, t, o, verb)
	if err != nil {
		return nil, err
	}
	if why != nil {
		return nil, why.error(verb)
	}
	return t, t.view.bind(ctx, s, t.table)
}

// findView is the view of a name, nil for none.
func (s *Session) findView(q ast.QName) *catalog.Object {
	name := q.Parts[len(q.Parts)-1]
	for _, schema := range s.schemas(q) {
		t, o := s.relation(schema, name)
		switch {
		case t != nil:
			return nil
		case o != nil && o.View != nil:
			return o
		case o != nil:
			return nil
		}
	}
	return nil
}

// resolveLayers follows a view down to its table; why is the reason why it is
// not updatable, nil if it is.
func (s *Session) resolveLayers(ctx context.Context, t *changeTarget, o *catalog.Object, verb string) (why *notSimple, err error) {
	v := t.view
	for o != nil {
		if len(v.layers) > maxLayers {
			return nil, sqlerr.New(sqlerr.StatementTooComplex, "view \"%s\" is over more than %d views", v.name, maxLayers)
		}
		text, err := s.c.parseView(o)
		if err != nil {
			return nil, err
		}
		layer := viewLayer{object: o}
		var reason string
		if layer.body, reason = s.simpleView(text.query); reason != "" {
			return &notSimple{o.Name, reason}, nil
		}
		layer.from = layer.body.From[0].(*ast.Table)
		v.layers = append(v.layers, layer)
		if o = s.findView(layer.from.Name); o == nil {
			if t.table, err = s.writable(layer.from.Name, verb); err != nil {
				return nil, sqlerr.Find(err).WithPos(0)
			}
		}
	}
	var below []targetColumn
	for i, c := range t.table.Definition().Columns {
		below = append(below, targetColumn{c.Name, i})
	}
	for i := range slices.Backward(v.layers) {
		l := &v.layers[i]
		if err := l.resolve(ctx, s, below); err != nil {
			return nil, err
		}
		below = l.columns
		if verb != deleteVerb && !slices.ContainsFunc(below, func(c targetColumn) bool { return c.base >= 0 }) {
			return &notSimple{l.object.Name, noColumns}, nil
		}
	}
	t.columns = below
	for _, c := range below {
		v.columns = append(v.columns, c.name)
	}
	return nil, nil
}

// maxLayers is how many views may lie over each other.
const maxLayers = 100

// resolve finds the columns of a layer, below which are the columns of the next.
func (l *viewLayer) resolve(ctx context.Context, s *Session, below []targetColumn) error {
	below = slices.Clone(below)
	for i, name := range l.from.Alias.Columns {
		below[i].name = name
	}
	alias := l.alias()
	var items []ast.SelectItem
	for _, item := range l.body.Items {
		star, ok := item.Expr.(*ast.Star)
		if !ok {
			items = append(items, item)
			continue
		}
		for _, c := range below {
			items = append(items, ast.SelectItem{Expr: &ast.Column{Pos: star.Pos, Parts: []string{alias, c.name}}})
		}
	}
	body := *l.body
	body.Items = items
	l.body = &body
	text, err := s.c.parseView(l.object)
	if err != nil {
		return err
	}
	bound, err := s.planner().Bind(ctx, text.query, &names{s: s}, (&changeBinder{s: s}).options())
	if err != nil {
		return sqlerr.Find(err).WithPos(0)
	}
	for i, item := range items {
		c := targetColumn{name: bound.Names[i], base: -1}
		if i < len(l.object.View.Columns) {
			c.name = l.object.View.Columns[i]
		}
		if col, ok := item.Expr.(*ast.Column); ok {
			at := slices.IndexFunc(below, func(b targetColumn) bool { return b.name == col.Parts[len(col.Parts)-1] })
			if at >= 0 {
				c.base = below[at].base
			}
		}
		l.columns = append(l.columns, c)
	}
	return nil
}

func (l *viewLayer) alias() string {
	if l.from.Alias.Name != "" {
		return l.from.Alias.Name
	}
	return l.from.Name.Parts[len(l.from.Name.Parts)-1]
}

// query is the view of layer i over the table. With numbers its last column is
// the number of the row; without filters it has all rows.
func (v *updatableView) query(i int, numbered, filtered bool) *ast.Query {
	l := &v.layers[i]
	sel := &ast.Select{Pos: l.body.Pos, Items: slices.Clone(l.body.Items), From: []ast.TableRef{v.below(i, numbered, filtered)}}
	if filtered {
		sel.Where = l.body.Where
	}
	if numbered {
		number := &ast.Column{Pos: sel.Pos, Parts: []string{l.alias(), memtable.RowNumber}}
		sel.Items = append(sel.Items, ast.SelectItem{Expr: number, Alias: memtable.RowNumber})
	}
	return &ast.Query{Pos: sel.Pos, Body: sel}
}

// below is what layer i reads. The number of the row is no part of the whole row there.
func (v *updatableView) below(i int, numbered, filtered bool) ast.TableRef {
	l := &v.layers[i]
	alias := ast.Alias{Name: l.alias(), Columns: l.from.Alias.Columns, Unlisted: numbered}
	if i == len(v.layers)-1 {
		return &ast.Table{Pos: l.from.Pos, Name: ast.QName{Pos: l.from.Pos, Parts: []string{baseName}}, Alias: alias}
	}
	alias.Columns = slices.Clone(alias.Columns)
	for _, c := range v.layers[i+1].columns[len(alias.Columns):] {
		alias.Columns = append(alias.Columns, c.name)
	}
	return &ast.Derived{Pos: l.from.Pos, Query: v.query(i+1, numbered, filtered), Alias: alias}
}

// unfiltered are the columns of layer i for all rows of the table. They can be
// sorted by the row's number.
func (v *updatableView) unfiltered(i int) *ast.Select {
	l := &v.layers[i]
	return &ast.Select{Pos: l.body.Pos, Items: l.body.Items, From: []ast.TableRef{v.below(i, true, false)}}
}

// numbered is the view with the numbers of its rows in the table.
func (v *updatableView) numbered() planner.Object {
	return planner.Object{Name: v.name, View: v.query(0, true, true), ViewColumns: v.columns}
}

// rows is the view for rows that are at hand, whether or not it has them.
func (v *updatableView) rows() planner.Object {
	return planner.Object{Name: v.name, View: v.query(0, false, false), ViewColumns: v.columns}
}

// bind binds what is computed of new rows. Checks are made of the views below
// first; a view that checks cascades to all below it.
func (v *updatableView) bind(ctx context.Context, s *Session, table *memtable.Table) (err error) {
	b := &changeBinder{ctx: ctx, s: s}
	if v.list, err = b.bindOverRows(v.unfiltered(0), table.Schema()); err != nil {
		return err
	}
	cascaded := false
	for i, l := range v.layers {
		option := l.object.View.CheckOption
		if option == "" && !cascaded {
			continue
		}
		cascaded = cascaded || option == "cascaded"
		if l.body.Where == nil {
			continue
		}
		sel := &ast.Select{Pos: l.body.Pos, Items: []ast.SelectItem{{Expr: l.body.Where}}, From: []ast.TableRef{v.below(i, true, false)}}
		cond, err := b.bindOverRows(sel, table.Schema())
		if err != nil {
			return err
		}
		v.checks = append(v.checks, viewCheck{l.object.Name, cond})
	}
	slices.Reverse(v.checks)
	return nil
}

// seen are the view's columns for rows of the table.
func (v *updatableView) seen(ctx context.Context, r *changeRun, rec arrow.Record) ([]arrow.Array, error) {
	out, err := v.list.of(ctx, r, rec.Columns(), int(rec.NumRows()))
	if err != nil {
		return nil, err
	}
	return out.Columns()[:len(v.columns)], nil
}

// check refuses rows that a view demands to be visible but are not.
func (v *updatableView) check(ctx context.Context, r *changeRun, recs []arrow.Record) error {
	for _, c := range v.checks {
		for _, rec := range recs {
			out, err := c.cond.of(ctx, r, rec.Columns(), int(rec.NumRows()))
			if err != nil {
				return err
			}
			holds, err := kernel.Decode(out.Column(0))
			if err != nil {
				return err
			}
			b, ok := holds.(*array.Boolean)
			for i := range int(rec.NumRows()) {
				if !ok || b.IsNull(i) || !b.Value(i) {
					return sqlerr.New("44000", "new row violates check option for view \"%s\"", c.view).
						WithDetail("Failing row contains (%s).", memtable.RowText(rec, i))
				}
			}
		}
	}
	return nil
}

// notUpdatable is the error for a column that only the view has.
func (t *changeTarget) notUpdatable(name, verb string) error {
	return sqlerr.New(sqlerr.FeatureNotSupported, "cannot %s column \"%s\" of view \"%s\"", verb, name, t.view.name).
		WithDetail("View columns that are not columns of their base relation are not updatable.")
}

// notSimple is why a view is not updatable.
type notSimple struct{ view, reason string }

func (n *notSimple) error(verb string) error {
	doing := map[string]string{insertVerb: "inserting into", updateVerb: "updating", deleteVerb: "deleting from"}[verb]
	event := strings.ToUpper(strings.Fields(verb)[0])
	return sqlerr.New(sqlerr.ObjectNotInState, "cannot %s view \"%s\"", verb, n.view).WithDetail("%s", n.reason).
		WithHint("To enable %s the view, provide an INSTEAD OF %s trigger or an unconditional ON %s DO INSTEAD rule.", doing, event, event)
}
