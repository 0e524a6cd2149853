package parser

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"volley/sqlerr"
)

// TestMutations deletes, doubles, swaps and mixes tokens of the statements in
// testdata: what is no longer SQL has to fail in the front with a position, never
// in TiDB's grammar or the lift.
func TestMutations(t *testing.T) {
	var statements [][]string
	var words []string
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no testdata", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, block := range strings.Split(strings.TrimSpace(string(text)), "\n\n") {
			sql, _, _ := strings.Cut(block, "\n----\n")
			toks, err := lex(sql, Dialect{})
			if err != nil {
				t.Fatal(err)
			}
			var s []string
			for _, tok := range toks[:len(toks)-1] {
				s = append(s, sql[tok.pos:tok.end])
			}
			statements = append(statements, s)
			words = append(words, s...)
		}
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	rounds := 40_000
	if testing.Short() {
		rounds = 4_000
	}
	accepted := 0
	for range rounds {
		s := append([]string(nil), statements[rnd.IntN(len(statements))]...)
		for range 1 + rnd.IntN(3) {
			i := rnd.IntN(len(s))
			switch rnd.IntN(5) {
			case 0:
				s = append(s[:i], s[i+1:]...)
			case 1:
				s = append(s[:i], append([]string{s[i]}, s[i:]...)...)
			case 2:
				j := rnd.IntN(len(s))
				s[i], s[j] = s[j], s[i]
			case 3:
				s[i] = words[rnd.IntN(len(words))]
			case 4:
				other := statements[rnd.IntN(len(statements))]
				from := rnd.IntN(len(other))
				part := other[from : from+1+rnd.IntN(min(8, len(other)-from))]
				s = append(s[:i], append(append([]string(nil), part...), s[i:]...)...)
			}
			if len(s) == 0 {
				break
			}
		}
		sql := strings.Join(s, " ")
		_, err := Parse(sql)
		if err == nil {
			accepted++
			continue
		}
		checkError(t, sql, err)
		if code(err) == sqlerr.InternalError {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	if accepted == 0 {
		t.Error("every mutation was refused: the test tests nothing")
	}
}
