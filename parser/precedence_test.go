package parser

import (
	"testing"

	"volley/parser/ast"
)

// TestPrecedence holds that an expression means the same with the parentheses
// that PostgreSQL's grammar (gram.y) puts in.
func TestPrecedence(t *testing.T) {
	tests := []struct{ expr, same string }{
		{"a OR b AND NOT c = d", "a OR (b AND (NOT (c = d)))"},
		{"NOT a IS NULL", "NOT (a IS NULL)"},
		{"a = b IS NULL", "(a = b) IS NULL"},
		{"a IS NULL = b", "(a IS NULL) = b"},
		{"a IS DISTINCT FROM b = c", "a IS DISTINCT FROM (b = c)"},
		{"a IS NULL IS NOT NULL", "(a IS NULL) IS NOT NULL"},
		{"a < b || c", "a < (b || c)"},
		{"a || b LIKE c || d", "(a || b) LIKE (c || d)"},
		{"a LIKE b = c", "(a LIKE b) = c"},
		{"a = b IN (c)", "a = (b IN (c))"},
		{"a IN (b) IN (c)", "(a IN (b)) IN (c)"},
		{"a BETWEEN b AND c AND d", "(a BETWEEN b AND c) AND d"},
		{"a BETWEEN b = c AND d", "a BETWEEN (b = c) AND d"},
		{"a || b + c", "a || (b + c)"},
		{"a -> b || c", "(a -> b) || c"},
		{"a + b * c ^ d", "a + (b * (c ^ d))"},
		{"a - b + c", "(a - b) + c"},
		{"a / b * c", "(a / b) * c"},
		{"2 ^ 3 ^ 4", "(2 ^ 3) ^ 4"},
		{"- a ^ b", "(- a) ^ b"},
		{"- a :: int", "- (a :: int)"},
		{"- a AT TIME ZONE b", "(- a) AT TIME ZONE b"},
		{"a + b AT TIME ZONE c", "a + (b AT TIME ZONE c)"},
		{"a || b COLLATE c", "a || (b COLLATE c)"},
		{"@ a + b", "@ (a + b)"},
		{"a @> @ b || c", "(a @> (@ b)) || c"},
		{"a OPERATOR(pg_catalog.*) b + c", "a OPERATOR(pg_catalog.*) (b + c)"},
		{"a + b = ANY (c)", "(a + b) = ANY (c)"},
		{"a = ANY (b) AND c", "(a = ANY (b)) AND c"},
		{"NOT a AND b", "(NOT a) AND b"},
		{"a + NOT b = c", "a + (NOT (b = c))"},
		{"CASE WHEN a THEN b END :: int", "(CASE WHEN a THEN b END) :: int"},
	}
	for _, test := range tests {
		got, want := formatExpr(t, test.expr), formatExpr(t, test.same)
		if got != want {
			t.Errorf("%s\n\tgot  %s\n\twant %s", test.expr, got, want)
		}
	}
	for _, sql := range []string{
		"a < b < c", "a = b <> c", "a LIKE b LIKE c", "a LIKE b IN (c)", "a BETWEEN b AND c BETWEEN d AND e",
		"a IS DISTINCT FROM b IS NULL", "a BETWEEN b OR c AND d", "a = b = ANY (c)",
	} {
		if e, err := ParseExpr(sql); err == nil {
			t.Errorf("%s is accepted: %s", sql, ast.Format(e, false))
		}
	}
}

func formatExpr(t *testing.T, sql string) string {
	t.Helper()
	e, err := ParseExpr(sql)
	if err != nil {
		t.Errorf("%s: %v", sql, err)
		return ""
	}
	return ast.Format(e, false)
}
