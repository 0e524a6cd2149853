package sched

import (
	"slices"
	"time"

	"volley/catalog"
)

// assign gives tasks to free slots until there are no more of one or the
// other: every round offers one task to each worker, the least loaded first. In the
// first rounds nobody takes what another worker with a free slot has the bytes of.
func (m *machine) assign(now time.Time) {
	m.release(now)
	m.idle = m.free()
	for _, polite := range []bool{true, false} {
		for again := true; again; m.idle = stillFree(m.idle) {
			again = false
			for _, w := range m.idle {
				if t := m.pick(w, polite); t != nil {
					m.start(t, w, now)
					again = true
				}
			}
		}
	}
	m.ahead(now)
	m.fetchAhead(now)
	m.speculate(now)
	able := len(m.known().usable) > 0
	for _, q := range m.queries {
		switch {
		case able || q.running > 0:
			q.workless = time.Time{}
		case q.workless.IsZero() && q.unfinished():
			q.workless = now
		}
	}
}

// shortTask is a task so short that the way to the coordinator and back would
// be a good part of it, and so is one of few times that way.
const (
	shortTask = 50 * time.Millisecond
	shortRTTs = 8
)

// ahead gives workers of other processes short tasks beyond their slots, as many
// again, which they begin as soon as a slot is free. The last tasks of a stage
// are kept for whoever is idle first.
func (m *machine) ahead(now time.Time) {
	slots := m.known().slots
	if !m.anyStage(func(s *stageState) bool { return len(s.pending) > slots }) {
		return
	}
	far := time.Duration(0)
	for _, w := range m.workers {
		far = max(far, w.rtt)
	}
	if !m.anyStage(func(s *stageState) bool { return s.short(slots, far) }) {
		return
	}
	for _, w := range m.workers {
		for !w.local && w.usable() && len(w.attempts) >= w.slots && len(w.attempts) < 2*w.slots {
			t := m.pickShort(w, slots)
			if t == nil {
				break
			}
			m.start(t, w, now)
		}
	}
}

// anyStage tells whether f holds for some stage.
func (m *machine) anyStage(f func(*stageState) bool) bool {
	return slices.ContainsFunc(m.queries, func(q *queryState) bool {
		return slices.ContainsFunc(q.stages, func(s *stageState) bool { return s != nil && f(s) })
	})
}

// pickShort chooses a task of a stage whose tasks are short and of which more
// than spare are waiting.
func (m *machine) pickShort(w *workerState, spare int) *taskState {
	for _, q := range m.queries {
		for i := len(q.stages) - 1; i >= 0; i-- {
			s := q.stages[i]
			if !s.short(spare, w.rtt) {
				continue
			}
			if t := m.pickOf(s, w, false); t != nil {
				return t
			}
		}
	}
	return nil
}

// short tells whether tasks of s are short for a worker so far away, and more
// than spare of them wait.
func (s *stageState) short(spare int, rtt time.Duration) bool {
	return s != nil && len(s.pending) > spare && len(s.durations) > 0 && s.durations[len(s.durations)-1] <= max(shortTask, shortRTTs*rtt)
}

// unfinished tells whether tasks remain to be run.
func (q *queryState) unfinished() bool {
	return slices.ContainsFunc(q.stages, func(s *stageState) bool { return s != nil && s.confirmed < len(s.tasks) })
}

// pick chooses the next task for w: of the query with the fewest running
// attempts; there, of the latest stage, since its tasks lead to the end and free
// what was buffered; there, one near the first whose bytes w is likely to have
// cached, or else the first. nil: there is none.
func (m *machine) pick(w *workerState, polite bool) *taskState {
	queries := m.queries
	if len(queries) > 1 {
		queries = slices.Clone(queries)
		slices.SortStableFunc(queries, func(a, b *queryState) int { return a.running - b.running })
	}
	for _, q := range queries {
		for i := len(q.stages) - 1; i >= 0; i-- {
			if s := q.stages[i]; s != nil && len(s.pending) > 0 {
				if t := m.pickOf(s, w, polite); t != nil {
					return t
				}
			}
		}
	}
	return nil
}

// pickOf chooses a task of s for w; polite, none that another worker prefers which
// has a free slot.
func (m *machine) pickOf(s *stageState, w *workerState, polite bool) *taskState {
	if m.full(s) {
		return m.pickWanted(s, w)
	}
	var first *taskState
	window := m.window(s)
	for _, n := range s.pending {
		t := s.tasks[n]
		if m.avoids(t, w) {
			continue
		}
		p := m.preferred(t)
		if p == w || p == nil && first == nil {
			return t
		}
		if first == nil && (p == nil || !polite || len(p.attempts) >= p.slots || m.avoids(t, p)) {
			first = t
		}
		if window--; window <= 0 {
			break
		}
	}
	return first
}

// full tells whether so much output of a scan stage waits for the root that no
// more should be made, but for the tasks the root is waiting for. A merge waits
// for all of them before it reads anything.
func (m *machine) full(s *stageState) bool {
	return s.split && s.root > 0 && !s.merged && len(s.consumers) == 0 && s.buffered > m.limits.BufferBytes
}

// pickWanted chooses a task of a full stage: the first that the root has not
// read, or the one that it waits for, which is another one where it reads the
// stage twice.
func (m *machine) pickWanted(s *stageState, w *workerState) *taskState {
	for _, n := range []int{s.unread, s.awaited} {
		if _, pending := slices.BinarySearch(s.pending, n); pending && !m.avoids(s.tasks[n], w) {
			return s.tasks[n]
		}
	}
	return nil
}

// avoids tells whether t has failed on w and another worker is left to try.
func (m *machine) avoids(t *taskState, w *workerState) bool {
	if !slices.Contains(t.avoid, w.id) {
		return false
	}
	return slices.ContainsFunc(m.workers, func(o *workerState) bool {
		return o.usable() && !slices.Contains(t.avoid, o.id)
	})
}

// start runs a new attempt of t on w.
func (m *machine) start(t *taskState, w *workerState, now time.Time) {
	s := t.stage
	if i, found := slices.BinarySearch(s.pending, t.number); found {
		// tasks are taken near the front, and there may be many behind
		copy(s.pending[1:i+1], s.pending[:i])
		s.pending = s.pending[1:]
	}
	a := &attempt{task: t, worker: w, started: now, splits: t.exactSplits(), first: catalog.Bounds{Start: -1, End: -1}, end: -1}
	a.id.Query, a.id.Stage, a.id.Task, a.id.Attempt = s.query.id, s.id, t.number, t.next
	t.next++
	t.phase = running
	t.attempts = append(t.attempts, a)
	w.attempts = append(w.attempts, a)
	s.query.running++
	s.query.log = append(s.query.log, a)
	s.attempts++
	m.act(action{kind: actStart, worker: w, task: a.id, attempt: a, query: s.query.id})
}
