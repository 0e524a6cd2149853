package builtin

import (
	"strings"
	"unicode/utf8"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/grafana/regexp"

	"volley/sqlerr"
	"volley/udf"
	"volley/udf/vector"
)

// registerRegexp adds ~ and its kin, SIMILAR TO and the regexp_ functions.
func registerRegexp(b *registrar) {
	two := types(tText, tText)
	b.strict("~", two, tBool, regexpMatches("", false))
	b.strict("~*", two, tBool, regexpMatches("i", false))
	b.strict("!~", two, tBool, regexpMatches("", true))
	b.strict("!~*", two, tBool, regexpMatches("i", true))
	b.strict("regexp_like", two, tBool, regexpMatches("", false))
	b.strict("regexp_like", types(tText, tText, tText), tBool, regexpMatches("", false))
	b.strict("similar", two, tBool, similar)
	b.strict("similar", types(tText, tText, tText), tBool, similar)
	b.strict("regexp_replace", types(tText, tText, tText), tText, regexpReplace)
	b.strict("regexp_replace", types(tText, tText, tText, tText), tText, regexpReplace)
	b.scalar(udf.Scalar{Name: "regexp_substr", Params: two, Returns: tText, Batch: regexpSubstr})
	b.scalar(udf.Scalar{Name: "substring", Params: two, Returns: tText, Batch: regexpSubstr})
	b.strict("regexp_count", two, tInt4, regexpCount)
	b.strict("regexp_instr", two, tInt4, regexpInstr)
}

// maxMatches bounds the matches in one text, whose places are all in memory at
// once.
const maxMatches = 1 << 22

func errTooManyMatches() error {
	return sqlerr.New(sqlerr.ProgramLimitExceeded, "a regular expression matches more than %d times in one value", maxMatches-1)
}

func regexpMatches(flags string, not bool) batchFunc {
	return func(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
		var cache regexps
		match := func(s, p, flags string) (bool, error) {
			re, err := cache.use(p, flags)
			return err == nil && re.MatchString(s) != not, err
		}
		if len(args) == 3 {
			return map3(tBool, func(s, p, f string) (bool, error) {
				if err := refuseGlobal(f, "regexp_like()"); err != nil {
					return false, err
				}
				return match(s, p, f)
			})(ctx, args, n)
		}
		return map2(tBool, func(s, p string) (bool, error) { return match(s, p, flags) })(ctx, args, n)
	}
}

func refuseGlobal(flags, function string) error {
	if strings.Contains(flags, "g") {
		return sqlerr.New(sqlerr.InvalidParameterValue, "%s does not support the \"global\" option", function)
	}
	return nil
}

func regexpCount(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
	var cache regexps
	return map2(tInt4, func(s, p string) (int32, error) {
		re, err := cache.use(p, "")
		if err != nil {
			return 0, err
		}
		found := len(re.FindAllStringIndex(s, maxMatches))
		if found == maxMatches {
			return 0, errTooManyMatches()
		}
		return int32(found), nil
	})(ctx, args, n)
}

func regexpInstr(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
	var cache regexps
	return map2(tInt4, func(s, p string) (int32, error) {
		re, err := cache.use(p, "")
		if err != nil {
			return 0, err
		}
		at := re.FindStringIndex(s)
		if at == nil {
			return 0, nil
		}
		return int32(utf8.RuneCountInString(s[:at[0]]) + 1), nil
	})(ctx, args, n)
}

// regexpSubstr is the part that matches, or that of the first group if there is
// one; NULL when nothing matches.
func regexpSubstr(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
	var cache regexps
	s, p := load[string](args[0]), load[string](args[1])
	v := valid(args, n)
	missing := v.Clone()
	out, err := writeText(ctx, tText, v, n, func(dst []byte, i int) ([]byte, error) {
		re, err := cache.use(p.At(i), "")
		if err != nil {
			return dst, err
		}
		at := re.FindStringSubmatchIndex(s.At(i))
		if len(at) > 2 {
			at = at[2:]
		}
		if at == nil || at[0] < 0 {
			missing.SetNull(i, n)
			return dst, nil
		}
		return append(dst, s.At(i)[at[0]:at[1]]...), nil
	})
	if err != nil || missing.Nulls == v.Nulls {
		return out, err
	}
	return vector.WithValidity(out, missing), nil
}

