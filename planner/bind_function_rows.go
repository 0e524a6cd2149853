package planner

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/parser/ast"
	"volley/planner/expr"
	"volley/planner/logical"
	"volley/sqltype"
)

// rowFields are the fields of a function's rows: those it declares, or those of
// its body.
func (f *Function) rowFields(rel relation) []arrow.Field {
	if len(f.Columns) > 0 {
		return f.Columns
	}
	columns := columnsOf(rel.node)
	out := make([]arrow.Field, len(rel.names))
	for i, name := range rel.names {
		out[i] = arrow.Field{Name: name, Type: columns[i].DataType(), Nullable: true}
	}
	return out
}

// expandRow is the first row of a body as one value, NULL where there is none.
func (x *exprBinder) expandRow(c *userCall, rel relation, sc *scope, pos int) expr.Expr {
	fields := c.function.rowFields(rel)
	columns := append(columnsOf(rel.node)[:len(fields)], boolLiteral(true))
	node := logical.Node(logical.NewProject(rel.node, columns, append(append([]string{}, rel.names...), "found")))
	if rowBound(node) == anyNumber {
		node = &logical.Limit{Input: node, Count: int64Literal(1)}
	}
	results := x.block.results(x.attached(c, node, sc, pos))
	row := namedRow(results[:len(fields)], fields)
	found := results[len(fields)]
	return &expr.Case{Whens: []expr.When{{Cond: found, Then: row}}, Else: nullOf(row.DataType()), Type: row.DataType()}
}

// attached is the subquery of a call; the same call is one subquery.
func (x *exprBinder) attached(c *userCall, node logical.Node, sc *scope, pos int) *attachment {
	for _, s := range x.block.slots {
		if s.of.function != nil && s.of.function.declared() == c.function.declared() && equalArgs(s.of.arguments, c.values) && !x.volatilePlan(s.of.node) {
			return s.of
		}
	}
	a := &attachment{node: node, frame: sc.frame, pos: pos, function: c.function, arguments: c.values}
	x.block.add(a)
	return a
}

// expandRows is a set-returning function in a select list.
func (x *exprBinder) expandRows(c *userCall, e *ast.Call) (expr.Expr, error) {
	call, err := x.rowsCall(c, e)
	if err != nil {
		return nil, err
	}
	return x.addSetCall(call), nil
}

// userRows is a call of a set-returning function among others in FROM; ok is
// false where it is of none.
func (x *exprBinder) userRows(e *ast.Call) (call logical.SetCall, ok bool, err error) {
	if x.cat == nil {
		return call, false, nil
	}
	c, err := x.userCall(e, functionName(e))
	if c == nil || err != nil || !c.function.Set {
		return call, false, err
	}
	if err := x.enterFunction(c.function, e.Position()); err != nil {
		return call, true, err
	}
	defer x.leaveFunction()
	if call, err = x.rowsCall(c, e); err != nil {
		return call, true, x.atCall(err, c.function, e.Position())
	}
	if call.Columns[0].Type.ID() == arrow.STRUCT {
		return call, true, unsupported(e.Position(), "a function of SQL with several columns is, with ORDINALITY, in ROWS FROM or with such arguments,")
	}
	return call, true, nil
}

// rowsCall is the rows of a body as unnest of their array.
func (x *exprBinder) rowsCall(c *userCall, e *ast.Call) (call logical.SetCall, err error) {
	f, pos := c.function, e.Position()
	sc := f.scope(c.values)
	sc.frame = &frame{binder: x.binder}
	rel, err := x.bindQuery(f.Body, sc, nil, true)
	if err != nil {
		return call, err
	}
	sc.frame.compact(rel.node)
	if rel, err = x.returned(f, rel, pos); err != nil {
		return call, err
	}
	if f.Record || len(f.Columns) > 1 {
		fields := f.rowFields(rel)
		row := namedRow(columnsOf(rel.node)[:len(fields)], fields)
		rel = relation{logical.NewProject(rel.node, []expr.Expr{row}, []string{f.Name}), []string{f.Name}}
	}
	if t := columnsOf(rel.node)[0].DataType(); sqltype.Dimensions(t) > 0 {
		return call, unsupported(pos, "a function that returns a set of arrays, in a select list, is")
	}
	rel.names = rel.names[:1]
	node, err := x.arrayOf(rel, pos)
	if err != nil {
		return call, err
	}
	rows := x.block.results(x.attached(c, node, sc, pos))[0]
	if f.Strict {
		rows = strict(rows, c.values)
	}
	return x.setCall("unnest", &ast.Call{Pos: e.Pos, Name: e.Name, Args: []ast.Arg{{Value: &ast.Param{Pos: e.Pos}}}}, []expr.Expr{rows})
}

// resultName is the name of the one OUT parameter of a function of SQL.
func (x *exprBinder) resultName(e *ast.Call) string {
	if x.cat == nil {
		return ""
	}
	all, err := x.cat.Functions(x.ctx, e.Name.Parts)
	if err != nil || len(all) != 1 {
		return ""
	}
	return all[0].Result
}
