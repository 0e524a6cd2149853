package parser

import (
	tast "github.com/pingcap/tidb/pkg/parser/ast"

	"volley/parser/ast"
	"volley/sqlerr"
)

// query lifts a statement or a subquery.
func (l *lifter) query(n tast.Node) *ast.Query {
	switch n := n.(type) {
	case *tast.SelectStmt:
		return l.withClauses(n.With, n.OrderBy, l.body(n))
	case *tast.SetOprStmt:
		return l.withClauses(n.With, n.OrderBy, l.setOp(n.SelectList.Selects))
	case *tast.SubqueryExpr:
		return l.query(n.Query)
	}
	l.fail("query", n)
	return &ast.Query{Body: &ast.Select{}}
}

// withClauses makes a query of a body. The query's own marker, if it has one, is
// the last item of ORDER BY.
func (l *lifter) withClauses(with *tast.WithClause, order *tast.OrderByClause, body ast.Body) *ast.Query {
	if order == nil || len(order.Items) == 0 {
		if q, ok := body.(*ast.Query); ok {
			return q
		}
		return &ast.Query{Pos: ast.Pos(body.Position()), Body: body}
	}
	last := len(order.Items) - 1
	side, args := l.clause(order.Items[last].Expr, mkQuery)
	info, ok := side.(*queryInfo)
	if !ok {
		l.fail("ORDER BY", order.Items[last].Expr)
		return &ast.Query{Body: body}
	}
	q := &info.query
	q.Body = body
	if with != nil {
		for i, cte := range with.CTEs {
			if q.With[i].Query == nil {
				q.With[i].Query = l.query(cte.Query)
			}
		}
	}
	q.OrderBy = l.sortItems(order.Items[:last])
	if info.hasLimit && len(args) > 0 {
		q.Limit = l.expr(args[0])
		args = args[1:]
	}
	if len(args) > 0 {
		q.Offset = l.expr(args[0])
	}
	if inner, ok := body.(*ast.Query); ok {
		l.merge(q, inner)
	}
	return q
}

// merge makes one query of a query in parentheses and the clauses behind and before
// them, as in (SELECT … LIMIT 1) ORDER BY 1, which sorts before it cuts.
func (l *lifter) merge(q, inner *ast.Query) {
	switch {
	case len(q.With) > 0 && len(inner.With) > 0:
		l.refuse(int(q.Pos), "multiple WITH clauses not allowed")
	case len(q.OrderBy) > 0 && len(inner.OrderBy) > 0:
		l.refuse(q.OrderBy[0].Expr.Position(), "multiple ORDER BY clauses not allowed")
	case q.Offset != nil && inner.Offset != nil:
		l.refuse(q.Offset.Position(), "multiple OFFSET clauses not allowed")
	case q.Limit != nil && inner.Limit != nil:
		l.refuse(q.Limit.Position(), "multiple LIMIT clauses not allowed")
	case inner.WithTies && len(inner.OrderBy) == 0:
		l.refuse(inner.Limit.Position(), "WITH TIES cannot be specified without ORDER BY clause")
	}
	q.Body = inner.Body
	if len(inner.With) > 0 {
		q.With, q.Recursive = inner.With, inner.Recursive
	}
	if len(inner.OrderBy) > 0 || inner.OrderAll {
		q.OrderBy, q.OrderAll, q.AllItem = inner.OrderBy, inner.OrderAll, inner.AllItem
	}
	if inner.Offset != nil {
		q.Offset = inner.Offset
	}
	if inner.Limit != nil {
		q.Limit, q.WithTies = inner.Limit, inner.WithTies
	}
	q.Locks = append(q.Locks, inner.Locks...)
}

// refuse records an error of the text.
func (l *lifter) refuse(pos int, message string) {
	if l.err == nil {
		l.err = sqlerr.At(pos, sqlerr.SyntaxError, "%s", message)
	}
}

// clause gives the side data and arguments of a marker call, or nil.
func (l *lifter) clause(n tast.ExprNode, want marker) (any, []tast.ExprNode) {
	call, ok := unparen(n).(*tast.FuncCallExpr)
	if !ok || call.FnName.O != markers[want].name {
		return nil, nil
	}
	m := l.at(call.OriginTextPosition())
	return l.sides[m.side], call.Args
}

func unparen(n tast.ExprNode) tast.ExprNode {
	for {
		p, ok := n.(*tast.ParenthesesExpr)
		if !ok {
			return n
		}
		n = p.Expr
	}
}

// setOp lifts a list of operands from left to right.
func (l *lifter) setOp(list []tast.Node) ast.Body {
	left, _ := l.operand(list[0])
	for _, n := range list[1:] {
		right, byName := l.operand(n)
		op := &ast.SetOp{Pos: ast.Pos(left.Position()), Left: left, Right: right, ByName: byName}
		switch after := afterOperator(n); after {
		case tast.Union, tast.UnionAll:
			op.Op, op.All = "union", after == tast.UnionAll
		case tast.Intersect, tast.IntersectAll:
			op.Op, op.All = "intersect", after == tast.IntersectAll
		default:
			op.Op, op.All = "except", after == tast.ExceptAll
		}
		left = op
	}
	return left
}

// afterOperator is the operator before an operand.
func afterOperator(n tast.Node) tast.SetOprType {
	var t *tast.SetOprType
	switch n := n.(type) {
	case *tast.SelectStmt:
		t = n.AfterSetOperator
	case *tast.SetOprSelectList:
		t = n.AfterSetOperator
	}
	if t == nil {
		return tast.Union
	}
	return *t
}

