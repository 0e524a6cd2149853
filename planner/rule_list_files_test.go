package planner

import (
	"testing"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/planner/physical"
)

// planEvents plans a query of the table events, whose files are listed when it is
// planned, and gives how many are, and how many rows are expected of its scan.
func planEvents(t *testing.T, sql string, opts PlanOptions, params ...arrow.Array) (files int, rows int64) {
	t.Helper()
	p, w := newPlanner(t), newWorld(t)
	p.Evaluator = evaluator{p.Registry}
	b, err := p.Bind(t.Context(), parseQuery(t, sql), w, BindOptions{})
	if err != nil {
		t.Fatal(err)
	}
	opts.Files = w
	plan, err := p.Plan(t.Context(), b, params, opts)
	if err != nil {
		t.Fatal(err)
	}
	rows = -1
	for _, s := range plan.Stages {
		var find func(n physical.Node)
		find = func(n physical.Node) {
			if scan, ok := n.(*physical.Scan); ok {
				files, rows = len(plan.Defs[scan.ID].Files), scan.Rows
			}
			for _, in := range n.Inputs() {
				find(in)
			}
		}
		find(s.Root)
	}
	return files, rows
}

// TestListFiles: which of 240 files of a month each are listed under a condition, and that
// the condition is not thought to leave fewer of their rows.
func TestListFiles(t *testing.T) {
	for _, c := range []struct {
		where string
		want  int
	}{
		{"true", 240},
		{"id = 7", 240},
		{"id = 7 OR year = 2015", 240},
		{"year = id", 240},
		{"random() < 2 AND year >= random() * 0", 240},
		{"year = 2015", 12},
		{"year = 2015 AND month = 1", 1},
		{"id > 0 AND year = 2015", 12},
		{"year <> 2015", 228},
		{"year IN (2014, 2015, NULL)", 24},
		{"year NOT IN (2014, 2015)", 216},
		{"year BETWEEN 2014 AND 2015 AND month > 6", 12},
		{"year = 2015 AND month = 1 OR year = 2016", 13},
		{"(year = 2015 OR id = 1) AND month = 1", 20},
		{"year * 100 + month BETWEEN 201512 AND 201602", 3},
		{"make_date(year::int, month::int, 1) < '2000-03-01'", 2},
		{"year::text LIKE '201%'", 120},
		{"coalesce(nullif(month, 3), 99) = 99", 20},
		{"CASE WHEN year > 2010 THEN month = 1 ELSE false END", 9},
		{"year IS NULL", 0},
		{"year = NULL", -1},               // nothing is read
		{"month / (year - 2015) = 5", 15}, // 12 are those of 2015, which fail
	} {
		where, want := c.where, c.want
		files, rows := planEvents(t, "SELECT kind FROM events WHERE "+where, PlanOptions{Slots: 2, Distributed: true})
		if want < 0 {
			want, rows = 0, 0
		}
		if files != want {
			t.Errorf("%s: %d files, want %d", where, files, want)
		}
		if want < 240 && where != "id > 0 AND year = 2015" && where != "(year = 2015 OR id = 1) AND month = 1" && rows != int64(want)*10_000 {
			t.Errorf("%s: %d rows of %d files", where, rows, files)
		}
	}
}

// TestListFilesOfValues: values of parameters choose files as constants do, in a plan of
// their own and in a generic one.
func TestListFilesOfValues(t *testing.T) {
	const sql = "SELECT kind FROM events WHERE year = $1 AND month < $2 AND id > 5"
	values := []arrow.Array{bigint(2015), bigint(4)}
	if files, _ := planEvents(t, sql, PlanOptions{Slots: 2}, values...); files != 3 {
		t.Errorf("%d files by values", files)
	}
	p, w := newPlanner(t), newWorld(t)
	p.Evaluator = evaluator{p.Registry}
	b, err := p.Bind(t.Context(), parseQuery(t, sql), w, BindOptions{})
	if err != nil {
		t.Fatal(err)
	}
	g, err := p.Generic(t.Context(), b, PlanOptions{Slots: 2, Files: w})
	if err != nil || g == nil {
		t.Fatal(g, err)
	}
	if known := len(g.Plan.Defs[0].Files); known != 1 {
		t.Errorf("the plan of no values has %d files", known)
	}
	for _, month := range []int64{4, 1, 13} {
		plan, err := p.WithValues(t.Context(), g, []arrow.Array{bigint(2015), bigint(month)}, w, false)
		if err != nil {
			t.Fatal(err)
		}
		if got := len(plan.Defs[0].Files); got != int(month)-1 {
			t.Errorf("month < %d: %d files", month, got)
		}
	}
	if len(g.Plan.Defs[0].Files) != 1 {
		t.Error("an execution changed the generic plan")
	}
}
