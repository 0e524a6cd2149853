package planner

import (
	"slices"

	"volley/parser/ast"
	"volley/planner/expr"
	"volley/planner/logical"
	"volley/sqlerr"
	"volley/sqltype"
)

// attachment is a subquery of a block's expressions. While the expressions are
// bound its results are columns numbered from subqueryBase on; it is joined to
// the block when the clause is put on top of it (see place).
type attachment struct {
	syntax ast.Expr // nil: it is like no other
	node   logical.Node
	frame  *frame // what node refers to
	// mark: the result is whether node has a row or, with keys, whether they are
	// among its rows as in IN. Else node has at most one row, whose columns are
	// the results.
	mark bool
	keys []expr.Expr
	// checked: the last column is the number of rows there were.
	checked bool
	pos     int
	slot    int // of the first result
	// function and arguments are of the call that the subquery stands for, if any.
	function  *Function
	arguments []expr.Expr
}

// slot is one result of a subquery.
type slot struct {
	of     *attachment
	column int
}

// add registers a subquery and gives the columns that stand for its results.
func (s *block) add(a *attachment) []expr.Expr {
	a.slot = len(s.slots)
	n := 1
	if !a.mark {
		n = a.node.Schema().NumFields()
	}
	for i := range n {
		s.slots = append(s.slots, slot{a, i})
	}
	return s.results(a)
}

// results are the columns that stand for a subquery's results.
func (s *block) results(a *attachment) []expr.Expr {
	if a.mark {
		return []expr.Expr{&expr.Column{Index: subqueryBase + a.slot, Name: "exists", Type: sqltype.Bool}}
	}
	out := columnsOf(a.node)
	for i, c := range out {
		out[i] = &expr.Column{Index: subqueryBase + a.slot + i, Name: c.String(), Type: c.DataType()}
	}
	return out
}

// placeOuter places what a subquery refers to.
func (s *block) placeOuter(f *frame) ([]expr.Expr, error) {
	out := make([]expr.Expr, len(f.exprs))
	for i, e := range f.exprs {
		var err error
		if out[i], err = s.place(e); err != nil {
			if c, ok := e.(*expr.Column); ok && sqlerr.Code(err) == sqlerr.GroupingError {
				return nil, sqlerr.At(sqlerr.Find(err).Position-1, sqlerr.GroupingError, "subquery uses ungrouped column \"%s\" from outer query", s.qualified(c))
			}
			return nil, err
		}
	}
	return out, nil
}

// isSubquery tells whether a column stands for a subquery's result.
func isSubquery(c *expr.Column) bool { return c.Index >= subqueryBase && c.Index < outerBase }

// hasSubquery tells whether an expression has results of subqueries.
func hasSubquery(e expr.Expr) bool {
	found := false
	expr.EachColumn(e, func(c *expr.Column) { found = found || isSubquery(c) })
	return found
}

// place moves an expression on top of the block's plan as it is: above the
// grouping, if the block is grouped by now, and with the subqueries it needs
// joined to the block.
func (s *block) place(e expr.Expr) (expr.Expr, error) {
	if s.move != nil {
		var err error
		if e, err = s.move(e); err != nil {
			return nil, err
		}
	}
	if !hasSubquery(e) {
		return e, nil
	}
	var err error
	placed := mapGuarded(e, nil, func(c *expr.Column, reached *guardChain) expr.Expr {
		if err != nil || !isSubquery(c) {
			return c
		}
		var v expr.Expr
		if v, err = s.result(c, reached.list()); err != nil {
			return c
		}
		return v
	})
	return placed, err
}

// attached are the results of a subquery that is joined to the block.
type attached struct {
	values []expr.Expr
	// over is what is true of the rows for which they were computed; nil: they were
	// for all. For others they are NULL.
	over []expr.Expr
}

