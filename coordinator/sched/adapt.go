package sched

import (
	"math"
	"slices"

	"volley/planner/physical"
)

// Plans are settled while they run, by what finished producers really gave:
//
//  1. A join whose sides are both cut by hash waits with its probe side, if no
//     other stage reads that, until the build side has ended or has passed
//     Plan.BroadcastBytes. If it ended below, the join moves into the probe
//     side's stage, whose tasks read the build side whole: nothing of the probe
//     side is sent. The join's stage keeps its number, the probe side's is gone.
//  2. A join that reads both sides by hash builds its table of the smaller one.
//  3. Partitions that are small together are read by one task, and one that is far
//     larger than the others by several (skew.go).
//  4. Groups are merged by the root where they turn out few, and by several tasks
//     where they turn out many (place.go).
//
// 2 to 4 are decided when all producers of a stage have ended, before its first
// task starts. Each decision is made once and kept: a task that runs again, or an
// output that is made again, does not change it.

// minPartitionBytes is what a task should have to read at least: below it, the
// way to a worker and back costs more than the work.
const minPartitionBytes = 1 << 20

// swapFactor is how much larger than the probe side a build side must be for
// them to change places.
const swapFactor = 2

// PlanChange is a decision that changed the plan while it ran.
type PlanChange struct {
	Kind  ChangeKind
	Stage int // that was changed
	Probe int // stage of the probe side
	Build int // stage of the build side
	// Rows and Bytes are those of the build side, or Bytes of all partitions.
	Rows, Bytes   int64
	ProbeBytes    int64
	Before, After int // tasks
	Partition     int // that was split; Bytes is the median then
	// Skew: sides changed places since one partition of the build side is far above
	// the median, and only those of a probe side can be split.
	Skew bool
}

// ChangeKind is a kind of PlanChange.
type ChangeKind uint8

// Kinds of changes: a join moved into the stage of its probe side; its sides
// changed places; partitions were put together; one was split; groups are merged by
// tasks of their own rather than by the root; or by the root rather than by tasks.
const (
	ChangeBroadcast ChangeKind = iota
	ChangeSides
	ChangePartitions
	ChangeSkew
	ChangeSpread
	ChangeFold
)

// joinChoice is a join of two outputs cut by hash, whose probe side's tasks may
// still become its own.
type joinChoice struct {
	probe, build *stageState
	limit        int64 // bytes of the build side
	decided      bool
}

// findChoices looks for joins to be decided on while the query runs.
func (q *queryState) findChoices(limit int64) {
	if q.adaptive = limit > 0; !q.adaptive {
		return
	}
	for _, s := range q.stages {
		j := movableJoin(s.spec.Root)
		if j == nil {
			continue
		}
		l, r := hashSource(j.Left), hashSource(j.Right)
		if l == nil || r == nil || l.Stage == r.Stage {
			continue
		}
		probe, build := q.stages[l.Stage], q.stages[r.Stage]
		if len(probe.consumers) == 1 && probe.root == 0 {
			s.choice = &joinChoice{probe: probe, build: build, limit: limit}
		}
	}
}

// given are the rows and bytes of the outputs of a stage that can be read.
func (s *stageState) given() (rows, bytes int64) {
	for _, t := range s.tasks {
		if t.confirmed {
			rows += t.winner.report.Rows
			bytes += t.winner.report.Bytes
		}
	}
	return rows, bytes
}

// held tells whether a stage waits for the build side of the join that reads it.
func (s *stageState) held() bool {
	for _, c := range s.consumers {
		if c.choice != nil && c.choice.probe == s && !c.choice.decided {
			return true
		}
	}
	return false
}

// progress starts what the state of a stage allows: joins of which it is the build
// side are decided on, and the stages that read it may begin. It is called whenever
// a stage has more confirmed tasks or other tasks, and once at the beginning: a
// stage without tasks has ended by then, and nothing else would tell.
func (m *machine) progress(s *stageState) {
	m.decide(s)
	for _, c := range s.consumers {
		m.unblock(c)
	}
}

// decide looks at the joins whose build side is s.
func (m *machine) decide(s *stageState) {
	for _, c := range s.consumers {
		ch := c.choice
		if ch == nil || ch.decided || ch.build != s {
			continue
		}
		rows, bytes := s.given()
		ended := s.confirmed == len(s.tasks)
		switch {
		case bytes > ch.limit:
			ch.decided = true
			m.unblock(ch.probe)
		case ended:
			ch.decided = true
			c.absorb(ch.probe)
			c.query.changes = append(c.query.changes, PlanChange{
				Kind: ChangeBroadcast, Stage: c.id, Probe: ch.probe.id, Build: s.id, Rows: rows, Bytes: bytes,
			})
			if c.choice != ch { // that of the probe side's own join
				m.decide(c.choice.build)
			}
			m.unblock(c)
			m.progress(c) // its tasks are others now, perhaps none
		}
	}
}

