package sched

import (
	"testing"
	"time"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/catalog"
	"volley/exec"
	"volley/planner/expr"
	"volley/planner/physical"
	"volley/sqltype"
)

// adaptive is the machine with a query: the probe side (stage 0, three splits)
// and the build side (stage 1, two splits), both cut by hash into four
// partitions, their join (stage 2), and the root.
type adaptive struct {
	t   *testing.T
	m   machine
	q   *queryState
	w   *workerState
	now time.Time
}

func newAdaptive(t *testing.T, kind physical.JoinKind, limit int64) *adaptive {
	return newAdaptiveOf(t, kind, limit, 3, 2)
}

// newAdaptiveOf has so many splits of each side.
func newAdaptiveOf(t *testing.T, kind physical.JoinKind, limit int64, probe, build int) *adaptive {
	out := arrow.NewSchema([]arrow.Field{{Name: "k", Type: sqltype.Int64}}, nil)
	both := arrow.NewSchema([]arrow.Field{{Name: "l", Type: sqltype.Int64}, {Name: "r", Type: sqltype.Int64}}, nil)
	key := []expr.Expr{&expr.Column{Index: 0, Name: "k", Type: sqltype.Int64}}
	hash := physical.Partitioning{Kind: physical.Hash, Keys: key, Count: 4}
	scan := func(id int) *physical.Scan { return &physical.Scan{ID: id} }
	plan := &physical.Plan{BroadcastBytes: limit, Stages: []*physical.Stage{
		{ID: 0, Root: scan(0), Scan: 0, Output: hash},
		{ID: 1, Root: scan(1), Scan: 1, Output: hash},
		{ID: 2, Scan: -1, Tasks: 4, Output: physical.Partitioning{Count: 1}, Root: &physical.Filter{Input: &physical.Join{
			Left: &physical.ExchangeSource{Stage: 0, Out: out}, Right: &physical.ExchangeSource{Stage: 1, Out: out},
			Kind: kind, LeftKeys: key, RightKeys: key, Out: both,
		}}},
		{ID: 3, Scan: -1, Tasks: 1, Root: &physical.ExchangeSource{Stage: 2, Out: both}},
	}}
	splits := func(n int) stageInput {
		in := stageInput{whole: map[int][]catalog.Split{}}
		for i := range n {
			in.tasks = append(in.tasks, []catalog.Split{{Index: i, File: catalog.FileInfo{Path: "f"}, Start: int64(i), End: int64(i + 1), Exact: true}})
		}
		return in
	}
	a := &adaptive{t: t, q: stages("q", plan, []stageInput{splits(probe), splits(build), {whole: map[int][]catalog.Split{}}, {}}), now: time.Unix(0, 0)}
	a.m.limits = limits{MaxAttempts: 4, MaxLost: 16, HeartbeatLoss: time.Hour, NoWorkerGrace: time.Hour, SpeculateMin: time.Hour, BufferBytes: 1 << 40}
	a.w = a.worker("a")
	a.m.begin(a.q, a.now)
	return a
}

func (a *adaptive) worker(id string) *workerState {
	w := &workerState{id: id, slots: 8}
	a.m.join(w, a.now)
	return w
}

// running are the tasks that run, by stage; the sum over all stages must be n.
func (a *adaptive) running(stage, n int) {
	a.t.Helper()
	got := 0
	for _, w := range a.m.workers {
		for _, at := range w.attempts {
			if at.id.Stage != stage {
				a.t.Errorf("%s runs", at.id)
			}
			got++
		}
	}
	if got != n {
		a.t.Fatalf("%d tasks run, not %d of stage %d", got, n, stage)
	}
}

