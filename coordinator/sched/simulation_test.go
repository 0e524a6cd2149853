package sched

import (
	"container/heap"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"volley/catalog"
	"volley/exec"
	"volley/planner/physical"
	"volley/sqlerr"
)

// simulation runs the machine against workers, a network and a root stage that
// exist only as a queue of events in simulated time. Everything random comes
// from one seed.
type simulation struct {
	t       *testing.T
	rng     *rand.Rand
	m       machine
	now     time.Time
	events  eventQueue
	serial  int
	workers map[*workerState]*simWorker
	query   *queryState
	failure error
	kills   int

	boundaries []int64 // of records in the file of stage 0, ascending
	readBy     map[string]int
	wanted     int // tasks the root reads
	skewed     int // partition that outputs have most rows in
}

type simWorker struct {
	state   *workerState
	dead    bool // answers nothing any more, whether that is known or not
	outputs map[physical.TaskID]bool
}

type simEvent struct {
	at     time.Time
	serial int
	do     func()
}

type eventQueue []simEvent

func (q eventQueue) Len() int { return len(q) }
func (q eventQueue) Less(i, j int) bool {
	return q[i].at.Before(q[j].at) || q[i].at.Equal(q[j].at) && q[i].serial < q[j].serial
}
func (q eventQueue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *eventQueue) Push(x any)   { *q = append(*q, x.(simEvent)) }
func (q *eventQueue) Pop() any {
	e := (*q)[len(*q)-1]
	*q = (*q)[:len(*q)-1]
	return e
}

func (s *simulation) after(d time.Duration, do func()) {
	s.serial++
	heap.Push(&s.events, simEvent{s.now.Add(d), s.serial, do})
}

func (s *simulation) between(lo, hi time.Duration) time.Duration {
	return lo + time.Duration(s.rng.Int64N(int64(hi-lo)+1))
}

func (s *simulation) chance(p float64) bool { return s.rng.Float64() < p }

// perform carries out what the machine decided.
func (s *simulation) perform() {
	for _, a := range s.m.take() {
		w := s.workers[a.worker]
		switch a.kind {
		case actStart:
			s.checkStart(a)
			s.run(w, a.attempt)
		case actCancel, actFree:
			delete(w.outputs, a.task)
		case actDrop:
			for id := range w.outputs {
				if id.Query == a.query {
					delete(w.outputs, id)
				}
			}
		case actProbe:
			s.after(s.between(0, time.Second), func() {
				if !s.query.ended {
					if !a.split.Exact || !slices.Contains(s.boundaries, a.split.Start) {
						s.t.Errorf("probe of %v from %d, which is no boundary", a.task, a.split.Start)
					}
					s.m.probed(s.query, a.task.Stage, a.task.Task, s.next(a.split.End), nil, s.now)
					s.perform()
				}
			})
		case actFail:
			s.failure = a.err
		}
	}
}

// next is the first record boundary at or after a byte.
func (s *simulation) next(at int64) int64 {
	i, _ := slices.BinarySearch(s.boundaries, at)
	return s.boundaries[min(i, len(s.boundaries)-1)]
}

func (s *simulation) checkStart(a action) {
	ahead := a.attempt.task.stage.remote || a.attempt.task.stage.short(-1, 0) // short: it has waited for most of its time
	if n := slices.Index(a.worker.attempts, a.attempt); n >= a.worker.slots && !ahead {
		s.t.Errorf("worker %s runs %d tasks in %d slots", a.worker.id, n+1, a.worker.slots)
	}
	if a.worker.draining || a.worker.gone {
		s.t.Errorf("worker %s is given a task though it drains or is gone", a.worker.id)
	}
	for _, p := range a.attempt.task.stage.producers {
		for _, t := range p.tasks {
			if !t.confirmed {
				s.t.Errorf("%v starts before its input %d.%d is confirmed", a.task, p.id, t.number)
			}
		}
	}
}

// run simulates one attempt on a worker.
func (s *simulation) run(w *simWorker, a *attempt) {
	inputs := map[physical.TaskID]*simWorker{}
	for _, p := range a.task.stage.producers {
		for _, t := range p.tasks {
			inputs[t.winner.id] = s.workers[t.winner.worker]
		}
	}
	d := s.between(100*time.Millisecond, time.Second)
	if s.chance(0.05) {
		d *= 20 // a straggler
	}
	s.after(d, func() {
		if w.dead {
			return
		}
		lost := a.task.stage.producers != nil && s.chance(0.9)
		var src physical.Source
		for id, p := range inputs {
			if lost = lost && (p.dead || !p.outputs[id]); lost {
				src = physical.Source{Task: id, Worker: p.state.id}
				break
			}
			lost = true
		}
		switch {
		case lost && src.Worker != "":
			s.m.failed(w.state, a.id, &exec.LostSource{Source: src, Err: fmt.Errorf("gone")}, s.now)
		case s.chance(0.03):
			e := sqlerr.New(sqlerr.IOError, "simulated")
			e.Retryable = true
			s.m.failed(w.state, a.id, e, s.now)
		default:
			report, err := s.read(a)
			if err != nil {
				s.m.failed(w.state, a.id, err, s.now)
				break
			}
			w.outputs[a.id] = true
			s.m.finished(w.state, a.id, report, s.now)
			if s.chance(0.1) { // a duplicate of the message
				s.m.finished(w.state, a.id, report, s.now)
			}
		}
		s.perform()
	})
}

