package planner

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/parser/ast"
	"volley/planner/expr"
	"volley/planner/logical"
	"volley/sqlerr"
	"volley/sqltype"
	"volley/udf"
)

// Limits on what functions of SQL expand to.
const (
	maxExpansions = 10_000  // calls in one statement
	maxExpansion  = 100_000 // nodes of one expression
)

// bindUserCall binds a call of a function of SQL; nil when the name is of none
// or a function of Volley's own takes the arguments better.
func (x *exprBinder) bindUserCall(e *ast.Call, name string) (expr.Expr, error) {
	c, err := x.userCall(e, name)
	if c == nil || err != nil {
		return nil, err
	}
	if c.function.Set {
		if err := x.setsAllowed(e.Position()); err != nil {
			return nil, err
		}
	}
	if err := x.enterFunction(c.function, e.Position()); err != nil {
		return nil, err
	}
	defer x.leaveFunction()
	if c.function.Set {
		rows, err := x.expandRows(c, e)
		if err != nil {
			err = x.atCall(err, c.function, e.Position())
		}
		return rows, err
	}
	out, err := x.expand(c, e.Position())
	if err != nil {
		return nil, x.atCall(err, c.function, e.Position())
	}
	if c.function.Strict {
		out = strict(out, c.values)
	}
	if exprSize(out, maxExpansion) >= maxExpansion {
		return nil, sqlerr.At(e.Position(), sqlerr.StatementTooComplex, "the call of function %s expands to more than %d operations", name, maxExpansion)
	}
	return out, nil
}

// expand is the body with the arguments in it: an expression of the block where
// the body is one, else a subquery of the block.
func (x *exprBinder) expand(c *userCall, pos int) (expr.Expr, error) {
	f := c.function
	sc := f.scope(c.values)
	if item := x.bodyExpr(f.Body); item != nil && !f.Record && len(f.Columns) == 0 {
		y := *x
		y.scope, y.aliases, y.spread = sc, nil, nil
		out, err := y.bind(item)
		if err == nil {
			out, err = y.resolveUnknown(out, item.Position())
		}
		if err != nil {
			return nil, err
		}
		if f.Returns == nil {
			return nullOf(sqltype.Text), nil
		}
		if err := x.onceEach(c, item, pos); err != nil {
			return nil, err
		}
		return x.result(f, out, pos)
	}
	if x.block == nil {
		return nil, sqlerr.At(pos, sqlerr.FeatureNotSupported, "cannot use a function with a query in %s", x.clause)
	}
	sc.frame = &frame{binder: x.binder}
	defer x.apart()()
	rel, err := x.bindQuery(f.Body, sc, nil, true)
	if err != nil {
		return nil, err
	}
	sc.frame.compact(rel.node)
	if rel, err = x.returned(f, rel, pos); err != nil {
		return nil, err
	}
	if f.Record || len(f.Columns) > 0 {
		return x.expandRow(c, rel, sc, pos), nil
	}
	if f.Returns == nil {
		return nullOf(sqltype.Text), nil // void: nobody sees what the body gives
	}
	if rowBound(rel.node) == anyNumber {
		rel.node = &logical.Limit{Input: rel.node, Count: int64Literal(1)}
	}
	for _, s := range x.block.slots { // the same call means the same in GROUP BY and in the select list
		if s.of.function != nil && s.of.function.declared() == f.declared() && s.column == 0 && equalArgs(s.of.arguments, c.values) && !x.volatilePlan(s.of.node) {
			return x.block.results(s.of)[0], nil
		}
	}
	a := &attachment{node: rel.node, frame: sc.frame, pos: pos, function: f, arguments: c.values}
	return x.block.add(a)[0], nil
}

// bodyExpr is the expression that a body of SELECT expression consists of; nil
// for other bodies.
func (x *exprBinder) bodyExpr(q *ast.Query) ast.Expr {
	sel, ok := q.Body.(*ast.Select)
	if !ok || q.With != nil || len(q.OrderBy) > 0 || q.OrderAll || q.Limit != nil || q.Offset != nil {
		return nil
	}
	if len(sel.Items) != 1 || len(sel.From) > 0 || sel.Where != nil || len(sel.GroupBy) > 0 || sel.GroupAll ||
		sel.Having != nil || sel.Qualify != nil || sel.Distinct || len(sel.DistinctOn) > 0 {
		return nil
	}
	plain := true
	var walk func(ast.Expr)
	walk = func(e ast.Expr) {
		switch e := e.(type) {
		case *ast.Star:
			plain = false
		case *ast.Call:
			name := functionName(e)
			plain = plain && e.Over == nil && !x.p.Registry.IsAggregate(name) && !x.p.Registry.IsTable(name)
		}
		ast.EachOperand(e, walk, func(*ast.Query) { plain = false })
	}
	if walk(sel.Items[0].Expr); !plain {
		return nil
	}
	return sel.Items[0].Expr
}

