package parser

import (
	"strings"
	"testing"

	"volley/parser/ast"
)

// TestSecretsAreNotQuoted: no message of a CREATE SECRET has a piece of its text.
func TestSecretsAreNotQuoted(t *testing.T) {
	for _, sql := range []string{
		"CREATE SECRET t (TYPE s3, SECRET 'hidden",
		"CREATE SECRET t (TYPE s3, SECRET \"hidden",
		"CREATE SECRET t (TYPE s3, SECRET $$hidden",
		"create or replace -- it\n persistent /* is */ secret t (secret hidden hidden)",
		"create /* a /* b */ c */ secret t (secret 'hidden",
		"create\vsecret t (secret 'hidden",
		"create -- it\rsecret t (secret 'hidden",
		"SELECT 1; CREATE SECRET t (TYPE s3, SECRET E'hidden\\u1')",
	} {
		if !HoldsSecrets(sql) {
			t.Errorf("%s: not seen", sql)
		}
		for what, parse := range map[string]func(string) error{
			"parse": func(sql string) error { _, err := Parse(sql); return err },
			"one":   func(sql string) error { _, err := ParseOne(sql); return err },
			"split": func(sql string) error { _, err := Split(sql + ";;"); return err },
		} {
			err := parse(sql)
			if err == nil && what != "split" || err != nil && strings.Contains(err.Error(), "hidden") {
				t.Errorf("%s, %s: %v", sql, what, err)
			}
		}
	}
	st, err := ParseOne("CREATE SECRET w (TYPE http, EXTRA_HTTP_HEADERS MAP {'X-A': 'b', 'X-C': 'd'}, SCOPE 'https://h')")
	if s, ok := st.(*ast.CreateSecret); err != nil || !ok || len(s.Settings) != 3 || strings.Join(s.Settings[1].Values, ";") != "X-A: b;X-C: d" {
		t.Errorf("headers: %+v, %v", st, err)
	}
	if HoldsSecrets("CREATE TABLE secrets (secret int)") {
		t.Error("a table is taken for a secret")
	}
}