// read is what a reader that guesses would find. A wrong guess may end in an
// error, as broken fields do.
func (s *simulation) read(a *attempt) (exec.Report, error) {
	r := exec.Report{Rows: 1, Bytes: 1 << 20, Bounds: map[int]catalog.Bounds{}}
	if spec := a.task.stage.spec; spec != nil && spec.Output.Kind == physical.Hash {
		r.Partitions = make([]int64, spec.Output.Count)
		for p := range r.Partitions {
			r.Partitions[p] = s.rng.Int64N(1 << 20)
		}
		r.Partitions[s.skewed%len(r.Partitions)] += 8 << 20
	}
	for i, sp := range a.splits {
		b := catalog.Bounds{Start: sp.Start, End: s.next(sp.End)}
		if !sp.Exact {
			b.Start = s.next(sp.Start)
			if i == 0 && s.chance(0.2) {
				b.Start += 1
				if s.chance(0.3) {
					return r, sqlerr.New(sqlerr.InvalidText, "a field was torn apart")
				}
				if s.chance(0.5) {
					b.End++
				}
			}
		} else if !slices.Contains(s.boundaries, sp.Start) {
			s.t.Errorf("%v starts exactly at %d, which is no boundary", a.id, sp.Start)
		}
		if s.chance(0.05) {
			b.End = -1 // closed early
		}
		r.Bounds[sp.Index] = b
	}
	return r, nil
}

// root reads the tasks of a stage in order and checks each.
func (s *simulation) root(st *stageState, n int) {
	if s.query.ended {
		return
	}
	if n == len(st.tasks) {
		if s.wanted--; s.wanted == 0 {
			s.m.close(s.query, s.now)
			s.perform()
		}
		return
	}
	t := st.tasks[n]
	if !t.confirmed {
		s.m.demand(st, n, s.now)
		s.perform()
		s.after(50*time.Millisecond, func() { s.root(st, n) })
		return
	}
	w := s.workers[t.winner.worker]
	if w.dead || !w.outputs[t.winner.id] {
		if !w.dead {
			s.t.Errorf("output %v was freed before it was read", t.winner.id)
		}
		s.m.unreachable(s.query, t.winner.source(), fmt.Errorf("gone"))
		s.m.assign(s.now)
		s.perform()
		s.after(50*time.Millisecond, func() { s.root(st, n) })
		return
	}
	if t.linked && len(t.winner.splits) == len(t.splits) {
		if start := t.winner.first.Start; start != s.next(t.splits[0].Start) {
			s.t.Errorf("task %d.%d began at %d, not %d", st.id, n, start, s.next(t.splits[0].Start))
		}
	}
	s.readBy[t.name()]++
	s.m.consumed(s.query, st.id, n, s.now)
	s.perform()
	s.after(s.between(0, 200*time.Millisecond), func() { s.root(st, n+1) })
}

func (s *simulation) join(name string) {
	w := &simWorker{state: &workerState{id: name, slots: 1 + s.rng.IntN(3), hash: s.rng.Uint64()}, outputs: map[physical.TaskID]bool{}}
	s.workers[w.state] = w
	s.m.join(w.state, s.now)
	s.perform()
	var beat func()
	beat = func() {
		if !w.dead && !w.state.gone {
			s.m.heard(w.state, s.now)
			s.after(500*time.Millisecond, beat)
		}
	}
	beat()
}

// kill ends some worker; its silence or its broken connection tells.
func (s *simulation) kill() {
	if len(s.m.workers) == 0 {
		return
	}
	i := s.rng.IntN(len(s.m.workers))
	w := s.workers[s.m.workers[i]]
	if w.dead {
		return
	}
	s.kills++
	s.after(s.between(0, 3*time.Second), func() { s.join(fmt.Sprintf("w%d", 100+s.kills)) })
	if s.chance(0.3) { // it drains, and leaves before all its outputs are read
		s.m.drain(w.state, s.now)
		s.perform()
		s.after(s.between(0, 4*time.Second), func() {
			w.dead = true
			s.m.lose(w.state, "it has left", s.now)
			s.perform()
		})
		return
	}
	w.dead = true
	if s.chance(0.5) {
		s.after(s.between(0, 50*time.Millisecond), func() {
			s.m.lose(w.state, "killed", s.now)
			s.perform()
		})
	}
}