// returned gives a body's rows the declared types.
func (b *binder) returned(f *Function, rel relation, pos int) (relation, error) {
	columns := columnsOf(rel.node)
	types, fieldNames := []arrow.DataType{f.Returns}, rel.names
	switch {
	case len(f.Columns) > 0:
		types, fieldNames = make([]arrow.DataType, len(f.Columns)), make([]string, len(f.Columns))
		for i, c := range f.Columns {
			types[i], fieldNames[i] = c.Type, c.Name
		}
		if len(columns) < len(types) {
			return rel, f.mismatch(pos, "Final statement returns too few columns.")
		}
		if len(columns) > len(types) {
			return rel, f.mismatch(pos, "Final statement returns too many columns.")
		}
	case f.Returns == nil:
		return rel, nil
	case len(columns) != 1:
		return rel, f.mismatch(pos, "Final statement must return exactly one column.")
	}
	same := true
	for i, c := range columns {
		if !sqltype.CanCast(c.DataType(), types[i], sqltype.Assignment) {
			if len(f.Columns) > 0 {
				return rel, f.mismatch(pos, "Final statement returns %s instead of %s at column %d.", typeName(c.DataType()), typeName(types[i]), i+1)
			}
			return rel, f.mismatch(pos, "Actual return type is %s.", typeName(c.DataType()))
		}
		out, err := b.coerce(c, types[i], sqltype.Assignment, pos)
		if err != nil {
			return rel, err
		}
		same = same && out == c
		columns[i] = out
	}
	if same {
		return relation{rel.node, fieldNames}, nil
	}
	return relation{logical.NewProject(rel.node, columns, fieldNames), fieldNames}, nil
}

// result gives an expression the declared type.
func (x *exprBinder) result(f *Function, e expr.Expr, pos int) (expr.Expr, error) {
	if !sqltype.CanCast(e.DataType(), f.Returns, sqltype.Assignment) {
		return nil, f.mismatch(pos, "Actual return type is %s.", typeName(e.DataType()))
	}
	return x.coerce(e, f.Returns, sqltype.Assignment, pos)
}

// onceEach refuses an argument that gives another value each time it is
// computed where the body has it more than once.
func (x *exprBinder) onceEach(c *userCall, body ast.Expr, pos int) error {
	uses := make([]int, len(c.values))
	var walk func(ast.Expr)
	walk = func(e ast.Expr) {
		switch e := e.(type) {
		case *ast.Param:
			if e.Index <= len(uses) {
				uses[e.Index-1]++
			}
		case *ast.Column:
			for i, p := range c.function.Params {
				if p.Name != "" && p.Name == e.Parts[len(e.Parts)-1] {
					uses[i]++
				}
			}
		}
		ast.EachOperand(e, walk, nil)
	}
	walk(body)
	o := &optimizer{ctx: x.ctx, p: x.p}
	for i, n := range uses {
		if n > 1 && o.volatility(c.values[i]) == udf.Volatile {
			return unsupported(pos, "a volatile argument of a function that uses it more than once is")
		}
	}
	return nil
}

// strict is NULL where an argument is, else e.
func strict(e expr.Expr, args []expr.Expr) expr.Expr {
	var tests []expr.Expr
	for _, a := range args {
		tests = append(tests, &expr.Call{Func: "is not null", Args: []expr.Expr{a}, Type: sqltype.Bool})
	}
	if len(tests) == 0 {
		return e
	}
	return &expr.Case{Whens: []expr.When{{Cond: expr.And(tests), Then: e}}, Else: nullOf(e.DataType()), Type: e.DataType()}
}

// exprSize is the number of nodes of a tree, in which shared parts count each
// time, or limit if there are more.
func exprSize(e expr.Expr, limit int) int {
	n := 0
	expr.Walk(e, func(expr.Expr) bool {
		n++
		return n < limit
	})
	return min(n, limit)
}
