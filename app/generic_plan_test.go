package app

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// A generic plan reads only the row groups that the values of its execution need.
func TestGenericPlanRowGroups(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "g.parquet")
	prepared := "COPY (SELECT i AS k FROM generate_series(1, 1000) AS s(i)) TO '" + file + "' (FORMAT parquet, ROW_GROUP_SIZE 100);" +
		"SET plan_cache_mode = force_generic_plan; PREPARE p(int) AS SELECT k FROM '" + file + "' WHERE k BETWEEN $1 AND $1 + 1;"
	for first, groups := range map[int]string{5: "1 of 10", 100: "2 of 10", 991: "1 of 10"} {
		out, errs, code := volley(t, "", "sql", "-c", prepared+fmt.Sprintf("EXPLAIN ANALYZE EXECUTE p(%d)", first))
		if code != 0 {
			t.Fatal(errs)
		}
		for _, part := range []string{"(k <= ($1 + 1))", fmt.Sprintf("skip by k >= %d and k <= %d", first, first+1), groups + " row groups"} {
			if !strings.Contains(out, part) {
				t.Errorf("%q is not in\n%s", part, out)
			}
		}
	}
}
