package sched

import (
	"testing"
	"time"
)

// TestSilenceOfTheCoordinator: a coordinator that was stopped itself loses no worker
// whose heartbeats it reads soon after, and loses the others then.
func TestSilenceOfTheCoordinator(t *testing.T) {
	const loss = 4 * time.Second
	now := time.Unix(0, 0)
	m := &machine{limits: limits{MaxAttempts: 4, MaxLost: 16, HeartbeatLoss: loss, NoWorkerGrace: time.Hour, SpeculateMin: time.Hour}}
	alive, dead := &workerState{id: "alive", slots: 1}, &workerState{id: "dead", slots: 1}
	m.join(alive, now)
	m.join(dead, now)
	now = now.Add(time.Minute) // it did not run
	m.due()
	m.tick(now)
	if len(m.workers) != 2 {
		t.Fatalf("%d of 2 workers are left after the coordinator's own silence", len(m.workers))
	}
	now = now.Add(lateGrace / 2)
	m.heard(alive, now)
	if now = m.due(); now.IsZero() || now.After(time.Unix(60, 0).Add(lateGrace)) {
		t.Fatalf("the next look is at %v", now)
	}
	m.tick(now)
	if len(m.workers) != 1 || m.workers[0] != alive {
		t.Errorf("after the grace, %d workers are left", len(m.workers))
	}
}

// TestSilenceBeforeALateCoordinator: one that is always late loses a dead worker.
func TestSilenceBeforeALateCoordinator(t *testing.T) {
	const loss = 4 * time.Second
	began := time.Unix(0, 0)
	m := &machine{limits: limits{MaxAttempts: 4, MaxLost: 16, HeartbeatLoss: loss, NoWorkerGrace: time.Hour, SpeculateMin: time.Hour}}
	m.join(&workerState{id: "dead", slots: 1}, began)
	for len(m.workers) > 0 {
		due := m.due()
		if due.IsZero() || due.Sub(began) > 2*loss {
			t.Fatalf("it is there still, and looked at again at %v", due)
		}
		m.tick(due.Add(2 * lateTick))
	}
}
