package parser

import (
	"strconv"

	"volley/parser/ast"
	"volley/sqlerr"
)

// createSequence reads what follows CREATE SEQUENCE.
func (p *parser) createSequence(s *ast.CreateSequence) ast.Statement {
	s.IfNotExists = p.ifNotExists()
	s.Name = p.qname()
	s.Options = p.sequenceOptions()
	return s
}

// sequenceOptions reads the options of a sequence, in any order.
func (p *parser) sequenceOptions() ast.SequenceOptions {
	var o ast.SequenceOptions
	for p.err == nil && p.sequenceOption(&o) {
	}
	return o
}

// sequenceOption reads one option, if there is one.
func (p *parser) sequenceOption(o *ast.SequenceOptions) bool {
	yes, no := true, false
	pos := p.pos()
	once := func(said bool) {
		if said && p.err == nil {
			p.failAt(pos, sqlerr.SyntaxError, "conflicting or redundant options")
		}
	}
	switch {
	case p.eat("as"):
		once(o.Type != nil)
		t := p.typeName()
		o.Type = &t
	case p.eat("start"):
		once(o.Start != nil)
		p.eat("with")
		o.Start = p.signed()
	case p.eat("increment"):
		once(o.Increment != nil)
		p.eat("by")
		o.Increment = p.signed()
	case p.eat("minvalue"):
		once(o.Min != nil || o.NoMin)
		o.Min = p.signed()
	case p.eat("maxvalue"):
		once(o.Max != nil || o.NoMax)
		o.Max = p.signed()
	case p.eat("no", "minvalue"):
		once(o.Min != nil || o.NoMin)
		o.NoMin = true
	case p.eat("no", "maxvalue"):
		once(o.Max != nil || o.NoMax)
		o.NoMax = true
	case p.eat("no", "cycle"):
		once(o.Cycle != nil)
		o.Cycle = &no
	case p.eat("cycle"):
		once(o.Cycle != nil)
		o.Cycle = &yes
	case p.eat("cache"):
		p.signed()
	case p.eat("restart"):
		once(o.Restart)
		o.Restart = true
		if p.eat("with") || p.punct("-") || p.tok().kind == tokInteger {
			o.RestartWith = p.signed()
		}
	case p.eat("owned", "by"):
		once(o.OwnedBy != nil)
		o.OwnedBy = p.qname().Parts
	case p.eat("sequence", "name"):
		p.qname()
	default:
		return false
	}
	return true
}

// signed reads an integer with an optional sign.
func (p *parser) signed() *int64 {
	negative := p.eatPunct("-")
	if !negative {
		p.eatPunct("+")
	}
	if p.tok().kind != tokInteger {
		p.fail()
		return nil
	}
	t := p.tok()
	text := t.text
	if negative {
		text = "-" + text
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		p.failAt(t.pos, sqlerr.NumericOutOfRange, "value \"%s\" is out of range for type bigint", text)
		return nil
	}
	p.advance()
	return &n
}
