package sched

import (
	"slices"
	"time"

	"volley/catalog"
)

// assign gives tasks to free slots until there are no more of one or the
// other: every round offers one task to each worker, the least loaded first.
func (m *machine) assign(now time.Time) {
	m.release(now)
	for again := true; again; {
		again = false
		m.idle = m.free()
		for _, w := range m.idle {
			if t := m.pick(w, len(m.idle)); t != nil {
				m.start(t, w, now)
				again = true
			}
		}
	}
	m.ahead(now)
	m.speculate(now)
	able := slices.ContainsFunc(m.workers, (*workerState).usable)
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
	slots, far := 0, time.Duration(0)
	for _, w := range m.workers {
		slots, far = slots+w.slots, max(far, w.rtt)
	}
	if !slices.ContainsFunc(m.queries, func(q *queryState) bool {
		return slices.ContainsFunc(q.stages, func(s *stageState) bool { return s.short(slots, far) })
	}) {
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

// pickShort chooses a task of a stage whose tasks are short and of which more
// than spare are waiting.
func (m *machine) pickShort(w *workerState, spare int) *taskState {
	for _, q := range m.queries {
		for i := len(q.stages) - 1; i >= 0; i-- {
			s := q.stages[i]
			if !s.short(spare, w.rtt) {
				continue
			}
			if t := m.pickOf(s, w, 1); t != nil {
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

// free are the workers that can take a task now, the one with the most free
// slots first.
func (m *machine) free() []*workerState {
	var free []*workerState
	m.usable = 0
	for _, w := range m.workers {
		if !w.usable() {
			continue
		}
		m.usable += w.joined * 0x9e3779b97f4a7c15
		if len(w.attempts) < w.slots {
			free = append(free, w)
		}
	}
	slices.SortStableFunc(free, func(a, b *workerState) int {
		return (b.slots - len(b.attempts)) - (a.slots - len(a.attempts))
	})
	return free
}

// pick chooses the next task for w: of the query with the fewest running
// attempts; there, of the latest stage, since its tasks lead to the end and free
// what was buffered; there, the first task, or one near it whose file w is
// likely to have cached. nil: there is none.
func (m *machine) pick(w *workerState, window int) *taskState {
	queries := slices.Clone(m.queries)
	slices.SortStableFunc(queries, func(a, b *queryState) int { return a.running - b.running })
	for _, q := range queries {
		for i := len(q.stages) - 1; i >= 0; i-- {
			if s := q.stages[i]; s != nil && len(s.pending) > 0 {
				if t := m.pickOf(s, w, 2*window); t != nil {
					return t
				}
			}
		}
	}
	return nil
}

func (m *machine) pickOf(s *stageState, w *workerState, window int) *taskState {
	var first *taskState
	for _, n := range s.pending {
		t := s.tasks[n]
		if m.full(s) && n != s.unread {
			return first
		}
		if m.avoids(t, w) {
			continue
		}
		if first == nil {
			first = t
		}
		if m.preferred(t) == w {
			return t
		}
		if window--; window <= 0 {
			break
		}
	}
	return first
}

// full tells whether so much output of a scan stage waits for the root that no
// more should be made, but for the task the root is waiting for.
func (m *machine) full(s *stageState) bool {
	return s.split && s.root > 0 && len(s.consumers) == 0 && s.buffered > m.limits.BufferBytes
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

// preferred is the worker that reads the task's first file whenever it can, by
// rendezvous hashing: most files keep their worker when workers come and go.
func (m *machine) preferred(t *taskState) *workerState {
	if len(t.splits) == 0 || len(m.workers) < 2 {
		return nil
	}
	if t.preferred != nil && t.preferredOf == m.usable {
		return t.preferred
	}
	key := placement(t.splits[0])
	var best *workerState
	var most uint64
	for _, w := range m.workers {
		if !w.usable() {
			continue
		}
		if h := mix(key ^ w.hash); best == nil || h > most {
			best, most = w, h
		}
	}
	t.preferred, t.preferredOf = best, m.usable
	return best
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
