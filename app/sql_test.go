package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFormats(t *testing.T) {
	const sql = "SELECT 1 AS n, 'a|b' AS t, NULL AS z, true AS b, 1.50 AS d UNION ALL SELECT 2, 'ü\"', 'x', false, 2.25"
	for format, want := range map[string]string{
		"table":    " n |  t  | z | b |   d\n---+-----+---+---+------\n 1 | a|b |   | t | 1.50\n 2 | ü\"  | x | f | 2.25\n(2 rows)\n",
		"csv":      "n,t,z,b,d\n1,a|b,,t,1.50\n2,\"ü\"\"\",x,f,2.25\n",
		"json":     "[\n{\"n\":1,\"t\":\"a|b\",\"z\":null,\"b\":true,\"d\":1.50},\n{\"n\":2,\"t\":\"ü\\\"\",\"z\":\"x\",\"b\":false,\"d\":2.25}\n]\n",
		"jsonl":    "{\"n\":1,\"t\":\"a|b\",\"z\":null,\"b\":true,\"d\":1.50}\n{\"n\":2,\"t\":\"ü\\\"\",\"z\":\"x\",\"b\":false,\"d\":2.25}\n",
		"markdown": "| n | t | z | b | d |\n| ---:|:--- |:--- |:--- | ---:|\n| 1 | a\\|b |  | t | 1.50 |\n| 2 | ü\" | x | f | 2.25 |\n",
	} {
		out, errs, code := volley(t, "", "sql", "--format", format, "-c", sql)
		if out != want || code != 0 {
			t.Errorf("%s: exit %d %s\ngot\n%s\nwant\n%s", format, code, errs, out, want)
		}
	}
	if out, _, _ := volley(t, "", "sql", "--format", "json", "-c", "SELECT 1 WHERE false"); out != "[]\n" {
		t.Errorf("empty json: %q", out)
	}
}

func TestWhereTheSQLComesFrom(t *testing.T) {
	file := filepath.Join(t.TempDir(), "q.sql")
	if err := os.WriteFile(file, []byte("SELECT 1 AS a;\n-- two\nSELECT 2 AS b;"), 0o600); err != nil {
		t.Fatal(err)
	}
	want := "a\n1\nb\n2\n"
	if out, errs, code := volley(t, "", "sql", "--format", "csv", "-f", file); out != want || code != 0 {
		t.Errorf("-f: %q %s", out, errs)
	}
	if out, errs, code := volley(t, "SELECT 1 AS a; SELECT 2 AS b", "sql", "--format", "csv"); out != want || code != 0 {
		t.Errorf("standard input: %q %s", out, errs)
	}
	if out, errs, code := volley(t, "", "sql", "--format", "csv", "-c", "SELECT 1 AS a", "-c", "SELECT 2 AS b"); out != want || code != 0 {
		t.Errorf("-c -c: %q %s", out, errs)
	}
}

