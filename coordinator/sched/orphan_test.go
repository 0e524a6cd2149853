package sched

import (
	"fmt"
	"testing"
	"time"

	"volley/exec"
)

// deadly is a machine with three workers of a slot, and a query of one task that the
// root reads.
func deadly(t *testing.T) (m *machine, task *taskState, now time.Time) {
	t.Helper()
	m, now = &machine{limits: limits{MaxAttempts: 4, MaxLost: 16, HeartbeatLoss: time.Hour, NoWorkerGrace: time.Hour, SpeculateMin: time.Hour, BufferBytes: 1 << 40}}, time.Unix(1000, 0)
	for i := range 3 {
		m.join(&workerState{id: fmt.Sprint("first ", i), slots: 1}, now)
	}
	m.lose(m.workers[0], "before the query", now)
	m.join(&workerState{id: "another", slots: 1}, now)
	q := &queryState{id: "q"}
	s := &stageState{query: q, id: 0, root: 1}
	task = &taskState{stage: s, end: -1}
	s.tasks, q.stages = []*taskState{task}, []*stageState{s}
	m.begin(q, now)
	return m, task, now
}

// replace loses a worker, in whose place another comes.
func replace(m *machine, w *workerState, now time.Time) {
	m.lose(w, "killed", now)
	m.join(&workerState{id: w.id + "'", slots: 1}, now)
}

// TestATaskThatKillsItsWorkersEndsItsQuery after four of them.
func TestATaskThatKillsItsWorkersEndsItsQuery(t *testing.T) {
	m, task, now := deadly(t)
	for i := range 4 {
		if task.stage.query.ended {
			t.Fatalf("the query has ended after %d workers", i)
		}
		replace(m, task.attempts[0].worker, now)
	}
	if !task.stage.query.ended {
		t.Error("a task that four workers died of is run on a fifth")
	}
}

// TestWorkersThatDieOfSomethingElse: a task that is lost with its worker again and
// again, while as many or more are lost that do not run it, is not what they die of.
func TestWorkersThatDieOfSomethingElse(t *testing.T) {
	m, task, now := deadly(t)
	for i := range 17 {
		if task.stage.query.ended {
			t.Fatalf("the query has ended after %d workers", i)
		}
		for _, w := range m.workers {
			if w != task.attempts[0].worker {
				replace(m, w, now)
				break
			}
		}
		replace(m, task.attempts[0].worker, now)
	}
	if !task.stage.query.ended {
		t.Error("a task is run for ever")
	}
}

// TestOutputsThatAreLostAgainAndAgain are made again sixteen times.
func TestOutputsThatAreLostAgainAndAgain(t *testing.T) {
	m, task, now := deadly(t)
	for i := range 17 {
		if task.stage.query.ended {
			t.Fatalf("the query has ended after %d outputs", i)
		}
		w := task.attempts[0].worker
		m.finished(w, task.attempts[0].id, exec.Report{}, now)
		replace(m, w, now)
	}
	if !task.stage.query.ended {
		t.Error("a task is run for ever")
	}
}
