package parser

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"volley/sqlerr"
)

// quotedString reads '…', and with escapes E'…', whose opening quote is prefix
// bytes long. Strings with only a line break (and blanks) between them are one.
func (l *lexer) quotedString(start, prefix int, escapes bool) error {
	l.i = start + prefix
	raw, err := l.segments(start, escapes)
	if err != nil {
		return err
	}
	if escapes {
		if raw, err = l.unescape(start, raw); err != nil {
			return err
		}
	}
	l.emit(tokString, raw, start, l.i)
	return nil
}

// segments reads the rest of a string from behind its opening quote, to behind
// its last closing quote. Doubled quotes are resolved, backslashes are kept.
func (l *lexer) segments(start int, escapes bool) (string, error) {
	var b strings.Builder
	from, single := l.i, true
	for {
		n := strings.IndexAny(l.sql[l.i:], `'\`)
		if n < 0 {
			return "", l.unterminated(start, "unterminated quoted string")
		}
		l.i += n
		if l.sql[l.i] == '\\' {
			l.i++
			if escapes && l.i < len(l.sql) {
				l.i++
			}
			continue
		}
		if l.byteAt(l.i+1) == '\'' {
			// In E'…' the quote stays escaped until unescape resolves it.
			if escapes {
				b.WriteString(l.sql[from:l.i] + `\'`)
			} else {
				b.WriteString(l.sql[from : l.i+1])
			}
			l.i += 2
			from, single = l.i, false
			continue
		}
		end := l.i
		l.i++
		if !l.continues() {
			if single {
				return l.sql[from:end], nil
			}
			b.WriteString(l.sql[from:end])
			return b.String(), nil
		}
		b.WriteString(l.sql[from:end])
		from, single = l.i, false
	}
}

// continues passes blanks that hold a line break when another quote follows
// them, and that quote; else it stays.
func (l *lexer) continues() bool {
	j, newline := l.i, false
	for j < len(l.sql) {
		switch {
		case l.sql[j] == '\n' || l.sql[j] == '\r':
			newline = true
			j++
		case isSpace(l.sql[j]):
			j++
		case newline && strings.HasPrefix(l.sql[j:], "--"):
			n := strings.IndexAny(l.sql[j:], "\r\n")
			if n < 0 {
				return false
			}
			j += n
		case newline && l.sql[j] == '\'':
			l.i = j + 1
			return true
		default:
			return false
		}
	}
	return false
}

// unescape resolves the backslashes of E'…'.
func (l *lexer) unescape(start int, s string) (string, error) {
	if strings.IndexByte(s, '\\') < 0 {
		return s, nil
	}
	b := make([]byte, 0, len(s))
	high := rune(0) // pending first half of a surrogate pair
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			if high != 0 {
				return "", l.badUnicode(start)
			}
			b = append(b, s[i])
			continue
		}
		i++
		if s[i] == 'u' || s[i] == 'U' {
			size := 4
			if s[i] == 'U' {
				size = 8
			}
			r, ok := hexRune(s[i+1:], size)
			if !ok {
				return "", sqlerr.At(start, sqlerr.InvalidEscapeSequence, "invalid Unicode escape").
					WithHint(`Unicode escapes must be \uXXXX or \UXXXXXXXX.`)
			}
			i += size
			var done bool
			if b, high, done = appendRune(b, high, r); !done {
				return "", l.badUnicode(start)
			}
			continue
		}
		if high != 0 {
			return "", l.badUnicode(start)
		}
		var n int
		b, n = appendEscape(b, s[i:])
		i += n - 1
	}
	if high != 0 {
		return "", l.badUnicode(start)
	}
	if bad := firstInvalid(b); bad >= 0 {
		return "", sqlerr.At(start, sqlerr.CharacterNotInRepertory,
			"invalid byte sequence for encoding \"UTF8\": 0x%02x", b[bad])
	}
	return string(b), nil
}

