package builtin

import (
	"strings"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqlerr"
	"volley/udf"
)

func registerRegexpReplace(b *registrar) {
	for _, params := range [][]arrow.DataType{
		types(tText, tText, tText),
		types(tText, tText, tText, tText),
		types(tText, tText, tText, tInt4),
		types(tText, tText, tText, tInt4, tInt4),
		types(tText, tText, tText, tInt4, tInt4, tText),
	} {
		b.strict("regexp_replace", params, tText, regexpReplace)
	}
}

// regexpReplace takes (text, pattern, replacement), then flags, or start, N and
// flags.
func regexpReplace(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
	cache := regexps{ctx: ctx}
	s, p, by := load[string](args[0]), load[string](args[1]), load[string](args[2])
	return writeText(ctx, tText, valid(args, n), n, func(dst []byte, i int) ([]byte, error) {
		flags, start, nth, err := replaceOptions(args[3:], i)
		if err != nil {
			return dst, err
		}
		re, err := cache.use(p.At(i), flags)
		if err != nil {
			return dst, err
		}
		if int64(start)-1 > int64(characters(s.At(i), len(s.At(i)))) {
			return append(dst, s.At(i)...), nil
		}
		return appendReplaced(dst, re, s.At(i), by.At(i), offset(s.At(i), int64(start)-1), nth)
	})
}

// replaceOptions reads the optional arguments; nth 0 replaces all matches.
func replaceOptions(args []udf.Arg, i int) (flags string, start, nth int32, err error) {
	start, nth = 1, 1
	if len(args) == 1 && args[0].Array.DataType().ID() == arrow.STRING {
		flags = textAt(args[0], i)
		if flags != "" && flags[0] >= '0' && flags[0] <= '9' {
			return "", 0, 0, sqlerr.New(sqlerr.InvalidParameterValue, "invalid regular expression option: \"%c\"", flags[0]).
				WithHint("If you meant to use regexp_replace() with a start parameter, cast the fourth argument to integer explicitly.")
		}
		if strings.Contains(flags, "g") {
			nth = 0
		}
		return flags, start, nth, nil
	}
	for j, name := range []string{"start", "n"}[:min(len(args), 2)] {
		v, least := values[int32](args[j].Array)[rowOf(args[j], i)], int32(1-j)
		if v < least {
			return "", 0, 0, sqlerr.New(sqlerr.InvalidParameterValue, "invalid value for parameter \"%s\": %d", name, v)
		}
		if j == 0 {
			start = v
		} else {
			nth = v
		}
	}
	if len(args) == 3 {
		flags = textAt(args[2], i)
	}
	if len(args) < 2 && strings.Contains(flags, "g") {
		nth = 0
	}
	return flags, start, nth, nil
}

// appendReplaced appends s with the nth match from byte from replaced, or all of
// them; \1 to \9 and \& in by stand for groups and the whole match.
func appendReplaced(dst []byte, re *pattern, s, by string, from int, nth int32) ([]byte, error) {
	begin, limit := len(dst), int(nth)
	if nth == 0 || limit > maxMatches {
		limit = maxMatches
	}
	matches, err := re.findAll(s, from, limit)
	if err != nil {
		return dst, err
	}
	if len(matches) == maxMatches {
		return dst, errTooManyMatches()
	}
	if nth > 0 {
		if len(matches) < int(nth) {
			return append(dst, s...), nil
		}
		matches = matches[nth-1:]
	}
	end := 0
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
