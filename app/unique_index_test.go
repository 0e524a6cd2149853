package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Unique indexes of expressions and with conditions hold for COPY, and over a restart, after
// which their keys are computed anew.
func TestUniqueIndexRestarts(t *testing.T) {
	dir := t.TempDir()
	data, rows := filepath.Join(dir, "data"), filepath.Join(dir, "rows.csv")
	if err := os.WriteFile(rows, []byte("fresh,5,t\nX,6,f\nkEPT,1,t\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(sql string) (errs string) {
		_, errs, _ = volley(t, "", "sql", "--data-dir", data, "--allow-path", dir, "-c", sql)
		return errs
	}
	const broken = `duplicate key value violates unique constraint "t_lower_expr_idx"`
	load := "COPY t FROM '" + rows + "' (FORMAT csv)"
	if errs := run(`CREATE TABLE t (a text, b int, c boolean);
		CREATE UNIQUE INDEX ON t (lower(a), (b + 1)) WHERE c;
		INSERT INTO t VALUES ('Kept', 1, true), ('kept', 1, false), ('gone', 1, true)`); errs != "" {
		t.Fatal(errs)
	}
	for _, c := range []struct{ sql, want string }{
		{load, broken},
		{"INSERT INTO t VALUES ('KEPT', 1, true)", broken},
		{"DELETE FROM t WHERE a = 'gone'; INSERT INTO t VALUES ('GONE', 1, true)", ""},
		{"UPDATE t SET c = true", broken},
		{"BEGIN; DELETE FROM t WHERE a = 'Kept'; INSERT INTO t VALUES ('KEPT', 1, true); ROLLBACK; INSERT INTO t VALUES ('kEPt', 1, true)", broken},
		{"INSERT INTO t VALUES ('KEPT', 1, true) ON CONFLICT (lower(a), (b + 1)) WHERE c DO UPDATE SET b = 7", ""},
		{load, ""},
		{load, broken},
	} {
		if errs := run(c.sql); (c.want == "") != (errs == "") || !strings.Contains(errs, c.want) {
			t.Errorf("%s: %q, want %q", c.sql, errs, c.want)
		}
	}
}
