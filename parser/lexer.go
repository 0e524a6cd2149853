package parser

import (
	"strings"
	"unicode/utf8"

	"volley/sqlerr"
)

// maxText is the longest SQL text taken, in bytes.
const maxText = 16 << 20

// maxTokens bounds the memory one text can take: a token costs some three hundred
// bytes on its way through the trees.
const maxTokens = 3 << 20

// lexer cuts SQL text into tokens by PostgreSQL's rules (src/backend/parser/scan.l).
type lexer struct {
	sql  string
	i    int // next byte
	toks []token
	// escapes: backslashes escape in '…' too, as in E'…'.
	escapes bool
}

// lex gives the tokens of sql, ended by one tokEOF. Its errors are *sqlerr.Error.
func lex(sql string, d Dialect) ([]token, error) {
	return lexInto(make([]token, 0, len(sql)/5+8), sql, d)
}

// lexInto is lex into the room of a slice.
func lexInto(room []token, sql string, d Dialect) ([]token, error) {
	if len(sql) > maxText {
		return nil, sqlerr.New(sqlerr.ProgramLimitExceeded,
			"SQL text of %d bytes is longer than the limit of %d bytes", len(sql), maxText)
	}
	if err := checkText(sql); err != nil {
		return nil, err
	}
	l := &lexer{sql: sql, toks: room[:0], escapes: d.EscapeStrings}
	for {
		if err := l.skipSpace(); err != nil {
			return nil, err
		}
		if l.i >= len(sql) {
			break
		}
		if len(l.toks) >= maxTokens {
			return nil, sqlerr.At(l.i, sqlerr.ProgramLimitExceeded,
				"SQL text has more than %d tokens", maxTokens)
		}
		if err := l.next(); err != nil {
			return nil, err
		}
	}
	l.toks = append(l.toks, token{kind: tokEOF, pos: int32(len(sql)), end: int32(len(sql))})
	pairParens(l.toks)
	return l.toks, nil
}

// checkText refuses what PostgreSQL's encoding check refuses.
func checkText(sql string) error {
	if utf8.ValidString(sql) && strings.IndexByte(sql, 0) < 0 {
		return nil
	}
	for i := 0; i < len(sql); {
		r, n := utf8.DecodeRuneInString(sql[i:])
		if r == 0 || r == utf8.RuneError && n <= 1 {
			return sqlerr.At(i, sqlerr.CharacterNotInRepertory,
				"invalid byte sequence for encoding \"UTF8\": 0x%02x", sql[i])
		}
		i += n
	}
	return nil
}

// skipSpace passes white space and comments; /* */ nests.
func (l *lexer) skipSpace() error {
	for l.i < len(l.sql) {
		switch {
		case isSpace(l.sql[l.i]):
			l.i++
		case strings.HasPrefix(l.sql[l.i:], "--"):
			l.skipLine()
		case strings.HasPrefix(l.sql[l.i:], "/*"):
			if err := l.skipComment(); err != nil {
				return err
			}
		default:
			return nil
		}
	}
	return nil
}

func (l *lexer) skipLine() {
	n := strings.IndexAny(l.sql[l.i:], "\r\n")
	if n < 0 {
		l.i = len(l.sql)
		return
	}
	l.i += n
}

func (l *lexer) skipComment() error {
	start, depth := l.i, 0
	for l.i < len(l.sql) {
		switch {
		case strings.HasPrefix(l.sql[l.i:], "/*"):
			depth++
			l.i += 2
		case strings.HasPrefix(l.sql[l.i:], "*/"):
			depth--
			l.i += 2
			if depth == 0 {
				return nil
			}
		default:
			l.i++
		}
	}
	return l.unterminated(start, "unterminated /* comment")
}

