package parser

import (
	"strings"
	"testing"

	"volley/parser/ast"
)

// TestMarkerNames holds that names of a user are never taken for a marker, nor
// for a word of TiDB's grammar.
func TestMarkerNames(t *testing.T) {
	for m := range markers {
		name := markers[m].name
		for _, sql := range []string{
			"SELECT " + name + ", x." + name + " FROM " + name + " AS " + name,
			`SELECT ` + name + `(1, 2), "` + name + `"(), s.` + name + `(3) FROM ` + name + `()`,
			"WITH " + name + " AS (SELECT 1) SELECT 1 AS " + name + " FROM " + name + " WINDOW " + name + " AS ()",
		} {
			q, err := ParseOne(sql)
			if err != nil {
				t.Errorf("%s: %v", sql, err)
				continue
			}
			item := q.(*ast.Query).Body.(*ast.Select).Items[0].Expr
			switch e := item.(type) {
			case *ast.Column:
				if e.Parts[0] != name {
					t.Errorf("%s: column %s", sql, e.Parts[0])
				}
			case *ast.Call:
				if e.Name.Parts[0] != name || len(e.Args) != 2 {
					t.Errorf("%s: call of %s with %d arguments", sql, e.Name.Parts, len(e.Args))
				}
			case *ast.Literal:
			default:
				t.Errorf("%s: %T", sql, e)
			}
		}
	}
}

// TestWordsAsNames uses words as names that are reserved in TiDB's grammar but
// not in PostgreSQL's.
func TestWordsAsNames(t *testing.T) {
	words := strings.Fields(`key keys index rank rows row_number groups system interval date text value
		values status range read mod div xor rlike regexp replace repeat change database databases
		schema schemas show ssl starting straight_join sql_cache usage use utc_date int1 int2 int4
		middleint mediumint longtext loop match lock linear lines load kill insert update delete
		ignore if high_priority hour_minute generated fulltext force explain escaped enclosed dual
		dense_rank delayed cume_dist convert condition change cascade by both_ binary_ blob outfile
		optimize optionally long low_priority lead lag lateral_ join_ ntile of procedure purge
		require resignal signal stored stats terminated tinyint trigger undo unlock unsigned varbinary
		virtual write zerofill year_month sum_ count_ max min count sum avg position_ exclude columns
		summarize describe external location options name data type zone level over_ first last next`)
	for _, w := range words {
		sql := "SELECT " + w + ", t." + w + ", 1 AS " + w + ", \"" + w + "\"(1) FROM " + w + " JOIN s." + w + " AS " + w +
			" USING (" + w + ") GROUP BY " + w + " ORDER BY " + w
		q, err := ParseOne(sql)
		if err != nil {
			t.Errorf("%s: %v", w, err)
			continue
		}
		sel := q.(*ast.Query).Body.(*ast.Select)
		if c, ok := sel.Items[0].Expr.(*ast.Column); !ok || c.Parts[0] != w {
			t.Errorf("%s: first item is %s", w, ast.Format(sel.Items[0].Expr, false))
		}
	}
}

// TestReservedWords holds that PostgreSQL's reserved words are names only where
// PostgreSQL has it so.
func TestReservedWords(t *testing.T) {
	for w, k := range keywords {
		if _, err := Parse("SELECT 1 AS " + w); err != nil {
			t.Errorf("AS %s: %v", w, err)
		}
		if _, err := Parse("SELECT t." + w + " FROM t"); err != nil {
			t.Errorf("t.%s: %v", w, err)
		}
		_, err := Parse("SELECT 1 FROM " + w)
		if k.class == reserved && err == nil && !strings.HasPrefix(w, "current_") && !strings.HasPrefix(w, "local") &&
			!strings.HasSuffix(w, "user") {
			t.Errorf("FROM %s is accepted", w)
		}
		if k.class <= colName && err != nil {
			t.Errorf("FROM %s: %v", w, err)
		}
	}
}

// TestOddNames holds that any characters of a quoted name, and long ones, come
// through.
func TestOddNames(t *testing.T) {
	for _, name := range []string{" ", "a b", `a"b`, `a\b`, "a`b", "a'b", "a--b", "a/*b", "ß", "日本", "🙂", "a\nb", "?", "1", strings.Repeat("x", 10_000)} {
		quoted := `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
		q, err := ParseOne("SELECT " + quoted + " AS " + quoted + ", '" + strings.ReplaceAll(name, "'", "''") + "' FROM " + quoted)
		if err != nil {
			t.Errorf("%q: %v", name, err)
			continue
		}
		sel := q.(*ast.Query).Body.(*ast.Select)
		if sel.Items[0].Expr.(*ast.Column).Parts[0] != name || sel.Items[0].Alias != name ||
			sel.From[0].(*ast.Table).Name.Parts[0] != name || sel.Items[1].Expr.(*ast.Literal).Text != name {
			t.Errorf("%q became %s", name, ast.Format(q, false))
		}
	}
}
