package parser

import (
	"errors"
	"strings"
	"testing"

	"volley/sqlerr"
)

// TestErrors holds PostgreSQL's codes, messages and positions. In sql, ¦ stands
// before the byte the position points at.
func TestErrors(t *testing.T) {
	tests := []struct{ sql, code, message string }{
		{"SELECT 1 +¦", "42601", "syntax error at end of input"},
		{"¦SELEC 1", "42601", `syntax error at or near "SELEC"`},
		{"SELECT a FROM t WHERE¦", "42601", "syntax error at end of input"},
		{"SELECT a FROM ¦WHERE b", "42601", `syntax error at or near "WHERE"`},
		{"SELECT 1; SELECT ¦)", "42601", `syntax error at or near ")"`},
		{"SELECT (1¦", "42601", "syntax error at end of input"},
		{"SELECT 1 ¦2", "42601", `syntax error at or near "2"`},
		{"SELECT 'x' ¦'y'", "42601", `syntax error at or near "'y'"`},
		{"SELECT ¦'abc", "42601", `unterminated quoted string at or near "'abc"`},
		{`SELECT ¦"abc`, "42601", `unterminated quoted identifier at or near ""abc"`},
		{`SELECT ¦""`, "42601", `zero-length delimited identifier at or near """"`},
		{"SELECT 1 ¦/* a /* b */", "42601", `unterminated /* comment at or near "/* a /* b */"`},
		{"SELECT ¦$x$abc$y$", "42601", `unterminated dollar-quoted string at or near "$x$abc$y$"`},
		{"SELECT ¦12ab", "42601", `trailing junk after numeric literal at or near "12ab"`},
		{"SELECT ¦$1a", "42601", `trailing junk after parameter at or near "$1a"`},
		{"SELECT ¦0x", "42601", `invalid hexadecimal integer at or near "0x"`},
		{"SELECT ¦B'12'", "22P02", `"2" is not a valid binary digit`},
		{"SELECT ¦X'1G'", "22P02", `"G" is not a valid hexadecimal digit`},
		{`SELECT E'\ud800¦'`, "42601", `invalid Unicode surrogate pair at or near "'"`},
		{`SELECT ¦E'\xff'`, "22021", `invalid byte sequence for encoding "UTF8": 0xff`},
		{"SELECT '¦\xff'", "22021", `invalid byte sequence for encoding "UTF8": 0xff`},
		{"SELECT ¦\\d", "42601", `syntax error at or near "\"`},
		{"SELECT a < b ¦< c", "42601", `syntax error at or near "<"`},
		{"SELECT a LIKE b ¦LIKE c", "42601", `syntax error at or near "LIKE"`},
		{"SELECT a IS ¦3", "42601", `syntax error at or near "3"`},
		{"SELECT a IN (¦)", "42601", `syntax error at or near ")"`},
		{"SELECT ¦$0", "42P02", "there is no parameter $0"},
		{"SELECT 1 FROM a JOIN b¦", "42601", "syntax error at end of input"},
		{"SELECT 1 FROM (SELECT 1) t, ¦", "42601", "syntax error at end of input"},
		{"SELECT 1 LIMIT 1¦, 2", "42601", "LIMIT #,# syntax is not supported"},
		{"SELECT rank() OVER (ORDER BY x ¦ROWS UNBOUNDED FOLLOWING)", "42P20", "frame start cannot be UNBOUNDED FOLLOWING"},
		{"SELECT ¦left FROM t", "42601", `syntax error at or near "left"`},
		{"SELECT a b ¦c", "42601", `syntax error at or near "c"`},
		{"SELECT 1 UNION SELECT a ¦into t", "42601", "INTO is only allowed on first SELECT of UNION/INTERSECT/EXCEPT"},
		{"ALTER ¦TYPE t ADD VALUE 'x'", "0A000", "ALTER TYPE is not supported"},
		{"CREATE ¦DOMAIN s", "0A000", "CREATE DOMAIN is not supported"},
		{"CREATE ¦foo", "42601", `syntax error at or near "foo"`},
		{"COPY t FROM ¦PROGRAM 'ls'", "0A000", "COPY PROGRAM is not supported"},
		{"SET x ¦", "42601", "syntax error at end of input"},
		{"EXPLAIN (¦analyze maybe) SELECT 1", "42601", "analyze requires a Boolean value"},
		{"DROP TABLE¦", "42601", "syntax error at end of input"},
		{"VALUES (1), (¦)", "42601", `syntax error at or near ")"`},
		{"SELECT cast(1 AS ¦)", "42601", `syntax error at or near ")"`},
		{"SELECT f(VARIADIC a, ¦b)", "42601", `syntax error at or near "b"`},
		{"SELECT 1 UNION¦", "42601", "syntax error at end of input"},
		{"SELECT int¦(3)", "42601", `syntax error at or near "("`},
		{"SELECT * FROM VALUES ¦(1)", "42601", `syntax error at or near "("`},
		{"SELECT * FROM ¦''", "42601", "file name is empty"},
		{"SELECT CASE ¦END", "42601", `syntax error at or near "END"`},
	}
	for _, test := range tests {
		pos := strings.Index(test.sql, "¦")
		sql := strings.Replace(test.sql, "¦", "", 1)
		_, err := Parse(sql)
		var e *sqlerr.Error
		if !errors.As(err, &e) {
			t.Errorf("%s: %v, want an error with a code", test.sql, err)
			continue
		}
		if e.Code != test.code || e.Message != test.message || e.Position != pos+1 {
			t.Errorf("%s:\n\tgot  %s %s at %d\n\twant %s %s at %d", test.sql,
				e.Code, e.Message, e.Position, test.code, test.message, pos+1)
		}
	}
}

func TestParseOne(t *testing.T) {
	if _, err := ParseOne(" ; "); code(err) != "42601" {
		t.Errorf("empty text: %v", err)
	}
	if _, err := ParseOne("SELECT 1; SELECT 2"); code(err) != "42601" {
		t.Errorf("two statements: %v", err)
	}
	if _, err := ParseOne("SELECT 1;;"); err != nil {
		t.Error(err)
	}
	list, err := Parse(" -- nothing\n;")
	if err != nil || list == nil || len(list) != 0 {
		t.Errorf("Parse of nothing: %v, %v", list, err)
	}
}

func TestSplit(t *testing.T) {
	sql := "SELECT ';' ; /* ; */ ;\n INSERT INTO t VALUES ($a$;$a$) ;SELECT \";\" -- ;\n"
	got, err := Split(sql)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"SELECT ';'", "INSERT INTO t VALUES ($a$;$a$)", `SELECT ";"`}
	if len(got) != len(want) {
		t.Fatalf("got %v", got)
	}
	for i, p := range got {
		if p.Text != want[i] || sql[p.Pos:p.Pos+len(p.Text)] != p.Text {
			t.Errorf("piece %d: %q at %d", i, p.Text, p.Pos)
		}
	}
}

func TestNumParams(t *testing.T) {
	for sql, want := range map[string]int{"SELECT 1": 0, "SELECT $2, $1, '$9'": 2, "SELECT $1 -- $3": 1} {
		if n, err := NumParams(sql); n != want || err != nil {
			t.Errorf("%s: %d, %v", sql, n, err)
		}
	}
	if _, err := NumParams("SELECT $0"); code(err) != "42P02" {
		t.Errorf("$0: %v", err)
	}
}
