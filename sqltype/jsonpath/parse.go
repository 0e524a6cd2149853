package jsonpath

import (
	"strconv"
	"strings"

	"volley/sqlerr"
)

// maxDepth is how deep parentheses and filters may stand in each other.
const maxDepth = 5000

// Parse reads a path. number gives a numeric literal in its normalised form.
// Errors: 42601, and 22P02 for an empty text.
func Parse(text string, number func([]byte) (string, error)) (*Path, error) {
	p := parser{lexer: lexer{text: text}, number: number}
	if err := p.next(); err != nil {
		return nil, err
	}
	if p.tok.kind == tokEnd {
		return nil, sqlerr.New(sqlerr.InvalidText, "invalid input syntax for type jsonpath: \"%s\"", text)
	}
	path := &Path{}
	switch {
	case p.word("strict"):
		path.Strict = true
		fallthrough
	case p.word("lax"):
		if err := p.next(); err != nil {
			return nil, err
		}
	}
	var err error
	if path.Root, err = p.or(); err != nil {
		return nil, err
	}
	if p.tok.kind != tokEnd {
		return nil, p.unexpected()
	}
	return path, path.Root.check(0, false)
}

type parser struct {
	lexer
	number func([]byte) (string, error)
	depth  int
}

func (p *parser) unexpected() error {
	if p.tok.kind == tokEnd {
		return sqlerr.New(sqlerr.SyntaxError, "syntax error at end of jsonpath input")
	}
	raw := p.tok.raw
	if p.tok.kind == tokWord { // a name is known by what ends it, which PostgreSQL names
		rest := p.text[p.pos:]
		raw = rest[:len(rest)-len(strings.TrimLeft(rest, " \t\n\r\f"))]
		if raw == "" {
			return sqlerr.New(sqlerr.SyntaxError, "syntax error at end of jsonpath input")
		}
	}
	if p.tok.kind == tokString || p.tok.kind == tokVariable {
		raw = p.tok.raw[len(p.tok.raw)-1:]
		if p.tok.kind == tokVariable && raw != `"` {
			raw = p.tok.text
		}
	}
	return sqlerr.New(sqlerr.SyntaxError, "syntax error at or near \"%s\" of jsonpath input", raw)
}

// word tells whether the token is a keyword; null, true and false are ones in
// lower case only.
func (p *parser) word(name string) bool {
	if p.tok.kind != tokWord {
		return false
	}
	switch name {
	case "null", "true", "false":
		return p.tok.text == name
	}
	return strings.EqualFold(p.tok.text, name)
}

func (p *parser) sign(text string) bool { return p.tok.kind == tokSign && p.tok.text == text }

// expect reads a sign that must stand here.
func (p *parser) expect(text string) error {
	if !p.sign(text) {
		return p.unexpected()
	}
	return p.next()
}

// or reads an expression or a predicate of lowest precedence.
func (p *parser) or() (*Item, error) {
	if p.depth++; p.depth > maxDepth {
		return nil, sqlerr.New(sqlerr.StatementTooComplex, "stack depth limit exceeded")
	}
	defer func() { p.depth-- }()
	return p.connected(Or, "||", func() (*Item, error) { return p.connected(And, "&&", p.comparison) })
}

// connected reads predicates connected by && or ||.
func (p *parser) connected(kind Kind, op string, operand func() (*Item, error)) (*Item, error) {
	left, err := operand()
	for err == nil && p.sign(op) {
		if !isPredicate(left) {
			return nil, p.unexpected()
		}
		if err = p.next(); err != nil {
			return nil, err
		}
		var right *Item
		if right, err = operand(); err == nil && !isPredicate(right) {
			return nil, p.unexpected()
		}
		left = &Item{Kind: kind, Left: left, Right: right}
	}
	return left, err
}

// isPredicate tells whether an item can stand where a predicate must.
func isPredicate(i *Item) bool { return i != nil && i.Kind.Predicate() && i.Next == nil }

var comparisons = map[string]Kind{
	"==": Equal, "!=": NotEqual, "<>": NotEqual, "<": Less, ">": Greater, "<=": LessEqual, ">=": GreaterEqual,
}

// comparison reads a predicate without && and ||, or an expression.
func (p *parser) comparison() (*Item, error) {
	if p.sign("!") {
		return p.not()
	}
	left, err := p.sum()
	if err != nil || isPredicate(left) {
		return left, err
	}
	switch kind, ok := comparisons[p.tok.text]; {
	case ok && p.tok.kind == tokSign:
		if err := p.next(); err != nil {
			return nil, err
		}
		right, err := p.sum()
		if err == nil && isPredicate(right) {
			return nil, p.unexpected()
		}
		return &Item{Kind: kind, Left: left, Right: right}, err
	case p.word("starts"):
		return p.startsWith(left)
	case p.word("like_regex"):
		return p.likeRegex(left)
	}
	return left, nil
}

