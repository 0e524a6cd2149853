package planner

import (
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/parser/ast"
	"volley/planner/expr"
	"volley/planner/logical"
	"volley/sqlerr"
	"volley/sqltype"
)

var joinKinds = map[ast.JoinKind]logical.JoinKind{
	ast.Cross: logical.Inner, ast.Inner: logical.Inner, ast.Left: logical.LeftOuter,
	ast.Right: logical.RightOuter, ast.Full: logical.FullOuter,
}

func (s *block) bindJoin(j *ast.Join, outer *scope) (source, error) {
	left, err := s.bindRef(j.Left, outer)
	if err != nil {
		return source{}, err
	}
	right, f, err := s.bindBeside(left, j.Right, outer)
	if err != nil {
		return source{}, err
	}
	switch j.Kind {
	case ast.Left:
		right.scope.setNullable()
	case ast.Right:
		left.scope.setNullable()
	case ast.Full:
		left.scope.setNullable()
		right.scope.setNullable()
	}
	using := j.Using
	if j.Natural {
		using = commonNames(left.scope, right.scope)
	}
	sc, width := left.scope, left.node.Schema().NumFields()
	if joinKinds[j.Kind] == logical.Inner && len(using) == 0 {
		err = sc.absorb(right.scope, width, j.Position())
	} else {
		sc, err = sc.merge(right.scope, width, j.Position())
	}
	if err != nil {
		return source{}, err
	}
	join := logical.NewJoin(joinKinds[j.Kind], left.node, right.node)
	out := source{join, sc}
	switch {
	case len(using) > 0:
		if out, err = s.joinUsing(j, join, left, right, sc, using); err != nil {
			return source{}, err
		}
		node, err := s.dependentJoin(join, f, j.Position())
		if err != nil {
			return source{}, err
		}
		if p, ok := out.node.(*logical.Project); ok {
			node = p.WithInputs([]logical.Node{node})
		}
		out.node = node
	case j.On != nil:
		if out.node, err = s.joinOn(j, join, left, right, sc, f, outer); err != nil {
			return source{}, err
		}
	default:
		if out.node, err = s.dependentJoin(join, f, j.Position()); err != nil {
			return source{}, err
		}
	}
	return s.aliasedJoin(out, j, outer)
}

func (s *block) aliasedJoin(out source, j *ast.Join, outer *scope) (source, error) {
	if j.Alias.Name == "" {
		return out, nil
	}
	return renamedJoin(out, j, outer)
}

// commonNames are the columns a NATURAL join is by.
func commonNames(left, right *scope) []string {
	var out []string
	for _, c := range left.star(nil) {
		for _, k := range right.star(nil) {
			if k.name == c.name {
				out = append(out, c.name)
				break
			}
		}
	}
	return out
}

// joinUsing joins by equality of columns of the same name, which become one:
// the left one, the right one of a right join, the first not NULL of a full
// join; of an inner join, the right one too if it alone has the common type.
// The others stay reachable by their table's name.
func (s *block) joinUsing(j *ast.Join, join *logical.Join, left, right source, sc *scope, using []string) (source, error) {
	width := join.Left.Schema().NumFields()
	exprs := columnsOf(join)
	names := make([]string, 0, len(exprs)+len(using))
	for _, f := range join.Out.Fields() {
		names = append(names, f.Name)
	}
	var merged []column
	for i, name := range using {
		if slices.Contains(using[:i], name) {
			return source{}, sqlerr.At(j.Position(), sqlerr.DuplicateColumn, "column name \"%s\" appears more than once in USING clause", name)
		}
		l, err := usingColumn(left.scope, name, "left", j.Position())
		if err != nil {
			return source{}, err
		}
		r, err := usingColumn(right.scope, name, "right", j.Position())
		if err != nil {
			return source{}, err
		}
		value, err := s.mergedColumn(join, l, r, width)
		if err != nil {
			return source{}, sqlerr.At(j.Position(), sqlerr.DatatypeMismatch, "JOIN/USING types %s and %s cannot be matched", typeName(l.typ), typeName(r.typ))
		}
		c := column{name: name, typ: value.DataType()}
		if col, ok := value.(*expr.Column); ok {
			c.index = col.Index
		} else {
			c.index = len(exprs)
			if join.Kind != logical.FullOuter {
				c.merged = value
			}
			exprs, names = append(exprs, value), append(names, name)
		}
		merged = append(merged, c)
		hide(sc, l.index, name)
		hide(sc, r.index+width, name)
	}
	out := newScope(sc.parent)
	out.tables = sc.tables
	out.columns = append(merged, sc.columns...)
	if j.UsingAlias != "" {
		if err := out.addUsingAlias(j.UsingAlias, merged, j.Position()); err != nil {
			return source{}, err
		}
	}
	var node logical.Node = join
	if len(names) > join.Out.NumFields() {
		node = logical.NewProject(join, exprs, names)
	}
	return source{node, out}, nil
}