// appendEscape appends the byte that the escape at the start of s (behind its
// backslash) stands for, and gives the escape's length.
func appendEscape(b []byte, s string) ([]byte, int) {
	switch c := s[0]; {
	case c >= '0' && c <= '7':
		n, v := 0, 0
		for n < 3 && n < len(s) && s[n] >= '0' && s[n] <= '7' {
			v = v*8 + int(s[n]-'0')
			n++
		}
		return append(b, byte(v)), n
	case c == 'x':
		n := 1
		for n < 3 && n < len(s) && isHex(s[n]) {
			n++
		}
		if v, err := strconv.ParseUint(s[1:n], 16, 8); err == nil {
			return append(b, byte(v)), n
		}
	}
	if k := strings.IndexByte("bfnrt", s[0]); k >= 0 {
		return append(b, "\b\f\n\r\t"[k]), 1
	}
	return append(b, s[0]), 1
}

// unicodeString reads U&'…' [UESCAPE 'c'].
func (l *lexer) unicodeString() error {
	start := l.i
	l.i += 3
	raw, err := l.segments(start, false)
	if err != nil {
		return err
	}
	return l.unicode(tokString, start, raw)
}

// unicodeIdent reads U&"…" [UESCAPE 'c'].
func (l *lexer) unicodeIdent() error {
	start := l.i
	if err := l.quotedIdent(start, 3); err != nil {
		return err
	}
	raw := l.toks[len(l.toks)-1].text
	l.toks = l.toks[:len(l.toks)-1]
	return l.unicode(tokQuoted, start, raw)
}

func (l *lexer) unicode(kind tokenKind, start int, raw string) error {
	esc, err := l.uescape()
	if err != nil {
		return err
	}
	var b []byte
	high := rune(0)
	for i := 0; i < len(raw); i++ {
		if raw[i] != esc || i+1 < len(raw) && raw[i+1] == esc {
			if high != 0 {
				return l.badUnicode(start)
			}
			if raw[i] == esc {
				i++
			}
			b = append(b, raw[i])
			continue
		}
		from, size := i+1, 4
		if strings.HasPrefix(raw[from:], "+") {
			from, size = i+2, 6
		}
		r, ok := hexRune(raw[from:], size)
		if !ok {
			return sqlerr.At(start, sqlerr.SyntaxError, "invalid Unicode escape").
				WithHint(`Unicode escapes must be \XXXX or \+XXXXXX.`)
		}
		var done bool
		if b, high, done = appendRune(b, high, r); !done {
			return l.badUnicode(start)
		}
		i = from + size - 1
	}
	if high != 0 || kind == tokQuoted && len(b) == 0 {
		return l.badUnicode(start)
	}
	l.emit(kind, string(b), start, l.i)
	return nil
}

// uescape reads UESCAPE 'c' where it follows, and gives the escape character.
func (l *lexer) uescape() (byte, error) {
	save := l.i
	if err := l.skipSpace(); err != nil {
		return 0, err
	}
	if len(l.sql)-l.i < 7 || foldCase(l.sql[l.i:l.i+7]) != "uescape" || isIdentPart(l.byteAt(l.i+7)) {
		l.i = save
		return '\\', nil
	}
	l.i += 7
	if err := l.skipSpace(); err != nil {
		return 0, err
	}
	s := l.sql[l.i:]
	if len(s) < 3 || s[0] != '\'' || s[2] != '\'' || isHex(s[1]) || isSpace(s[1]) || s[1] == '+' || s[1] == '\'' || s[1] == '"' || s[1] >= 0x80 {
		return 0, sqlerr.At(l.i, sqlerr.SyntaxError, "invalid Unicode escape character")
	}
	l.i += 3
	return s[1], nil
}

func (l *lexer) badUnicode(start int) error {
	return sqlerr.At(start, sqlerr.SyntaxError, "invalid Unicode escape value at or near \"%s\"", near(l.sql[start:l.i]))
}