// operand lifts an operand of a set operator.
func (l *lifter) operand(n tast.Node) (ast.Body, bool) {
	switch n := n.(type) {
	case *tast.SetOprSelectList:
		if len(n.Selects) > 1 {
			return l.setOp(n.Selects), false
		}
		if len(n.Selects) == 1 {
			return l.operand(n.Selects[0])
		}
	case *tast.SelectStmt:
		if info := l.nestedInfo(n); info != nil {
			return l.body(n), info.byName
		}
		return l.body(n), false
	}
	l.fail("set operation", n)
	return &ast.Select{}, false
}

// nestedInfo is of a SELECT that stands for a parenthesised query, else nil.
func (l *lifter) nestedInfo(n *tast.SelectStmt) *nestedInfo {
	if n.Kind != tast.SelectStmtKindSelect || n.Fields == nil || len(n.Fields.Fields) == 0 {
		return nil
	}
	side, _ := l.clause(n.Fields.Fields[0].Expr, mkNested)
	info, _ := side.(*nestedInfo)
	return info
}

// body lifts one SELECT or VALUES.
func (l *lifter) body(n *tast.SelectStmt) ast.Body {
	if n.Kind == tast.SelectStmtKindValues {
		return l.values(n)
	}
	if l.nestedInfo(n) == nil {
		return l.selectBlock(n)
	}
	if src, ok := n.From.TableRefs.Left.(*tast.TableSource); ok {
		q := l.query(src.Source)
		if plain(q) {
			return q.Body
		}
		return q
	}
	l.fail("nested query", n.From.TableRefs.Left)
	return &ast.Select{}
}

// plain says whether a query is its body alone.
func plain(q *ast.Query) bool {
	return q.With == nil && q.OrderBy == nil && !q.OrderAll && q.Limit == nil && q.Offset == nil && q.Locks == nil
}

func (l *lifter) values(n *tast.SelectStmt) *ast.Values {
	out := &ast.Values{Rows: make([][]ast.Expr, len(n.Lists))}
	for i, row := range n.Lists {
		items := row.Values
		if i == 0 && len(items) > 0 {
			out.Pos = l.at(items[0].OriginTextPosition()).position()
			items = items[1:]
		}
		out.Rows[i] = l.exprs(items)
	}
	return out
}

// selectBlock lifts one SELECT.
func (l *lifter) selectBlock(n *tast.SelectStmt) *ast.Select {
	fields := n.Fields.Fields
	side, args := l.clause(fields[0].Expr, mkSelect)
	info, ok := side.(*selectInfo)
	if !ok {
		l.fail("SELECT", fields[0].Expr)
		return &ast.Select{}
	}
	sel := &info.sel
	fields = fields[1:]
	for i := range sel.DistinctOn {
		sel.DistinctOn[i] = l.expr(args[i])
	}
	if sel.Qualify != nil {
		call := fields[0].Expr.(*tast.FuncCallExpr)
		sel.Qualify = l.expr(call.Args[0])
		fields = fields[1:]
	}
	if len(fields) > 0 {
		sel.Items = make([]ast.SelectItem, len(fields))
	}
	for i, f := range fields {
		sel.Items[i] = ast.SelectItem{Expr: l.expr(f.Expr), Alias: f.AsName.O}
	}
	sel.From = l.fromList(n.From)
	if n.Where != nil {
		sel.Where = l.expr(n.Where)
	}
	if n.GroupBy != nil {
		for _, item := range n.GroupBy.Items {
			sel.GroupBy = append(sel.GroupBy, l.expr(item.Expr))
		}
	}
	if n.Having != nil {
		sel.Having = l.expr(n.Having.Expr)
	}
	for i, w := range info.windows {
		l.fillWindow(w, &n.WindowSpecs[i])
		sel.Windows = append(sel.Windows, *w)
	}
	return sel
}

// sortItems lifts the items of an ORDER BY.
func (l *lifter) sortItems(items []*tast.ByItem) []ast.SortItem {
	if len(items) == 0 {
		return nil
	}
	out := make([]ast.SortItem, len(items))
	for i, it := range items {
		out[i] = l.sortItem(it.Expr)
	}
	return out
}

func (l *lifter) sortItem(n tast.ExprNode) ast.SortItem {
	side, args := l.clause(n, mkSort)
	item, ok := side.(*ast.SortItem)
	if !ok {
		return ast.SortItem{Expr: l.expr(n)}
	}
	item.Expr = l.expr(args[0])
	return *item
}

// fillWindow adds the expressions of a window specification.
func (l *lifter) fillWindow(w *ast.Window, spec *tast.WindowSpec) {
	if spec.PartitionBy != nil {
		for _, it := range spec.PartitionBy.Items {
			w.PartitionBy = append(w.PartitionBy, l.expr(it.Expr))
		}
	}
	if spec.OrderBy != nil {
		w.OrderBy = l.sortItems(spec.OrderBy.Items)
	}
	if spec.Frame != nil && w.Frame != nil {
		if e := spec.Frame.Extent.Start.Expr; e != nil {
			w.Frame.Start.Offset = l.expr(e)
		}
		if e := spec.Frame.Extent.End.Expr; e != nil {
			w.Frame.End.Offset = l.expr(e)
		}
	}
}
