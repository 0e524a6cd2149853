package parser

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"volley/sqlerr"
)

// seeds are the statements of testdata.
func seeds(f *testing.F) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		for _, block := range strings.Split(string(text), "\n\n") {
			sql, _, _ := strings.Cut(block, "\n----\n")
			f.Add(sql)
		}
	}
}

// FuzzLex holds that tokens lie in order inside the text and that errors have a
// code and a position inside it.
func FuzzLex(f *testing.F) {
	seeds(f)
	f.Add("$a$ $b$ 'x' U&'\\0041' uescape '!' 1e 0x_ /* ")
	f.Fuzz(func(t *testing.T, sql string) {
		toks, err := lex(sql, Dialect{})
		checkError(t, sql, err)
		last := int32(0)
		for _, tok := range toks {
			if tok.pos < last || tok.end < tok.pos || int(tok.end) > len(sql) {
				t.Fatalf("token at [%d, %d) after %d", tok.pos, tok.end, last)
			}
			last = tok.end
		}
	})
}

// FuzzParse holds that no text makes the parser panic, and that whatever passes
// the front is understood by TiDB's grammar and by the lift.
func FuzzParse(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, sql string) {
		_, err := Parse(sql)
		checkError(t, sql, err)
		if code(err) == sqlerr.InternalError {
			t.Fatal(err)
		}
	})
}

func checkError(t *testing.T, sql string, err error) {
	t.Helper()
	if err == nil {
		return
	}
	var e *sqlerr.Error
	if !errors.As(err, &e) || len(e.Code) != 5 || e.Position < 1 || e.Position > len(sql)+1 {
		t.Fatalf("%T %v at %d", err, err, e.Position)
	}
}
