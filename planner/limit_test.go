package planner

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"volley/catalog"
	"volley/planner/physical"
)

// plannedIn is the way from text to plan.
func plannedIn(ctx context.Context, t *testing.T, w *world, sql string) (*physical.Plan, error) {
	t.Helper()
	p := newPlanner(t)
	bound, err := p.Bind(ctx, parseQuery(t, sql), w, BindOptions{})
	if err != nil {
		return nil, err
	}
	return p.Plan(ctx, bound, nil, PlanOptions{Slots: 4, Distributed: true})
}

// TestWideQueries plans what is long or wide beyond any use: all of it is linear
// or nearly so, and the test would not end in its time otherwise.
func TestWideQueries(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	numbers := func(n int) string {
		var b strings.Builder
		for i := range n {
			b.WriteString("," + strconv.Itoa(i))
		}
		return b.String()[1:]
	}
	tests := []struct{ name, sql string }{
		{"500,000 items of IN", "SELECT id FROM trips WHERE id IN (" + numbers(500_000) + ")"},
		{"10,000 items of NOT IN", "SELECT id FROM trips WHERE id NOT IN (" + numbers(10_000) + ")"},
		{"100,000 ORs", "SELECT id FROM trips WHERE id = 1" + strings.Repeat(" OR fare = 2", 100_000)},
		{"100,000 ANDs", "SELECT id FROM trips WHERE id <> 1" + strings.Repeat(" AND fare <> 2", 100_000)},
		{"10,000 columns", "SELECT id" + strings.Repeat(", fare + id", 10_000) + " FROM trips"},
		{"10,000 columns of a subquery", "SELECT * FROM (SELECT id" + strings.Repeat(", fare", 10_000) + " FROM trips) AS t"},
		{"10,000 grouping keys", "SELECT count(*) FROM trips GROUP BY id" + strings.Repeat(", fare + id", 10_000)},
		{"10,000 rows", "VALUES (1)" + strings.Repeat(", (1)", 10_000)},
	}
	w := newWorld(t)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if _, err := plannedIn(t.Context(), t, w, test.sql); err != nil {
				t.Error(err)
			}
		})
	}
}

// thousandTables is a join of a thousand tables, as a chain.
func thousandTables(t *testing.T) (*world, string) {
	w := newWorld(t)
	var from, where []string
	for i := range 1000 {
		name := fmt.Sprintf("t%d", i)
		o := csvTable(name, fmt.Sprintf("a%d integer, b%d integer", i, i), 1000)
		o.Stats = &catalog.Stats{Rows: 10, Bytes: 200}
		w.tables[name] = o
		from = append(from, name)
		if i > 0 {
			where = append(where, fmt.Sprintf("b%d = a%d", i-1, i))
		}
	}
	return w, "SELECT count(*) FROM " + strings.Join(from, ", ") + " WHERE " + strings.Join(where, " AND ")
}

// TestThousandTables plans a join of a thousand tables by its conditions, and
// ends when the statement does.
func TestThousandTables(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	w, sql := thousandTables(t)
	plan, err := plannedIn(t.Context(), t, w, sql)
	if err != nil {
		t.Fatal(err)
	}
	if text := Explain(plan); strings.Contains(text, "NestedLoopJoin") || strings.Count(text, "HashJoin") != 999 {
		t.Errorf("%d hash joins, cross products: %t", strings.Count(text, "HashJoin"), strings.Contains(text, "NestedLoopJoin"))
	}
	stopped := errors.New("stopped")
	ctx, cancel := context.WithTimeoutCause(t.Context(), 20*time.Millisecond, stopped)
	defer cancel()
	if _, err := plannedIn(ctx, t, w, sql); err == nil {
		t.Error("a statement that had ended was planned")
	}
}