func regexpReplace(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
	var cache regexps
	if len(args) == 4 {
		return text4(tText, func(dst []byte, s, p, by, flags string) ([]byte, error) {
			re, err := cache.use(p, flags)
			if err != nil {
				return dst, err
			}
			return appendReplaced(dst, re, s, by, strings.Contains(flags, "g"))
		})(ctx, args, n)
	}
	return text3(tText, func(dst []byte, s, p, by string) ([]byte, error) {
		re, err := cache.use(p, "")
		if err != nil {
			return dst, err
		}
		return appendReplaced(dst, re, s, by, false)
	})(ctx, args, n)
}

// appendReplaced appends s with the first match, or all of them, replaced; \1 to
// \9 and \& in by stand for groups and the whole match.
func appendReplaced(dst []byte, re *regexp.Regexp, s, by string, all bool) ([]byte, error) {
	begin, limit := len(dst), 1
	if all {
		limit = maxMatches
	}
	end := 0
	matches := re.FindAllStringSubmatchIndex(s, limit)
	if len(matches) == maxMatches {
		return dst, errTooManyMatches()
	}
	for _, at := range matches {
		dst = append(dst, s[end:at[0]]...)
		if dst = appendReplacement(dst, s, by, at); len(dst)-begin > maxTextSize {
			return dst, errTextTooLong()
		}
		end = at[1]
	}
	return append(dst, s[end:]...), nil
}

func appendReplacement(dst []byte, s, by string, at []int) []byte {
	for i := 0; i < len(by); i++ {
		if by[i] != '\\' || i+1 == len(by) {
			dst = append(dst, by[i])
			continue
		}
		i++
		switch c := by[i]; {
		case c == '&':
			dst = append(dst, s[at[0]:at[1]]...)
		case c >= '1' && c <= '9':
			if g := 2 * int(c-'0'); g < len(at) && at[g] >= 0 {
				dst = append(dst, s[at[g]:at[g+1]]...)
			}
		case c == '\\':
			dst = append(dst, '\\')
		default:
			dst = append(dst, '\\', c)
		}
	}
	return dst
}

func similar(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
	var cache regexps
	match := func(s, p, escape string) (bool, error) {
		pattern, err := similarToRegexp(p, escape)
		if err != nil {
			return false, err
		}
		re, err := cache.use(pattern, "")
		return err == nil && re.MatchString(s), err
	}
	if len(args) == 3 {
		return map3(tBool, match)(ctx, args, n)
	}
	return map2(tBool, func(s, p string) (bool, error) { return match(s, p, `\`) })(ctx, args, n)
}

// similarToRegexp is the regular expression of a SIMILAR TO pattern.
func similarToRegexp(p, escape string) (string, error) {
	if utf8.RuneCountInString(escape) > 1 {
		return "", sqlerr.New(sqlerr.InvalidEscapeSequence, "invalid escape string").
			WithHint("Escape string must be empty or one character.")
	}
	var b strings.Builder
	b.WriteString("^(?:")
	bracket, escaped := false, false
	for _, r := range p {
		switch {
		case escaped:
			b.WriteString(regexp.QuoteMeta(string(r)))
			escaped = false
		case string(r) == escape:
			escaped = true
		case bracket:
			bracket = r != ']'
			if r == '\\' {
				b.WriteByte('\\')
			}
			b.WriteRune(r)
		case r == '[':
			bracket = true
			b.WriteRune(r)
		case r == '%':
			b.WriteString(".*")
		case r == '_':
			b.WriteByte('.')
		case r == '(':
			b.WriteString("(?:")
		case r == '.' || r == '^' || r == '$' || r == '\\':
			b.WriteString(`\` + string(r))
		default:
			b.WriteRune(r)
		}
	}
	if escaped {
		return "", sqlerr.New(sqlerr.InvalidEscapeSequence, "invalid escape sequence")
	}
	b.WriteString(")$")
	return b.String(), nil
}
