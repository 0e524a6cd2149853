package planner

import (
	"slices"

	"volley/parser/ast"
	"volley/sqlerr"
)

// searchCycle rewrites a recursive item with SEARCH or CYCLE, as PostgreSQL
// does, into one with more columns:
//
//	SELECT cols, first FROM (initial term) i (cols)
//	UNION [ALL]
//	SELECT cols, next FROM (recursive term, with the columns added of the round before) r (cols, added)
//	WHERE mark <> value
//
// depth first:   first ARRAY[ROW(by)],     next seq || ROW(by)
// breadth first: first ROW(0, by),         next ROW(depth of seq + 1, by)
// cycle:         first default, ARRAY[ROW(columns)]
// next  CASE WHEN ROW(columns) is in path THEN value ELSE default END, path || ROW(columns)
type searchCycle struct {
	item  *ast.CTE
	names []string // of the item's columns as written
	added []string
}

// withSearchCycle is the item rewritten and how many columns it has got.
func withSearchCycle(item *ast.CTE, op *ast.SetOp, names []string) (*ast.CTE, int, error) {
	r := &searchCycle{item: item, names: names}
	if err := r.check(); err != nil {
		return nil, 0, err
	}
	if s := item.Search; s != nil {
		r.added = append(r.added, s.Set)
	}
	if c := item.Cycle; c != nil {
		r.added = append(r.added, c.Mark, c.Path)
	}
	left, ok := op.Left.(*ast.Select)
	if !ok {
		return nil, 0, unsupportedTerm(item, "the left side of the UNION must be a SELECT")
	}
	right, ok := op.Right.(*ast.Select)
	if !ok {
		return nil, 0, rightNotSelect(item)
	}
	alias := ""
	for _, ref := range right.From {
		alias = topReference(ref, item.Name, alias)
	}
	if alias == "" {
		return nil, 0, unsupportedTerm(item, "the recursive reference to WITH query \""+item.Name+"\" must be at the top level of its right-hand SELECT")
	}
	wider := *right
	wider.Items = slices.Clone(right.Items)
	for _, name := range r.added {
		wider.Items = append(wider.Items, ast.SelectItem{Expr: &ast.Column{Pos: item.Pos, Parts: []string{alias, name}}})
	}
	union := *op
	union.Left = r.block(left, names, r.first())
	step := r.block(&wider, append(slices.Clone(names), r.added...), r.next())
	if c := item.Cycle; c != nil {
		step.Where = &ast.Binary{Pos: c.Pos, Op: "<>", Left: r.column(c.Mark), Right: c.Value}
	}
	union.Right = step
	query := *item.Query
	query.Body = &union
	out := *item
	out.Query, out.Columns, out.Search, out.Cycle = &query, append(slices.Clone(names), r.added...), nil, nil
	return &out, len(r.added), nil
}

// rightNotSelect has another code than the left side's in PostgreSQL.
func rightNotSelect(item *ast.CTE) error {
	return sqlerr.At(item.Position(), sqlerr.SyntaxError, "with a SEARCH or CYCLE clause, the right side of the UNION must be a SELECT")
}

func unsupportedTerm(item *ast.CTE, what string) error {
	return sqlerr.At(item.Position(), sqlerr.FeatureNotSupported, "with a SEARCH or CYCLE clause, %s", what)
}

// topReference is the name by which a FROM item refers to the recursive query,
// else otherwise.
func topReference(ref ast.TableRef, name, otherwise string) string {
	switch ref := ref.(type) {
	case *ast.Table:
		if len(ref.Name.Parts) == 1 && ref.File == "" && ref.Name.Parts[0] == name {
			if ref.Alias.Name != "" {
				return ref.Alias.Name
			}
			return name
		}
	case *ast.Join:
		return topReference(ref.Right, name, topReference(ref.Left, name, otherwise))
	}
	return otherwise
}

// block is SELECT names, added FROM (body) AS t (columns).
func (r *searchCycle) block(body *ast.Select, columns []string, added []ast.Expr) *ast.Select {
	pos := r.item.Pos
	out := &ast.Select{Pos: pos, From: []ast.TableRef{&ast.Derived{
		Pos: pos, Query: &ast.Query{Pos: body.Pos, Body: body}, Alias: ast.Alias{Name: "*" + r.item.Name + "*", Columns: columns},
	}}}
	for _, name := range r.names {
		out.Items = append(out.Items, ast.SelectItem{Expr: r.column(name)})
	}
	for i, e := range added {
		out.Items = append(out.Items, ast.SelectItem{Expr: e, Alias: r.added[i]})
	}
	return out
}

