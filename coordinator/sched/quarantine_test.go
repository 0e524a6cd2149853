package sched

import (
	"testing"
	"time"

	"volley/exec"
	"volley/planner/physical"
	"volley/sqlerr"
)

// reading is a machine with three workers of a slot. Each has made an output of
// stage 0 and runs a task of stage 1, which reads them all.
func reading(t *testing.T) (m *machine, workers []*workerState, now time.Time) {
	t.Helper()
	m, now = &machine{limits: limits{MaxAttempts: 4, MaxLost: 16, HeartbeatLoss: time.Hour, NoWorkerGrace: time.Hour, SpeculateMin: time.Hour, BufferBytes: 1 << 40}}, time.Unix(1000, 0)
	q := &queryState{id: "q"}
	first, second := &stageState{query: q, id: 0}, &stageState{query: q, id: 1, root: 1}
	first.consumers, second.producers = []*stageState{second}, []*stageState{first}
	for i := range 3 {
		first.tasks = append(first.tasks, &taskState{stage: first, number: i, end: -1})
		second.tasks = append(second.tasks, &taskState{stage: second, number: i, end: -1})
	}
	q.stages = []*stageState{first, second}
	for _, id := range []string{"a", "b", "c"} {
		w := &workerState{id: id, slots: 1}
		workers = append(workers, w)
		m.join(w, now)
	}
	m.begin(q, now)
	for _, w := range workers {
		m.finished(w, w.attempts[0].id, exec.Report{}, now)
	}
	for _, w := range workers {
		if len(w.attempts) != 1 || w.attempts[0].id.Stage != 1 {
			t.Fatalf("worker %s has %d attempts", w.id, len(w.attempts))
		}
	}
	return m, workers, now
}

// cannotReach has a worker's task fail because of another worker's output.
func cannotReach(m *machine, reader, other *workerState, now time.Time) {
	err := sqlerr.New(sqlerr.ConnectionFailure, "no answer")
	err.Retryable = true
	var src physical.Source
	for _, t := range m.queries[0].stages[0].tasks {
		if t.winner != nil && t.winner.worker == other {
			src = t.winner.source()
		}
	}
	m.failed(reader, reader.attempts[0].id, &exec.LostSource{Source: src, Err: err}, now)
}

func TestAWorkerOutOfReachIsLostAndQuarantined(t *testing.T) {
	m, w, now := reading(t)
	cannotReach(m, w[0], w[1], now)
	if !w[1].gone || w[0].gone || w[2].gone {
		t.Fatalf("gone: %v %v %v", w[0].gone, w[1].gone, w[2].gone)
	}
	if m.losses != (Losses{Workers: 1, Attempts: 1, Outputs: 1}) {
		t.Errorf("lost: %+v", m.losses)
	}
	again := &workerState{id: "b", slots: 1}
	m.join(again, now)
	if again.usable() || len(again.attempts) > 0 {
		t.Error("the worker is given tasks as soon as it is back")
	}
	if due := m.due(); due.After(now.Add(quarantineFirst)) {
		t.Errorf("nothing happens before %v", due)
	}
	m.tick(now.Add(quarantineFirst))
	if !again.usable() {
		t.Error("the quarantine does not end")
	}
}

func TestQuarantineEndsWhenNobodyElseIsLeft(t *testing.T) {
	m, w, now := reading(t)
	cannotReach(m, w[0], w[1], now)
	again := &workerState{id: "b", slots: 1}
	m.join(again, now)
	m.lose(w[0], "killed", now)
	if again.usable() {
		t.Error("worker c is left")
	}
	m.lose(w[2], "killed", now)
	if !again.usable() || len(again.attempts) == 0 {
		t.Error("the only worker is given nothing")
	}
}

// TestQuarantineIsForgotten: it doubles while a worker is accused again and
// again, and nothing is left of it, or in the table, once it has been well.
func TestQuarantineIsForgotten(t *testing.T) {
	m, now := &machine{}, time.Unix(1000, 0)
	s := m.suspicion("b", now)
	for _, c := range []struct{ well, length time.Duration }{
		{0, 5 * time.Second},
		{0, 10 * time.Second},
		{29 * time.Second, 20 * time.Second},
		{30 * time.Second, 20 * time.Second}, // halved, and doubled
		{time.Hour, 5 * time.Second},
		{0, 10 * time.Second},
		{-10 * time.Second, 20 * time.Second}, // in quarantine, but the last one left
	} {
		now = now.Add(s.length + c.well)
		if s.quarantine(now); s.length != c.length || s.until != now.Add(c.length) {
			t.Fatalf("well for %v: %v, not %v", c.well, s.length, c.length)
		}
	}
	for range 20 {
		s.quarantine(now)
	}
	if s.length != quarantineMost {
		t.Errorf("at most %v: %v", quarantineMost, s.length)
	}
	m.suspicion("c", s.until.Add(time.Minute))
	if m.suspicions["b"] == nil {
		t.Error("forgotten after a minute")
	}
	if m.suspicion("d", s.until.Add(time.Hour)); m.suspicions["b"] != nil {
		t.Error("held against a worker for ever")
	}
}

func TestAWorkerThatReachesNobodyIsLostItself(t *testing.T) {
	m, w, now := reading(t)
	cannotReach(m, w[0], w[1], now)
	for len(w[0].attempts) == 0 || w[0].attempts[0].id.Stage != 1 { // what b had made is made again
		for _, o := range []*workerState{w[0], w[2]} {
			if len(o.attempts) > 0 && o.attempts[0].id.Stage == 0 {
				m.finished(o, o.attempts[0].id, exec.Report{}, now)
			}
		}
		if len(w[2].attempts) > 0 && w[2].attempts[0].id.Stage == 1 && len(w[0].attempts) == 0 {
			t.Fatal("worker a has nothing to do")
		}
	}
	cannotReach(m, w[0], w[2], now)
	if !w[0].gone || w[2].gone {
		t.Errorf("gone: %v %v %v", w[0].gone, w[1].gone, w[2].gone)
	}
}

// TestOtherLostOutputsAccuseNobody: an output that its worker does not have, or
// that nobody wants any more.
func TestOtherLostOutputsAccuseNobody(t *testing.T) {
	m, w, now := reading(t)
	src := m.queries[0].stages[0].tasks[1].winner.source()
	missing := sqlerr.New(sqlerr.ConnectionFailure, "worker b does not have it")
	m.failed(w[0], w[0].attempts[0].id, &exec.LostSource{Source: src, Err: missing}, now)
	old := src
	old.Task.Attempt = 7
	broken := sqlerr.New(sqlerr.ConnectionFailure, "no answer")
	broken.Retryable = true
	if m.cutOff(w[2], m.queries[0], old, broken, now) || w[1].gone || m.losses.Workers != 0 {
		t.Error("a worker was lost")
	}
	if m.losses.Outputs != 1 {
		t.Errorf("%d outputs are made again", m.losses.Outputs)
	}
}
