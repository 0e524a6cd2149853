package sched

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"volley/catalog"
	"volley/planner/expr"
	"volley/planner/physical"
	"volley/sqltype"
)

// joins makes the plan of two joins, the one the probe side of the other:
// (stage 0 ⋈ stage 1 = stage 2) ⋈ stage 3 = stage 4 → root. Tables have few
// splits, or none, as when all of them are left out.
func (s *simulation) joins() {
	key := []expr.Expr{&expr.Column{Index: 0, Name: "k", Type: sqltype.Int64}}
	hash := physical.Partitioning{Kind: physical.Hash, Keys: key, Count: 3}
	join := func(l, r int) physical.Node {
		return &physical.Join{Left: &physical.ExchangeSource{Stage: l}, Right: &physical.ExchangeSource{Stage: r}, Kind: physical.Semi, LeftKeys: key, RightKeys: key}
	}
	limit := int64(1 << 40)
	s.skewed = s.rng.IntN(3)
	if s.chance(0.3) {
		limit = 1
	}
	plan := &physical.Plan{BroadcastBytes: limit, Stages: []*physical.Stage{
		{ID: 0, Root: &physical.Scan{ID: 0}, Scan: 0, Output: hash},
		{ID: 1, Root: &physical.Scan{ID: 1}, Scan: 1, Output: hash},
		{ID: 2, Root: join(0, 1), Scan: -1, Tasks: 3, Output: hash},
		{ID: 3, Root: &physical.Scan{ID: 3}, Scan: 3, Output: hash},
		{ID: 4, Root: join(2, 3), Scan: -1, Tasks: 3, Output: physical.Partitioning{Count: 1}},
		{ID: 5, Root: &physical.ExchangeSource{Stage: 4}, Scan: -1, Tasks: 1},
	}}
	inputs := make([]stageInput, len(plan.Stages))
	for id := range inputs {
		inputs[id].whole = map[int][]catalog.Split{}
		if plan.Stages[id].Scan < 0 {
			continue
		}
		for i := range s.rng.IntN(3) * s.rng.IntN(3) {
			inputs[id].tasks = append(inputs[id].tasks, []catalog.Split{{
				Index: i, File: catalog.FileInfo{Path: fmt.Sprintf("f%d", id)}, Start: int64(100 * i), End: int64(100 * (i + 1)), Exact: i == 0,
			}})
		}
	}
	s.query, s.wanted = stages("q", plan, inputs), 1
}

// rootOf reads a stage once it is known how many tasks it has.
func (s *simulation) rootOf(st *stageState) {
	if st.settled {
		s.root(st, 0)
	} else if !s.query.ended {
		s.after(50*time.Millisecond, func() { s.rootOf(st) })
	}
}

// TestSimulationOfJoins: however joins are decided on, also where a side has no
// tasks at all, the query ends and each task is read once.
func TestSimulationOfJoins(t *testing.T) {
	empty, changed, split := 0, 0, 0
	for _, seed := range seeds(1000) {
		s := newSimulation(t, seed)
		s.joins()
		if slices.ContainsFunc([]int{0, 1, 3}, func(id int) bool { return len(s.query.stages[id].tasks) == 0 }) {
			empty++
		}
		for i := range 2 + s.rng.IntN(3) {
			s.join(fmt.Sprintf("w%d", i))
		}
		s.m.begin(s.query, s.now)
		s.perform()
		s.rootOf(s.query.stages[4])
		for range s.rng.IntN(3) {
			s.after(s.between(0, 3*time.Second), s.kill)
		}
		s.until(time.Unix(600, 0))
		if !s.query.ended || s.failure != nil {
			t.Fatalf("seed %d: ended %v, error %v", seed, s.query.ended, s.failure)
		}
		for _, task := range s.query.stages[4].tasks {
			if n := s.readBy[task.name()]; n != 1 {
				t.Fatalf("seed %d: the root has read %s %d times", seed, task.name(), n)
			}
		}
		for _, st := range s.query.stages {
			if st.probes != nil {
				s.checkShares(st)
				split++
			}
		}
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
		changed += len(s.query.changes)
	}
	if *oneSeed < 0 && (empty < 100 || changed < 100 || split < 100) {
		t.Errorf("only %d queries with a side without tasks, %d changes, %d stages with a partition that was split", empty, changed, split)
	}
}

// checkShares tells whether the tasks of a stage read each partition of each output
// of the probe side once.
func (s *simulation) checkShares(st *stageState) {
	p := s.query.stages[st.probes[0].Stage]
	list := make([]physical.Source, len(p.tasks))
	for i := range list {
		list[i].Task.Task = i
	}
	read := make([][]int, p.spec.Output.Count)
	for i := range read {
		read[i] = make([]int, len(list))
	}
	for _, t := range st.tasks {
		first, end := t.partitions()
		for part := first; part < end; part++ {
			for _, src := range t.of(p, list) {
				read[part][src.Task.Task]++
			}
		}
	}
	for part, outputs := range read {
		for task, n := range outputs {
			if n != 1 {
				s.t.Errorf("partition %d of task %d.%d is read %d times by stage %d", part, p.id, task, n, st.id)
			}
		}
	}
}
