package builtin

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzRegexp compares the dissector with the linear engine: both must agree on
// whether there is a match and where it begins, and groups must lie in it.
func FuzzRegexp(f *testing.F) {
	for _, p := range []string{"(a*?)(b|bc)*", "^(l*){1,1}?(.*)(f*)$", "(a{1,2}?){2,3}", "x(?:y|(z))*?$", "()*", "(a|ab)(c|bcd)(d*)", "[^a]\\m(\\w+?)"} {
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
