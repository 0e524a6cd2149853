package planner

import (
	"volley/parser/ast"
	"volley/planner/expr"
	"volley/planner/logical"
	"volley/sqlerr"
	"volley/sqltype"
)

// bindInQuery is arg [NOT] IN (query), for one column or several.
func (x *exprBinder) bindInQuery(left ast.Expr, q *ast.Query, not bool, pos int) (expr.Expr, error) {
	syntax := &ast.In{Arg: left, Query: q}
	a := x.boundBefore(syntax)
	if a == nil {
		var err error
		if a, err = x.addInQuery(syntax, pos); err != nil {
			return nil, err
		}
	}
	out := x.block.results(a)[0]
	if not {
		return x.not(out, pos)
	}
	return out, nil
}

// addInQuery adds arg IN (query) to the block.
func (x *exprBinder) addInQuery(e *ast.In, pos int) (*attachment, error) {
	args, rel, f, err := x.comparedWithQuery(e.Arg, e.Query, pos)
	if err != nil {
		return nil, err
	}
	columns := columnsOf(rel.node)
	converted := false
	for i := range args {
		sides := []expr.Expr{args[i], columns[i]}
		if err := x.comparable(sides, pos); err != nil {
			return nil, err
		}
		converted = converted || sides[1] != columns[i]
		args[i], columns[i] = sides[0], sides[1]
	}
	if converted {
		rel.node = logical.NewProject(rel.node, columns, rel.names)
	}
	a := &attachment{syntax: e, node: rel.node, frame: f, mark: true, keys: args, pos: pos}
	x.block.add(a)
	return a, nil
}

// comparable gives both sides of = one type.
func (x *exprBinder) comparable(sides []expr.Expr, pos int) error {
	at := func(int) int { return pos }
	call, err := x.call("=", pos, at, sides...)
	if err != nil {
		return err
	}
	copy(sides, call.Children())
	if sqltype.Equal(sides[0].DataType(), sides[1].DataType()) {
		return nil
	}
	_, err = x.unify("IN", sides, at)
	return err
}

// comparedWithQuery binds the two sides of IN, ANY and ALL.
func (x *exprBinder) comparedWithQuery(left ast.Expr, q *ast.Query, pos int) ([]expr.Expr, relation, *frame, error) {
	args, err := x.bindRow(left)
	if err != nil {
		return nil, relation{}, nil, err
	}
	rel, f, err := x.subquery(q, pos)
	if err != nil {
		return nil, rel, nil, err
	}
	switch {
	case len(rel.names) > len(args):
		return nil, rel, nil, sqlerr.At(pos, sqlerr.SyntaxError, "subquery has too many columns")
	case len(rel.names) < len(args):
		return nil, rel, nil, sqlerr.At(pos, sqlerr.SyntaxError, "subquery has too few columns")
	}
	return args, rel, f, nil
}

// bindRow gives the elements of a row, or the one value that is none.
func (x *exprBinder) bindRow(e ast.Expr) ([]expr.Expr, error) {
	switch e := e.(type) {
	case *ast.Row:
		out, _, err := x.bindAll(e.Items)
		return out, err
	case *ast.Subquery:
		if e.Kind == ast.Scalar {
			return x.bindRowSubquery(e)
		}
	}
	out, err := x.bind(e)
	return []expr.Expr{out}, err
}

// bindQuantifiedQuery is x op ANY|ALL (query).
func (x *exprBinder) bindQuantifiedQuery(e *ast.Quantified) (expr.Expr, error) {
	pos := e.Position()
	switch {
	case e.Op == "=" && !e.All:
		return x.bindInQuery(e.Left, e.Query, false, pos)
	case e.Op == "<>" && e.All:
		return x.bindInQuery(e.Left, e.Query, true, pos)
	}
	args, rel, f, err := x.comparedWithQuery(e.Left, e.Query, pos)
	if err != nil {
		return nil, err
	}
	if len(args) == 1 {
		out, err := x.byExtremes(e, args[0], rel, f)
		if out != nil || err != nil {
			return out, err
		}
	}
	columns := columnsOf(rel.node)
	refs := make([]expr.Expr, len(args))
	for i, a := range args {
		if isUnknown(x.settled(a)) {
			if a, err = x.coerce(a, columns[i].DataType(), sqltype.Implicit, pos); err != nil {
				return nil, err
			}
		}
		refs[i] = f.refer(a, "value")
	}
	var test expr.Expr
	if len(refs) == 1 {
		test, err = x.binary(e.Op, pos, refs[0], columns[0], e.Left.Position(), pos)
	} else {
		test, err = x.compareRows(e.Op, pos, refs, columns)
	}
	if err != nil {
		return nil, err
	}
	if test.DataType().ID() != sqltype.Bool.ID() {
		return nil, sqlerr.At(pos, sqlerr.WrongObjectType, "op ANY/ALL (array) requires operator to yield boolean")
	}
	node, result, err := x.anyOrAll(rel.node, test, e.All, pos)
	if err != nil {
		return nil, err
	}
	return result(x.block.add(&attachment{node: node, frame: f, pos: pos})), nil
}

