package parser

import (
	"strconv"

	tast "github.com/pingcap/tidb/pkg/parser/ast"

	"volley/parser/ast"
	"volley/sqlerr"
)

// fromList lifts the comma-separated items of FROM.
func (l *lifter) fromList(n *tast.TableRefsClause) []ast.TableRef {
	if n == nil {
		return nil
	}
	// TiDB nests the list to the left: a join without a condition is a comma.
	var items []tast.ResultSetNode
	var node tast.ResultSetNode = n.TableRefs
	for {
		j, ok := node.(*tast.Join)
		if !ok || j.On != nil {
			items = append(items, node)
			break
		}
		if j.Right != nil {
			items = append(items, j.Right)
		}
		node = j.Left
	}
	if ts, ok := items[0].(*tast.TableSource); ok && ts.AsName.O == "" {
		return nil // the block has no FROM
	}
	out := make([]ast.TableRef, len(items))
	for i, it := range items {
		out[len(items)-1-i] = l.tableRef(it)
	}
	return out
}

func (l *lifter) tableRef(n tast.ResultSetNode) ast.TableRef {
	switch n := n.(type) {
	case *tast.TableSource:
		return l.source(n)
	case *tast.Join:
		if n.On != nil {
			return l.join(n)
		}
		if n.Right == nil {
			return l.tableRef(n.Left)
		}
	}
	l.fail("FROM", n)
	return &ast.Table{}
}

func (l *lifter) join(n *tast.Join) ast.TableRef {
	side, args := l.clause(n.On.Expr, mkJoin)
	j, ok := side.(*ast.Join)
	if !ok {
		l.fail("join", n.On.Expr)
		return &ast.Join{}
	}
	j.Left, j.Right = l.tableRef(n.Left), l.tableRef(n.Right)
	if j.On != nil {
		j.On = l.expr(args[0])
	}
	return j
}

// source lifts a table, whose alias is the number of its side data.
func (l *lifter) source(n *tast.TableSource) ast.TableRef {
	i, err := strconv.Atoi(n.AsName.O)
	if err != nil || i >= len(l.sides) {
		l.fail("table", n)
		return &ast.Table{}
	}
	switch ref := l.sides[i].(type) {
	case *ast.Table:
		if ref.Sample != nil {
			l.fillSample(ref.Sample, l.fields(n.Source))
		}
		return ref
	case *ast.Derived:
		ref.Query = l.query(n.Source)
		return ref
	case *ast.TableFunc:
		fields := l.fields(n.Source)
		for i := range ref.Calls {
			ref.Calls[i] = l.tableCall(fields[i])
		}
		if ref.Sample != nil {
			l.fillSample(ref.Sample, fields[len(ref.Calls):])
		}
		return ref
	}
	l.fail("table", l.sides[i])
	return &ast.Table{}
}

// tableCall lifts a function in FROM.
func (l *lifter) tableCall(f *tast.SelectField) *ast.Call {
	e := l.expr(f.Expr)
	call, ok := e.(*ast.Call)
	if !ok {
		if l.err == nil {
			l.err = sqlerr.At(e.Position(), sqlerr.FeatureNotSupported, "this expression is not supported in FROM")
		}
		return &ast.Call{}
	}
	return call
}

// fields gives the items of the SELECT that carries expressions of a table.
func (l *lifter) fields(n tast.ResultSetNode) []*tast.SelectField {
	if sel, ok := n.(*tast.SelectStmt); ok && sel.Fields != nil {
		return sel.Fields.Fields
	}
	return nil
}

func (l *lifter) fillSample(s *ast.Sample, fields []*tast.SelectField) {
	for i := range s.Args {
		s.Args[i] = l.expr(fields[i].Expr)
	}
	if s.Seed != nil {
		s.Seed = l.expr(fields[len(s.Args)].Expr)
	}
}