// finish ends the running tasks of a stage, but for the last keep of them; each
// has given the sizes.
func (a *adaptive) finish(stage, keep int, sizes ...int64) {
	var ids []physical.TaskID
	on := map[physical.TaskID]*workerState{}
	for _, w := range a.m.workers {
		for _, at := range w.attempts {
			if at.id.Stage == stage {
				ids = append(ids, at.id)
				on[at.id] = w
			}
		}
	}
	for _, id := range ids[:len(ids)-keep] {
		r := exec.Report{Rows: 10, Partitions: sizes, Bounds: map[int]catalog.Bounds{}}
		for _, n := range sizes {
			r.Bytes += n
		}
		a.m.finished(on[id], id, r, a.now)
	}
}

func (a *adaptive) changes(kinds ...ChangeKind) {
	a.t.Helper()
	if len(a.q.changes) != len(kinds) {
		a.t.Fatalf("%d changes: %+v", len(a.q.changes), a.q.changes)
	}
	for i, k := range kinds {
		if a.q.changes[i].Kind != k {
			a.t.Errorf("change %d: %+v", i, a.q.changes[i])
		}
	}
}

// The probe side waits for the build side; when that is small, the join moves
// into the probe side's tasks, and stays there when a worker is lost.
func TestSmallBuildSideIsBroadcast(t *testing.T) {
	a := newAdaptive(t, physical.LeftOuter, 1000)
	a.running(1, 2) // not stage 0, though slots are free
	a.finish(1, 1, 10, 10, 10, 10)
	a.running(1, 1)
	a.finish(1, 0, 10, 10, 10, 10)
	a.running(2, 3)
	a.changes(ChangeBroadcast)
	j := a.q.stages[2]
	if !a.q.stages[0].gone || !j.split || len(j.tasks) != 3 || j.spec.Scan != 0 {
		t.Errorf("stage 2 has %d tasks, scan %d", len(j.tasks), j.spec.Scan)
	}
	join := j.spec.Root.(*physical.Filter).Input.(*physical.Join)
	if _, ok := join.Left.(*physical.Scan); !ok || !join.Right.(*physical.ExchangeSource).Broadcast {
		t.Errorf("the join reads %s and %s", join.Left, join.Right)
	}
	a.worker("b")
	a.m.lose(a.w, "killed", a.now)
	a.running(1, 2) // made again
	a.finish(1, 0, 10, 10, 10, 10)
	a.running(2, 3)
	a.finish(2, 0)
	if j.confirmed != 3 {
		t.Errorf("%d of 3 tasks are confirmed", j.confirmed)
	}
	a.changes(ChangeBroadcast)
}

// As soon as the build side is too large the probe side starts, whatever else
// the build side gives.
func TestLargeBuildSideIsShuffled(t *testing.T) {
	a := newAdaptive(t, physical.Inner, 1000)
	a.finish(1, 1, 2000, 0, 0, 0)
	if n := len(a.w.attempts); n != 4 {
		t.Fatalf("%d tasks run, not the last of stage 1 and the three of stage 0", n)
	}
	const mb = 1 << 20
	a.finish(1, 0, 2*mb, 2*mb, 2*mb, 2*mb)
	a.finish(0, 0, 2*mb, 2*mb, 2*mb, 2*mb)
	a.running(2, 4)
	a.changes()
}

// A join that keeps the rows of its build side is never repeated; its sides
// change places when the build side is the larger one.
func TestSidesAreSwapped(t *testing.T) {
	for kind, want := range map[physical.JoinKind]physical.JoinKind{
		physical.Inner: physical.Inner, physical.RightOuter: physical.LeftOuter,
		physical.LeftOuter: physical.RightOuter, physical.FullOuter: physical.FullOuter,
	} {
		a := newAdaptive(t, kind, 1000)
		const mb = 1 << 20
		a.finish(1, 0, 2*mb, 2*mb, 2*mb, 2*mb)
		a.finish(0, 0, 100, 100, 100, 100)
		a.running(2, 4)
		a.changes(ChangeSides)
		p := a.q.stages[2].spec.Root.(*physical.Filter).Input.(*physical.Project)
		j := p.Input.(*physical.Join)
		if j.Kind != want || j.Left.(*physical.ExchangeSource).Stage != 1 || p.Exprs[0].(*expr.Column).Index != 1 || p.Names[0] != "l" {
			t.Errorf("%s: %s over %s", kind, p, j)
		}
	}
	a := newAdaptive(t, physical.Semi, 1000)
	a.finish(1, 0, 4<<20, 0, 0, 0)
	a.finish(0, 0, 100, 100, 100, 100)
	for _, c := range a.q.changes {
		if c.Kind == ChangeSides {
			t.Error("a semi join was swapped")
		}
	}
}

