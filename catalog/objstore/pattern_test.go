package objstore

import (
	"slices"
	"testing"

	"volley/sqlerr"
)

func TestExpandBraces(t *testing.T) {
	for pattern, want := range map[string][]string{
		"a":            {"a"},
		"a{b,c}d":      {"abd", "acd"},
		"{a,b{c,d}}/x": {"a/x", "bc/x", "bd/x"},
		"{a,b}{c,d}":   {"ac", "ad", "bc", "bd"},
		"a{b":          {"a{b"},
		"{a{b,c}":      {"{ab", "{ac"},
		"a{}b":         {"ab"},
		"a}b{c,}":      {"a}bc", "a}b"},
	} {
		got, err := ExpandBraces(pattern)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("ExpandBraces(%q) = %q, %v; want %q", pattern, got, err, want)
		}
	}
	bomb := ""
	for range 40 {
		bomb += "{a,b}"
	}
	if _, err := ExpandBraces(bomb); sqlerr.Code(err) != sqlerr.ProgramLimitExceeded {
		t.Errorf("2^40 alternatives: %v", err)
	}
}

func TestPatternMatch(t *testing.T) {
	for _, c := range []struct {
		pattern, name string
		want          bool
	}{
		{"a/*.csv", "a/b.csv", true},
		{"a/*.csv", "a/b/c.csv", false},
		{"a/*.csv", "a/.csv", false},
		{"a/.*", "a/.csv", true},
		{"a/?.csv", "a/é.csv", true},
		{"a/[a-c].csv", "a/b.csv", true},
		{"a/[!a-c].csv", "a/b.csv", false},
		{"a/[^a-c].csv", "a/d.csv", true},
		{"**/c.csv", "c.csv", true},
		{"**/c.csv", "a/b/c.csv", true},
		{"a/**/c.csv", "a/c.csv", true},
		{"a/**/c.csv", "a/.hidden/c.csv", false},
		{"a/**", "a/b/c.csv", true},
		{"a/**/b/**/c", "a/x/b/y/z/b/c", true},
		{"a/**/b/**/c", "a/x/y/c", false},
	} {
		p, err := CompilePattern(c.pattern)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Match(c.name); got != c.want {
			t.Errorf("%q matches %q: %v", c.pattern, c.name, got)
		}
	}
	if _, err := CompilePattern("a/[b.csv"); sqlerr.Code(err) != sqlerr.InvalidParameterValue {
		t.Errorf("unclosed class: %v", err)
	}
}

func TestScheme(t *testing.T) {
	for path, want := range map[string]string{
		"a/b": "", "/a://b": "", "s3://b/k": "s3", "S3://b/k": "s3", "://x": "", "C:/x": "", "a b://c": "", "git+ssh://x": "git+ssh",
	} {
		if got := Scheme(path); got != want {
			t.Errorf("Scheme(%q) = %q, want %q", path, got, want)
		}
	}
}