func (r *searchCycle) column(name string) ast.Expr {
	return &ast.Column{Pos: r.item.Pos, Parts: []string{name}}
}

func (r *searchCycle) row(names []string, before ...ast.Expr) ast.Expr {
	items := before
	for _, n := range names {
		items = append(items, r.column(n))
	}
	return &ast.Row{Pos: r.item.Pos, Items: items}
}

func (r *searchCycle) path(names []string) ast.Expr {
	return &ast.Array{Pos: r.item.Pos, Items: []ast.Expr{r.row(names)}}
}

func (r *searchCycle) integer(text string) ast.Expr {
	return &ast.Literal{Pos: r.item.Pos, Kind: ast.Integer, Text: text}
}

// first are the added columns of the initial term.
func (r *searchCycle) first() []ast.Expr {
	var out []ast.Expr
	if s := r.item.Search; s != nil && s.Breadth {
		out = append(out, r.row(s.By, r.integer("0")))
	} else if s != nil {
		out = append(out, r.path(s.By))
	}
	if c := r.item.Cycle; c != nil {
		// of the common type of both values
		never := &ast.Literal{Pos: c.Pos, Kind: ast.Boolean, Text: "false"}
		mark := &ast.Case{Pos: c.Pos, Whens: []ast.When{{Cond: never, Then: c.Value}}, Else: c.Default}
		out = append(out, mark, r.path(c.Columns))
	}
	return out
}

// next are the added columns of the recursive term.
func (r *searchCycle) next() []ast.Expr {
	pos := r.item.Pos
	var out []ast.Expr
	if s := r.item.Search; s != nil && s.Breadth {
		depth := &ast.Field{Pos: pos, Arg: r.column(s.Set), Name: "f1"}
		out = append(out, r.row(s.By, &ast.Binary{Pos: pos, Op: "+", Left: depth, Right: r.integer("1")}))
	} else if s != nil {
		out = append(out, &ast.Binary{Pos: pos, Op: "||", Left: r.column(s.Set), Right: r.path(s.By)})
	}
	if c := r.item.Cycle; c != nil {
		seen := &ast.Binary{Pos: pos, Op: "@>", Left: r.column(c.Path), Right: r.path(c.Columns)}
		out = append(out, &ast.Case{Pos: pos, Whens: []ast.When{{Cond: seen, Then: c.Value}}, Else: c.Default})
		out = append(out, &ast.Binary{Pos: pos, Op: "||", Left: r.column(c.Path), Right: r.path(c.Columns)})
	}
	return out
}

// check refuses names that the clauses cannot have.
func (r *searchCycle) check() error {
	s, c := r.item.Search, r.item.Cycle
	if s != nil {
		if err := r.known(s.By, "search column", s.Position()); err != nil {
			return err
		}
		if err := r.free(s.Set, "search sequence column name", s.Position()); err != nil {
			return err
		}
	}
	if c == nil {
		return nil
	}
	if err := r.known(c.Columns, "cycle column", c.Position()); err != nil {
		return err
	}
	if err := r.free(c.Mark, "cycle mark column name", c.Position()); err != nil {
		return err
	}
	if err := r.free(c.Path, "cycle path column name", c.Position()); err != nil {
		return err
	}
	switch {
	case c.Mark == c.Path:
		return sqlerr.At(c.Position(), sqlerr.SyntaxError, "cycle mark column name and cycle path column name are the same")
	case s != nil && s.Set == c.Mark:
		return sqlerr.At(s.Position(), sqlerr.SyntaxError, "search sequence column name and cycle mark column name are the same")
	case s != nil && s.Set == c.Path:
		return sqlerr.At(s.Position(), sqlerr.SyntaxError, "search sequence column name and cycle path column name are the same")
	}
	return nil
}

func (r *searchCycle) known(list []string, what string, pos int) error {
	for i, name := range list {
		if !slices.Contains(r.names, name) {
			return sqlerr.At(pos, sqlerr.SyntaxError, "%s \"%s\" not in WITH query column list", what, name)
		}
		if slices.Contains(list[:i], name) {
			return sqlerr.At(pos, sqlerr.DuplicateColumn, "%s \"%s\" specified more than once", what, name)
		}
	}
	return nil
}

func (r *searchCycle) free(name, what string, pos int) error {
	if slices.Contains(r.names, name) {
		return sqlerr.At(pos, sqlerr.SyntaxError, "%s \"%s\" already used in WITH query column list", what, name)
	}
	return nil
}
