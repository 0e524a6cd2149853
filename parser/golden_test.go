package parser

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"volley/parser/ast"
)

var update = flag.Bool("update", false, "rewrite the trees in testdata")

// TestGolden compares the trees, with positions, of the statements in testdata.
// A block is SQL, a line "----", the trees one a line, and an empty line.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no testdata", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var out strings.Builder
			for _, block := range strings.Split(strings.TrimSpace(string(text)), "\n\n") {
				sql, want, _ := strings.Cut(block, "\n----\n")
				got := trees(sql)
				if !*update && got != want {
					t.Errorf("%s\n\tgot  %s\n\twant %s", sql, got, want)
				}
				out.WriteString(sql + "\n----\n" + got + "\n\n")
			}
			if *update {
				if err := os.WriteFile(file, []byte(out.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// trees prints the statements of sql, or the error.
func trees(sql string) string {
	list, err := Parse(sql)
	if err != nil {
		return "ERROR " + code(err) + ": " + err.Error()
	}
	var lines []string
	for _, s := range list {
		lines = append(lines, ast.Format(s, true))
	}
	return strings.Join(lines, "\n")
}

// TestFrontText shows the SQL that the front writes for TiDB, and that its marks
// lead back to the original text.
func TestFrontText(t *testing.T) {
	tests := []struct{ sql, want string }{
		{
			"select a+1-2 from T where not b like 'x%'",
			`SELECT "__select"(), ? FROM "t" AS "2" WHERE ?`,
		},
		{
			"select 1::int || 'x', $1",
			`SELECT "__select"(), ?, ? FROM "none"`,
		},
		{
			"select a+(select 1)-2, (select b)::int || 'x' from t where not b or c in (select d)",
			`SELECT "__select"(), (? + (SELECT "__select"(), ? FROM "none") - ?), "__op"("__cast"((SELECT "__select"(), ? FROM "none")), ?) ` +
				`FROM "t" AS "2" WHERE (? OR (? IN (SELECT "__select"(), ? FROM "none")))`,
		},
		{
			"select count(*) filter (where a) over w from b full join c using (d) window w as (order by e) limit 3",
			`SELECT "__select"(), "f_count"(?, count(*) OVER "w") FROM "b" AS "3" JOIN "c" AS "4" ON "__join"() ` +
				`WINDOW "w" AS ( ORDER BY (?)) ORDER BY "__query"(?)`,
		},
		{
			"select 1 union (select 2 order by 1)",
			`(SELECT "__select"(), ? FROM "none") UNION (SELECT "__nested"() FROM (SELECT "__select"(), ? FROM "none" ORDER BY (?), "__query"()) AS "5")`,
		},
	}
	for _, test := range tests {
		p, err := newParser(test.sql, Dialect{})
		if err != nil {
			t.Fatal(err)
		}
		q := p.query()
		if p.err != nil {
			t.Errorf("%s: %v", test.sql, p.err)
			continue
		}
		got, _ := p.rope.write(q.frag)
		if got = stripSides(got); got != stripSides(test.want) {
			t.Errorf("%s:\n\tgot  %s\n\twant %s", test.sql, got, test.want)
		}
	}
}

// stripSides hides the numbers that tables have as aliases.
func stripSides(s string) string {
	for i := 0; i < len(s); {
		n := strings.Index(s[i:], `AS "`)
		if n < 0 {
			break
		}
		i += n + 4
		j := i
		for j < len(s) && isDigit(s[j]) {
			j++
		}
		s = s[:i] + s[j:]
	}
	return s
}
