package sched

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"volley/exec"
	"volley/sqlerr"
)

// TestAdmission: who waits is admitted in turn by user, the rest are refused, and
// those who give up leave the line.
func TestAdmission(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAdmission(2, 5)
		var order []string
		enter := func(ctx context.Context, user, name string) {
			go func() {
				if err := a.enter(ctx, user); err != nil {
					if sqlerr.Find(err).Code != sqlerr.QueryCanceled {
						t.Error(err)
					}
					name = "gone " + name
				}
				order = append(order, name)
			}()
			synctest.Wait()
		}
		ctx, cancel := context.WithCancel(t.Context())
		enter(t.Context(), "ann", "a1")
		enter(t.Context(), "ann", "a2")
		enter(t.Context(), "ann", "a3")
		enter(t.Context(), "ann", "a4")
		enter(t.Context(), "bob", "b1")
		enter(ctx, "bob", "b2")
		enter(t.Context(), "cat", "c1")
		var refused *sqlerr.Error
		if err := a.enter(t.Context(), "dan"); !errors.As(err, &refused) || refused.Code != sqlerr.TooManyConnections {
			t.Errorf("with a full line: %v", err)
		}
		cancel()
		synctest.Wait()
		for _, user := range []string{"ann", "ann", "bob", "cat", "ann"} {
			a.leave(user)
			synctest.Wait()
		}
		want := []string{"a1", "a2", "gone b2", "b1", "a3", "c1", "a4"}
		if !slices.Equal(order, want) {
			t.Errorf("in order of %v, not %v", order, want)
		}
		a.leave("ann")
		if a.places != 0 || len(a.active) != 0 || len(a.line) != 0 {
			t.Errorf("left: %d places, %v, %d in line", a.places, a.active, len(a.line))
		}
	})
}

// TestShortQueriesPassLongOnes: a query of a few tasks that comes while a long one
// has every slot and 1,000 tasks waiting gets the next slots.
func TestShortQueriesPassLongOnes(t *testing.T) {
	m := machine{limits: limits{MaxAttempts: 4, HeartbeatLoss: time.Hour, NoWorkerGrace: time.Hour, SpeculateMin: time.Hour, BufferBytes: 1 << 40}}
	now := time.Unix(0, 0)
	m.join(&workerState{id: "w", slots: 4, local: true}, now)
	query := func(id string, tasks int) *queryState {
		q := &queryState{id: id}
		s := &stageState{query: q, root: 1}
		for i := range tasks {
			s.tasks = append(s.tasks, &taskState{stage: s, number: i, end: -1})
		}
		q.stages = []*stageState{s}
		return q
	}
	long, short := query("long", 1000), query("short", 3)
	m.begin(long, now)
	var running []*attempt
	step := func() {
		for _, a := range m.take() {
			if a.kind == actStart {
				running = append(running, a.attempt)
			}
		}
	}
	step()
	m.begin(short, now)
	ends := 0
	for short.stages[0].done < 3 {
		step()
		a := running[0]
		running = running[1:]
		now = now.Add(time.Second)
		m.finished(a.worker, a.id, exec.Report{}, now)
		ends++
	}
	// 4 tasks ran before it came; its own 3 took the slots in turn with others
	if ends > 12 {
		t.Errorf("%d tasks ended before the short query's", ends)
	}
	if long.stages[0].done == 0 {
		t.Error("the long query stands still")
	}
}
