package builtin

import (
	"strings"

	"github.com/grafana/regexp"

	"volley/sqlerr"
)

// regexps compiles PostgreSQL's advanced regular expressions; using the last
// one again is free.
type regexps struct {
	pattern, flags string
	re             *regexp.Regexp
}

// use compiles a pattern with PostgreSQL's flags (i, c, n, m, s, p, w, x, q, t);
// g is the caller's.
func (r *regexps) use(pattern, flags string) (*regexp.Regexp, error) {
	if r.re != nil && r.pattern == pattern && r.flags == flags {
		return r.re, nil
	}
	goFlags, literal, err := regexpFlags(flags)
	if err != nil {
		return nil, err
	}
	var text string
	if literal {
		text = regexp.QuoteMeta(pattern)
	} else if text, err = translateRegexp(pattern); err != nil {
		return nil, err
	}
	re, err := regexp.Compile("(?" + goFlags + ")" + text)
	if err != nil {
		return nil, sqlerr.New(sqlerr.InvalidRegexp, "invalid regular expression: %s", regexpFault(err))
	}
	// POSIX takes the longest match, but where a quantifier is non-greedy.
	if !lazyQuantifier(pattern) {
		re.Longest()
	}
	r.pattern, r.flags, r.re = pattern, flags, re
	return re, nil
}

func regexpFlags(flags string) (goFlags string, literal bool, err error) {
	fold, multi, dot := false, false, true
	for _, f := range flags {
		switch f {
		case 'i':
			fold = true
		case 'c':
			fold = false
		case 'n', 'm':
			multi, dot = true, false
		case 's':
			multi, dot = false, true
		case 'p':
			multi, dot = false, false
		case 'w':
			multi, dot = true, true
		case 'q':
			literal = true
		case 'e', 't', 'g':
		default:
			return "", false, sqlerr.New(sqlerr.InvalidParameterValue, "invalid regular expression option: \"%c\"", f)
		}
	}
	goFlags = "-U" // changes nothing: a group of flags must not be empty
	if dot {
		goFlags = "s" + goFlags
	}
	if multi {
		goFlags = "m" + goFlags
	}
	if fold {
		goFlags = "i" + goFlags
	}
	return goFlags, literal, nil
}

// translateRegexp writes PostgreSQL's escapes as Go's. What Go's engine cannot
// do in linear time (back references, lookaround) is refused.
func translateRegexp(p string) (string, error) {
	if rest, ok := strings.CutPrefix(p, "***:"); ok {
		p = rest
	} else if rest, ok := strings.CutPrefix(p, "***="); ok {
		return regexp.QuoteMeta(rest), nil
	}
	if strings.Contains(p, "(?=") || strings.Contains(p, "(?!") || strings.Contains(p, "(?<") {
		return "", sqlerr.New(sqlerr.FeatureNotSupported, "lookaround in regular expressions is not supported")
	}
	if !strings.Contains(p, `\`) && !strings.Contains(p, "[[:") {
		return p, nil
	}
	p = strings.NewReplacer("[[:<:]]", `\b`, "[[:>:]]", `\b`).Replace(p)
	var b strings.Builder
	for i := 0; i < len(p); i++ {
		if p[i] != '\\' || i+1 == len(p) {
			b.WriteByte(p[i])
			continue
		}
		i++
		switch c := p[i]; {
		case c == 'y' || c == 'm' || c == 'M':
			b.WriteString(`\b`)
		case c == 'Y':
			b.WriteString(`\B`)
		case c == 'Z':
			b.WriteString(`\z`)
		case c == 'e':
			b.WriteString(`\x1b`)
		case c == 'u' && i+4 < len(p):
			b.WriteString(`\x{` + p[i+1:i+5] + "}")
			i += 4
		case c >= '1' && c <= '9':
			return "", sqlerr.New(sqlerr.FeatureNotSupported, "back references in regular expressions are not supported")
		default:
			b.WriteByte('\\')
			b.WriteByte(c)
		}
	}
	return b.String(), nil
}

func lazyQuantifier(p string) bool {
	for _, q := range []string{"*?", "+?", "??", "}?"} {
		if strings.Contains(p, q) {
			return true
		}
	}
	return false
}

// regexpFault is PostgreSQL's words for what Go found wrong.
func regexpFault(err error) string {
	text := err.Error()
	for _, f := range [][2]string{
		{"missing closing ]", "brackets [] not balanced"},
		{"missing closing )", "parentheses () not balanced"},
		{"unexpected )", "parentheses () not balanced"},
		{"missing argument to repetition", "quantifier operand invalid"},
		{"invalid repeat count", "invalid repetition count(s)"},
		{"invalid nested repetition", "quantifier operand invalid"},
		{"invalid character class range", "invalid character range"},
		{"trailing backslash", `invalid escape \ sequence`},
		{"invalid escape", `invalid escape \ sequence`},
	} {
		if strings.Contains(text, f[0]) {
			return f[1]
		}
	}
	return strings.TrimPrefix(text, "error parsing regexp: ")
}
