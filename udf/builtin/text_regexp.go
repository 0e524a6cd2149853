package builtin

import (
	"strings"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqlerr"
	"volley/udf"
)

// registerRegexp adds ~ and its kin and the regexp_ functions.
func registerRegexp(b *registrar) {
	two, three := types(tText, tText), types(tText, tText, tText)
	b.strict("~", two, tBool, regexpMatches("", false))
	b.strict("~*", two, tBool, regexpMatches("i", false))
	b.strict("!~", two, tBool, regexpMatches("", true))
	b.strict("!~*", two, tBool, regexpMatches("i", true))
	b.strict("regexp_like", two, tBool, regexpMatches("", false))
	b.strict("regexp_like", three, tBool, regexpMatches("", false))

	count := types(tText, tText, tInt4, tText)
	for n := 2; n <= 4; n++ {
		b.strict("regexp_count", count[:n], tInt4, regexpCount)
	}
	instr := types(tText, tText, tInt4, tInt4, tInt4, tText, tInt4)
	for n := 2; n <= 7; n++ {
		b.strict("regexp_instr", instr[:n], tInt4, regexpInstr)
	}
	substr := types(tText, tText, tInt4, tInt4, tText, tInt4)
	for n := 2; n <= 6; n++ {
		b.strict("regexp_substr", substr[:n], tText, regexpSubstr)
	}
	b.strict("substring", two, tText, substringRegexp)
	registerRegexpReplace(b)
	registerSimilar(b)
}

// maxMatches bounds the matches in one text, whose places are all in memory at
// once.
const maxMatches = 1 << 22

func errTooManyMatches() error {
	return sqlerr.New(sqlerr.ProgramLimitExceeded, "a regular expression matches more than %d times in one value", maxMatches-1)
}

func regexpMatches(flags string, not bool) batchFunc {
	return func(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
		cache := regexps{ctx: ctx}
		match := func(s, p, flags string) (bool, error) {
			re, err := cache.use(p, flags)
			if err != nil {
				return false, err
			}
			found, err := re.match(s)
			return found != not, err
		}
		if len(args) == 3 {
			return map3(tBool, func(s, p, f string) (bool, error) {
				if err := refuseGlobal(f, "regexp_like()", ""); err != nil {
					return false, err
				}
				return match(s, p, f)
			})(ctx, args, n)
		}
		return map2(tBool, func(s, p string) (bool, error) { return match(s, p, flags) })(ctx, args, n)
	}
}

func refuseGlobal(flags, function, hint string) error {
	if !strings.Contains(flags, "g") {
		return nil
	}
	err := sqlerr.New(sqlerr.InvalidParameterValue, "%s does not support the \"global\" option", function)
	if hint != "" {
		err = err.WithHint("%s", hint)
	}
	return err
}

// regexpCall reads the arguments that regexp_count, regexp_instr and
// regexp_substr share.
type regexpCall struct {
	function    string
	cache       regexps
	text, regex func(i int) string
	numbers     map[string]udf.Arg // start, N, endoption, subexpr
	flags       *udf.Arg
}

func newRegexpCall(ctx *udf.Context, function string, args []udf.Arg, names ...string) *regexpCall {
	s, p := load[string](args[0]), load[string](args[1])
	c := &regexpCall{function: function, cache: regexps{ctx: ctx}, text: s.At, regex: p.At, numbers: map[string]udf.Arg{}}
	for i, a := range args[2:] {
		if names[i] == "flags" {
			c.flags = &a
		} else {
			c.numbers[names[i]] = a
		}
	}
	return c
}

// number is a parameter of row i; least is its smallest value, and stands where
// it is not given.
func (c *regexpCall) number(name string, i int, least, most, missing int32) (int, error) {
	a, ok := c.numbers[name]
	if !ok {
		return int(missing), nil
	}
	v := values[int32](a.Array)[rowOf(a, i)]
	if v < least || v > most {
		return 0, sqlerr.New(sqlerr.InvalidParameterValue, "invalid value for parameter \"%s\": %d", name, v)
	}
	return int(v), nil
}

