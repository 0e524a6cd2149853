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
	yes, no := true, false
	for p.err == nil {
		switch {
		case p.eat("as"):
			t := p.typeName()
			o.Type = &t
		case p.eat("start"):
			p.eat("with")
			o.Start = p.signed()
		case p.eat("increment"):
			p.eat("by")
			o.Increment = p.signed()
		case p.eat("minvalue"):
			o.Min = p.signed()
		case p.eat("maxvalue"):
			o.Max = p.signed()
		case p.eat("no", "minvalue"):
			o.NoMin = true
		case p.eat("no", "maxvalue"):
			o.NoMax = true
		case p.eat("no", "cycle"):
			o.Cycle = &no
		case p.eat("cycle"):
			o.Cycle = &yes
		case p.eat("cache"):
			p.signed()
		case p.eat("restart"):
			o.Restart = true
			if p.eat("with") || p.punct("-") || p.tok().kind == tokInteger {
				o.RestartWith = p.signed()
			}
		case p.eat("owned", "by"):
			o.OwnedBy = p.qname().Parts
		case p.eat("sequence", "name"):
			p.qname()
		default:
			return o
		}
	}
	return o
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
