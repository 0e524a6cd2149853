package jsonpath

import (
	"strings"

	"volley/sqlerr"
)

// primary reads a constant, a variable, $, @, last, exists (…) or something in
// parentheses, and the steps behind it. alone: no steps may follow.
func (p *parser) primary(alone bool) (*Item, error) {
	item := &Item{Text: p.tok.text}
	switch {
	case p.sign("("):
		return p.parenthesized(alone)
	case p.word("exists"):
		return p.exists()
	case p.tok.kind == tokString:
		item.Kind = String
	case p.tok.kind == tokVariable:
		item.Kind = Variable
	case p.tok.kind == tokNumber, p.tok.kind == tokInteger:
		item.Kind = Number
		var err error
		if item.Text, err = p.number([]byte(p.tok.text)); err != nil {
			return nil, err
		}
	case p.word("null"):
		item.Kind = Null
	case p.word("true"), p.word("false"):
		item.Kind, item.Bool = Bool, p.tok.text == "true"
	case p.word("last"):
		item.Kind = Last
	case p.sign("$"):
		item.Kind = Root
	case p.sign("@"):
		item.Kind = Current
	default:
		return nil, p.unexpected()
	}
	if err := p.next(); err != nil {
		return nil, err
	}
	return item, p.steps(item)
}

// exists reads exists (expression).
func (p *parser) exists() (*Item, error) {
	if err := p.next(); err != nil {
		return nil, err
	}
	if err := p.expect("("); err != nil {
		return nil, err
	}
	arg, err := p.or()
	if err != nil {
		return nil, err
	}
	if isPredicate(arg) {
		return nil, p.unexpected()
	}
	return &Item{Kind: Exists, Left: arg}, p.expect(")")
}

func (p *parser) parenthesized(alone bool) (*Item, error) {
	if err := p.next(); err != nil {
		return nil, err
	}
	item, err := p.or()
	if err == nil {
		err = p.expect(")")
	}
	if err != nil || alone {
		return item, err
	}
	if isPredicate(item) && p.word("is") {
		if err := p.next(); err != nil {
			return nil, err
		}
		if !p.word("unknown") {
			return nil, p.unexpected()
		}
		return &Item{Kind: IsUnknown, Left: item}, p.next()
	}
	return item, p.steps(item)
}

// steps reads the steps behind an item and appends them to its chain.
func (p *parser) steps(item *Item) error {
	at := item
	for at.Next != nil {
		at = at.Next
	}
	for p.tok.kind == tokSign {
		var step *Item
		var err error
		switch p.tok.text {
		case ".":
			step, err = p.member()
		case "[":
			step, err = p.subscripts()
		case "?":
			step, err = p.filter()
		default:
			return nil
		}
		if err != nil {
			return err
		}
		at.Next = step
		at = step
	}
	return nil
}

func (p *parser) filter() (*Item, error) {
	if err := p.next(); err != nil {
		return nil, err
	}
	if err := p.expect("("); err != nil {
		return nil, err
	}
	arg, err := p.or()
	if err != nil {
		return nil, err
	}
	if !isPredicate(arg) {
		return nil, p.unexpected()
	}
	return &Item{Kind: Filter, Left: arg}, p.expect(")")
}

func (p *parser) subscripts() (*Item, error) {
	if err := p.next(); err != nil {
		return nil, err
	}
	if p.sign("*") {
		if err := p.next(); err != nil {
			return nil, err
		}
		return &Item{Kind: AnyArray}, p.expect("]")
	}
	out := &Item{Kind: IndexArray}
	for {
		s, err := p.subscript()
		if err != nil {
			return nil, err
		}
		out.Subscripts = append(out.Subscripts, s)
		if !p.sign(",") {
			return out, p.expect("]")
		}
		if err := p.next(); err != nil {
			return nil, err
		}
	}
}

func (p *parser) subscript() (s Subscript, err error) {
	if s.From, err = p.or(); err != nil {
		return s, err
	}
	if isPredicate(s.From) {
		return s, p.unexpected()
	}
	if !p.word("to") {
		return s, nil
	}
	if err = p.next(); err != nil {
		return s, err
	}
	if s.To, err = p.or(); err == nil && isPredicate(s.To) {
		err = p.unexpected()
	}
	return s, err
}

var methods = map[string]Kind{
	"type": Type, "size": Size, "abs": Abs, "floor": Floor, "ceiling": Ceiling, "double": Double,
	"datetime": DateTime, "keyvalue": KeyValue,
}

// member reads .key, .*, .** or .method().
func (p *parser) member() (*Item, error) {
	if err := p.next(); err != nil {
		return nil, err
	}
	switch {
	case p.sign("*"):
		return &Item{Kind: AnyKey}, p.next()
	case p.sign("**"):
		return p.anyLevel()
	case p.tok.kind != tokWord && p.tok.kind != tokString:
		return nil, p.unexpected()
	}
	out := &Item{Kind: Key, Text: p.tok.text}
	method, ok := methods[strings.ToLower(p.tok.text)]
	ok = ok && p.tok.kind == tokWord
	if err := p.next(); err != nil || !ok || !p.sign("(") {
		return out, err
	}
	if err := p.next(); err != nil {
		return nil, err
	}
	out = &Item{Kind: method}
	if method == DateTime && p.tok.kind == tokString {
		out.Left = &Item{Kind: String, Text: p.tok.text}
		if err := p.next(); err != nil {
			return nil, err
		}
	}
	return out, p.expect(")")
}

// anyLevel reads ** with its levels.
func (p *parser) anyLevel() (*Item, error) {
	out := &Item{Kind: Any, Last: LastLevel}
	if err := p.next(); err != nil || !p.sign("{") {
		return out, err
	}
	if err := p.next(); err != nil {
		return nil, err
	}
	var err error
	if out.First, err = p.level(); err != nil {
		return nil, err
	}
	out.Last = out.First
	if p.word("to") {
		if err := p.next(); err != nil {
			return nil, err
		}
		if out.Last, err = p.level(); err != nil {
			return nil, err
		}
	}
	return out, p.expect("}")
}

func (p *parser) level() (uint32, error) {
	switch {
	case p.word("last"):
		return LastLevel, p.next()
	case p.tok.kind != tokInteger:
		return 0, p.unexpected()
	}
	n, err := atoi(p.tok.text)
	if err == nil {
		err = p.next()
	}
	return n, err
}

// check says where @ and last cannot stand: outside of filters, and of
// subscripts.
func (i *Item) check(filters int, subscript bool) error {
	for ; i != nil; i = i.Next {
		switch {
		case i.Kind == Current && filters == 0:
			return sqlerr.New(sqlerr.SyntaxError, "@ is not allowed in root expressions")
		case i.Kind == Last && !subscript:
			return sqlerr.New(sqlerr.SyntaxError, "LAST is allowed only in array subscripts")
		}
		inner := filters
		if i.Kind == Filter {
			inner++
		}
		for _, operand := range []*Item{i.Left, i.Right} {
			if err := operand.check(inner, subscript); err != nil {
				return err
			}
		}
		for _, s := range i.Subscripts {
			if err := s.From.check(filters, true); err != nil {
				return err
			}
			if err := s.To.check(filters, true); err != nil {
				return err
			}
		}
	}
	return nil
}
