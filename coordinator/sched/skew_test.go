package sched

import (
	"reflect"
	"testing"

	"volley/planner/expr"
	"volley/planner/physical"
)

const mb = 1 << 20

// ranges are the partition and the producer tasks that each task of a stage reads.
func (a *adaptive) ranges(stage int) (out [][3]int) {
	for i, t := range a.q.stages[stage].tasks {
		if t.number != i {
			a.t.Errorf("task %d has the number %d", i, t.number)
		}
		first, end := t.partitions()
		if end != first+1 {
			a.t.Errorf("task %d reads partitions %d to %d", i, first, end-1)
		}
		out = append(out, [3]int{first, t.probe.first, t.probe.end})
	}
	return out
}

// A partition of the probe side that is far above the median is read by several
// tasks, which share its producers; also when a worker is lost in between.
func TestSkewedPartitionIsSplit(t *testing.T) {
	for _, kind := range []physical.JoinKind{physical.Inner, physical.LeftOuter, physical.Semi, physical.Anti, physical.Mark} {
		a := newAdaptiveOf(t, kind, 1000, 6, 2)
		a.q.stages[2].spec.Costly = kind == physical.LeftOuter // nothing is put together
		a.finish(1, 0, 2*mb, 2*mb, 2*mb, 2*mb)
		a.finish(0, 0, mb, 8*mb, mb, mb)
		a.changes(ChangeSkew)
		// 66 MB in four partitions: tasks of about 16 MB, which is two outputs
		want := [][3]int{{0, 0, 0}, {1, 0, 2}, {1, 2, 4}, {1, 4, 6}, {2, 0, 0}, {3, 0, 0}}
		if got := a.ranges(2); !reflect.DeepEqual(got, want) {
			t.Fatalf("%d: tasks read %v", kind, got)
		}
		a.running(2, 6)
		a.worker("b")
		a.m.lose(a.w, "killed", a.now)
		a.finish(1, 0, 1, 1, 1, 1)
		a.finish(0, 0, 1, 1, 1, 1)
		a.running(2, 6)
		if got := a.ranges(2); !reflect.DeepEqual(got, want) {
			t.Errorf("after a loss tasks read %v", got)
		}
		a.changes(ChangeSkew)
	}
}

// Fragments of a partition that is split have each output of the probe side once,
// and all of the build side.
func TestFragmentsOfSplitPartition(t *testing.T) {
	a := newAdaptiveOf(t, physical.Inner, 1000, 6, 2)
	a.finish(1, 0, 2*mb, 2*mb, 2*mb, 2*mb)
	a.finish(0, 0, mb, 8*mb, mb, mb)
	q := &Query{}
	read := map[[2]int]int{} // by partition and producer task
	for _, at := range a.w.attempts {
		f := q.fragment(at)
		if n := len(f.Sources[1]); n != 2 {
			t.Errorf("%s reads %d outputs of the build side", f.Task, n)
		}
		for _, src := range f.Sources[0] {
			read[[2]int{f.Partition, src.Task.Task}]++
		}
	}
	if len(read) != 4*6 {
		t.Errorf("%d outputs are read: %v", len(read), read)
	}
	for at, n := range read {
		if n != 1 {
			t.Errorf("partition %d of task %d is read %d times", at[0], at[1], n)
		}
	}
}

// Where all rows of a key must meet in one task, where the rows of the build side
// come out too, and where an expression is volatile, a partition stays whole.
func TestSkewedPartitionStaysWhole(t *testing.T) {
	key := []expr.Expr{&expr.Column{Index: 0, Name: "l"}}
	for name, change := range map[string]func(*physical.Stage){
		"right outer": func(s *physical.Stage) { s.Root.(*physical.Filter).Input.(*physical.Join).Kind = physical.RightOuter },
		"full outer":  func(s *physical.Stage) { s.Root.(*physical.Filter).Input.(*physical.Join).Kind = physical.FullOuter },
		"aggregation": func(s *physical.Stage) {
			s.Root = &physical.Aggregate{Input: s.Root, Mode: physical.Single, Keys: key}
		},
		"window":   func(s *physical.Stage) { s.Root = &physical.Window{Input: s.Root} },
		"offset":   func(s *physical.Stage) { s.Root = &physical.Limit{Input: s.Root, Count: -1, Offset: 3} },
		"volatile": func(s *physical.Stage) { s.VolatileBuild = true },
		"no join": func(s *physical.Stage) {
			s.Root = s.Root.(*physical.Filter).Input.(*physical.Join).Left
		},
		"read twice": func(s *physical.Stage) {
			j := s.Root.(*physical.Filter).Input.(*physical.Join)
			s.Root = &physical.Join{Left: j, Right: &physical.ExchangeSource{Stage: 0, Broadcast: true}}
		},
	} {
		a := newAdaptiveOf(t, physical.Inner, 1000, 6, 2)
		s := a.q.stages[2]
		change(s.spec)
		s.choice = nil
		a.m.unblock(a.q.stages[0])
		a.m.assign(a.now)
		a.finish(1, 0, 2*mb, 2*mb, 2*mb, 2*mb)
		a.finish(0, 0, mb, 8*mb, mb, mb)
		if len(s.tasks) != 4 {
			t.Errorf("%s: %d tasks", name, len(s.tasks))
		}
	}
}

// A build side that has most of its rows in one partition becomes the probe side of
// an inner join, where that can be split.
func TestSkewedBuildSideIsSplit(t *testing.T) {
	a := newAdaptiveOf(t, physical.Inner, 1000, 2, 6)
	a.finish(1, 0, mb/2, 8*mb, mb/2, mb/2)
	a.finish(0, 0, 7*mb, 7*mb, 7*mb, 7*mb)
	a.changes(ChangeSides, ChangeSkew)
	if c := a.q.changes; !c[0].Skew || c[1].Probe != 1 {
		t.Errorf("changes %+v", c)
	}
	a.running(2, 3+3)
}

func TestCutOutputs(t *testing.T) {
	for _, c := range []struct {
		sizes []int64
		aim   int64
		want  []sourceRange
	}{
		{[]int64{5}, 1, []sourceRange{{0, 1}}},
		{[]int64{1, 1, 1, 1}, 2, []sourceRange{{0, 2}, {2, 4}}},
		{[]int64{1, 1, 1, 1}, 100, []sourceRange{{0, 4}}},
		{[]int64{0, 10, 0, 0, 10, 0}, 10, []sourceRange{{0, 4}, {4, 6}}},
		{[]int64{100, 1, 1}, 10, []sourceRange{{0, 1}, {1, 3}}},
		{[]int64{0, 0}, 1, []sourceRange{{0, 2}}},
		{nil, 1, []sourceRange{{0, 0}}},
	} {
		if got := cutOutputs(c.sizes, c.aim); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%v by %d: %v", c.sizes, c.aim, got)
		}
	}
}