// unblock starts a stage if nothing is in its way any more.
func (m *machine) unblock(s *stageState) {
	if s.choice != nil && !s.choice.decided { // its tasks may still become others
		return
	}
	if s.ready() && !s.held() && !s.gone {
		m.settle(s)
		m.open(s)
	}
}

// settle decides how a stage runs whose producers have all ended. The root may
// then know how many tasks it has.
func (m *machine) settle(s *stageState) {
	if s.settled {
		return
	}
	s.settled = true
	if s.place() && s.query.adaptive {
		s.swapSides()
		s.coalesce()
		s.splitSkew()
	}
	if s.root > 0 || s.gone {
		m.act(action{kind: actPublish, query: s.query.id})
	}
}

// absorb moves a join into the tasks of its probe side, which have not started.
func (s *stageState) absorb(probe *stageState) {
	spec := *s.spec
	spec.Root = s.query.rewrite(spec.Root, func(n physical.Node) physical.Node { return broadcastJoin(n, probe.spec.Root) })
	spec.Scan, spec.Tasks, spec.Costly = probe.spec.Scan, probe.spec.Tasks, spec.Costly || probe.spec.Costly
	s.spec, s.split, s.tasks = &spec, probe.split, probe.tasks
	for _, t := range s.tasks {
		t.stage = s
	}
	for id, splits := range probe.whole {
		s.whole[id] = splits
	}
	var producers []*stageState
	for _, p := range append(s.producers, probe.producers...) {
		if p != probe && !slices.Contains(producers, p) {
			producers = append(producers, p)
		}
	}
	s.producers = producers
	for _, p := range probe.producers {
		// a copy: decide may be going through the consumers
		p.consumers = slices.DeleteFunc(slices.Clone(p.consumers), func(c *stageState) bool { return c == probe })
		if !slices.Contains(p.consumers, s) {
			p.consumers = append(p.consumers, s)
		}
	}
	if c := probe.choice; c != nil && !c.decided { // its own probe side is still open
		s.choice = c
	}
	probe.gone, probe.choice = true, nil
	probe.tasks, probe.pending, probe.producers, probe.consumers = nil, nil, nil, nil
}

// swapSides makes the build side of a join by hash the smaller one.
func (s *stageState) swapSides() {
	j := anyJoin(s.spec.Root)
	if j == nil {
		return
	}
	l, r := hashSource(j.Left), hashSource(j.Right)
	if l == nil || r == nil || l.Stage == r.Stage {
		return
	}
	_, probe := s.query.stages[l.Stage].given()
	rows, build := s.query.stages[r.Stage].given()
	mirror, ok := mirrored[j.Kind]
	skewed := j.Kind == physical.Inner && s.skewedBuild(l, r)
	if !ok || !skewed && (build < minPartitionBytes || build < swapFactor*probe) {
		return
	}
	reached := false // not a join on the build side of another
	spec := *s.spec
	spec.Root = s.query.rewrite(spec.Root, func(n physical.Node) physical.Node {
		if n != j {
			return nil
		}
		reached = true
		return swapped(j, mirror)
	})
	if !reached {
		return
	}
	s.spec = &spec
	s.query.changes = append(s.query.changes, PlanChange{
		Kind: ChangeSides, Stage: s.id, Probe: l.Stage, Build: r.Stage, Rows: rows, Bytes: build, ProbeBytes: probe, Skew: skewed,
	})
}

// coalesce gives neighbouring partitions that are small together to one task.
func (s *stageState) coalesce() {
	sizes := s.partitionSizes()
	if s.split || len(sizes) < 2 || len(sizes) != len(s.tasks) || s.spec.Costly {
		return
	}
	var total, held int64
	n := 0 // tasks
	for p, size := range sizes {
		if n == 0 || held+size > minPartitionBytes {
			s.tasks[n].firstPartition, held = p, 0
			n++
		}
		held += size
		total += size
		s.tasks[n-1].endPartition = p + 1
	}
	if n == len(s.tasks) {
		return
	}
	s.query.changes = append(s.query.changes, PlanChange{Kind: ChangePartitions, Stage: s.id, Bytes: total, Before: len(s.tasks), After: n})
	s.tasks = s.tasks[:n]
}

// partitionSizes are the bytes of each partition that a stage reads; nil where
// that is not known, or it does not read partitions alone.
func (s *stageState) partitionSizes() []int64 {
	var sizes []int64
	for _, src := range sources(s.spec.Root) {
		if src.Broadcast {
			continue
		}
		p := s.query.stages[src.Stage]
		if p.spec.Output.Kind != physical.Hash || p.spec.Output.Count != len(s.tasks) {
			return nil
		}
		if sizes == nil {
			sizes = make([]int64, len(s.tasks))
		}
		for _, t := range p.tasks {
			if t.winner == nil || len(t.winner.report.Partitions) != len(sizes) {
				return nil
			}
			for i, n := range t.winner.report.Partitions {
				sizes[i] = min(sizes[i]+n, math.MaxInt64/int64(len(sizes)+1))
			}
		}
	}
	return sizes
}