// TestErrors runs bad input: the message, the caret under its place, exit code 1.
func TestErrors(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	empty, header := write("empty.csv", ""), write("header.csv", "a,b\n")
	ragged := write("ragged.csv", "a,b\n1,2\n3,4,5\n")
	late := write("late.csv", "a,b\n"+strings.Repeat("1,2\n", 100_000)+"x,2\n")
	utf8 := write("utf8.csv", "a,b\nx,\xff\xfe\n")
	gz := write("cut.csv.gz", "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x4b")
	parquet := write("broken.parquet", "PAR1 this is not parquet PAR1")
	for _, tc := range []struct{ sql, want string }{
		{"SELECT x FROM (VALUES (1)) t(a)", "ERROR 42703: column \"x\" does not exist\nLINE 1: SELECT x FROM (VALUES (1)) t(a)\n               ^\n"},
		{"SELECT\n  1 +", "ERROR 42601: syntax error at end of input\nLINE 2:   1 +"},
		{"SELECT 1/0", "ERROR 22012: division by zero"},
		{"SELECT 9223372036854775807 + 1", "ERROR 22003: bigint out of range"},
		{"SELECT 'a'::int", "ERROR 22P02: invalid input syntax for type integer: \"a\""},
		{"SELECT 1 + true", "ERROR 42883: operator does not exist: integer + boolean"},
		{"SELECT * FROM nowhere", "ERROR 42P01: relation \"nowhere\" does not exist"},
		{"SELECT lenght('a')", "HINT: Did you mean \"length\"?"},
		{"SELECT * FROM '" + dir + "/missing.csv'", "ERROR 58P01: no such file"},
		{"SELECT * FROM '" + empty + "'", "empty.csv"},
		{"SELECT * FROM '" + ragged + "'", "line 3"},
		{"SELECT sum(a) FROM '" + late + "'", "line 100002"},
		{"SELECT b FROM '" + utf8 + "'", "ERROR 22021"},
		{"SELECT * FROM '" + gz + "'", "cut.csv.gz"},
		{"SELECT * FROM '" + parquet + "'", "broken.parquet"},
		{"SELECT " + strings.Repeat("(", 100_000) + "1" + strings.Repeat(")", 100_000), "ERROR 54001"},
	} {
		out, errs, code := volley(t, tc.sql, "sql")
		if !strings.Contains(errs, tc.want) || code != 1 || strings.Contains(errs, "goroutine") {
			t.Errorf("%.80s: exit %d\n%s%.400s\nwant %q", tc.sql, code, out, errs, tc.want)
		}
	}
	if out, errs, code := volley(t, "", "sql", "--format", "csv", "-c", "SELECT * FROM '"+header+"'"); out != "a,b\n" || code != 0 {
		t.Errorf("header only: %q %s", out, errs)
	}
	long := "SELECT '" + strings.Repeat("x", 1<<20) + "' = '' AS c"
	if out, errs, code := volley(t, long, "sql", "--format", "csv"); out != "c\nf\n" || code != 0 {
		t.Errorf("1 MB of SQL: %q %.300s", out, errs)
	}
	if _, errs, code := volley(t, "", "sql", "--format", "yaml", "-c", "SELECT 1"); code != 1 || !strings.Contains(errs, "unknown format") {
		t.Errorf("unknown format: %d %s", code, errs)
	}
	if _, _, code := volley(t, "", "sql", "--no-such-flag"); code != 2 {
		t.Errorf("unknown flag: exit %d", code)
	}
}

func TestFunctionsThatPanicNameTheRow(t *testing.T) {
	path := numbers(t, 20)
	for _, workers := range []string{"0", "2"} {
		_, errs, code := volley(t, "", "sql", "--workers", workers, "-c", "SELECT broken(n) FROM '"+path+"'")
		for _, want := range []string{"38000", "broken", "7", "seven is not handled", "numbers.csv"} {
			if !strings.Contains(errs, want) {
				t.Errorf("%s workers: %q is not in\n%s", workers, want, errs)
			}
		}
		if code != 1 {
			t.Errorf("%s workers: exit %d", workers, code)
		}
	}
}

func TestConfiguration(t *testing.T) {
	file := filepath.Join(t.TempDir(), "volley.yaml")
	if err := os.WriteFile(file, []byte("format: csv\nthreads: 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, errs, _ := volley(t, "", "sql", "--config-file", file, "-c", "SELECT 1 AS a"); out != "a\n1\n" {
		t.Errorf("from the file: %q %s", out, errs)
	}
	t.Setenv("VOLLEY_FORMAT", "json")
	if out, errs, _ := volley(t, "", "sql", "--config-file", file, "-c", "SELECT 1 AS a"); out != "[\n{\"a\":1}\n]\n" {
		t.Errorf("the environment goes before the file: %q %s", out, errs)
	}
	if out, errs, _ := volley(t, "", "sql", "--format", "csv", "-c", "SELECT 1 AS a"); out != "a\n1\n" {
		t.Errorf("the command line goes before the environment: %q %s", out, errs)
	}
	if _, errs, code := volley(t, "", "sql", "--threads", "0", "-c", "SELECT 1"); code != 1 || !strings.Contains(errs, "--threads") {
		t.Errorf("no threads: %d %s", code, errs)
	}
}
