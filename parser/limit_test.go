package parser

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"volley/parser/ast"
	"volley/sqlerr"
)

// code is the SQLSTATE of err, or "".
func code(err error) string {
	var e *sqlerr.Error
	if errors.As(err, &e) {
		return e.Code
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

// TestDepth gives the parser statements that nest or chain beyond any use.
func TestDepth(t *testing.T) {
	const deep = 100_000
	rep := strings.Repeat
	tests := []struct {
		name, sql, code string
	}{
		{"parentheses, few", "SELECT " + rep("(", 300) + "1" + rep(")", 300), ""},
		{"parentheses", "SELECT " + rep("(", deep) + "1" + rep(")", deep), "54001"},
		{"open parentheses", "SELECT " + rep("(", deep), "54001"},
		{"subqueries", rep("SELECT (", deep) + "SELECT 1" + rep(")", deep), "54001"},
		{"queries in parentheses", rep("(", deep) + "SELECT 1" + rep(")", deep), "54001"},
		{"derived tables", rep("SELECT * FROM (", deep) + "SELECT 1" + rep(") t", deep), "54001"},
		{"joins in parentheses", "SELECT * FROM " + rep("(", deep) + "a", "54001"},
		{"NOT", "SELECT " + rep("NOT ", deep) + "true", "54001"},
		{"minus", "SELECT " + rep("- ", deep) + "1", "54001"},
		{"arrays", "SELECT " + rep("[", deep), "54001"},
		{"structs", "SELECT " + rep("{a: ", deep), "54001"},
		{"calls", "SELECT " + rep("f(", deep), "54001"},
		{"CASE", "SELECT " + rep("CASE WHEN ", deep), "54001"},
		{"grouping sets", "SELECT 1 FROM t GROUP BY " + rep("ROLLUP (", deep), "54001"},
		{"option lists", "COPY t TO 'x' (a " + rep("(", deep), "54001"},
		{"common tables", rep("WITH a AS (", deep) + "SELECT 1", "54001"},
		{"sum", "SELECT 1" + rep("+1", 50_000), ""},
		{"sum, too long", "SELECT 1" + rep("+1", deep), "54001"},
		{"OR", "SELECT a" + rep(" OR b", deep), ""},
		{"AND and OR", "SELECT a" + rep(" OR b AND c", deep), ""},
		{"concatenation", "SELECT a" + rep("||b", 50_000), ""},
		{"casts", "SELECT 1" + rep("::int", 50_000), ""},
		{"casts, too many", "SELECT 1" + rep("::int", deep), "54001"},
		{"IS NULL", "SELECT 1" + rep(" IS NULL", deep), "54001"},
		{"subscripts", "SELECT a" + rep("[1]", deep), "54001"},
		{"sums of sums", "SELECT " + rep("(", 900) + "1" + rep(rep("+1", 100)+")", 900), "54001"},
		{"unions", "SELECT 1" + rep(" UNION ALL SELECT 1", 10_000), ""},
		{"unions, too many", "SELECT 1" + rep(" UNION ALL SELECT 1", deep), "54001"},
		{"joins", "SELECT 1 FROM a" + rep(" JOIN a ON b", 10_000), ""},
		{"joins, too many", "SELECT 1 FROM a" + rep(" JOIN a ON b", deep), "54001"},
		{"nested joins", "SELECT 1 FROM a" + rep(" JOIN a", deep), "42601"},
		{"tables", "SELECT 1 FROM a" + rep(", a", 10_000), ""},
		{"names", "SELECT a" + rep(".a", deep), ""},
		{"comments", rep("/*", deep) + rep("*/", deep), ""},
		{"list", "SELECT 1 WHERE 1 IN (1" + rep(", 1", deep) + ")", ""},
		{"rows", "VALUES (1)" + rep(", (1)", deep), ""},
		{"items", "SELECT 1" + rep(", 1", deep), ""},
		{"statements", rep("SELECT 1;", 10_000), ""},
		{"long text", "SELECT '" + rep("x", 16<<20) + "'", "54000"},
		{"many tokens", "SELECT 1" + rep(",1", 4<<20), "54000"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if _, err := Parse(test.sql); code(err) != test.code {
				t.Errorf("got %q, want %q", code(err), test.code)
			}
		})
	}
}

// TestBalance holds that a long OR is shallow and keeps its order.
func TestBalance(t *testing.T) {
	const n = 10_000
	var sql strings.Builder
	for i := range n {
		fmt.Fprintf(&sql, "c%d OR ", i)
	}
	e, err := ParseExpr(sql.String() + "x")
	if err != nil {
		t.Fatal(err)
	}
	next, depth := 0, 0
	var walk func(e ast.Expr, d int)
	walk = func(e ast.Expr, d int) {
		depth = max(depth, d)
		switch e := e.(type) {
		case *ast.Binary:
			walk(e.Left, d+1)
			walk(e.Right, d+1)
		case *ast.Column:
			if want := fmt.Sprintf("c%d", next); e.Parts[0] != want && next < n {
				t.Fatalf("operand %d is %s", next, e.Parts[0])
			}
			next++
		}
	}
	walk(e, 0)
	if next != n+1 || depth > 20 {
		t.Errorf("%d operands, depth %d", next, depth)
	}
}
