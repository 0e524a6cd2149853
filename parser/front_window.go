package parser

import (
	"strings"

	"volley/parser/ast"
)

// over writes what follows OVER: a name or a specification. The window it gives
// lacks only its expressions.
func (p *parser) over() (*ast.Window, frag) {
	if p.punct("(") {
		return p.windowSpec()
	}
	w := &ast.Window{Pos: p.at(), Ref: true, Name: p.name()}
	return w, p.ident(w.Name, noPos)
}

// windowSpec writes ([name] [PARTITION BY …] [ORDER BY …] [frame]).
func (p *parser) windowSpec() (*ast.Window, frag) {
	w := &ast.Window{Pos: p.at()}
	p.needPunct("(")
	out := p.text("(")
	if t := p.tok(); t.isName() && !p.kw("partition") && !frameUnit(t) {
		w.Name = p.name()
		out = p.cat(out, p.ident(w.Name, noPos), p.text(" "))
	}
	if p.eat("partition", "by") {
		var list frag
		for {
			list = p.list(list, p.cat(p.text("("), p.expr(), p.text(")")))
			if !p.eatPunct(",") {
				break
			}
		}
		out = p.cat(out, p.text("PARTITION BY "), list)
	}
	if p.eat("order", "by") {
		out = p.cat(out, p.text(" ORDER BY "), p.sortList())
	}
	if frameUnit(p.tok()) {
		out = p.cat(out, p.frame(w))
	}
	p.needPunct(")")
	return w, p.cat(out, p.text(")"))
}

func frameUnit(t *token) bool {
	return t.kind == tokIdent && (t.text == "rows" || t.text == "range" || t.text == "groups")
}

// frame writes ROWS|RANGE|GROUPS bound, or BETWEEN bound AND bound, and keeps
// its EXCLUDE in w.
func (p *parser) frame(w *ast.Window) frag {
	f := &ast.Frame{Pos: p.at(), Unit: p.label()}
	w.Frame = f
	out := p.text(" " + strings.ToUpper(f.Unit) + " BETWEEN ")
	if p.eat("between") {
		start := p.frameBound(&f.Start)
		p.need("and")
		end := p.frameBound(&f.End)
		out = p.cat(out, start, p.text(" AND "), end)
	} else {
		f.End.Kind = "current row"
		out = p.cat(out, p.frameBound(&f.Start), p.text(" AND CURRENT ROW"))
	}
	p.checkFrame(f)
	if p.eat("exclude") {
		switch {
		case p.eat("current", "row"):
			f.Exclude = "current row"
		case p.kwIn("group", "ties"):
			f.Exclude = p.label()
		default:
			p.need("no", "others")
		}
	}
	return out
}

// checkFrame refuses the frames that PostgreSQL's grammar refuses.
func (p *parser) checkFrame(f *ast.Frame) {
	const code = "42P20"
	pos := int32(f.Pos)
	start, end := f.Start.Kind, f.End.Kind
	switch {
	case p.err != nil:
	case start == "unbounded following":
		p.failAt(pos, code, "frame start cannot be UNBOUNDED FOLLOWING")
	case end == "unbounded preceding":
		p.failAt(pos, code, "frame end cannot be UNBOUNDED PRECEDING")
	case start == "current row" && end == "preceding":
		p.failAt(pos, code, "frame starting from current row cannot have preceding rows")
	case start == "following" && (end == "preceding" || end == "current row"):
		p.failAt(pos, code, "frame starting from following row cannot end with %s",
			map[string]string{"preceding": "preceding rows", "current row": "current row"}[end])
	}
}

// frameBound writes a bound. TiDB takes any expression only in INTERVAL form;
// its unit means nothing here.
func (p *parser) frameBound(b *ast.Bound) frag {
	for _, kind := range []string{"unbounded preceding", "unbounded following", "current row"} {
		if p.eat(strings.Fields(kind)...) {
			b.Kind = kind
			return p.text(strings.ToUpper(kind))
		}
	}
	e := p.expr()
	dir := " MICROSECOND PRECEDING"
	b.Kind = "preceding"
	if !p.eat("preceding") {
		p.need("following")
		b.Kind, dir = "following", " MICROSECOND FOLLOWING"
	}
	return p.cat(p.text("INTERVAL "), e, p.text(dir))
}
