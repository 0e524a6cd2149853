package job

import (
	"bufio"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
)

// seed makes the data what they are.
const seed = 113

// Generate writes each table as NAME.csv into dir, which must exist: | between
// values, nothing for NULL, no header. The values that queries look for are among
// them. Scale 1 is about 60 MB.
func Generate(dir string, scale float64, queries []Query) error {
	w, err := readWords(queries)
	if err != nil {
		return err
	}
	g := newGenerator(w, scale)
	for _, t := range Tables() {
		if err := g.write(filepath.Join(dir, t.Name+".csv"), t); err != nil {
			return err
		}
	}
	return nil
}

func (g *generator) write(file string, t *Table) error {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	g.draw = random(t.Name)
	out := &record{}
	for row := range g.rows(t.Name) {
		out.line = out.line[:0]
		t.make(g, row, out)
		for n := out.values; n < len(t.Columns); n++ { // those that no query asks for
			out.null()
		}
		out.values = 0
		out.line[len(out.line)-1] = '\n'
		if _, err := w.Write(out.line); err != nil {
			_ = f.Close()
			return err
		}
	}
	if err := w.Flush(); err != nil {
		_ = f.Close()
		return err
	}
	return f.Close()
}

// random draws for a purpose.
func random(purpose string) *rand.Rand {
	h := fnv.New64a()
	_, _ = h.Write([]byte(purpose))
	return rand.New(rand.NewPCG(seed, h.Sum64()))
}

// record is a row in the making; a separator is after each value.
type record struct {
	line   []byte
	values int
}

func (r *record) end() { r.line, r.values = append(r.line, '|'), r.values+1 }

func (r *record) number(n int) {
	r.line = strconv.AppendInt(r.line, int64(n), 10)
	r.end()
}

func (r *record) text(s string) {
	r.line = append(r.line, s...)
	r.end()
}

func (r *record) null() { r.end() }

func (r *record) nulls(n int) {
	for range n {
		r.null()
	}
}

// generator knows what tables share: the movies, the people and the companies, and
// the lists that texts come from.
type generator struct {
	words  *words
	counts map[string]int // rows by table
	draw   *rand.Rand     // of the table that is written

	movies    []movie
	people    []person
	companies []int   // the country of each
	at        [][]int // the companies of each country
	lists     map[string][]string
}

// movie is what the rows about it depend on.
type movie struct{ kind, year, country, genre int }

// person is what the rows about it depend on; female is −1 for unknown.
type person struct{ female int }

// countries is how many there are.
const countries = 40

func newGenerator(w *words, scale float64) *generator {
	g := &generator{words: w, counts: map[string]int{}, lists: map[string][]string{}, at: make([][]int, countries)}
	for _, t := range Tables() {
		g.counts[t.Name] = t.rows
		if !t.fixed {
			g.counts[t.Name] = max(int(float64(t.rows)*scale), 1)
		}
	}
	g.draw = random("entities")
	g.movies = make([]movie, g.counts["title"])
	for i := range g.movies {
		g.movies[g.place(i, len(g.movies))] = g.someMovie(float64(i) / float64(len(g.movies)))
	}
	g.people = make([]person, g.counts["name"])
	for i := range g.people {
		g.people[i].female = g.oneOf(0.58, 0.32) // else unknown
		if g.people[i].female == 2 {
			g.people[i].female = -1
		}
	}
	g.companies = make([]int, g.counts["company_name"])
	for i := range g.companies {
		c := g.skewed(countries, 3)
		g.companies[i] = c
		g.at[c] = append(g.at[c], i)
	}
	return g
}

// someMovie draws one; fame is 0 for the best known and 1 for the least: the former
// are films rather than episodes, and old films are known for they are remembered.
func (g *generator) someMovie(fame float64) movie {
	m := movie{kind: g.skewed(7, 1.6), country: g.skewed(countries, 3), genre: g.skewed(30, 2)}
	if g.draw.Float64() < 0.7*(1-fame) {
		m.kind = 0
	}
	m.year = 2015 - int(25*math.Pow(g.draw.Float64(), 1.5))
	if m.kind == 0 {
		m.year = 2015 - int(110*math.Pow(g.draw.Float64(), 2))
	}
	return m
}

// rows is how many a table has.
func (g *generator) rows(table string) int { return g.counts[table] }

// oneOf draws an index by shares; that after the last has the rest.
func (g *generator) oneOf(shares ...float64) int {
	x := g.draw.Float64()
	for i, s := range shares {
		if x < s {
			return i
		}
		x -= s
	}
	return len(shares)
}

// chance is true with a probability.
func (g *generator) chance(p float64) bool { return g.draw.Float64() < p }

// skewed draws a rank below n by a power law: the share of the first r of n ranks is
// (r/n)^(1/power).
func (g *generator) skewed(n int, power float64) int {
	return min(int(float64(n)*math.Pow(g.draw.Float64(), power)), n-1)
}

// place is the row of a rank: ranks lie about in a table.
func (g *generator) place(rank, n int) int { return int(uint64(rank) * 7_368_787 % uint64(n)) }

// someone draws a row to refer to, of a table whose rows have fame: in every table
// that refers to it the same few have the most rows. Those of a part are evenly drawn.
func (g *generator) someone(table string, power, evenly float64) int {
	n := g.counts[table]
	if g.chance(evenly) {
		return g.draw.IntN(n)
	}
	return g.place(g.skewed(n, power), n)
}

// someMovieRow draws a movie to refer to.
func (g *generator) someMovieRow() int { return g.someone("title", 2.5, 0.3) }
