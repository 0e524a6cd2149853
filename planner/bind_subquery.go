package planner

import (
	"volley/parser/ast"
	"volley/planner/expr"
	"volley/planner/logical"
	"volley/sqlerr"
	"volley/sqltype"
)

// singleValue is the aggregate that gives the value of a scalar subquery: NULL
// without rows, and error 21000 with more than one.
const singleValue = "single_value"

// attachment is a subquery whose result becomes one more column of the block:
// the only row of node's only column, or, with a key, whether key is among
// node's rows (a mark join).
type attachment struct {
	node logical.Node
	// outer are the block's columns that node refers to, over the block's input.
	outer []expr.Expr
	// exists: the result is whether node, which has outer columns, has rows.
	exists bool
	pos    int
	// key is the left side of key IN (node).
	key expr.Expr
	// optional: node may have no row, which gives NULL.
	optional bool
}

func (x *exprBinder) bindSubquery(e *ast.Subquery) (expr.Expr, error) {
	rel, outer, err := x.subquery(e.Query, e.Position())
	if err != nil {
		return nil, err
	}
	switch e.Kind {
	case ast.Exists:
		return x.exists(rel, outer, e.Position())
	case ast.ArrayOf:
		return x.bindArraySubquery(rel, outer, e.Position())
	}
	if len(rel.names) != 1 {
		return nil, sqlerr.At(e.Position(), sqlerr.SyntaxError, "subquery must return only one column")
	}
	a := attachment{node: rel.node, outer: outer, pos: e.Position()}
	switch rows := rowBound(rel.node); {
	case rows == exactlyOne:
	case rows == atMostOne:
		a.optional = true
	case !x.p.Registry.IsAggregate(singleValue):
		return nil, unsupported(e.Position(), "a scalar subquery that is not sure to have one row is")
	default:
		call, err := x.aggregateCall(singleValue, e.Position(), columnsOf(rel.node), func(int) int { return e.Position() })
		if err != nil {
			return nil, err
		}
		a.node = logical.NewAggregate(rel.node, nil, nil, []logical.AggCall{call})
	}
	return x.addSubquery(a, rel.node.Schema().Field(0).Name)
}

// subquery binds the query of a subquery expression and gives the columns of
// the block that it refers to.
func (x *exprBinder) subquery(q *ast.Query, pos int) (relation, []expr.Expr, error) {
	if x.block == nil {
		return relation{}, nil, unsupported(pos, "a subquery in %s is", x.clause)
	}
	around := *x.scope
	around.frame = &frame{}
	rel, err := x.bindQuery(q, &around, x.block.ctes, true)
	if err != nil {
		return relation{}, nil, err
	}
	var outer []expr.Expr
	for _, c := range around.frame.columns {
		x.block.seen[c] = pos
		outer = append(outer, c)
	}
	return rel, outer, nil
}

// exists is, without outer columns, count(*) > 0 over the first row.
func (x *exprBinder) exists(rel relation, outer []expr.Expr, pos int) (expr.Expr, error) {
	if len(outer) > 0 {
		return x.addSubquery(attachment{node: rel.node, outer: outer, exists: true, pos: pos}, "exists")
	}
	count, err := x.aggregateCall("count", pos, nil, nil)
	if err != nil {
		return nil, err
	}
	limited := &logical.Limit{Input: rel.node, Count: int64Literal(1)}
	col, err := x.addSubquery(attachment{node: logical.NewAggregate(limited, nil, nil, []logical.AggCall{count})}, "exists")
	if err != nil {
		return nil, err
	}
	return x.binary(">", pos, col, int64Literal(0), pos, pos)
}

// bindInQuery is arg [NOT] IN (query).
func (x *exprBinder) bindInQuery(left ast.Expr, q *ast.Query, not bool, pos int) (expr.Expr, error) {
	if _, ok := left.(*ast.Row); ok {
		return nil, unsupported(left.Position(), "IN of a subquery with several columns is")
	}
	arg, err := x.bind(left)
	if err != nil {
		return nil, err
	}
	rel, outer, err := x.subquery(q, pos)
	if err != nil {
		return nil, err
	}
	if len(outer) > 0 {
		return nil, unsupported(pos, "IN of a subquery that refers to the query around it is")
	}
	if len(rel.names) > 1 {
		return nil, sqlerr.At(pos, sqlerr.SyntaxError, "subquery has too many columns")
	}
	sides := []expr.Expr{arg, columnsOf(rel.node)[0]}
	t, err := x.unify("IN", sides, func(int) int { return pos })
	if err != nil {
		return nil, err
	}
	if !sqltype.Equal(t, rel.node.Schema().Field(0).Type) {
		rel.node = logical.NewProject(rel.node, sides[1:], rel.names)
	}
	out, err := x.addSubquery(attachment{node: rel.node, key: sides[0], pos: pos}, "in")
	if err != nil {
		return nil, err
	}
	if not {
		return x.not(out, pos)
	}
	return out, nil
}

// addSubquery makes the subquery's column: at once where the clause is
// evaluated before grouping, later elsewhere.
func (x *exprBinder) addSubquery(a attachment, name string) (expr.Expr, error) {
	if x.before {
		return x.block.attach(a)
	}
	t := sqltype.Bool
	if a.key == nil && !a.exists {
		t = a.node.Schema().Field(0).Type
	}
	x.block.after = append(x.block.after, a)
	return &expr.Column{Index: subqueryBase + len(x.block.after) - 1, Name: name, Type: t}, nil
}

// attach joins the subquery to the block and gives its column.
func (s *block) attach(a attachment) (*expr.Column, error) {
	if len(a.outer) > 0 {
		return s.attachCorrelated(a, a.outer)
	}
	width := s.node.Schema().NumFields()
	kind := logical.Inner
	switch {
	case a.key != nil:
		kind = logical.Mark
	case a.optional:
		kind = logical.LeftOuter
	}
	j := logical.NewJoin(kind, s.node, a.node)
	if a.key != nil {
		j.LeftKeys, j.RightKeys, j.NullAware = []expr.Expr{a.key}, columnsOf(a.node)[:1], true
	}
	s.node = j
	f := j.Out.Field(width)
	return &expr.Column{Index: width, Name: f.Name, Type: f.Type}, nil
}

// rowCount is what is known of a plan's number of rows.
type rowCount uint8

const (
	anyNumber rowCount = iota
	atMostOne
	exactlyOne
)

func rowBound(n logical.Node) rowCount {
	switch n := n.(type) {
	case *logical.Aggregate:
		if len(n.Keys) == 0 {
			return exactlyOne
		}
	case *logical.Values:
		if len(n.Rows) == 1 {
			return exactlyOne
		}
	case *logical.Project:
		return rowBound(n.Input)
	case *logical.Sort:
		return rowBound(n.Input)
	case *logical.Window:
		return rowBound(n.Input)
	case *logical.Filter:
		return min(rowBound(n.Input), atMostOne)
	case *logical.Limit:
		if count, ok := constantCount(n.Count); ok && count <= 1 {
			return atMostOne
		}
		return min(rowBound(n.Input), atMostOne)
	}
	return anyNumber
}
