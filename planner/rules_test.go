package planner

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/eval"
	"volley/planner/expr"
	"volley/udf"
)

// evaluator computes constants as the coordinator does.
type evaluator struct{ registry *udf.Registry }

func (e evaluator) Eval(_ context.Context, x expr.Expr) (arrow.Array, error) {
	env := &eval.Env{Registry: e.registry, Context: &udf.Context{}}
	program, err := env.Compile(x)
	if err != nil {
		return nil, err
	}
	return program.Array(eval.Columns(nil, 1))
}

// ruleFile is where the golden plans of a rule are.
func ruleFile(name string) string {
	return filepath.Join("testdata", "rules", strings.ReplaceAll(name, " ", "_")+".plan")
}

// TestRules compares the golden plans of every rule, testdata/rules/*.plan, and
// shows that each of them needs its rule: without it, it is another plan.
func TestRules(t *testing.T) {
	p, w := newPlanner(t), newWorld(t)
	p.Evaluator = evaluator{p.Registry}
	files := map[string]bool{}
	for _, r := range rules {
		file := ruleFile(r.name)
		files[filepath.Base(file)] = true
		t.Run(r.name, func(t *testing.T) {
			checkGolden(t, p, w, file)
			without := *p
			without.without = r.name
			for _, c := range goldenPlans(t, file) {
				if got := planText(t, &without, w, c.sql); got == c.want {
					t.Errorf("%s: the plan is the same without the rule:\n%s", file, c.head)
				}
			}
		})
	}
	have, err := os.ReadDir(filepath.Join("testdata", "rules"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range have {
		if !files[f.Name()] {
			t.Errorf("%s is of no rule", f.Name())
		}
	}
}
