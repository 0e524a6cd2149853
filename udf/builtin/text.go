package builtin

import (
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"volley/sqlerr"
)

// registerText adds the functions of everyday use on text. Positions and
// lengths count characters.
func registerText(b *registrar) {
	one, two := types(tText), types(tText, tText)
	for _, name := range []string{"length", "char_length", "character_length"} {
		b.total(name, one, tInt4, pure1(tInt4, func(s string) int32 { return int32(utf8.RuneCountInString(s)) }))
	}
	for _, name := range []string{"octet_length", "strlen"} { // the second one as other engines call it
		b.total(name, one, tInt4, pure1(tInt4, func(s string) int32 { return int32(len(s)) }))
	}
	b.total("bit_length", one, tInt4, pure1(tInt4, func(s string) int32 { return int32(len(s)) * 8 }))
	b.total("lower", one, tText, text1(tText, mapped(toLower)))
	b.total("upper", one, tText, text1(tText, mapped(toUpper)))
	b.strict("initcap", one, tText, text1(tText, appendInitcap))
	b.strict("reverse", one, tText, text1(tText, appendReverse))
	b.strict("ascii", one, tInt4, pure1(tInt4, firstCode))
	b.strict("chr", types(tInt4), tText, text1(tText, appendChr))

	for _, name := range []string{"substring", "substr"} {
		b.strict(name, types(tText, tInt4), tText, text2(tText, func(dst []byte, s string, from int32) ([]byte, error) {
			return append(dst, slice(s, int64(from), maxLength)...), nil
		}))
		b.strict(name, types(tText, tInt4, tInt4), tText, text3(tText, appendSubstring))
	}
	b.strict("left", types(tText, tInt4), tText, text2(tText, appendLeft))
	b.strict("right", types(tText, tInt4), tText, text2(tText, appendRight))
	for _, name := range []string{"position", "strpos"} {
		b.strict(name, two, tInt4, pure2(tInt4, position))
	}
	b.total("starts_with", two, tBool, pure2(tBool, strings.HasPrefix))
	b.total("^@", two, tBool, pure2(tBool, strings.HasPrefix))
	b.total("contains", two, tBool, pure2(tBool, strings.Contains))
	b.total("ends_with", two, tBool, pure2(tBool, strings.HasSuffix))
	b.strict("replace", types(tText, tText, tText), tText, text3(tText, appendReplace))
	b.strict("translate", types(tText, tText, tText), tText, text3(tText, appendTranslate))
	b.strict("repeat", types(tText, tInt4), tText, text2(tText, appendRepeat))
	b.strict("split_part", types(tText, tText, tInt4), tText, text3(tText, appendPart))
	b.strict("overlay", types(tText, tText, tInt4), tText, text3(tText, func(dst []byte, s, by string, from int32) ([]byte, error) {
		return appendOverlay(dst, s, by, from, int32(utf8.RuneCountInString(by)))
	}))
	b.strict("overlay", types(tText, tText, tInt4, tInt4), tText, text4(tText, appendOverlay))
	registerPadding(b)
	registerTrim(b)
}

// maxLength is more than any text has characters, and than positions reach.
const maxLength = 1 << 40

// maxTextSize is the largest text that a function makes. PostgreSQL's limit is
// 1 GB; here a batch of values is one array of at most 2 GB, copied as it grows.
const maxTextSize = 1<<28 - 1

func errTextTooLong() error {
	return sqlerr.New(sqlerr.ProgramLimitExceeded, "requested length too large")
}

// caseMap maps characters, ASCII by a table.
type caseMap struct {
	ascii [utf8.RuneSelf]byte
	other func(rune) rune
}

var (
	toLower = newCaseMap(unicode.ToLower)
	toUpper = newCaseMap(unicode.ToUpper)
)

func newCaseMap(f func(rune) rune) *caseMap {
	m := &caseMap{other: f}
	for c := range m.ascii {
		m.ascii[c] = byte(f(rune(c)))
	}
	return m
}

func mapped(m *caseMap) func(dst, s []byte) ([]byte, error) {
	return func(dst, s []byte) ([]byte, error) { return m.append(dst, s), nil }
}

// append appends s with each character mapped.
func (m *caseMap) append(dst, s []byte) []byte {
	for {
		run := 0
		for run < len(s) && s[run] < utf8.RuneSelf {
			run++
		}
		start := len(dst)
		dst = append(dst, s[:run]...)
		for i, c := range dst[start:] {
			dst[start+i] = m.ascii[c&(utf8.RuneSelf-1)]
		}
		if run == len(s) {
			return dst
		}
		r, n := utf8.DecodeRune(s[run:])
		dst, s = utf8.AppendRune(dst, m.other(r)), s[run+n:]
	}
}

func appendInitcap(dst []byte, s string) ([]byte, error) {
	inWord := false
	for _, r := range s {
		if inWord {
			dst = utf8.AppendRune(dst, unicode.ToLower(r))
		} else {
			dst = utf8.AppendRune(dst, unicode.ToUpper(r))
		}
		inWord = unicode.IsLetter(r) || unicode.IsDigit(r)
	}
	return dst, nil
}

func appendReverse(dst []byte, s string) ([]byte, error) {
	for len(s) > 0 {
		_, n := utf8.DecodeLastRuneInString(s)
		dst = append(dst, s[len(s)-n:]...)
		s = s[:len(s)-n]
	}
	return dst, nil
}

func firstCode(s string) int32 {
	if s == "" {
		return 0
	}
	r, _ := utf8.DecodeRuneInString(s)
	return r
}

