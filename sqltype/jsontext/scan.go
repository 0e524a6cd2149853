package jsontext

import (
	"bytes"
	"unicode/utf8"
)

// The functions of this file take valid JSON only; they read as little of it as
// they need and allocate nothing.

// Kind is what a JSON value is.
type Kind uint8

// The kinds of JSON values.
const (
	Null Kind = iota
	String
	Number
	Bool
	Array
	Object
)

// String is the kind as jsonb_typeof has it.
func (k Kind) String() string {
	return [...]string{"null", "string", "number", "boolean", "array", "object"}[k]
}

// KindOf is the kind of the value in text.
func KindOf(text []byte) Kind {
	switch text[skipSpace(text, 0)] {
	case 'n':
		return Null
	case '"':
		return String
	case 't', 'f':
		return Bool
	case '[':
		return Array
	case '{':
		return Object
	}
	return Number
}

// Trim is the value without white space around it.
func Trim(text []byte) []byte {
	from := skipSpace(text, 0)
	return text[from:skipValue(text, from)]
}

func skipSpace(text []byte, p int) int {
	for p < len(text) && isSpace(text[p]) {
		p++
	}
	return p
}

// skipValue is the end of the value that begins at p.
func skipValue(text []byte, p int) int {
	switch text[p] {
	case '"':
		return skipString(text, p)
	case '{', '[':
		for depth := 0; ; p++ {
			switch text[p] {
			case '"':
				p = skipString(text, p) - 1
			case '{', '[':
				depth++
			case '}', ']':
				if depth--; depth == 0 {
					return p + 1
				}
			}
		}
	}
	for p < len(text) && !isSpace(text[p]) && punctuation[text[p]] == tokEnd {
		p++
	}
	return p
}

func skipString(text []byte, p int) int {
	for p++; ; p++ {
		switch text[p] {
		case '\\':
			p++
		case '"':
			return p + 1
		}
	}
}

// Items calls f with each element of the array in text, or each member of the
// object, whose key is nil for elements and otherwise a JSON string in its
// quotes. It stops when f gives false. Other values have no items.
func Items(text []byte, f func(key, value []byte) bool) {
	p := skipSpace(text, 0)
	object := text[p] == '{'
	if !object && text[p] != '[' {
		return
	}
	for p++; ; p++ {
		p = skipSpace(text, p)
		if text[p] == ']' || text[p] == '}' {
			return
		}
		var key []byte
		if object {
			end := skipString(text, p)
			key = text[p:end]
			p = skipSpace(text, skipSpace(text, end)+1)
		}
		end := skipValue(text, p)
		if !f(key, text[p:end]) {
			return
		}
		if p = skipSpace(text, end); text[p] != ',' {
			return
		}
	}
}

// Len is how many items an array or object has.
func Len(text []byte) int {
	n := 0
	Items(text, func(_, _ []byte) bool { n++; return true })
	return n
}

// Member is the value of a key; of equal keys, the last one's. ok is false when
// there is none, or text is no object.
func Member(text []byte, name string) (value []byte, ok bool) {
	if text[skipSpace(text, 0)] != '{' {
		return nil, false
	}
	Items(text, func(key, v []byte) bool {
		if KeyIs(key, name) {
			value, ok = v, true
		}
		return true
	})
	return value, ok
}

// Element is the n-th element of an array, from 0, or from the end, −1.
func Element(text []byte, n int) (value []byte, ok bool) {
	if text[skipSpace(text, 0)] != '[' {
		return nil, false
	}
	if n < 0 {
		if n += Len(text); n < 0 {
			return nil, false
		}
	}
	i := 0
	Items(text, func(_, v []byte) bool {
		if i == n {
			value, ok = v, true
		}
		i++
		return !ok
	})
	return value, ok
}

// KeyIs tells whether a JSON string in its quotes means name.
func KeyIs(quoted []byte, name string) bool {
	if bytes.IndexByte(quoted, '\\') < 0 {
		return string(quoted[1:len(quoted)-1]) == name
	}
	var buf [64]byte
	return string(AppendUnquoted(buf[:0], quoted)) == name
}

// AppendUnquoted appends what a JSON string in its quotes means. Escapes that
// are no characters become U+FFFD.
func AppendUnquoted(dst, quoted []byte) []byte {
	s := quoted[1 : len(quoted)-1]
	for {
		i := bytes.IndexByte(s, '\\')
		if i < 0 {
			return append(dst, s...)
		}
		dst = append(dst, s[:i]...)
		switch c := s[i+1]; c {
		case 'u':
			r, _ := hex4(s[i+2:])
			s = s[i+6:]
			if isHigh(r) && len(s) >= 6 && s[0] == '\\' && s[1] == 'u' {
				if low, _ := hex4(s[2:]); isLow(low) {
					r = (r-0xd800)<<10 + (low - 0xdc00) + 0x10000
					s = s[6:]
				}
			}
			dst = utf8.AppendRune(dst, r)
			continue
		case 'b':
			dst = append(dst, '\b')
		case 'f':
			dst = append(dst, '\f')
		case 'n':
			dst = append(dst, '\n')
		case 'r':
			dst = append(dst, '\r')
		case 't':
			dst = append(dst, '\t')
		default:
			dst = append(dst, c)
		}
		s = s[i+2:]
	}
}

// AppendText appends a value as ->> gives it: strings without quotes, all
// others as they stand.
func AppendText(dst, value []byte) []byte {
	if value[0] == '"' {
		return AppendUnquoted(dst, value)
	}
	return append(dst, value...)
}

// CheckStrings tells whether the escapes of valid JSON are characters that text
// can hold, as reading them demands: 22P05 for \u0000, 22P02 for half of a
// surrogate pair.
func CheckStrings(value []byte) error {
	if bytes.IndexByte(value, '\\') < 0 {
		return nil
	}
	l := lexer{text: value, strict: true}
	for {
		if err := l.next(); err != nil || l.kind == tokEnd {
			return err
		}
	}
}
