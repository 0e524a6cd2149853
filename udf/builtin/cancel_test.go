package builtin

import (
	"strings"
	"testing"
	"time"

	"volley/sqlerr"
	"volley/udf"
)

// TestSearchesOfLongTextsEnd: patterns that take long for one text are given up when
// the statement is cancelled. Each is checked to find what it does without a statement.
func TestSearchesOfLongTextsEnd(t *testing.T) {
	for name, c := range map[string]struct {
		text, pattern string
	}{
		"linear":       {strings.Repeat("ab", 4<<20), "(a|b)*[cd]$"},
		"all matches":  {strings.Repeat("ab", 4<<20), "[a-c]b"},
		"dissected":    {strings.Repeat("ab", 4<<20), "((a|ab)(b|)+)*"},
		"backtracking": {strings.Repeat("a", 40), `^(a+)+\1b$`},
	} {
		t.Run(name, func(t *testing.T) {
			done := make(chan struct{})
			cache := regexps{ctx: &udf.Context{Done: done}}
			p, err := cache.use(c.pattern, "")
			if err != nil {
				t.Fatal(err)
			}
			time.AfterFunc(20*time.Millisecond, func() { close(done) })
			if name == "linear" {
				_, err = p.match(c.text)
			} else {
				_, err = p.findAll(c.text, 0, maxMatches)
			}
			if sqlerr.Code(err) != sqlerr.QueryCanceled {
				t.Fatalf("it ends with %v", err)
			}
		})
	}
}

// TestLongTextsMatchAsShortOnes: texts that are read by runes, and matches that are
// looked for in several rounds, are as those of short texts.
func TestLongTextsMatchAsShortOnes(t *testing.T) {
	ctx := &udf.Context{Done: make(chan struct{})}
	long := strings.Repeat("xäb1", longSearch/4)
	for _, pattern := range []string{"[0-9]ü", "ä.1$", "^x", "^ä", "b1x", "(?i)B1$", "[[:alpha:]]+[0-9]"} {
		with, without := regexps{ctx: ctx}, regexps{}
		p, err := with.use(pattern, "")
		if err != nil {
			t.Fatal(err)
		}
		q, err := without.use(pattern, "")
		if err != nil {
			t.Fatal(err)
		}
		got, err := p.match(long)
		if err != nil || got != q.linear.MatchString(long) {
			t.Errorf("%q: %v, %v", pattern, got, err)
		}
		all, err := p.findAll(long, 0, maxMatches)
		if want := q.linear.FindAllStringIndex(long, -1); err != nil || len(all) != len(want) {
			t.Errorf("%q: %d matches, want %d, %v", pattern, len(all), len(want), err)
		} else {
			for i := range all {
				if all[i][0] != want[i][0] || all[i][1] != want[i][1] {
					t.Fatalf("%q: match %d is %v, want %v", pattern, i, all[i], want[i])
				}
			}
		}
	}
}
