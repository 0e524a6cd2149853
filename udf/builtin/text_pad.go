package builtin

import (
	"strings"
	"unicode/utf8"
)

func registerPadding(b *registrar) {
	for _, p := range []struct {
		name string
		left bool
	}{{"lpad", true}, {"rpad", false}} {
		b.strict(p.name, types(tText, tInt4), tText, text2(tText, func(dst []byte, s string, n int32) ([]byte, error) {
			return appendPadded(dst, s, n, " ", p.left)
		}))
		b.strict(p.name, types(tText, tInt4, tText), tText, text3(tText, func(dst []byte, s string, n int32, fill string) ([]byte, error) {
			return appendPadded(dst, s, n, fill, p.left)
		}))
	}
}

// appendPadded appends s cut or filled to n characters.
func appendPadded(dst []byte, s string, n int32, fill string, left bool) ([]byte, error) {
	if n <= 0 {
		return dst, nil
	}
	missing := int(n) - utf8.RuneCountInString(s)
	if missing <= 0 {
		return append(dst, s[:offset(s, int64(n))]...), nil
	}
	if fill == "" {
		return append(dst, s...), nil
	}
	if int64(missing)*int64(len(fill)) > maxTextSize {
		return dst, errTextTooLong()
	}
	if !left {
		dst = append(dst, s...)
	}
	width := utf8.RuneCountInString(fill)
	dst = appendCopies(dst, fill, missing/width)
	dst = append(dst, fill[:offset(fill, int64(missing%width))]...)
	if left {
		dst = append(dst, s...)
	}
	return dst, nil
}

func registerTrim(b *registrar) {
	for _, f := range []struct {
		names []string
		trim  func(s, chars string) string
	}{
		{[]string{"btrim", "trim"}, strings.Trim},
		{[]string{"ltrim"}, strings.TrimLeft},
		{[]string{"rtrim"}, strings.TrimRight},
	} {
		for _, name := range f.names {
			b.strict(name, types(tText), tText, text1(tText, func(dst []byte, s string) ([]byte, error) {
				return append(dst, f.trim(s, " ")...), nil
			}))
			b.strict(name, types(tText, tText), tText, text2(tText, func(dst []byte, s, chars string) ([]byte, error) {
				return append(dst, f.trim(s, chars)...), nil
			}))
			b.strict(name, types(tBytea, tBytea), tBytea, text2(tBytea, func(dst []byte, s, bytes []byte) ([]byte, error) {
				return append(dst, trimBytes(s, bytes, name)...), nil
			}))
		}
	}
}

func trimBytes(s, set []byte, side string) []byte {
	in := func(c byte) bool { return strings.IndexByte(string(set), c) >= 0 }
	for side != "rtrim" && len(s) > 0 && in(s[0]) {
		s = s[1:]
	}
	for side != "ltrim" && len(s) > 0 && in(s[len(s)-1]) {
		s = s[:len(s)-1]
	}
	return s
}