// not reads ! and a predicate in parentheses, or exists (…).
func (p *parser) not() (*Item, error) {
	if err := p.next(); err != nil {
		return nil, err
	}
	if !p.sign("(") && !p.word("exists") {
		return nil, p.unexpected()
	}
	arg, err := p.primary(true)
	if err == nil && !isPredicate(arg) {
		return nil, p.unexpected()
	}
	return &Item{Kind: Not, Left: arg}, err
}

func (p *parser) startsWith(left *Item) (*Item, error) {
	if err := p.next(); err != nil {
		return nil, err
	}
	if !p.word("with") {
		return nil, p.unexpected()
	}
	if err := p.next(); err != nil {
		return nil, err
	}
	right := &Item{Kind: String, Text: p.tok.text}
	switch p.tok.kind {
	case tokString:
	case tokVariable:
		right.Kind = Variable
	default:
		return nil, p.unexpected()
	}
	return &Item{Kind: StartsWith, Left: left, Right: right}, p.next()
}

func (p *parser) likeRegex(left *Item) (*Item, error) {
	if err := p.next(); err != nil {
		return nil, err
	}
	if p.tok.kind != tokString {
		return nil, p.unexpected()
	}
	out := &Item{Kind: LikeRegex, Left: left, Text: p.tok.text}
	if err := p.next(); err != nil || !p.word("flag") {
		return out, err
	}
	if err := p.next(); err != nil {
		return nil, err
	}
	if p.tok.kind != tokString {
		return nil, p.unexpected()
	}
	for _, c := range p.tok.text {
		if !strings.ContainsRune("ismxq", c) {
			return nil, sqlerr.New(sqlerr.SyntaxError, "invalid input syntax for type %s", "jsonpath").
				WithDetail("Unrecognized flag character \"%c\" in LIKE_REGEX predicate.", c)
		}
	}
	for _, c := range "ismxq" {
		if strings.ContainsRune(p.tok.text, c) {
			out.Flags += string(c)
		}
	}
	if strings.Contains(out.Flags, "x") && !strings.Contains(out.Flags, "q") {
		return nil, sqlerr.New(sqlerr.FeatureNotSupported, "XQuery \"x\" flag (expanded regular expressions) is not implemented")
	}
	return out, p.next()
}

// sum reads a + b - c.
func (p *parser) sum() (*Item, error) {
	return p.arithmetic(map[string]Kind{"+": Add, "-": Sub}, func() (*Item, error) {
		return p.arithmetic(map[string]Kind{"*": Mul, "/": Div, "%": Mod}, p.unary)
	})
}

func (p *parser) arithmetic(ops map[string]Kind, operand func() (*Item, error)) (*Item, error) {
	left, err := operand()
	for err == nil && p.tok.kind == tokSign {
		kind, ok := ops[p.tok.text]
		if !ok {
			break
		}
		if isPredicate(left) {
			return nil, p.unexpected()
		}
		if err = p.next(); err != nil {
			return nil, err
		}
		var right *Item
		if right, err = operand(); err == nil && isPredicate(right) {
			return nil, p.unexpected()
		}
		left = &Item{Kind: kind, Left: left, Right: right}
	}
	return left, err
}

// unary reads + and − before an expression; a number takes its sign.
func (p *parser) unary() (*Item, error) {
	kind := Plus
	switch {
	case p.sign("-"):
		kind = Minus
	case !p.sign("+"):
		return p.primary(false)
	}
	if p.depth++; p.depth > maxDepth {
		return nil, sqlerr.New(sqlerr.StatementTooComplex, "stack depth limit exceeded")
	}
	defer func() { p.depth-- }()
	if err := p.next(); err != nil {
		return nil, err
	}
	arg, err := p.unary()
	if err != nil {
		return nil, err
	}
	if isPredicate(arg) {
		return nil, p.unexpected()
	}
	if arg.Kind == Number && arg.Next == nil {
		if kind == Minus && strings.Trim(arg.Text, "0.") != "" {
			if text, negative := strings.CutPrefix(arg.Text, "-"); negative {
				arg.Text = text
			} else {
				arg.Text = "-" + arg.Text
			}
		}
		return arg, nil
	}
	return &Item{Kind: kind, Left: arg}, nil
}

func atoi(text string) (uint32, error) {
	n, err := strconv.ParseUint(text, 10, 31)
	if err != nil {
		return 0, sqlerr.New(sqlerr.NumericOutOfRange, "value \"%s\" is out of range for type %s", text, "integer")
	}
	return uint32(n), nil
}