func appendChr(dst []byte, code int32) ([]byte, error) {
	switch {
	case code == 0:
		return dst, sqlerr.New(sqlerr.ProgramLimitExceeded, "null character not permitted")
	case code < 0:
		return dst, sqlerr.New(sqlerr.InvalidParameterValue, "character number must be positive")
	case code > unicode.MaxRune:
		return dst, sqlerr.New(sqlerr.ProgramLimitExceeded, "requested character too large for encoding: %d", code)
	case !utf8.ValidRune(code):
		return dst, sqlerr.New(sqlerr.ProgramLimitExceeded, "requested character not valid for encoding: %d", code)
	}
	return utf8.AppendRune(dst, code), nil
}

// offset is the byte where character n (from 0) begins, at most len(s).
func offset(s string, n int64) int {
	if n >= int64(len(s)) {
		if n == 0 || isASCII(s) {
			return len(s)
		}
	}
	i := 0
	for ; n > 0 && i < len(s); n-- {
		if s[i] < utf8.RuneSelf {
			i++
			continue
		}
		_, w := utf8.DecodeRuneInString(s[i:])
		i += w
	}
	return i
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// slice is length characters from position from (from 1), both as SQL has it:
// what lies before the string counts.
func slice(s string, from, length int64) string {
	end := from + length
	from = max(from, 1)
	if end <= from {
		return ""
	}
	s = s[offset(s, from-1):]
	return s[:offset(s, end-from)]
}

func appendSubstring(dst []byte, s string, from, length int32) ([]byte, error) {
	if length < 0 {
		return dst, sqlerr.New(sqlerr.SubstringError, "negative substring length not allowed")
	}
	return append(dst, slice(s, int64(from), int64(length))...), nil
}

func appendLeft(dst []byte, s string, n int32) ([]byte, error) {
	chars := int64(n)
	if n < 0 {
		chars += int64(utf8.RuneCountInString(s))
	}
	return append(dst, s[:offset(s, max(chars, 0))]...), nil
}

func appendRight(dst []byte, s string, n int32) ([]byte, error) {
	skip := -int64(n)
	if n == math.MinInt32 { // which PostgreSQL cannot negate
		skip = 0
	}
	if n >= 0 {
		skip = int64(utf8.RuneCountInString(s)) - int64(n)
	}
	return append(dst, s[offset(s, max(skip, 0)):]...), nil
}

func position(s, sub string) int32 {
	i := strings.Index(s, sub)
	if i < 0 {
		return 0
	}
	return int32(utf8.RuneCountInString(s[:i]) + 1)
}

func appendReplace(dst []byte, s, from, to string) ([]byte, error) {
	if from == "" {
		return append(dst, s...), nil
	}
	if longer := int64(len(to) - len(from)); longer > 0 && int64(len(s))*longer > maxTextSize &&
		int64(len(s))+int64(strings.Count(s, from))*longer > maxTextSize {
		return dst, errTextTooLong()
	}
	for {
		i := strings.Index(s, from)
		if i < 0 {
			return append(dst, s...), nil
		}
		dst = append(append(dst, s[:i]...), to...)
		s = s[i+len(from):]
	}
}

func appendTranslate(dst []byte, s, from, to string) ([]byte, error) {
	for _, r := range s {
		i := strings.IndexRune(from, r)
		if i < 0 {
			dst = utf8.AppendRune(dst, r)
			continue
		}
		rest := to[offset(to, int64(utf8.RuneCountInString(from[:i]))):]
		if rest != "" {
			t, _ := utf8.DecodeRuneInString(rest)
			dst = utf8.AppendRune(dst, t)
		}
	}
	return dst, nil
}

func appendRepeat(dst []byte, s string, n int32) ([]byte, error) {
	if int64(len(s))*int64(n) > maxTextSize {
		return dst, errTextTooLong()
	}
	return appendCopies(dst, s, int(max(n, 0))), nil
}

// appendCopies appends s n times, by doubling what there is.
func appendCopies(dst []byte, s string, n int) []byte {
	if n <= 0 || s == "" {
		return dst
	}
	begin, size := len(dst), len(s)*n
	dst = append(slices.Grow(dst, size), s...)
	for have := len(s); have < size; have = len(dst) - begin {
		dst = append(dst, dst[begin:begin+min(have, size-have)]...)
	}
	return dst
}

func appendPart(dst []byte, s, sep string, n int32) ([]byte, error) {
	switch {
	case n == 0:
		return dst, sqlerr.New(sqlerr.InvalidParameterValue, "field position must not be zero")
	case sep == "":
		if n == 1 || n == -1 {
			dst = append(dst, s...)
		}
		return dst, nil
	case n < 0:
		return appendPartFromEnd(dst, s, sep, n), nil
	}
	for ; n > 1; n-- {
		i := strings.Index(s, sep)
		if i < 0 {
			return dst, nil
		}
		s = s[i+len(sep):]
	}
	if i := strings.Index(s, sep); i >= 0 {
		s = s[:i]
	}
	return append(dst, s...), nil
}

func appendPartFromEnd(dst []byte, s, sep string, n int32) []byte {
	for ; n < -1; n++ {
		i := strings.LastIndex(s, sep)
		if i < 0 {
			return dst
		}
		s = s[:i]
	}
	if i := strings.LastIndex(s, sep); i >= 0 {
		s = s[i+len(sep):]
	}
	return append(dst, s...)
}

func appendOverlay(dst []byte, s, by string, from, length int32) ([]byte, error) {
	if from <= 0 {
		return dst, sqlerr.New(sqlerr.SubstringError, "negative substring length not allowed")
	}
	if int64(from)+int64(length) > 1<<31-1 {
		return dst, sqlerr.New(sqlerr.NumericOutOfRange, "integer out of range")
	}
	dst = append(dst, s[:offset(s, int64(from)-1)]...)
	dst = append(dst, by...)
	return append(dst, s[offset(s, max(0, int64(from)+int64(length)-1)):]...), nil
}
