package app

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// randomPartitions writes files of a few rows below directories of random values, and
// gives the names and SQL types of their columns.
func randomPartitions(t *testing.T, r *rand.Rand, dir string) (names, types []string) {
	t.Helper()
	kinds := map[string][]string{
		"bigint": {"-3", "0", "7", "07", "12", "2015"},
		"date":   {"2015-01-01", "2015-02-28", "2016-12-31", "1999-07-04"},
		"text":   {"a b", "Ä/ö", "100%", "x=y", "", "B", "z", "7"},
	}
	for _, kind := range []string{"bigint", "date", "text", "bigint"}[r.IntN(3):] {
		names, types = append(names, fmt.Sprintf("k%d", len(names))), append(types, kind)
	}
	n := 0
	var fill func(dir string, depth int)
	fill = func(dir string, depth int) {
		if depth == len(names) {
			if err := os.MkdirAll(dir, 0o755); err != nil {
				t.Fatal(err)
			}
			for f := range 1 + r.IntN(2) {
				text := "n,s\n"
				for range 1 + r.IntN(3) {
					n++
					text += fmt.Sprintf("%d,row%d\n", n, n%5)
				}
				if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("f%d.csv", f)), []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			return
		}
		for _, v := range append([]string{"__HIVE_DEFAULT_PARTITION__"}, kinds[types[depth]]...) {
			if r.IntN(3) > 0 || v == "B" || v == "2015" {
				fill(filepath.Join(dir, names[depth]+"="+url.PathEscape(v)), depth+1)
			}
		}
	}
	fill(dir, 0)
	return names, types
}

// randomCondition is a condition over partition columns and n.
func randomCondition(r *rand.Rand, names, types []string, depth int) string {
	if depth > 0 && r.IntN(2) == 0 {
		op := []string{" AND ", " OR "}[r.IntN(2)]
		c := "(" + randomCondition(r, names, types, depth-1) + op + randomCondition(r, names, types, depth-1) + ")"
		if r.IntN(4) == 0 {
			c = "NOT " + c
		}
		return c
	}
	i := r.IntN(len(names))
	k := names[i]
	value := map[string]func() string{
		"bigint": func() string { return fmt.Sprint([]int{-3, 0, 7, 12, 2015, 99}[r.IntN(6)]) },
		"date":   func() string { return []string{"date '2015-01-01'", "'2015-02-28'", "date '2016-12-31'"}[r.IntN(3)] },
		"text":   func() string { return []string{"'a b'", "'100%'", "'x=y'", "''", "'B'", "'7'", "'nope'"}[r.IntN(7)] },
	}[types[i]]
	op := []string{"=", "<>", "<", "<=", ">", ">="}[r.IntN(6)]
	forms := []string{
		k + " " + op + " " + value(), value() + " " + op + " " + k, k + " IN (" + value() + ", " + value() + ", NULL)",
		k + " NOT IN (" + value() + ", " + value() + ")", k + " BETWEEN " + value() + " AND " + value(),
		k + " IS NULL", k + " IS NOT NULL", "length(" + k + "::text) > 3", "coalesce(" + k + "::text, 'none') = 'none'",
		k + " IS DISTINCT FROM " + value(), "n % 3 = 1", "n < 20", k + "::text LIKE '%0%'", "CASE WHEN n > 10 THEN " + k + " " + op + " " + value() + " END",
		k + " = (SELECT max(" + k + ") FROM plain)", "upper(" + k + "::text) " + op + " 'B'",
	}
	return forms[r.IntN(len(forms))]
}

// TestRandomPartitionConditions: under random conditions, a table whose directories are
// listed by them has the rows that a copy of all its rows has.
func TestRandomPartitionConditions(t *testing.T) {
	for seed := range uint64(4) {
		r := rand.New(rand.NewPCG(seed, 15))
		dir := filepath.Join(t.TempDir(), "tree")
		names, types := randomPartitions(t, r, dir)
		const rows = "SELECT coalesce(string_agg(n || s, ',' ORDER BY n), 'none') AS rows FROM "
		script := []string{
			"CREATE EXTERNAL TABLE pruned STORED AS CSV LOCATION '" + dir + "/'",
			"CREATE TABLE plain AS SELECT * FROM pruned",
		}
		var wheres []string
		for i := range 45 {
			where := randomCondition(r, names, types, 3)
			wheres = append(wheres, where)
			for j, from := range []string{"pruned", "plain"} {
				if i%3 == 0 { // by a generic plan
					value := map[string]string{"bigint": "2015", "date": "date '2015-01-01'", "text": "'B'"}[types[0]]
					name := fmt.Sprintf("p%d_%d", i, j)
					script = append(script, fmt.Sprintf("SET plan_cache_mode = force_generic_plan; PREPARE %s(%s) AS %s%s WHERE (%s) OR %s = $1; EXECUTE %s(%s)", name, types[0], rows, from, where, names[0], name, value))
					continue
				}
				script = append(script, rows+from+" WHERE "+where)
			}
		}
		out, errs, code := volley(t, "", "sql", "--format", "csv", "-c", strings.Join(script, ";\n"))
		if code != 0 {
			t.Fatalf("seed %d: exit %d\n%s", seed, code, errs)
		}
		answers := strings.Split(strings.TrimSpace(strings.ReplaceAll(out, "rows\n", "")), "\n")
		if len(answers) != 2*len(wheres) {
			t.Fatalf("seed %d: %d answers of %d conditions\n%s", seed, len(answers), len(wheres), out)
		}
		for i, where := range wheres {
			if answers[2*i] != answers[2*i+1] {
				t.Errorf("seed %d, %v: %s:\n%s\nwant\n%s", seed, types, where, answers[2*i], answers[2*i+1])
			}
		}
	}
}
