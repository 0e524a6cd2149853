package parser

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"volley/sqlerr"
)

// What can be wrong with the characters that Unicode escapes stand for.
const (
	badPair  = "invalid Unicode surrogate pair"
	badValue = "invalid Unicode escape value"
)

// unicodeString reads U&'…' [UESCAPE 'c'].
func (l *lexer) unicodeString() error {
	start := l.i
	if l.escapes {
		return sqlerr.At(start, sqlerr.FeatureNotSupported, "unsafe use of string constant with Unicode escapes").
			WithDetail("String constants with Unicode escapes cannot be used when standard_conforming_strings is off.")
	}
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
		at := start + 3 + i
		if raw[i] != esc || i+1 < len(raw) && raw[i+1] == esc {
			if high != 0 {
				return sqlerr.At(at, sqlerr.SyntaxError, badPair)
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
			return sqlerr.At(at, sqlerr.SyntaxError, "invalid Unicode escape").
				WithHint(`Unicode escapes must be \XXXX or \+XXXXXX.`)
		}
		var bad string
		if b, high, bad = appendRune(b, high, r); bad != "" {
			return sqlerr.At(at, sqlerr.SyntaxError, "%s", bad)
		}
		i = from + size - 1
	}
	if high != 0 {
		return sqlerr.At(start+3+len(raw), sqlerr.SyntaxError, badPair)
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
	const notString = "UESCAPE must be followed by a simple string literal"
	if l.i >= len(l.sql) {
		return 0, sqlerr.At(l.i, sqlerr.SyntaxError, notString+" at end of input")
	}
	if err := l.next(); err != nil {
		return 0, err
	}
	t := l.toks[len(l.toks)-1]
	l.toks = l.toks[:len(l.toks)-1]
	if t.kind != tokString {
		return 0, nearEscape(int(t.pos), notString, l.sql[t.pos:t.end])
	}
	if len(t.text) != 1 || isHex(t.text[0]) || isSpace(t.text[0]) || strings.IndexByte(`+'"`, t.text[0]) >= 0 {
		return 0, nearEscape(int(t.pos), "invalid Unicode escape character", l.sql[t.pos:t.end])
	}
	return t.text[0], nil
}

// nearEscape is the syntax error what at a piece of the text.
func nearEscape(pos int, what, piece string) error {
	return sqlerr.At(pos, sqlerr.SyntaxError, "%s at or near \"%s\"", what, near(piece))
}

func firstChar(s string) string {
	_, n := utf8.DecodeRuneInString(s)
	return s[:n]
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
	return rune(min(v, 1<<31-1)), err == nil
}

// appendRune appends r, or keeps it as high when it is the first half of a
// surrogate pair; bad says why r is no character, "" when it is one.
func appendRune(b []byte, high, r rune) (out []byte, pending rune, bad string) {
	switch {
	case r == 0 || r > utf8.MaxRune:
		return b, 0, badValue
	case r >= 0xDC00 && r < 0xE000:
		if high == 0 {
			return b, 0, badPair
		}
		r = 0x10000 + (high-0xD800)<<10 + (r - 0xDC00)
	case high != 0:
		return b, 0, badPair
	case r >= 0xD800 && r < 0xDC00:
		return b, r, ""
	}
	return utf8.AppendRune(b, r), 0, ""
}