// plan makes: scan stage 0 → stage 1 of three tasks → root; scan stage 2 → root.
func (s *simulation) plan() {
	q := &queryState{id: "q"}
	scan := func(id, tasks int) *stageState {
		st := &stageState{query: q, id: id, split: true, remote: s.chance(0.5)}
		for i := range tasks {
			st.tasks = append(st.tasks, &taskState{stage: st, number: i, end: -1, splits: []catalog.Split{{
				Index: i, File: catalog.FileInfo{Path: "f"}, Start: int64(100 * i), End: int64(100 * (i + 1)), Exact: i == 0,
			}}})
		}
		st.link()
		return st
	}
	s0, s2 := scan(0, 12), scan(2, 20)
	s1 := &stageState{query: q, id: 1, producers: []*stageState{s0}, root: 1}
	for i := range 3 {
		s1.tasks = append(s1.tasks, &taskState{stage: s1, number: i, end: -1})
	}
	s0.consumers = []*stageState{s1}
	s2.root = 1
	q.stages = []*stageState{s0, s1, s2}
	s.query, s.wanted = q, 2
	for at := int64(0); at < 2100; at += 1 + s.rng.Int64N(60) {
		s.boundaries = append(s.boundaries, at)
		if s.chance(0.03) {
			at += 250 // a record longer than a split
		}
	}
	s.boundaries = append(s.boundaries, 3000)
}

func newSimulation(t *testing.T, seed uint64) *simulation {
	s := &simulation{t: t, rng: rand.New(rand.NewPCG(seed, 1)), now: time.Unix(0, 0), workers: map[*workerState]*simWorker{}, readBy: map[string]int{}}
	s.m.limits = limits{MaxAttempts: 12, MaxLost: 100, HeartbeatLoss: 3 * time.Second, NoWorkerGrace: 10 * time.Second, SpeculateMin: time.Second, BufferBytes: 3 << 20}
	s.plan()
	return s
}

// until runs events, and ticks when the machine wants them, until the query ends.
func (s *simulation) until(end time.Time) {
	for !s.query.ended && s.now.Before(end) {
		due := s.m.due()
		if !due.IsZero() && (s.events.Len() == 0 || due.Before(s.events[0].at)) {
			if due.After(s.now) {
				s.now = due
			}
			s.m.tick(s.now)
			s.perform()
			continue
		}
		if s.events.Len() == 0 {
			s.t.Fatal("nothing will ever happen again, and the query has not ended")
		}
		e := heap.Pop(&s.events).(simEvent)
		s.now = e.at
		e.do()
	}
}

var (
	oneSeed   = flag.Int64("sim.seed", -1, "run the simulations with this seed only")
	seedCount = flag.Int("sim.seeds", 0, "seeds to run the simulations with; 0: the test's own number")
)

// seeds are those that a simulation is run with, n unless flags say otherwise.
func seeds(n int) []uint64 {
	if *oneSeed >= 0 {
		return []uint64{uint64(*oneSeed)}
	}
	if *seedCount > 0 {
		n = *seedCount
	}
	out := make([]uint64, n)
	for i := range out {
		out[i] = uint64(i)
	}
	return out
}

func TestSimulation(t *testing.T) {
	kills, reruns, speculated := 0, 0, 0
	for _, seed := range seeds(1000) {
		s := newSimulation(t, seed)
		for i := range 2 + s.rng.IntN(4) {
			s.join(fmt.Sprintf("w%d", i))
		}
		s.m.begin(s.query, s.now)
		s.perform()
		s.root(s.query.stages[1], 0)
		s.root(s.query.stages[2], 0)
		for range s.rng.IntN(4) {
			s.after(s.between(0, 6*time.Second), s.kill)
		}
		s.until(time.Unix(600, 0))
		if !s.query.ended || s.failure != nil {
			t.Fatalf("seed %d: ended %v, error %v", seed, s.query.ended, s.failure)
		}
		for _, id := range []int{1, 2} {
			for _, task := range s.query.stages[id].tasks {
				if n := s.readBy[task.name()]; n != 1 {
					t.Errorf("seed %d: the root has read %s %d times", seed, task.name(), n)
				}
			}
		}
		for _, w := range s.m.workers {
			if n := len(s.workers[w].outputs); n > 0 && !s.workers[w].dead {
				t.Errorf("seed %d: %d outputs are left on worker %s", seed, n, w.id)
			}
		}
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
		kills += s.kills
		for _, a := range s.query.log {
			switch a.outcome {
			case outDiscarded:
				reruns++
			case outCanceled:
				speculated++
			}
		}
	}
	// the faults must have happened for the rest to mean anything
	if *oneSeed < 0 && (kills < 100 || reruns < 100 || speculated < 20) {
		t.Errorf("only %d kills, %d reruns, %d canceled attempts", kills, reruns, speculated)
	}
}