// addUsingAlias makes the columns merged by USING (…) AS name a table of that
// name; the sides keep theirs.
func (s *scope) addUsingAlias(name string, merged []column, pos int) error {
	if s.tableNamed([]string{name}) != nil {
		return sqlerr.At(pos, sqlerr.DuplicateAlias, "table name \"%s\" specified more than once", name)
	}
	s.tables = append(s.tables[:len(s.tables):len(s.tables)], table{name: name})
	for _, c := range merged {
		c.table, c.hidden = name, true
		s.add(c)
	}
	return nil
}

// usingColumn is one side's column of USING.
func usingColumn(sc *scope, name, side string, pos int) (column, error) {
	c, ok, err := sc.find([]string{name}, pos)
	if err != nil {
		return c, sqlerr.At(pos, sqlerr.AmbiguousColumn, "common column name \"%s\" appears more than once in %s table", name, side)
	}
	if !ok {
		return c, sqlerr.At(pos, sqlerr.UndefinedColumn, "column \"%s\" specified in USING clause does not exist in %s table", name, side)
	}
	return c, nil
}

// mergedColumn adds the equality of l and r to the join and gives the value of
// the column they become.
func (s *block) mergedColumn(join *logical.Join, l, r column, width int) (expr.Expr, error) {
	t, err := sqltype.CommonType(dataTypes(l.typ, r.typ))
	if err != nil {
		return nil, err
	}
	cast := func(c column, shift int, to arrow.DataType) (expr.Expr, error) {
		return s.coerce(&expr.Column{Index: c.index + shift, Name: c.name, Type: c.typ}, to, sqltype.Implicit, -1)
	}
	as := listComparison(l.typ, t) // what they are compared in, which they need not become
	if sqltype.Equal(as, t) {
		as = listComparison(r.typ, t)
	}
	lk, err := cast(l, 0, as)
	if err != nil {
		return nil, err
	}
	rk, err := cast(r, 0, as)
	if err != nil {
		return nil, err
	}
	join.LeftKeys, join.RightKeys = append(join.LeftKeys, bounded("=", lk)), append(join.RightKeys, bounded("=", rk))
	lv, err := cast(l, 0, t)
	if err != nil {
		return nil, err
	}
	rv, err := cast(r, width, t)
	if err != nil {
		return nil, err
	}
	switch join.Kind {
	case logical.RightOuter:
		return rv, nil
	case logical.FullOuter:
		return &expr.Coalesce{Args: []expr.Expr{lv, rv}, Type: t}, nil
	case logical.Inner:
		if !sqltype.SameType(l.typ, t) && sqltype.SameType(r.typ, t) {
			return rv, nil // equal, but 1 may be 1.00 there
		}
	}
	return lv, nil
}

// hide takes a column merged by USING out of reach of unqualified names.
func hide(sc *scope, index int, name string) {
	for i, c := range sc.columns {
		if c.index == index && c.name == name {
			sc.columns[i].hidden = true
		}
	}
}

// renamedJoin is (a JOIN b) AS x: one table with the visible columns.
func renamedJoin(src source, j *ast.Join, outer *scope) (source, error) {
	visible := src.scope.star(nil)
	exprs, names := make([]expr.Expr, len(visible)), make([]string, len(visible))
	for i, c := range visible {
		exprs[i], names[i] = &expr.Column{Index: c.index, Name: c.name, Type: c.typ}, c.name
	}
	rel := relation{logical.NewProject(src.node, exprs, names), names}
	return aliasedSource(rel, "", "", j.Alias, outer, j.Position())
}