// anyOrAll aggregates a condition over all rows of a plan, and gives the
// function from the aggregates' values to the result: for ANY, true if it is
// true once, else NULL if it is NULL once, else false.
func (b *binder) anyOrAll(n logical.Node, test expr.Expr, all bool, pos int) (logical.Node, func([]expr.Expr) expr.Expr, error) {
	fold := "bool_or"
	if all {
		fold = "bool_and"
	}
	tests := logical.NewProject(n, []expr.Expr{test}, []string{"test"})
	calls := make([]logical.AggCall, 3)
	for i, name := range []string{fold, "count", "count"} {
		args := columnsOf(tests)
		if i == 2 {
			args = nil
		}
		var err error
		if calls[i], err = b.aggregateCall(name, pos, args, func(int) int { return pos }); err != nil {
			return nil, nil, err
		}
	}
	result := func(v []expr.Expr) expr.Expr {
		return quantified(v[0], same("<", v[1], v[2]), all)
	}
	return logical.NewAggregate(tests, nil, nil, calls), result, nil
}

// quantified is the result of ANY or ALL: decided is true or false when some
// row decides; unknown tells whether a comparison was NULL.
func quantified(decided, unknown expr.Expr, all bool) expr.Expr {
	hit := decided
	if all {
		hit = test("is false", decided)
	}
	return &expr.Case{
		Whens: []expr.When{{Cond: hit, Then: boolLiteral(!all)}, {Cond: unknown, Then: nullOf(sqltype.Bool)}},
		Else:  boolLiteral(all), Type: sqltype.Bool,
	}
}

// byExtremes is x op ANY|ALL (query) by the smallest and largest value of the
// query, which does not depend on x then; nil where that cannot be.
func (x *exprBinder) byExtremes(e *ast.Quantified, arg expr.Expr, rel relation, f *frame) (expr.Expr, error) {
	if isUnknown(x.settled(arg)) {
		return nil, nil
	}
	extremes := map[string][]string{
		"<": {"max"}, "<=": {"max"}, ">": {"min"}, ">=": {"min"}, "<>": {"min", "max"}, "=": {"min", "max"},
	}[e.Op]
	if extremes == nil {
		return nil, nil
	}
	if e.All && len(extremes) == 1 {
		extremes = []string{map[string]string{"max": "min", "min": "max"}[extremes[0]]}
	}
	pos := e.Position()
	call, err := x.binary(e.Op, pos, arg, columnsOf(rel.node)[0], e.Left.Position(), pos)
	if err != nil {
		return nil, err
	}
	sides := call.Children()
	if len(sides) != 2 || sides[0].DataType().ID() == sqltype.Interval.ID() {
		return nil, nil
	}
	values := logical.NewProject(rel.node, sides[1:], []string{"value"})
	at := func(int) int { return pos }
	calls := make([]logical.AggCall, 0, 4)
	for _, name := range append(extremes, "count") {
		c, err := x.aggregateCall(name, pos, columnsOf(values), at)
		if err != nil {
			return nil, nil //nolint:nilerr // values without an order are compared one by one
		}
		if name != "count" && !sqltype.Equal(c.Type, sides[1].DataType()) {
			return nil, nil
		}
		calls = append(calls, c)
	}
	every, err := x.aggregateCall("count", pos, nil, nil)
	if err != nil {
		return nil, err
	}
	v := x.block.add(&attachment{node: logical.NewAggregate(values, nil, nil, append(calls, every)), frame: f, pos: pos})
	tests := make([]expr.Expr, len(extremes))
	for i := range tests {
		tests[i] = call.WithChildren([]expr.Expr{sides[0], v[i]})
	}
	nonNull, all := v[len(v)-2], v[len(v)-1]
	unknown := connect(true, []expr.Expr{
		same("<", nonNull, all),
		connect(false, []expr.Expr{test("is null", sides[0]), same(">", all, int64Literal(0))}),
	})
	return quantified(connect(!e.All, tests), unknown, e.All), nil
}
