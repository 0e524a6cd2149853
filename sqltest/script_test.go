package sqltest

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func script(t *testing.T, text string) []Record {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.sql")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(filepath.Dir(path), "b.sql"), []byte("select b;\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	records, err := ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return records
}

func TestScriptStatements(t *testing.T) {
	for _, tc := range []struct{ name, text, want string }{
		{"statements", "select 1; select 2;\nselect\n 3;", "1:select 1|1:select 2|2:select\n 3"},
		{"strings", "select ';', \";\", E'\\';', $a$;$b$;$a$;\nselect 2;", "1:select ';', \";\", E'\\';', $a$;$b$;$a$|2:select 2"},
		{"comments", "-- a;\nselect 1 -- b;\n/* c; */;\nselect 2;", "2:select 1 \n/* c; */|4:select 2"},
		{"parentheses", "create rule r as (select 1; select 2);", "1:create rule r as (select 1; select 2)"},
		{"several in one", "select 1\\; select 2;", "1:select 1; select 2"},
		{"data", "copy t from stdin;\n1\\t2\n\\.\nselect 1;", "1:copy t from stdin<1\\t2\n>|4:select 1"},
		{"commands", "\\d t\nselect 1 as a \\gset p_\nselect 2 \\g\nselect 3 \\gdesc\nselect 4;", "2:select 1 as a→p_|3:select 2|5:select 4"},
		{"conditions", "\\if :x\nselect 1;\n\\if 1\n\\endif\n\\else\nselect 2;\n\\endif\nselect 3;", "6:select 2|8:select 3"},
		{"include", "\\i b.sql\nselect a;", "1:select b|2:select a"},
		{"variables", "\\set a 'x y' z\nselect :a;", "a=['x y' z]|2:select :a"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var got []string
			for _, r := range script(t, tc.text) {
				switch r := r.(type) {
				case *Ask:
					s := strings.TrimSpace(string(rune('0'+r.Line)) + ":" + r.SQL)
					if r.Data != nil {
						s += "<" + *r.Data + ">"
					}
					if r.Bind {
						s += "→" + r.Prefix
					}
					got = append(got, s)
				case *Assign:
					got = append(got, r.Name+"=["+strings.Join(r.Values, " ")+"]")
				}
			}
			if s := strings.Join(got, "|"); s != tc.want {
				t.Fatalf("got\n%s\nwant\n%s", s, tc.want)
			}
		})
	}
}

func TestScriptVariables(t *testing.T) {
	vars := map[string]string{"a": "x'y", "b": "t"}
	for in, want := range map[string]string{
		"select :'a', :\"b\", :b": "select 'x''y', \"t\", t",
		"select ':a', 1::int, :c": "select ':a', 1::int, :c",
		"select a[1:b]":           "select a[1t]",
		"select \":b\"":           "select \":b\"",
	} {
		if got := expandScript(in, vars); got != want {
			t.Errorf("%s is %s, want %s", in, got, want)
		}
	}
}

func TestScriptAnswers(t *testing.T) {
	answers := func(text string) []Entry {
		outcomes := []Outcome{}
		db := &fake{}
		got, err := Run(context.Background(), db, script(t, text), Options{})
		if err != nil {
			t.Fatal(err)
		}
		outcomes = append(outcomes, got...)
		var b bytes.Buffer
		if err := WriteReport(&b, "a.sql", outcomes); err != nil {
			t.Fatal(err)
		}
		var out []Entry
		if err := ReadReport(&b, func(e Entry) { out = append(out, e) }); err != nil {
			t.Fatal(err)
		}
		return out
	}
	got := answers("select * from example_sort;\nselect * from example_validator;\n" +
		"select * from missing_table;")
	if len(got) != 3 {
		t.Fatalf("%d answers", len(got))
	}
	if got[0].Hash != got[1].Hash {
		t.Error("the order of rows counts where none is asked for")
	}
	if got[2].State != "42P01" || !strings.HasPrefix(got[2].Hash, "e42P01") {
		t.Errorf("the error is %+v", got[2])
	}
	a, b := rowsOf("1", "2"), rowsOf("2", "1")
	if answerOf(a, true).Hash == answerOf(b, true).Hash {
		t.Error("the order of rows does not count where one is asked for")
	}
	if endsOrdered("select (select 1 order by 1)") || !endsOrdered("select f(x) from t Order\n by 1") {
		t.Error("ORDER BY is not seen where it stands")
	}
}
