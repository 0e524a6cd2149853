package planner

import (
	"math"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/catalog/statistics"
	"volley/planner/expr"
	"volley/planner/logical"
)

// match guesses about x LIKE pattern: by trying the pattern on the common values
// and on the histogram's bounds, which are a sample of the others; a histogram
// that is too short counts with what the pattern itself suggests (PostgreSQL's
// patternsel).
func (e *estimator) match(p *expr.Call, n logical.Node) float64 {
	lit, ok := p.Args[1].(*expr.Literal)
	if !ok || lit.Value.IsNull(0) {
		return defaultMatch
	}
	text, ok := lit.Value.(*array.String)
	if !ok {
		return defaultMatch
	}
	pattern := text.Value(0)
	if p.Func == "starts_with" || p.Func == "^@" {
		pattern = strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(pattern) + "%"
	}
	fold := strings.HasSuffix(p.Func, "ilike") || p.Func == "~~*"
	if fold {
		pattern = strings.ToLower(pattern)
	}
	g := e.guessOf(p.Args[0], n)
	prefix, rest := likePrefix(pattern)
	if rest == "" && !fold {
		return e.equalPoint(g, statistics.TextPoint(prefix), e.defaultEqual(g, n))
	}
	of := func(values arrow.Array, share func(i int) float64) (matched, all float64) {
		s, ok := values.(*array.String)
		if !ok {
			return 0, 0
		}
		for i := range s.Len() {
			v := s.Value(i)
			if fold {
				v = strings.ToLower(v)
			}
			all += share(i)
			if like(v, pattern) {
				matched += share(i)
			}
		}
		return matched, all
	}
	guess := e.prefixShare(g, prefix, fold) * restShare(rest)
	if g.stats == nil {
		return (1 - g.nulls) * guess
	}
	matched, common := of(g.stats.Common, func(i int) float64 { return g.stats.CommonShares[i] })
	hits, bounds := of(g.stats.Bounds, func(int) float64 { return 1 })
	others := max(1-g.nulls-common, 0)
	if bounds >= minHistogram {
		weight := min(bounds/100, 1)
		share := weight*hits/bounds + (1-weight)*guess
		guess = min(max(share, 0.0001), 0.9999)
	}
	return min(matched+others*guess, 1-g.nulls)
}

// likePrefix is the text that a pattern begins with, and what follows it.
func likePrefix(pattern string) (prefix, rest string) {
	var b strings.Builder
	for i := 0; i < len(pattern); i++ {
		switch pattern[i] {
		case '%', '_':
			return b.String(), pattern[i:]
		case '\\':
			if i++; i == len(pattern) {
				return b.String(), ""
			}
		}
		b.WriteByte(pattern[i])
	}
	return b.String(), ""
}

// prefixShare is the share of values that begin with a text: those between it and
// the next one.
func (e *estimator) prefixShare(g columnGuess, prefix string, fold bool) float64 {
	if prefix == "" {
		return 1
	}
	if fold || g.stats == nil || g.stats.Bounds == nil && g.stats.Min == nil {
		return math.Max(math.Pow(likeTail, float64(len(prefix))), defaultEqual)
	}
	low := e.inRange(g, ">=", statistics.TextPoint(prefix))
	next := []byte(prefix)
	for len(next) > 0 && next[len(next)-1] == 0xff {
		next = next[:len(next)-1]
	}
	if len(next) == 0 {
		return low
	}
	next[len(next)-1]++
	high := e.inRange(g, "<", statistics.TextPoint(string(next)))
	return min(max(low+high-1+g.nulls, defaultEqual/10), 1)
}

// restShare is what the rest of a pattern leaves: less with every character, more
// with every %.
func restShare(rest string) float64 {
	s := 1.0
	for i := 0; i < len(rest); i++ {
		switch rest[i] {
		case '%':
			if i > 0 && i < len(rest)-1 {
				s *= likeAny
			}
		case '_':
			s *= 0.9
		case '\\':
			i++
			s *= likeTail
		default:
			s *= likeTail
		}
	}
	return min(max(s, defaultMatch/4), 1)
}

// like tells whether s matches a LIKE pattern, byte by byte: backtracking to the
// last % is enough.
func like(s, pattern string) bool {
	i, j, star, from := 0, 0, -1, 0
	for i < len(s) {
		switch {
		case j < len(pattern) && pattern[j] == '%':
			star, from = j, i
			j++
		case j+1 < len(pattern) && pattern[j] == '\\' && pattern[j+1] == s[i]:
			i, j = i+1, j+2
		case j < len(pattern) && pattern[j] != '\\' && (pattern[j] == '_' || pattern[j] == s[i]):
			i, j = i+1, j+1
		case star >= 0:
			from++
			i, j = from, star+1
		default:
			return false
		}
	}
	for j < len(pattern) && pattern[j] == '%' {
		j++
	}
	return j == len(pattern)
}
