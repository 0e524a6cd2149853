package app

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// groupsQuery groups by as many values as g has below rows. The planner expects next to
// none, since it does not know that each value occurs once.
func groupsQuery(sum, path string, rows int) string {
	return fmt.Sprintf(`SELECT g + 0 AS b, count(*) AS c, sum(%s) FROM
		(SELECT g, max(v) AS v FROM '%s' WHERE g < %d GROUP BY g HAVING count(*) = 1 AND min(v) = max(v) AND sum(v) = max(v)) x
		GROUP BY 1 ORDER BY 3 DESC, 1 LIMIT 5`, sum, path, rows)
}

// TestPlaceOfGroupsOnWorkers: groups that turn out many are merged by tasks of all workers,
// also when one dies that has given groups, and few in one place.
func TestPlaceOfGroupsOnWorkers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "groups.parquet")
	if _, errs, code := volley(t, "", "sql", "-c", fmt.Sprintf(`COPY (SELECT g, g * 3 %% 1000003 AS v FROM generate_series(1, 300000) g) TO '%s' (FORMAT parquet)`, path)); code != 0 {
		t.Fatal(errs)
	}
	c := startFaults(t, 3)
	const (
		asPlanned = "SET volley.broadcast_bytes = -1"
		settled   = "SET volley.broadcast_bytes = 0"
		spread    = "groups merged by hash instead of in one place"
		folded    = "groups merged in one place instead of by hash"
	)
	explained := func(sql string) string {
		plan := <-c.ask(t, settled, "EXPLAIN (ANALYZE) "+sql)
		if plan.err != nil {
			t.Fatal(plan.err)
		}
		return strings.Join(strings.Fields(plan.rows), " ") // lines are broken anywhere
	}
	want := <-c.ask(t, asPlanned, groupsQuery("v", path, 1_000_000))
	if want.err != nil {
		t.Fatal(want.err)
	}
	(<-c.ask(t, settled, groupsQuery("v", path, 1_000_000))).want(t, want.rows)
	if plan := explained(groupsQuery("v", path, 1_000_000)); !strings.Contains(plan, spread) {
		t.Errorf("many groups:\n%s", plan)
	}
	if plan := explained(groupsQuery("v", path, 1_000)); strings.Contains(plan, spread) {
		t.Errorf("few groups:\n%s", plan)
	}
	few := fmt.Sprintf("SELECT v %% 7, count(*) FROM '%s' GROUP BY 1 ORDER BY 1", path)
	expected := <-c.ask(t, asPlanned, few)
	if expected.err != nil {
		t.Fatal(expected.err)
	}
	(<-c.ask(t, settled, few)).want(t, expected.rows)
	if plan := explained(few); !strings.Contains(plan, folded) {
		t.Errorf("few groups, where many were expected:\n%s", plan)
	}
	for round := range rounds(3) {
		c.settle(t, 3)
		place := filepath.Join(t.TempDir(), fmt.Sprintf("groups-%d-", round))
		sql := groupsQuery("v", path, 1_000_000)
		sql = "SELECT b, c, sum FROM (" + strings.Replace(sql, "ORDER BY", fmt.Sprintf("HAVING chaos(count(*), 'stall', '%s', 1) >= 0 ORDER BY", place), 1) + ") y"
		got := c.ask(t, settled, sql)
		victim := c.of(t, awaitFired(t, place, 1)[0])
		c.kill(t, victim)
		(<-got).want(t, want.rows)
	}
	c.idle(t, idleWithin)
}
