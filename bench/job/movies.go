package job

import (
	"fmt"
	"strings"
)

func (g *generator) title(row int, out *record) {
	m := g.movies[row]
	out.number(row + 1)
	out.text(g.someTitle(row))
	out.null()
	g.kindAndYear(m, out)
	out.null()
	out.text(g.code("t"))
	g.episode(m, out)
}

// someTitle is one that queries name, that a pattern matches, or any.
func (g *generator) someTitle(row int) string {
	if named := byFrequency(g.words.values["title.title"]); row%211 == 0 && row/211 < len(named) {
		return named[row/211]
	}
	return g.matching("title.title", 0.35, g.phrase(4))
}

func (g *generator) kindAndYear(m movie, out *record) {
	out.number(m.kind + 1)
	if g.chance(0.03) {
		out.null()
	} else {
		out.number(m.year)
	}
}

// episode has numbers for one of the kinds only.
func (g *generator) episode(m movie, out *record) {
	if m.kind != 1 {
		out.nulls(3)
		return
	}
	out.number(1 + g.someMovieRow())
	out.number(1 + g.skewed(30, 2.5))
	out.number(1 + g.skewed(900, 4))
}

func (g *generator) akaTitle(row int, out *record) {
	out.number(row + 1)
	at := g.someMovieRow()
	out.number(at + 1)
	out.text(g.someTitle(1))
	out.null()
	g.kindAndYear(g.movies[at], out)
	out.null()
	g.episode(g.movies[at], out)
}

func (g *generator) completeCast(row int, out *record) {
	out.number(row + 1)
	out.number(g.someMovieRow() + 1)
	kinds := g.rows("comp_cast_type")
	out.number(1 + g.skewed(kinds, 1.5))
	out.number(1 + g.skewed(kinds, 1.2))
}

// movieCompanies are mostly of the movie's country; notes say when and where.
func (g *generator) movieCompanies(row int, out *record) {
	out.number(row + 1)
	at := g.someMovieRow()
	m := g.movies[at]
	out.number(at + 1)
	company := g.skewed(len(g.companies), 2)
	if local := g.at[m.country]; len(local) > 0 && g.chance(0.7) {
		company = local[g.skewed(len(local), 2)]
	}
	out.number(company + 1)
	kind := g.oneOf(0.5, 0.46, 0.03)
	out.number(kind + 1)
	if kind == 0 && g.chance(0.7) || g.chance(0.2) {
		out.null()
		return
	}
	note := fmt.Sprintf("(%d)", m.year+g.skewed(12, 3))
	if parts := g.noteParts(); len(parts) > 0 {
		for range g.oneOf(0.2, 0.5) {
			note += " " + parts[g.skewed(len(parts), 1.5)]
		}
	}
	out.text(note)
}

// noteParts are what patterns look for in notes, in brackets, but for years.
func (g *generator) noteParts() []string {
	const key = "movie_companies.note"
	l, ok := g.lists["parts "+key]
	if !ok {
		for _, p := range g.patternsOf(key) {
			part := strings.Trim(p, "%")
			if strings.HasPrefix(part, "(") && !strings.Contains(part, "%") && !strings.ContainsAny(part[1:2], "0123456789") {
				l = append(l, part, "(all media)")
			}
		}
		g.lists["parts "+key] = l
	}
	return l
}

// movieInfo is of a type, and depends on the movie's country, genre or year.
func (g *generator) movieInfo(row int, out *record) {
	out.number(row + 1)
	at := g.someMovieRow()
	m := g.movies[at]
	out.number(at + 1)
	types := g.typesIn("movie_info", 40)
	of := types[g.skewed(len(types), 1.8)]
	out.number(g.typeID(of))
	key, note := "movie_info.info of "+of, ""
	switch rank := m.genre; {
	case len(g.patternsOf(key)) > 0: // NAME:date
		if rank = m.country; g.chance(0.5) {
			rank = g.skewed(countries, 2)
		}
		out.text(fmt.Sprintf("%s:%d %s %d", g.country(rank), 1+g.draw.IntN(28), months[g.draw.IntN(12)], m.year+g.skewed(3, 3)))
		if m.year > 1995 {
			note = g.matching("movie_info.note", 0.5, "")
		}
	case of == g.countryType():
		if g.chance(0.2) {
			rank = g.skewed(countries, 2)
		} else {
			rank = m.country
		}
		out.text(g.country(rank))
	case len(g.words.values[key]) > 0:
		if g.chance(0.4) {
			rank = g.skewed(30, 2)
		}
		out.text(g.list(key, "Genre", 30)[rank])
	default:
		out.text(g.phrase(6))
	}
	if note == "" && g.chance(0.1) {
		note = "(" + g.word() + ")"
	}
	out.text(note)
}

var months = strings.Fields("January February March April May June July August September October November December")

// movieInfoIdx has two rows, a rating and a count, of the movies that are known best,
// and places for the first of them.
func (g *generator) movieInfoIdx(row int, out *record) {
	out.number(row + 1)
	var ratings, counts, places string
	for _, of := range g.typesIn("movie_info_idx", 4) {
		switch {
		case g.words.ranged["movie_info_idx.info of "+of] && ratings == "":
			ratings = of
		case counts == "":
			counts = of
		default:
			places = of
		}
	}
	n := g.rows("movie_info_idx")
	at := g.place(row/2, len(g.movies))
	out.number(at + 1)
	switch {
	case row > n-n/50:
		out.number(g.typeID(places))
		out.number(row - (n - n/50))
	case row%2 == 0:
		out.number(g.typeID(ratings))
		rating := 6.2 + 1.4*g.draw.NormFloat64() + 0.015*float64(2000-g.movies[at].year)
		out.text(fmt.Sprintf("%.1f", min(max(rating, 1), 9.9)))
	default:
		out.number(g.typeID(counts))
		out.number(5 + g.skewed(1_000_000, 6))
	}
}

func (g *generator) movieKeyword(row int, out *record) {
	out.number(row + 1)
	out.number(g.someMovieRow() + 1)
	out.number(1 + g.skewed(g.rows("keyword"), 2.2))
}

func (g *generator) movieLink(row int, out *record) {
	out.number(row + 1)
	out.number(g.someMovieRow() + 1)
	out.number(g.someMovieRow() + 1)
	out.number(1 + g.skewed(g.rows("link_type"), 1.5))
}
