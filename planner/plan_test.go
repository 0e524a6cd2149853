package planner

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the golden plans")

// goldenPlan is a case of a file of plans.
type goldenPlan struct {
	head string // the comment and the query, as they stand
	sql  string
	want string
}

// goldenPlans reads a file of plans. Each case is a comment that says why the
// plan is right, the query, a line "----" and the plan; cases are separated by
// an empty line.
func goldenPlans(t *testing.T, file string) (out []goldenPlan) {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range strings.Split(strings.TrimRight(string(raw), "\n"), "\n\n") {
		head, want, _ := strings.Cut(c, "\n----\n")
		head = strings.TrimSuffix(head, "\n----")
		var sql []string
		for _, line := range strings.Split(head, "\n") {
			if !strings.HasPrefix(line, "#") {
				sql = append(sql, line)
			}
		}
		if !strings.HasPrefix(head, "#") {
			t.Errorf("%s: %q does not say why its plan is right", file, head)
		}
		out = append(out, goldenPlan{head: head, sql: strings.Join(sql, "\n"), want: want})
	}
	return out
}

// checkGolden compares the plans of a file with what p makes.
func checkGolden(t *testing.T, p *Planner, w *world, file string) {
	t.Helper()
	var out []string
	for _, c := range goldenPlans(t, file) {
		got := planText(t, p, w, c.sql)
		if got != c.want && !*update {
			t.Errorf("%s:\n%s\ngot:\n%s\nwant:\n%s", file, c.head, got, c.want)
		}
		out = append(out, c.head+"\n----\n"+got)
	}
	if *update {
		if err := os.WriteFile(file, []byte(strings.Join(out, "\n\n")+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// TestPlans compares plans with testdata/*.plan.
func TestPlans(t *testing.T) {
	files, err := filepath.Glob("testdata/*.plan")
	if err != nil || len(files) == 0 {
		t.Fatal("no golden plans", err)
	}
	p, w := newPlanner(t), newWorld(t)
	for _, file := range files {
		checkGolden(t, p, w, file)
	}
}

func planText(t *testing.T, p *Planner, w *world, sql string) string {
	t.Helper()
	b, err := p.Bind(context.Background(), parseQuery(t, sql), w, BindOptions{})
	if err != nil {
		return "error: " + err.Error()
	}
	plan, err := p.Plan(context.Background(), b, nil, PlanOptions{Slots: 4, Workers: 2, Distributed: true, Estimates: true, Files: w})
	if err != nil {
		return "error: " + err.Error()
	}
	checkPlan(t, plan)
	checkCodec(t, plan)
	return Explain(plan)
}
