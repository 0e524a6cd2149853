package builtin

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"volley/sqlerr"
)

// registerUnicode adds normalize, IS NORMALIZED, unistr and to_ascii.
func registerUnicode(b *registrar) {
	one, two := types(tText), types(tText, tText)
	b.strict("normalize", one, tText, text1(tText, func(dst []byte, s string) ([]byte, error) { return norm.NFC.AppendString(dst, s), nil }))
	b.strict("normalize", two, tText, text2(tText, func(dst []byte, s, form string) ([]byte, error) {
		f, err := normalForm(form)
		if err != nil {
			return dst, err
		}
		return f.AppendString(dst, s), nil
	}))
	b.strict("is_normalized", one, tBool, pure1(tBool, norm.NFC.IsNormalString))
	b.strict("is_normalized", two, tBool, map2(tBool, func(s, form string) (bool, error) {
		f, err := normalForm(form)
		return err == nil && f.IsNormalString(s), err
	}))
	b.strict("unistr", one, tText, text1(tText, appendUnistr))
}

func normalForm(name string) (norm.Form, error) {
	switch strings.ToUpper(name) {
	case "NFC":
		return norm.NFC, nil
	case "NFD":
		return norm.NFD, nil
	case "NFKC":
		return norm.NFKC, nil
	case "NFKD":
		return norm.NFKD, nil
	}
	return norm.NFC, sqlerr.New(sqlerr.InvalidParameterValue, "invalid normalization form: %s", name)
}

// appendUnistr replaces \XXXX, \+XXXXXX, \uXXXX and \UXXXXXXXX by characters.
func appendUnistr(dst []byte, s string) ([]byte, error) {
	high := rune(0) // the first half of a surrogate pair
	for s != "" {
		at := strings.IndexByte(s, '\\')
		if high != 0 && at != 0 {
			return dst, errSurrogate()
		}
		if at < 0 {
			return append(dst, s...), nil
		}
		dst, s = append(dst, s[:at]...), s[at+1:]
		if strings.HasPrefix(s, `\`) && high == 0 {
			dst, s = append(dst, '\\'), s[1:]
			continue
		}
		r, size := unicodeEscape(s)
		if size == 0 {
			return dst, sqlerr.New(sqlerr.SyntaxError, "invalid Unicode escape").
				WithHint("Unicode escapes must be \\XXXX, \\+XXXXXX, \\uXXXX, or \\UXXXXXXXX.")
		}
		s = s[size:]
		switch {
		case high != 0:
			if r = utf16.DecodeRune(high, r); r == utf8.RuneError {
				return dst, errSurrogate()
			}
			high = 0
		case r >= 0xd800 && r < 0xdc00:
			high = r
			continue
		case utf16.IsSurrogate(r):
			return dst, errSurrogate()
		case r == 0 || r > utf8.MaxRune:
			return dst, sqlerr.New(sqlerr.InvalidParameterValue, "invalid Unicode code point: %04X", r)
		}
		dst = utf8.AppendRune(dst, r)
	}
	if high != 0 {
		return dst, errSurrogate()
	}
	return dst, nil
}

func errSurrogate() error { return sqlerr.New(sqlerr.SyntaxError, "invalid Unicode surrogate pair") }

// unicodeEscape reads the escape behind a backslash; size 0: it is none.
func unicodeEscape(s string) (r rune, size int) {
	skip, digits := 0, 4
	switch {
	case strings.HasPrefix(s, "+"):
		skip, digits = 1, 6
	case strings.HasPrefix(s, "u"):
		skip = 1
	case strings.HasPrefix(s, "U"):
		skip, digits = 1, 8
	}
	if len(s) < skip+digits {
		return 0, 0
	}
	for _, c := range []byte(s[skip : skip+digits]) {
		switch {
		case c >= '0' && c <= '9':
			r = r<<4 | rune(c-'0')
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			r = r<<4 | rune(c|0x20-'a'+10)
		default:
			return 0, 0
		}
	}
	return r, skip + digits
}
