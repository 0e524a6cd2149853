package job

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// queries name constants as the benchmark's do.
var queries = []Query{
	{"1", `SELECT min(t.title) FROM title AS t, movie_info AS mi, info_type AS it, keyword AS k, movie_keyword AS mk
		WHERE t.id = mi.movie_id AND it.id = mi.info_type_id AND it.info = 'land' AND mi.info IN ('Peru', 'Chad')
		AND k.id = mk.keyword_id AND mk.movie_id = t.id AND k.keyword = 'lost-at-sea' AND t.title LIKE '%Storm%' AND NOT (t.title = 'The Gale')`},
	{"2", `SELECT min(t.title) FROM title AS t, movie_info AS mi, info_type AS it, info_type AS it2, movie_info_idx AS x, cast_info ci, role_type rt
		WHERE t.id = mi.movie_id AND it.id = mi.info_type_id AND it.info = 'opened' AND (mi.info LIKE 'Peru:% 200%' OR mi.info LIKE 'Chad:%')
		AND x.movie_id = t.id AND it2.id = x.info_type_id AND it2.info = 'stars' AND x.info > '8.0'
		AND ci.movie_id = t.id AND rt.id = ci.role_id AND rt.role = 'extra' AND ci.note = '(in a hat)'`},
}

func TestReadWords(t *testing.T) {
	w, err := readWords(queries)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range [][2]string{
		{"movie_info.info of land", "Peru"},
		{"movie_info.info", "Chad"},
		{"keyword.keyword", "lost-at-sea"},
		{"title.title", "The Gale"},
		{"info_type.info in movie_info_idx", "stars"},
		{"cast_info.note of extra", "(in a hat)"},
	} {
		if w.values[want[0]][want[1]] != 1 {
			t.Errorf("%s lacks %s: %v", want[0], want[1], w.values[want[0]])
		}
	}
	if w.patterns["movie_info.info of opened"]["Chad:%"] != 1 || !w.ranged["movie_info_idx.info of stars"] {
		t.Errorf("patterns %v, compared %v", w.patterns, w.ranged)
	}
	if w.values["movie_info.info of opened"]["Peru"] != 0 {
		t.Error("a value is of the type of another query")
	}
}

// TestGenerate makes every table, each time the same, whose rows have their columns
// and among them what the queries look for.
func TestGenerate(t *testing.T) {
	dirs := [2]string{t.TempDir(), t.TempDir()}
	for _, dir := range dirs {
		if err := Generate(dir, 0.02, queries); err != nil {
			t.Fatal(err)
		}
	}
	contents := map[string]string{}
	for _, table := range Tables() {
		once, err := os.ReadFile(filepath.Join(dirs[0], table.Name+".csv"))
		if err != nil {
			t.Fatal(err)
		}
		again, err := os.ReadFile(filepath.Join(dirs[1], table.Name+".csv"))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(once, again) {
			t.Errorf("%s is not the same each time", table.Name)
		}
		for _, line := range strings.Split(strings.TrimSuffix(string(once), "\n"), "\n") {
			if n := strings.Count(line, "|") + 1; n != len(table.Columns) {
				t.Fatalf("%s: %d values for %d columns: %s", table.Name, n, len(table.Columns), line)
			}
		}
		contents[table.Name] = string(once)
	}
	for table, wants := range map[string][]string{
		"keyword": {"|lost-at-sea|"}, "title": {"|The Gale|", "Storm"}, "info_type": {"|land\n", "|opened\n", "|stars\n"},
		"movie_info": {"|Peru|", "|Chad|", "|Peru:", "|Chad:"}, "cast_info": {"|(in a hat)|"},
	} {
		for _, want := range wants {
			if !strings.Contains(contents[table], want) {
				t.Errorf("%s has no %q", table, want)
			}
		}
	}
}

// TestSkew counts the movies that most rows refer to: they are few, and the same in
// other tables.
func TestSkew(t *testing.T) {
	w, err := readWords(queries)
	if err != nil {
		t.Fatal(err)
	}
	g := newGenerator(w, 0.1)
	count := func(purpose string) []int {
		g.draw = random(purpose)
		n := make([]int, len(g.movies))
		for range 40 * len(n) {
			n[g.someMovieRow()]++
		}
		return n
	}
	a, b := count("a"), count("b")
	famous, both := 0, 0
	for i := range a {
		if a[i] > 400 {
			famous++
			if b[i] > 200 {
				both++
			}
		}
	}
	if famous < 5 || famous > len(a)/20 || both < famous*9/10 {
		t.Errorf("of %d movies %d have ten times the average, %d of them in another table too", len(a), famous, both)
	}
}
