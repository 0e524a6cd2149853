package objstore

import (
	"strings"
	"testing"

	"volley/sqlerr"
)

// FuzzPattern: every pattern is an error or matches soon, a name that matches
// begins with the pattern's prefix, and a name without wildcards matches itself.
func FuzzPattern(f *testing.F) {
	for _, s := range []string{"a/*.csv", "a/**/b?.{csv,tsv}", "{a,b{c,d}}/[!x-z]*", "**/**/**", "a{b", "[", `\*`} {
		f.Add(s, "a/b.csv")
	}
	f.Fuzz(func(t *testing.T, pattern, name string) {
		if len(pattern) > 200 || len(name) > 200 {
			t.Skip()
		}
		if !HasMeta(name) && !strings.Contains(name, `\`) {
			p, err := CompilePattern(name)
			if err != nil || !p.Match(name) {
				t.Fatalf("%q does not match itself: %v", name, err)
			}
		}
		alternatives, err := ExpandBraces(pattern)
		if err != nil {
			if sqlerr.Code(err) != sqlerr.ProgramLimitExceeded {
				t.Fatal(err)
			}
			return
		}
		for _, a := range alternatives {
			p, err := CompilePattern(a)
			if err != nil {
				if sqlerr.Code(err) != sqlerr.InvalidParameterValue {
					t.Fatal(err)
				}
				continue
			}
			if p.Match(name) && !strings.Contains(a, `\`) && !strings.HasPrefix(name, strings.TrimSuffix(p.Prefix(), AnyDirs)) && !strings.Contains(a, AnyDirs) {
				t.Fatalf("%q matches %q, which does not begin with %q", a, name, p.Prefix())
			}
		}
	})
}