// Neighbouring partitions of at most a megabyte together are one task; a lost
// task reads the same ones again.
func TestSmallPartitionsAreOneTask(t *testing.T) {
	a := newAdaptive(t, physical.RightOuter, 1000)
	a.finish(1, 0, 100, 100, 400_000, 100)
	a.finish(0, 0, 100, 100, 100_000, 100) // 1.1 MB in partition 2
	a.running(2, 3)
	a.changes(ChangePartitions)
	want := [][2]int{{0, 2}, {2, 3}, {3, 4}}
	for i, task := range a.q.stages[2].tasks {
		if got := [2]int{task.firstPartition, task.endPartition}; got != want[i] {
			t.Errorf("task %d reads %v", i, got)
		}
	}
	a.worker("b")
	a.m.lose(a.w, "killed", a.now)
	a.finish(1, 0, 1, 1, 1, 1)
	a.finish(0, 0, 1, 1, 1, 1)
	a.running(2, 3)
	a.changes(ChangePartitions)
}

// Without a limit the plan runs as it is.
func TestPlanStaysWithoutLimit(t *testing.T) {
	a := newAdaptive(t, physical.Inner, 0)
	if n := len(a.w.attempts); n != 5 {
		t.Fatalf("%d tasks run, not those of both sides", n)
	}
	a.finish(1, 0, 1, 1, 1, 1)
	a.finish(0, 0, 1, 1, 1, 1)
	a.running(2, 4)
	a.changes()
}

// A build side without tasks, all of whose splits were left out, has ended at the
// beginning: the probe side does not wait for it.
func TestBuildSideWithoutTasks(t *testing.T) {
	a := newAdaptiveOf(t, physical.LeftOuter, 1000, 3, 0)
	a.running(2, 3)
	a.changes(ChangeBroadcast)
	a = newAdaptiveOf(t, physical.RightOuter, 1000, 3, 0)
	a.finish(0, 0, 10, 10, 10, 10)
	a.running(2, 1)
	a = newAdaptiveOf(t, physical.LeftOuter, 1000, 0, 2)
	a.finish(1, 0, 10, 10, 10, 10)
	a.running(2, 0)
	if s := a.q.stages[2]; !s.settled || len(s.tasks) != 0 {
		t.Errorf("a join of no rows has %d tasks", len(s.tasks))
	}
}

// A join on the build side of another stays as it is, and nobody says otherwise.
func TestJoinOfBuildSideIsNotSwapped(t *testing.T) {
	a := newAdaptive(t, physical.Inner, 1000)
	s := a.q.stages[2]
	s.choice = nil
	spec := *s.spec
	inner := spec.Root.(*physical.Filter).Input
	spec.Root = &physical.Join{Left: &physical.Values{}, Right: inner, Kind: physical.Inner, Out: inner.Schema()}
	s.spec = &spec
	a.m.unblock(a.q.stages[0])
	a.finish(1, 0, 4<<20, 0, 0, 0)
	a.finish(0, 0, 100, 100, 100, 100)
	for _, c := range a.q.changes {
		if c.Kind == ChangeSides {
			t.Error("a change is told that was not made")
		}
	}
	if s.spec.Root.(*physical.Join).Right != inner {
		t.Error("the build side is another")
	}
}
