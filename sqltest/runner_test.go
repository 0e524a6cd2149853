package sqltest

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func run(t *testing.T, text string, opt Options) []Outcome {
	t.Helper()
	records, err := Parse("test.slt", text)
	if err != nil {
		t.Fatal(err)
	}
	outcomes, err := Run(context.Background(), &fake{}, records, opt)
	if err != nil {
		t.Fatal(err)
	}
	return outcomes
}

// summarize is one letter for each outcome: p, F or s.
func summarize(outcomes []Outcome) string {
	var s strings.Builder
	for _, o := range outcomes {
		s.WriteByte("pFs"[o.Status])
	}
	return s.String()
}

func TestRecords(t *testing.T) {
	for _, tc := range []struct{ name, text, want string }{
		{"statement", "statement ok\ncreate t\n\nstatement ok\ngive me an error\n", "pF"},
		{"statement error", "statement error\ngive me an error\n\nstatement error\ncreate t\n", "pF"},
		{"error pattern", "statement error (?i)fakedb\ngive me an error\n\nquery error other\ngive me an error\n", "pF"},
		{"error state", "query error (42P01)\nselect * from missing_table\n\nstatement error (42P01)\nselect 1/0\n", "pF"},
		{"error exact", "query error\ngive me a multiline error\n----\nHey!\n\nYou got:\n  Multiline FakeDBError!\n\n\nstatement error\ngive me a multiline error\n----\nHey!\n", "pF"},
		{"count", "statement count 7\naffect 7\n\nstatement count 7\naffect 8\n", "pF"},
		{"rows", "query III\nselect * from example_sort\n----\n1 10   2333\n2 20 2333\n10 100 2333\n", "p"},
		{"one value a line", "query III\nselect * from example_sort\n----\n1\n10\n2333\n2\n20\n2333\n10\n100\n2333\n", "p"},
		{"wrong order", "query III\nselect * from example_sort\n----\n2 20 2333\n1 10 2333\n10 100 2333\n", "F"},
		{"rowsort", "query III rowsort\nselect * from example_sort\n----\n1 10 2333\n10 100 2333\n2 20 2333\n", "p"},
		{"rowsort, other values", "query III rowsort\nselect * from example_sort\n----\n1 10 2333\n10 101 2333\n2 20 2333\n", "F"},
		{"valuesort", "query III valuesort\nselect * from example_sort\n----\n1\n10\n10\n100\n2\n20\n2333\n2333\n2333\n", "p"},
		{"missing row", "query T\nselect * from example_basic\n----\nAlice\nBob\n", "F"},
		{"no result block is the empty result", "query T\nselect * from example_basic\n\nquery T\nselect * from no_results\n", "Fp"},
		{"hash", "query T\nselect * from example_basic\n----\n3 values hashing to b5b44edac84d34d6af3be2a88bfae352\n", "p"},
		{"wrong hash", "query T\nselect * from example_basic\n----\n3 values hashing to b5b44edac84d34d6af3be2a88bfae353\n", "F"},
		{"real", "query R\nselect 2.5\n----\n2.500\n", "p"},
		{"integer of a numeric", "query I\nselect 75.0000\n----\n75\n", "p"},
		{"boolean words", "query IB\nselect * from example_typed\n----\n1 true\n2 false\n3 true\n\nquery IB\nselect * from example_typed\n----\n1 t\n2 f\n3 t\n", "pp"},
		{"null and empty", "query T\nselect \n----\n(empty)\n\nquery T\necho NULL\n----\nNULL\n", "pp"},
		{"labels", "query I x l1\nselect 1\n----\n1\n", ""},
		{"same label", "query I nosort l1\nselect 1\n----\n1\n\nquery I nosort l1\nselect 2\n----\n2\n", "pF"},
		{"skipif", "skipif fake\nstatement ok\ngive me an error\n\nonlyif fake\nstatement ok\ncreate t\n\nonlyif other\nquery I\nselect 1\n----\n2\n", "sps"},
		{"halt", "statement ok\ncreate t\n\nhalt\n\nstatement ok\ngive me an error\n", "p"},
		{"conditional halt", "onlyif other\nhalt\n\nstatement ok\ngive me an error\n", "F"},
		{"connections", "query I\nselect counter()\n----\n1\n\nconnection b\nquery I\nselect counter()\n----\n1\n\nquery I\nselect counter()\n----\n2\n", "ppp"},
		{"retry", "query I retry 3 backoff 0s\nselect counter()\n----\n3\n", "p"},
		{"retry in vain", "query I retry 2 backoff 1ms\nselect counter()\n----\n3\n", "F"},
		{"loop", "loop i 0 3\n\nquery I\nselect ${i}\n----\n1\n\nendloop\n", "FpF"},
		{"foreach", "foreach v a b\n\nforeach w c\n\nquery T\nselect ${v}${w}\n----\nac\n\nendloop\n\nendloop\n", "pF"},
		{"sortmode", "control sortmode rowsort\n\nquery III\nselect * from example_sort\n----\n1 10 2333\n10 100 2333\n2 20 2333\n", "p"},
		{"no substitution", "query T\nselect $HOME_OF\n----\n$HOME_OF\n", "p"},
		{"substitution", "control substitution on\n\nquery T\nselect ${none:a-${n2:b}} \\$x\n----\na-b $x\n\nstatement error No such variable\nselect $nothing_here\n", "pp"},
		{"let", "control substitution on\n\nlet a, b\nselect_pair x y\n\nquery T\nselect $b$a\n----\nyx\n", "pp"},
		{"let of two columns", "let a\nselect_pair x y\n", "F"},
		{"ignored parts", "query T\nselect cost=17 rows=3\n----\ncost=<slt:ignore> rows=3\n\nquery T\nselect cost=17 rows=3\n----\ncost=<slt:ignore> rows=4\n", "pF"},
		{"system", "system ok\necho hello\n----\nhello\n\n\nsystem ok\nexit 3\n\nsystem ok\necho a\n----\nb\n", "pFF"},
		{"test directory", "control substitution on\n\nsystem ok\necho 42 > $__TEST_DIR__/f\n\nquery T\nselect read(\"${__TEST_DIR__}/f\")\n----\n42\n", "pp"},
		{"comments", "# head\nstatement ok\ncreate t\n# in the middle\n  more\n", "p"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if tc.name == "labels" { // a bad sort mode is a label, and then there is a second one
				if _, err := Parse("x", tc.text); err == nil {
					t.Fatal("two labels were accepted")
				}
				return
			}
			outcomes := run(t, tc.text, Options{Getenv: func(string) (string, bool) { return "", false }})
			if got := summarize(outcomes); got != tc.want {
				for _, o := range outcomes {
					t.Logf("%v %s\n%s", o.Status, o.Reason, o.Diff)
				}
				t.Fatalf("got %s, want %s", got, tc.want)
			}
		})
	}
}