// next reads the token at l.i.
func (l *lexer) next() error {
	c := l.sql[l.i]
	switch {
	case c == '\'':
		return l.quotedString(l.i, 1, l.escapes)
	case c == '"':
		return l.quotedIdent(l.i, 1)
	case c == '$':
		return l.dollar()
	case isIdentStart(c):
		return l.word(c)
	case isDigit(c) || c == '.' && isDigit(l.byteAt(l.i+1)):
		return l.number()
	case strings.IndexByte(operatorChars, c) >= 0:
		l.operator()
		return nil
	case strings.HasPrefix(l.sql[l.i:], "::"), strings.HasPrefix(l.sql[l.i:], ":="):
		l.emit(tokPunct, l.sql[l.i:l.i+2], l.i, l.i+2)
		return nil
	case strings.IndexByte("()[]{},;.:", c) >= 0:
		l.emit(tokPunct, l.sql[l.i:l.i+1], l.i, l.i+1)
		return nil
	}
	// no grammar has it, but what comes before it is read first
	l.emit(tokPunct, l.sql[l.i:l.i+1], l.i, l.i+1)
	return nil
}

// word reads an identifier, a keyword, or a string with a letter before its quote.
func (l *lexer) word(c byte) error {
	quote := l.byteAt(l.i + 1)
	switch c | 0x20 {
	case 'e':
		if quote == '\'' {
			return l.quotedString(l.i, 2, true)
		}
	case 'n':
		if quote == '\'' {
			return l.quotedString(l.i, 2, l.escapes)
		}
	case 'b', 'x':
		if quote == '\'' {
			return l.bitString(c | 0x20)
		}
	case 'u':
		if quote == '&' && l.byteAt(l.i+2) == '\'' {
			return l.unicodeString()
		}
		if quote == '&' && l.byteAt(l.i+2) == '"' {
			return l.unicodeIdent()
		}
	}
	start := l.i
	for l.i < len(l.sql) && isIdentPart(l.sql[l.i]) {
		l.i++
	}
	l.emit(tokIdent, foldCase(l.sql[start:l.i]), start, l.i)
	t := &l.toks[len(l.toks)-1]
	if k, ok := keywords[t.text]; ok {
		t.class, t.asLabel = k.class, k.asLabel
	}
	return nil
}

// operatorChars are the characters an operator is made of.
const operatorChars = "+-*/<>=~!@#%^&|`?"

// operator reads the longest operator: it ends before a comment, and one of
// several characters may end in + or - only if it has a character that no SQL
// operator has.
func (l *lexer) operator() {
	start := l.i
	for l.i < len(l.sql) && strings.IndexByte(operatorChars, l.sql[l.i]) >= 0 {
		rest := l.sql[l.i:]
		if strings.HasPrefix(rest, "--") || strings.HasPrefix(rest, "/*") {
			break
		}
		l.i++
	}
	if !strings.ContainsAny(l.sql[start:l.i], "~!@#%^&|`?") {
		for l.i-start > 1 && (l.sql[l.i-1] == '+' || l.sql[l.i-1] == '-') {
			l.i--
		}
	}
	text := l.sql[start:l.i]
	if text == "!=" {
		text = "<>"
	}
	l.emit(tokOp, text, start, l.i)
}

func (l *lexer) emit(kind tokenKind, text string, start, end int) {
	l.toks = append(l.toks, token{kind: kind, text: text, pos: int32(start), end: int32(end)})
	l.i = end
}

// unterminated is the error for a literal that the end of the text cuts off.
func (l *lexer) unterminated(start int, what string) error {
	return sqlerr.At(start, sqlerr.SyntaxError, "%s at or near \"%s\"", what, near(l.sql[start:]))
}

// near shortens a piece of SQL text for a message.
func near(s string) string {
	const limit = 200
	if len(s) <= limit {
		return s
	}
	n := limit
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "..."
}

func (l *lexer) byteAt(i int) byte {
	if i < len(l.sql) {
		return l.sql[i]
	}
	return 0
}

// spaces are the bytes that isSpace knows.
const spaces = " \t\n\r\f\v"

func isSpace(c byte) bool {
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v'
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isIdentStart(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

func isIdentPart(c byte) bool { return isIdentStart(c) || isDigit(c) || c == '$' }

// foldCase lowers ASCII letters only, as PostgreSQL does in UTF-8.
func foldCase(s string) string {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c >= 'A' && c <= 'Z' {
			b := []byte(s)
			for ; i < len(b); i++ {
				if c := b[i]; c >= 'A' && c <= 'Z' {
					b[i] = c | 0x20
				}
			}
			return string(b)
		}
	}
	return s
}
