package main

import (
	"io"
	"testing"
)

func readingOfLines(t *testing.T, lines ...string) reading {
	t.Helper()
	r, err := readingOf(func() ([]byte, error) {
		if len(lines) == 0 {
			return nil, io.EOF
		}
		line := lines[0]
		lines = lines[1:]
		return []byte(line), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestReadingsOfEqualValues(t *testing.T) {
	for _, c := range []struct{ a, b string }{
		{`[1.50]`, `{"x": "15e-1"}`},
		{`["1e300"]`, `[1e+300]`},
		{`[100000000000000000001]`, `["100000000000000000001"]`},
		{`[-0.0]`, `[0]`},
		{`["nan", "inf"]`, `["NaN", "Infinity"]`},
		{`["2020-01-31T10:11:12.500000"]`, `["2020-01-31 10:11:12.5"]`},
		{`["2020-01-31T10:11:12+00:00"]`, `["2020-01-31 10:11:12+00"]`},
		{`["0044-03-15 (BC)"]`, `["0044-03-15 BC"]`},
		{`["0044-03-15 (BC) 10:00:00"]`, `["0044-03-15 10:00:00 BC"]`},
		{`[{"a": 1, "b": [2, null]}]`, `[["1", ["2", null]]]`},
		{`[true]`, `["true"]`},
	} {
		if diff := readingOfLines(t, c.a).differs(readingOfLines(t, c.b)); diff != "" {
			t.Errorf("%s and %s: %s", c.a, c.b, diff)
		}
	}
}

func TestReadingsThatDiffer(t *testing.T) {
	for _, c := range []struct{ a, b, want string }{
		{`[1]`, `[1, 2]`, "1 columns, not 2"},
		{`["a", 1]`, `["a", 10]`, "column 2 differs"},
		{`[null]`, `[""]`, "column 1 differs"},
		{`["2020-01-31 10:11:12.5"]`, `["2020-01-31 10:11:12.05"]`, "column 1 differs"},
		{`[["a", "b"]]`, `[["ab"]]`, "column 1 differs"},
		{`[[]]`, `[null]`, "column 1 differs"},
	} {
		if got := readingOfLines(t, c.a).differs(readingOfLines(t, c.b)); got != c.want {
			t.Errorf("%s and %s: %q", c.a, c.b, got)
		}
	}
}