const maxInt4 = 1<<31 - 1

// begin compiles the pattern of row i and finds where the search starts; beyond
// is true when that is behind the text.
func (c *regexpCall) begin(i int) (re *pattern, s string, from int, beyond bool, err error) {
	start, err := c.number("start", i, 1, maxInt4, 1)
	if err != nil {
		return nil, "", 0, false, err
	}
	flags := ""
	if c.flags != nil {
		flags = textAt(*c.flags, i)
	}
	if err := refuseGlobal(flags, c.function, ""); err != nil {
		return nil, "", 0, false, err
	}
	s = c.text(i)
	re, err = c.cache.use(c.regex(i), flags)
	from = offset(s, int64(start)-1)
	return re, s, from, int64(start)-1 > int64(characters(s, len(s))), err
}

func regexpCount(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
	c := newRegexpCall(ctx, "regexp_count()", args, "start", "flags")
	v, out := valid(args, n), make([]int32, n)
	for i := range out {
		if !v.Valid(i) {
			continue
		}
		re, s, from, beyond, err := c.begin(i)
		var all [][]int
		if err == nil && !beyond {
			all, err = re.findAll(s, from, maxMatches)
		}
		if err == nil && len(all) == maxMatches {
			err = errTooManyMatches()
		}
		if err != nil {
			return nil, &udf.RowError{Row: i, Err: err}
		}
		out[i] = int32(len(all))
	}
	return store(tInt4, out, v)
}

// nth is the match asked for by N and subexpr, or nil.
func (c *regexpCall) nth(i int) (s string, at []int, err error) {
	nth, err := c.number("n", i, 1, maxInt4, 1)
	if err != nil {
		return "", nil, err
	}
	group, err := c.number("subexpr", i, 0, maxInt4, 0)
	if err != nil {
		return "", nil, err
	}
	re, s, from, beyond, err := c.begin(i)
	if err != nil || beyond || group > re.groups || nth > len(s)+1 {
		return s, nil, err
	}
	all, err := re.findAll(s, from, min(nth, maxMatches))
	if err != nil || len(all) < nth || all[nth-1][2*group] < 0 {
		return s, nil, err
	}
	return s, all[nth-1][2*group : 2*group+2], nil
}

func regexpInstr(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
	c := newRegexpCall(ctx, "regexp_instr()", args, "start", "n", "endoption", "flags", "subexpr")
	v, out := valid(args, n), make([]int32, n)
	for i := range out {
		if !v.Valid(i) {
			continue
		}
		end, err := c.number("endoption", i, 0, 1, 0)
		var s string
		var at []int
		if err == nil {
			s, at, err = c.nth(i)
		}
		if err != nil {
			return nil, &udf.RowError{Row: i, Err: err}
		}
		if at != nil {
			out[i] = characters(s, at[end]) + 1
		}
	}
	return store(tInt4, out, v)
}

func regexpSubstr(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
	c := newRegexpCall(ctx, "regexp_substr()", args, "start", "n", "flags", "subexpr")
	return writeNullable(ctx, tText, valid(args, n), n, func(dst []byte, i int) ([]byte, bool, error) {
		s, at, err := c.nth(i)
		if err != nil || at == nil {
			return dst, false, err
		}
		return append(dst, s[at[0]:at[1]]...), true, nil
	})
}

// substringRegexp is the part that matches, or that of the first group if there
// is one; NULL when nothing matches.
func substringRegexp(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
	cache := regexps{ctx: ctx}
	s, p := load[string](args[0]), load[string](args[1])
	return writeNullable(ctx, tText, valid(args, n), n, func(dst []byte, i int) ([]byte, bool, error) {
		re, err := cache.use(p.At(i), "")
		if err != nil {
			return dst, false, err
		}
		at, err := re.find(s.At(i), 0)
		if len(at) > 2 {
			at = at[2:]
		}
		if err != nil || at == nil || at[0] < 0 {
			return dst, false, err
		}
		return append(dst, s.At(i)[at[0]:at[1]]...), true, nil
	})
}