// quotedIdent reads "…" whose opening quote is prefix bytes long.
func (l *lexer) quotedIdent(start, prefix int) error {
	l.i = start + prefix
	from := l.i
	for {
		n := strings.IndexByte(l.sql[l.i:], '"')
		if n < 0 {
			return l.unterminated(start, "unterminated quoted identifier")
		}
		l.i += n + 1
		if l.byteAt(l.i) != '"' {
			break
		}
		l.i++
	}
	name := strings.ReplaceAll(l.sql[from:l.i-1], `""`, `"`)
	if name == "" {
		return sqlerr.At(start, sqlerr.SyntaxError, "zero-length delimited identifier at or near \"%s\"", l.sql[start:l.i])
	}
	l.emit(tokQuoted, name, start, l.i)
	return nil
}

// bitString reads B'…' and X'…'.
func (l *lexer) bitString(letter byte) error {
	start := l.i
	l.i += 2
	raw, err := l.segments(start, false)
	if err != nil {
		return err
	}
	var b strings.Builder
	for i := 0; i < len(raw); i++ {
		c := raw[i]
		switch {
		case letter == 'b' && (c == '0' || c == '1'):
			b.WriteByte(c)
		case letter == 'x' && isHex(c):
			v, _ := strconv.ParseUint(raw[i:i+1], 16, 8)
			for k := 3; k >= 0; k-- {
				b.WriteByte('0' + byte(v>>k&1))
			}
		case letter == 'b':
			return sqlerr.At(start, sqlerr.InvalidText, "\"%c\" is not a valid binary digit", rune(c))
		default:
			return sqlerr.At(start, sqlerr.InvalidText, "\"%c\" is not a valid hexadecimal digit", rune(c))
		}
	}
	l.emit(tokBits, b.String(), start, l.i)
	return nil
}

// dollar reads $1, $$…$$ and $tag$…$tag$.
func (l *lexer) dollar() error {
	start := l.i
	if isDigit(l.byteAt(start + 1)) {
		return l.param()
	}
	j := start + 1
	for isIdentStart(l.byteAt(j)) || j > start+1 && isDigit(l.byteAt(j)) {
		j++
	}
	if l.byteAt(j) != '$' {
		return sqlerr.At(start, sqlerr.SyntaxError, "syntax error at or near \"$\"")
	}
	tag := l.sql[start : j+1]
	n := strings.Index(l.sql[j+1:], tag)
	if n < 0 {
		return l.unterminated(start, "unterminated dollar-quoted string")
	}
	body := l.sql[j+1 : j+1+n]
	l.emit(tokString, body, start, j+1+n+len(tag))
	return nil
}

// hexRune reads size hexadecimal digits.
func hexRune(s string, size int) (rune, bool) {
	if len(s) < size {
		return 0, false
	}
	for i := 0; i < size; i++ {
		if !isHex(s[i]) {
			return 0, false
		}
	}
	v, err := strconv.ParseUint(s[:size], 16, 32)
	return rune(v), err == nil && v <= 1<<31-1
}

// appendRune appends r, or keeps it as high when it is the first half of a
// surrogate pair; it is not done when r is no character.
func appendRune(b []byte, high, r rune) ([]byte, rune, bool) {
	switch {
	case r >= 0xD800 && r < 0xDC00:
		return b, r, high == 0
	case r >= 0xDC00 && r < 0xE000:
		if high == 0 {
			return b, 0, false
		}
		r = 0x10000 + (high-0xD800)<<10 + (r - 0xDC00)
	case high != 0:
		return b, 0, false
	}
	if r <= 0 || !utf8.ValidRune(r) {
		return b, 0, false
	}
	return utf8.AppendRune(b, r), 0, true
}

// firstInvalid gives the offset of the first byte that is NUL or no UTF-8, or -1.
func firstInvalid(b []byte) int {
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		if r == 0 || r == utf8.RuneError && n <= 1 {
			return i
		}
		i += n
	}
	return -1
}

func isHex(c byte) bool {
	return isDigit(c) || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}
