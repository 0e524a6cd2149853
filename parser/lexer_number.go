package parser

import (
	"math/big"
	"strings"

	"volley/sqlerr"
)

// number reads 42, 1_000, 0x1F, 0o17, 0b101, 1.5, .5, 1., 1e10. "1..2" is 1
// followed by two points, as in a range of PL/pgSQL.
func (l *lexer) number() error {
	start := l.i
	if base := l.radix(); base != 0 {
		return l.radixInteger(start, base)
	}
	kind := tokInteger
	l.digits()
	if l.byteAt(l.i) == '.' && l.byteAt(l.i+1) != '.' {
		kind = tokDecimal
		l.i++
		l.digits()
	}
	if c := l.byteAt(l.i); c == 'e' || c == 'E' {
		j := l.i + 1
		if c := l.byteAt(j); c == '+' || c == '-' {
			j++
		}
		if isDigit(l.byteAt(j)) {
			kind, l.i = tokDecimal, j
			l.digits()
		}
	}
	if err := l.noJunk(start, "numeric literal"); err != nil {
		return err
	}
	text := l.sql[start:l.i]
	if strings.IndexByte(text, '_') >= 0 {
		text = strings.ReplaceAll(text, "_", "")
	}
	l.emit(kind, text, start, l.i)
	return nil
}

// digits passes digits, with single underscores between them.
func (l *lexer) digits() {
	for isDigit(l.byteAt(l.i)) || l.byteAt(l.i) == '_' && isDigit(l.byteAt(l.i+1)) && l.i > 0 && isDigit(l.sql[l.i-1]) {
		l.i++
	}
}

// radix gives the base of 0x, 0o and 0b, or 0.
func (l *lexer) radix() int {
	if l.sql[l.i] != '0' {
		return 0
	}
	switch l.byteAt(l.i+1) | 0x20 {
	case 'x':
		return 16
	case 'o':
		return 8
	case 'b':
		return 2
	}
	return 0
}

func (l *lexer) radixInteger(start, base int) error {
	l.i += 2
	first := l.i
	for isIdentPart(l.byteAt(l.i)) {
		l.i++
	}
	text := strings.ReplaceAll(l.sql[first:l.i], "_", "")
	n, ok := new(big.Int).SetString(text, base)
	if !ok || strings.HasSuffix(l.sql[first:l.i], "_") {
		what := map[int]string{16: "hexadecimal", 8: "octal", 2: "binary"}[base]
		return sqlerr.At(start, sqlerr.SyntaxError, "invalid %s integer at or near \"%s\"", what, near(l.sql[start:l.i]))
	}
	l.emit(tokInteger, n.String(), start, l.i)
	return nil
}

// noJunk refuses a letter right after a number or parameter.
func (l *lexer) noJunk(start int, what string) error {
	if !isIdentStart(l.byteAt(l.i)) {
		return nil
	}
	for isIdentPart(l.byteAt(l.i)) {
		l.i++
	}
	return sqlerr.At(start, sqlerr.SyntaxError, "trailing junk after %s at or near \"%s\"", what, near(l.sql[start:l.i]))
}

// param reads $1.
func (l *lexer) param() error {
	start := l.i
	l.i++
	for isDigit(l.byteAt(l.i)) {
		l.i++
	}
	if err := l.noJunk(start, "parameter"); err != nil {
		return err
	}
	l.emit(tokParam, l.sql[start+1:l.i], start, l.i)
	return nil
}