// result is what takes the place of a subquery's result, for the rows for which guards
// are true. A subquery that must not be evaluated for others is joined once more where
// it is needed for other rows.
func (s *block) result(c *expr.Column, guards []expr.Expr) (expr.Expr, error) {
	of := s.slots[c.Index-subqueryBase]
	for _, j := range s.joined[of.of] {
		if !slices.ContainsFunc(j.over, func(o expr.Expr) bool {
			return !slices.ContainsFunc(guards, func(g expr.Expr) bool { return expr.Equal(o, g) })
		}) {
			return j.values[of.column], nil
		}
	}
	j, err := s.attach(of.of, guards)
	if err != nil {
		return nil, err
	}
	s.joined[of.of] = append(s.joined[of.of], j)
	return j.values[of.column], nil
}

// placeAll is place for each expression.
func (s *block) placeAll(es []expr.Expr) ([]expr.Expr, error) {
	out := make([]expr.Expr, len(es))
	for i, e := range es {
		var err error
		if out[i], err = s.place(e); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// where puts a condition on the block: conjuncts without subqueries first, then
// the others one by one, each with its subqueries.
func (s *block) where(cond expr.Expr) error {
	var plain, rest []expr.Expr
	for _, c := range expr.Conjuncts(cond) {
		if hasSubquery(c) {
			rest = append(rest, c)
		} else {
			plain = append(plain, c)
		}
	}
	if len(plain) > 0 {
		p, err := s.place(expr.And(plain))
		if err != nil {
			return err
		}
		s.node = &logical.Filter{Input: s.node, Predicate: p}
	}
	for _, c := range rest {
		s.once = !s.ofRows(c)
		p, err := s.place(c)
		s.once = false
		if err != nil {
			return err
		}
		s.node = &logical.Filter{Input: s.node, Predicate: p}
	}
	return nil
}

// attach joins a subquery to the block. guards are what must be true of a row for
// which it is evaluated at all.
func (s *block) attach(a *attachment, guards []expr.Expr) (attached, error) {
	if hasSet(a.keys) || hasSet(a.frame.outerExprs()) {
		return attached{}, unsupported(a.pos, "a subquery that depends on a set-returning function is")
	}
	keys, err := s.placeAll(a.keys)
	if err != nil {
		return attached{}, err
	}
	outer, err := s.placeOuter(a.frame)
	if err != nil {
		return attached{}, err
	}
	over := s.reached(keys, guards)
	j, err := s.attachPlaced(a, keys, outer, guards)
	if len(over) > 0 {
		j.over = over
	}
	return j, err
}

// reached has keys computed, if that may fail, only for the rows that reach them,
// and gives the conditions of these rows; nil: all are computed.
func (s *block) reached(keys, guards []expr.Expr) (over []expr.Expr) {
	if guards = s.repeatable(guards); len(guards) == 0 {
		return nil
	}
	for i, k := range keys {
		if s.p.mayFail(k) {
			keys[i] = &expr.Case{Whens: []expr.When{{Cond: expr.And(guards), Then: k}}, Else: nullOf(k.DataType()), Type: k.DataType()}
			over = guards
		}
	}
	return over
}

// attachPlaced is attach with keys, and what the subquery refers to, over the
// block's node.
func (s *block) attachPlaced(a *attachment, keys, outer, guards []expr.Expr) (attached, error) {
	j := &attaching{block: s, attachment: a, keys: keys, outer: s.evaluatedOnce(outer)}
	j.guards = s.lazyGuards(a, guards)
	var values []expr.Expr
	var err error
	if a.mark {
		values, err = j.attachMark()
	} else {
		values, err = j.attachRow()
	}
	over := slices.DeleteFunc(slices.Clone(j.guards), func(g expr.Expr) bool { return expr.Equal(g, boolLiteral(true)) })
	return attached{values, over}, err
}

// attaching is the joining of one subquery to its block.
type attaching struct {
	*block
	*attachment
	keys   []expr.Expr // of the attachment, over the block's node
	outer  []expr.Expr // what its outer columns stand for, over the block's node
	guards []expr.Expr // not empty: the subquery may fail and must not where they are not true
}

// attachRow joins a subquery of at most one row.
func (j *attaching) attachRow() ([]expr.Expr, error) {
	if v, ok := j.inline(); ok {
		return v, nil
	}
	if v, ok, err := j.attachAggregate(); ok || err != nil {
		return v, err
	}
	width := j.block.node.Schema().NumFields()
	if len(j.outer) == 0 && len(j.guards) == 0 {
		kind := logical.LeftOuter
		if rowBound(j.attachment.node) == exactlyOne {
			kind = logical.Inner
		}
		j.block.node = logical.NewJoin(kind, j.block.node, j.attachment.node)
		return columnsOf(j.block.node)[width:], nil
	}
	u, err := j.unnesting()
	if err != nil {
		return nil, err
	}
	node, err := u.push(j.attachment.node)
	if err != nil {
		return nil, err
	}
	width = j.block.node.Schema().NumFields() // with what the domain needs
	results := j.attachment.node.Schema().NumFields()
	join := logical.NewJoin(logical.LeftOuter, j.block.node, node)
	join.On = u.agree(u.outer, columnsOf(join)[width+results:])
	j.block.node = join
	return columnsOf(join)[width : width+results], nil
}

// attachMark joins a subquery of which only wanted is whether it has rows.
func (j *attaching) attachMark() ([]expr.Expr, error) {
	width := j.block.node.Schema().NumFields()
	p, ok := j.frame.peel(j.attachment.node)
	ok = ok && !p.volatile
	for _, e := range p.exprs {
		ok = ok && (len(j.keys) == 0 || !j.frame.in(e))
	}
	if ok && len(j.guards) == 0 {
		join := logical.NewJoin(logical.Mark, j.block.node, p.base)
		if len(j.keys) > 0 {
			join.LeftKeys, join.RightKeys, join.NullAware = j.keys, p.exprs, true
		}
		join.On = expr.And(j.frame.replaceAll(p.preds, j.outer, width))
		j.block.node = join
		return columnsOf(join)[width:], nil
	}
	if len(j.keys) > 0 {
		return j.attachAny()
	}
	u, err := j.unnesting()
	if err != nil {
		return nil, err
	}
	node, err := u.push(j.attachment.node)
	if err != nil {
		return nil, err
	}
	domain, names := u.columns(node)
	width = j.block.node.Schema().NumFields() // with what the domain needs
	join := logical.NewJoin(logical.Mark, j.block.node, logical.NewProject(node, domain, names))
	join.On = u.agree(u.outer, shifted(columnsOf(join.Right), width))
	j.block.node = join
	return columnsOf(join)[width:], nil
}

// attachAny is IN by aggregating the comparisons with every row, for subqueries
// whose rows are not the same for each row of the block.
func (j *attaching) attachAny() ([]expr.Expr, error) {
	x := &exprBinder{binder: j.binder, scope: j.scope}
	refs := make([]expr.Expr, len(j.attachment.keys))
	f := &frame{binder: j.binder, around: j.frame.around}
	f.exprs, f.ids = append(f.exprs, j.frame.exprs...), append(f.ids, j.frame.ids...)
	for i, k := range j.attachment.keys {
		refs[i] = f.refer(k, "key")
	}
	tests := make([]expr.Expr, len(refs))
	for i, c := range columnsOf(j.attachment.node)[:len(refs)] {
		var err error
		if tests[i], err = x.binary("=", j.pos, refs[i], c, j.pos, j.pos); err != nil {
			return nil, err
		}
	}
	node, result, err := x.anyOrAll(j.attachment.node, connect(false, tests), false, j.pos)
	if err != nil {
		return nil, err
	}
	a := &attachment{node: node, frame: f, pos: j.pos}
	columns := j.block.add(a)
	outer, err := j.placeOuter(f)
	if err != nil {
		return nil, err
	}
	for i, c := range refs {
		outer[f.at(c.(*expr.Column))] = j.keys[i]
	}
	found, err := j.attachPlaced(a, nil, outer, j.guards)
	if err != nil {
		return nil, err
	}
	return []expr.Expr{expr.MapColumns(result(columns), func(c *expr.Column) expr.Expr {
		return found.values[c.Index-subqueryBase-a.slot]
	})}, nil
}
