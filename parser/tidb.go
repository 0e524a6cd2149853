package parser

import (
	"fmt"
	"sort"
	"sync"

	tidb "github.com/pingcap/tidb/pkg/parser"
	tast "github.com/pingcap/tidb/pkg/parser/ast"
	"github.com/pingcap/tidb/pkg/parser/mysql"

	"volley/parser/ast"
	"volley/sqlerr"
)

// sqlMode is the dialect of TiDB's grammar that the front writes.
const sqlMode = mysql.ModeANSIQuotes | mysql.ModePipesAsConcat | mysql.ModeNoBackslashEscapes

// grammars holds TiDB parsers. One must never serve two goroutines at a time.
var grammars = sync.Pool{New: func() any {
	g := tidb.New()
	g.SetSQLMode(sqlMode)
	return g
}}

// parseTiDB gives TiDB's tree of one query that the front wrote. A fault here is
// a fault of the front, never of the user.
func parseTiDB(sql string) (tast.StmtNode, error) {
	g := grammars.Get().(*tidb.Parser) // put back only when nothing failed
	stmts, _, err := g.ParseSQL(sql)
	if err != nil {
		return nil, sqlerr.New(sqlerr.InternalError, "parser failed: %v", err)
	}
	if len(stmts) != 1 {
		return nil, sqlerr.New(sqlerr.InternalError, "parser failed: %d statements for one", len(stmts))
	}
	stmt := stmts[0]
	g.Reset() // drops the references to the tree
	g.SetSQLMode(sqlMode)
	grammars.Put(g)
	return stmt, nil
}

// lifter makes parser/ast of TiDB's tree of one query.
type lifter struct {
	marks []mark
	sides []any
	err   error
}

// lift sends the fragment through TiDB's grammar and gives the query it stands
// for. The rope is empty afterwards.
func (p *parser) lift(f frag) (*lifter, tast.StmtNode) {
	if p.err != nil {
		return nil, nil
	}
	sql, marks := p.rope.write(f)
	l := &lifter{marks: marks, sides: p.rope.sides}
	p.rope.reset()
	stmt, err := parseTiDB(sql)
	if err != nil {
		p.setErr(err)
		return nil, nil
	}
	return l, stmt
}

// at gives the mark of the node that begins at an offset of the TiDB SQL.
func (l *lifter) at(off int) mark {
	i := sort.Search(len(l.marks), func(i int) bool { return int(l.marks[i].off) >= off })
	if i < len(l.marks) && int(l.marks[i].off) == off {
		return l.marks[i]
	}
	return mark{off: int32(off), pos: noPos}
}

func (m mark) position() ast.Pos { return ast.Pos(max(m.pos, 0)) }

// fail records that TiDB's tree is not what the front meant to write.
func (l *lifter) fail(what string, n any) {
	if l.err == nil {
		l.err = sqlerr.New(sqlerr.InternalError, "parser failed: %s: unexpected %s", what, fmt.Sprintf("%T", n))
	}
}

// liftQuery is the query that q stands for.
func (p *parser) liftQuery(q queryText) *ast.Query {
	l, stmt := p.lift(q.frag)
	if l == nil {
		return nil
	}
	out := l.query(stmt)
	p.setLiftErr(l)
	return out
}

func (p *parser) setLiftErr(l *lifter) {
	if l.err != nil {
		p.setErr(l.err)
	}
}

// queryNode reads a query at the current token.
func (p *parser) queryNode() *ast.Query {
	p.rope.reset()
	return p.liftQuery(p.query())
}

// exprNode reads an expression at the current token.
func (p *parser) exprNode() ast.Expr {
	p.rope.reset()
	return p.liftExpr(p.expr())
}

// bExprNode reads a restricted expression (b_expr) at the current token.
func (p *parser) bExprNode() ast.Expr {
	p.rope.reset()
	return p.liftExpr(p.bExpr())
}

func (p *parser) liftExpr(f frag) ast.Expr {
	if e := p.node(f); e != nil && p.err == nil {
		p.rope.reset()
		return e
	}
	sel := p.liftSelect(&selectInfo{}, f, frag{}, frag{})
	if sel == nil || len(sel.Items) == 0 {
		return nil
	}
	return sel.Items[0].Expr
}

// liftSelect is the SELECT block of the given parts, for statements that have
// such parts without being a query.
func (p *parser) liftSelect(info *selectInfo, items, from, where frag) *ast.Select {
	q := p.selectOf(info, items, from)
	if !where.empty() {
		q.frag = p.cat(q.frag, p.text(" WHERE "), where)
	}
	query := p.liftQuery(q)
	if query == nil {
		return nil
	}
	sel, _ := query.Body.(*ast.Select)
	return sel
}
