package sched

import (
	"testing"
	"time"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/catalog"
	"volley/planner/expr"
	"volley/planner/physical"
	"volley/sqltype"
)

// groupsPlan merges groups of three partial tasks (stage 0): in the root, or by hash in
// stage 1, below a projection and a top-N.
func groupsPlan(byHash bool) *physical.Plan {
	out := arrow.NewSchema([]arrow.Field{{Name: "k", Type: sqltype.Int64}}, nil)
	key := []expr.Expr{&expr.Column{Index: 0, Name: "k", Type: sqltype.Int64}}
	partial := &physical.Aggregate{Input: &physical.Scan{ID: 0}, Mode: physical.Partial, Keys: key, Out: out}
	source := func(stage int) *physical.ExchangeSource {
		return &physical.ExchangeSource{Stage: stage, Limit: -1, Out: out}
	}
	merge := &physical.Aggregate{Input: source(0), Mode: physical.Final, Keys: key, Out: out}
	first := func(in physical.Node) physical.Node {
		return &physical.Sort{Input: &physical.Project{Input: in, Exprs: key, Names: []string{"k"}}, Keys: []physical.SortKey{{Expr: key[0]}}, Limit: 3}
	}
	cut := physical.Partitioning{Kind: physical.Gather, Keys: key, Count: 4}
	p := &physical.Plan{BroadcastBytes: 1, Stages: []*physical.Stage{{ID: 0, Root: partial, Scan: 0, Output: cut}}}
	if !byHash {
		p.Stages = append(p.Stages, &physical.Stage{ID: 1, Scan: -1, Tasks: 1, Root: first(merge)})
		return p
	}
	p.Stages[0].Output.Kind = physical.Hash
	merge.Partitions = 4
	p.Stages = append(p.Stages,
		&physical.Stage{ID: 1, Scan: -1, Tasks: 4, Root: first(merge), Output: physical.Partitioning{Count: 1}},
		&physical.Stage{ID: 2, Scan: -1, Tasks: 1, Root: source(1)})
	return p
}

func newGroups(t *testing.T, byHash bool) *adaptive {
	in := stageInput{whole: map[int][]catalog.Split{}}
	for i := range 3 {
		in.tasks = append(in.tasks, []catalog.Split{{Index: i, File: catalog.FileInfo{Path: "f"}, Start: int64(i), End: int64(i + 1), Exact: true}})
	}
	a := &adaptive{t: t, q: stages("q", groupsPlan(byHash), []stageInput{in, {whole: map[int][]catalog.Split{}}, {}}), now: time.Unix(0, 0)}
	a.m.limits = limits{MaxAttempts: 4, MaxLost: 16, HeartbeatLoss: time.Hour, NoWorkerGrace: time.Hour, SpeculateMin: time.Hour, BufferBytes: 1}
	a.w = a.worker("a")
	a.m.begin(a.q, a.now)
	return a
}

// tree is a settled plan's tree as one line of operators.
func tree(n physical.Node) string {
	text := n.String()
	for _, in := range n.Inputs() {
		text += " < " + tree(in)
	}
	return text
}

func (a *adaptive) root(want string) {
	a.t.Helper()
	if got := tree(a.q.root); got != want || a.q.undecided != 0 {
		a.t.Errorf("the root is %s, not %s; %d undecided", got, want, a.q.undecided)
	}
}

// Groups that were to be few are merged by tasks when they are many, and what follows
// goes with them; a lost worker's tasks run again in the same plan.
func TestManyGroupsAreMergedByTasks(t *testing.T) {
	a := newGroups(t, false)
	if out := a.q.stages[0].spec.Output; out.Kind != physical.Hash || a.q.undecided != 1 {
		t.Fatalf("the partial tasks give %v, %d undecided", out, a.q.undecided)
	}
	a.running(0, 3)
	a.finish(0, 1, 2<<20, 2<<20, 2<<20, 2<<20)
	a.changes()
	a.finish(0, 0, 2<<20, 2<<20, 2<<20, 2<<20)
	a.changes(ChangeSpread)
	const root = "TopN 3 by k < Exchange from stage 1"
	a.root(root)
	if got := tree(a.q.stages[1].spec.Root); got != "TopN 3 by k < Project k < Aggregate final by [k] < Exchange from stage 0" {
		t.Errorf("the stage is %s", got)
	}
	a.running(1, 4)
	a.m.lose(a.w, "it died", a.now)
	a.worker("b")
	a.running(0, 3)
	a.finish(0, 0, 1, 1, 1, 1)
	a.running(1, 4)
	a.finish(1, 0, 10)
	a.changes(ChangeSpread)
	a.root(root)
}

// Few groups stay in the root, whose reader wants all parts of the outputs.
func TestFewGroupsAreMergedInTheRoot(t *testing.T) {
	a := newGroups(t, false)
	a.running(0, 3)
	a.finish(0, 0, 1, 1, 1, 1)
	a.changes()
	a.root("TopN 3 by k < Project k < Aggregate final by [k] < Exchange from stage 0")
	a.running(0, 0)
	if s := a.q.stages[0]; s.root != 1 || len(s.consumers) != 0 || !a.q.stages[1].gone {
		t.Errorf("the root reads it %d times, %d stages do", s.root, len(s.consumers))
	}
	a.m.lose(a.w, "it died", a.now) // before the root has read
	a.worker("b")
	a.running(0, 3)
	a.finish(0, 0, 64<<20, 0, 0, 0) // the decision holds
	a.changes()
	a.running(0, 0)
}

// The root merges groups that were to be many when there is next to nothing to merge.
func TestFewGroupsAreNotMergedByTasks(t *testing.T) {
	a := newGroups(t, true)
	a.running(0, 3)
	a.finish(0, 0, 1, 1, 1, 1)
	a.changes(ChangeFold)
	a.root("TopN 3 by k < Project k < Aggregate final by [k] < Exchange from stage 0")
	a.running(0, 0)
	if s := a.q.stages[0]; s.root != 1 || len(s.consumers) != 0 {
		t.Errorf("the root reads it %d times, %d stages do", s.root, len(s.consumers))
	}

	a = newGroups(t, true)
	a.running(0, 3)
	a.finish(0, 0, 1<<20, 1<<20, 1<<20, 1<<20)
	a.changes()
	a.root("Exchange from stage 1")
	a.running(1, 4)
}
