package builtin

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzRegexp compares the dissector and tables with the linear engine: they must agree
// on whether there is a match and where it begins, and groups must lie in it.
func FuzzRegexp(f *testing.F) {
	for _, p := range []string{"(a*?)(b|bc)*", "^(l*){1,1}?(.*)(f*)$", "(a{1,2}?){2,3}", "x(?:y|(z))*?$", "()*", "(a|ab)(c|bcd)(d*)", "[^a]\\m(\\w+?)", "^a|d$", "[^é]ü?$", "^$"} {
		f.Add(p, "aabbcd xyz")
	}
	f.Fuzz(func(t *testing.T, p, s string) {
		if len(p) > 60 || len(s) > 60 || !utf8.ValidString(p) || !utf8.ValidString(s) {
			t.Skip()
		}
		re, err := compilePattern(p, regexpOptions{dot: true})
		if err != nil || re.tree == nil {
			t.Skip()
		}
		found := newDissector(re.tree, re.groups).find(s, 0, 1)
		want := re.linear.FindStringIndex(s)
		for range 2 { // the second time by what the first has put into the table
			if ok, err := re.match(s); ok != (want != nil) || err != nil {
				t.Fatalf("%q in %q: %v, %v, the linear engine %v", p, s, ok, err, want)
			}
		}
		if (want == nil) != (len(found) == 0) {
			t.Fatalf("%q in %q: found %v, the linear engine %v", p, s, found, want)
		}
		if want == nil {
			return
		}
		at := found[0]
		if at[0] != want[0] || at[1] > len(s) {
			t.Fatalf("%q in %q: found %v, the linear engine %v", p, s, at, want)
		}
		for g := 2; g < len(at); g += 2 {
			if at[g] >= 0 && (at[g] < at[0] || at[g+1] > at[1] || at[g] > at[g+1]) {
				t.Errorf("%q in %q: group %d of %v is outside of the match", p, s, g/2, at)
			}
		}
	})
}

// TestRegexpTable: what an automaton finds by its table, by itself, and by a table that
// is full before the text's end is the same, whatever the direction.
func TestRegexpTable(t *testing.T) {
	for _, c := range []struct {
		pattern, text string
	}{
		{"a", ""},
		{"^$", ""},
		{"^$", "a"},
		{"a|$", "aab"},
		{"^a*", "aaab"},
		{"^b", "ab"},
		{"b$", "bab"},
		{"(a|é)[^x]ü?", "aéü xéaüü"},
		{"(?:[ab].){2}", "abäcabbbaxx"},
		{".*b", "ab\nab"},
		{"[α-ω]+Σ|[^α-ω]", "abcαβγΣ…"},
	} {
		re, err := compilePattern(c.pattern, regexpOptions{dot: true})
		if err != nil {
			t.Fatal(err)
		}
		for _, anywhere := range []bool{false, true} {
			for _, reverse := range []bool{false, true} {
				from, to := 0, len(c.text)
				if reverse {
					from, to = to, from
				}
				ends := func(prepare func(*automaton)) (all []int) {
					a := newAutomaton(re.tree, reverse, &regexpSearch{})
					prepare(a)
					for range 2 {
						all = nil
						a.ends(c.text, from, to, anywhere, func(pos int) bool {
							all = append(all, pos)
							return true
						})
					}
					return all
				}
				want := ends(func(a *automaton) { a.tabled = [2]bool{true, true} })
				if got := ends(func(a *automaton) {
					if a.table(anywhere) == nil {
						t.Errorf("%q has no table", c.pattern)
					}
				}); !slices.Equal(got, want) {
					t.Errorf("%q in %q, anywhere %v, reverse %v: %v by the table, %v without", c.pattern, c.text, anywhere, reverse, got, want)
				}
				for room := range 5 {
					if got := ends(func(a *automaton) { a.table(anywhere).size = maxTableSets - room }); !slices.Equal(got, want) {
						t.Errorf("%q in %q, anywhere %v, reverse %v, with room for %d: %v, without a table %v", c.pattern, c.text, anywhere, reverse, room, got, want)
					}
				}
			}
		}
	}
}

// TestRegexpPrefix: a text that every match begins with is no more looked for where
// case does not matter, or where it may stand at one place only.
func TestRegexpPrefix(t *testing.T) {
	for _, c := range []struct {
		pattern, flags, text string
		want                 bool
	}{
		{"ab", "", "xxab", true},
		{"ab[cd]", "", "xababd", true},
		{"AB[cd]", "i", "xabD", true},
		{"AB", "i", "xaB", true},
		{"(?i)AB", "", "xaB", true},
		{"^ab", "", "xab", false},
		{"^ab$", "", "xab", false},
	} {
		cache := regexps{}
		re, err := cache.use(c.pattern, c.flags)
		if err != nil {
			t.Fatal(err)
		}
		if ok, err := re.match(c.text); ok != c.want || err != nil {
			t.Errorf("%q with flags %q in %q: %v, %v", c.pattern, c.flags, c.text, ok, err)
		}
	}
}

// TestRegexpTableManyClasses: a text with characters of more classes than a table has
// room for is read without it.
func TestRegexpTableManyClasses(t *testing.T) {
	var pattern, text strings.Builder
	for r := 'α'; r <= 'ω'; r++ {
		fmt.Fprintf(&pattern, "[%c%c]|", r, r+1)
		text.WriteRune(r)
	}
	re, err := compilePattern("(?:"+pattern.String()+"x)+$", regexpOptions{dot: true})
	if err != nil {
		t.Fatal(err)
	}
	if !re.tabled() {
		t.Fatal("there is no table")
	}
	for s, want := range map[string]bool{text.String() + "x": true, text.String() + "y": false} {
		if ok, err := re.match(s); ok != want || err != nil {
			t.Errorf("%q: %v, %v", s, ok, err)
		}
	}
	if re.tabled() {
		t.Error("the table is not full")
	}
}

func BenchmarkRegexpMatch(b *testing.B) {
	s := "https://www.example.com/forum/page4711.html?id=12&lang=en"
	for _, p := range []string{`page[0-9]+7\.html`, `^https?://.*(com|org)/`, `(shop|forum).*id=1[0-9]$`, `\d{6}`} {
		b.Run(p, func(b *testing.B) {
			re, err := compilePattern(p, regexpOptions{dot: true})
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			b.SetBytes(int64(len(s)))
			for b.Loop() {
				if _, err := re.match(s); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("linear/"+p, func(b *testing.B) {
			re, _ := compilePattern(p, regexpOptions{dot: true})
			b.SetBytes(int64(len(s)))
			for b.Loop() {
				re.linear.MatchString(s)
			}
		})
	}
}

func BenchmarkRegexpGroups(b *testing.B) {
	s := strings.Repeat("key=value, other=thing; ", 40)
	for _, p := range []string{`(\w+)=(\w+)[,;]`, `(\w+?)=(\w+?)[,;]`, `(k|key)=(v|value)`} {
		b.Run(p, func(b *testing.B) {
			re, err := compilePattern(p, regexpOptions{dot: true})
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			b.SetBytes(int64(len(s)))
			for b.Loop() {
				if all, err := re.findAll(s, 0, maxMatches); err != nil || len(all) == 0 {
					b.Fatal(len(all), err)
				}
			}
		})
	}
}
