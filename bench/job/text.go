package job

import (
	"fmt"
	"strings"
)

// list is the texts of a column by rank: those that queries name, the most often
// named first, at ranks 0, 1, 3, 6, 10 and so on, and between them others.
func (g *generator) list(key, other string, n int) []string {
	if l, ok := g.lists[key]; ok {
		return l
	}
	l := make([]string, n)
	for i, w := range byFrequency(g.words.values[key]) {
		if at := i * (i + 1) / 2; at < n {
			l[at] = w
			continue
		}
		for at := n - 1; at >= 0; at-- { // there is hardly room
			if l[at] == "" {
				l[at] = w
				break
			}
		}
	}
	for i := range l {
		if l[i] == "" {
			l[i] = fmt.Sprintf("%s-%d", other, i)
		}
	}
	g.lists[key] = l
	return l
}

// patternsOf are a column's patterns, by how often they are named.
func (g *generator) patternsOf(key string) []string {
	l, ok := g.lists["LIKE "+key]
	if !ok {
		l = byFrequency(g.words.patterns[key])
		g.lists["LIKE "+key] = l
	}
	return l
}

// matching is a text that one of a column's patterns matches, with a probability that
// is less for longer patterns, or else s.
func (g *generator) matching(key string, p float64, s string) string {
	patterns := g.patternsOf(key)
	if len(patterns) == 0 || !g.chance(p) {
		return s
	}
	pattern := patterns[g.draw.IntN(len(patterns))]
	literal := len(strings.ReplaceAll(pattern, "%", ""))
	if !g.chance(6 / float64(6+literal*literal)) {
		return s
	}
	parts := strings.Split(pattern, "%")
	for i := 1; i < len(parts); i++ {
		parts[i] = g.between(i == 1 && parts[0] == "", i == len(parts)-1) + parts[i]
	}
	return strings.ReplaceAll(strings.Join(parts, ""), "_", "o")
}

// between is what stands for a % of a pattern.
func (g *generator) between(first, last bool) string {
	switch {
	case g.chance(0.3):
		return ""
	case first:
		return g.word() + " "
	case last:
		return " " + g.word()
	}
	return " " + g.word() + " "
}

var syllables = strings.Fields("an be ti ma yo ro la chi ne so ka der li mo ver san tho pe gar lin du ber ca fo ni ra vel wo zu xi qui ha jo")

// word is a made-up one with a capital letter; some are far more frequent than others.
func (g *generator) word() string {
	var b strings.Builder
	for i := range 2 + g.draw.IntN(2) {
		s := syllables[g.skewed(len(syllables), 1.7)]
		if i == 0 {
			s = strings.ToUpper(s[:1]) + s[1:]
		}
		b.WriteString(s)
	}
	return b.String()
}

// phrase is up to n words.
func (g *generator) phrase(n int) string {
	words := make([]string, 1+g.draw.IntN(n))
	for i := range words {
		words[i] = g.word()
	}
	return strings.Join(words, " ")
}

// code is a phonetic code: a letter and three digits.
func (g *generator) code(of string) string {
	return fmt.Sprintf("%c%d", strings.ToUpper(of)[0], 10+g.skewed(600, 1.5))
}

// country is a country's name as the column has it.
func (g *generator) country(rank int) string {
	return g.list("movie_info.info of "+g.countryType(), "Country", 4*countries)[rank]
}

// countryType is the type of information that is a country: that whose values begin
// the texts that some other type has (NAME:…).
func (g *generator) countryType() string {
	best, most := "", 0
	for _, of := range g.list("info_type.info in movie_info", "", 20) {
		n := 0
		for _, p := range g.patternsOf("movie_info.info") {
			if name, _, ok := strings.Cut(p, ":"); ok {
				n += g.words.values["movie_info.info of "+of][name]
			}
		}
		if n > most {
			best, most = of, n
		}
	}
	return best
}