func TestIgnoreSkip(t *testing.T) {
	text := "skipif fake # requires AS when renaming\nstatement ok\ncreate t\n"
	if got := summarize(run(t, text, Options{})); got != "s" {
		t.Fatalf("without the option: %s", got)
	}
	if got := summarize(run(t, text, Options{IgnoreSkip: []string{"requires AS"}})); got != "p" {
		t.Fatalf("with the option: %s", got)
	}
}

func TestSyntaxErrors(t *testing.T) {
	for _, text := range []string{
		"nonsense\n", "statement\n", "statement maybe\nselect\n", "statement count x\nselect\n", "loop i 1\n",
		"loop i 0 3\n\nstatement ok\ncreate\n", "endloop\n", "control x y\n", "hash-threshold\n", "include none*.slt\n",
		"statement error (unclosed[\nx\n", "query I a b\nx\n", "sleep soon\n", "system error\nx\n", "statement ok\nx\n----\ny\n",
	} {
		if _, err := Parse("f", text); err == nil {
			t.Errorf("accepted: %q", text)
		} else if !strings.HasPrefix(err.Error(), "f:") {
			t.Errorf("no place in %q", err)
		}
	}
}

func TestIncludeAndUpdate(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	write("part.inc", "query T\nselect * from example_basic\n----\nwrong\n\nstatement ok\ncreate t\n")
	main := write("main.slt", "include *.inc\n\nquery I\nselect 1\n----\n7\n8\n\nquery I\nselect 2\n\nquery error\ngive me a multiline error\n----\nno\n")
	runFile := func() []Outcome {
		records, err := ParseFile(main)
		if err != nil {
			t.Fatal(err)
		}
		outcomes, err := Run(context.Background(), &fake{}, records, Options{})
		if err != nil {
			t.Fatal(err)
		}
		return outcomes
	}
	outcomes := runFile()
	if got := summarize(outcomes); got != "FpFFF" {
		t.Fatalf("before: %s", got)
	}
	if n, err := Update(outcomes); err != nil || n != 4 {
		t.Fatalf("Update: %d, %v", n, err)
	}
	if got := summarize(runFile()); got != "ppppp" {
		text, _ := os.ReadFile(main)
		t.Fatalf("after: %s\n%s", got, text)
	}
}

func TestDiff(t *testing.T) {
	got := diff([]string{"a", "b", "c"}, []string{"a", "x", "c", "d"})
	want := "      a\n    - b\n    + x\n      c\n    + d\n"
	if got != want {
		t.Fatalf("got\n%s", got)
	}
}

// The example files of sqllogictest-rs, one for each feature of the format.
func TestExamplesOfTheFormat(t *testing.T) {
	root := filepath.Join("..", "..", "shared", "corpora", "sqllogictest-rs-examples", "tests")
	if _, err := os.Stat(root); err != nil {
		t.Skip("the example files of sqllogictest-rs are not here")
	}
	env := map[string]string{"MY_USERNAME": "sqllogictest", "MY_PASSWORD": "rust"}
	t.Setenv("MY_USERNAME", "sqllogictest")
	mustFail := map[string]bool{"system_command_fail.slt": true, "system_command_fail_2.slt": true}
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".slt" {
			return err
		}
		t.Run(strings.TrimPrefix(path, root), func(t *testing.T) {
			records, err := ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(path, "no_run") {
				return // only to be parsed
			}
			outcomes, err := Run(context.Background(), &fake{}, records, Options{Getenv: func(k string) (string, bool) { v, ok := env[k]; return v, ok }})
			if err != nil {
				t.Fatal(err)
			}
			failed := strings.Contains(summarize(outcomes), "F")
			if failed != mustFail[filepath.Base(path)] {
				for _, o := range outcomes {
					if o.Status == Failed {
						t.Errorf("%s:%d: %s\n%s\n%s", o.Place.File, o.Place.Line, o.Reason, o.SQL, o.Diff)
					}
				}
				t.Fatalf("failed: %v", failed)
			}
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
