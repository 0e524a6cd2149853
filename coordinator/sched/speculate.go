package sched

import (
	"slices"
	"time"
)

// stragglerAfter is how long a task of s may run before it counts as a
// straggler: 1.5 times the median of the finished ones, once three quarters of
// the stage are finished. Zero: not yet.
func (m *machine) stragglerAfter(s *stageState) time.Duration {
	if s.done == len(s.tasks) || len(s.durations) == 0 || 4*s.done < 3*len(s.tasks) || len(m.workers) < 2 {
		return 0
	}
	d := slices.Clone(s.durations)
	slices.Sort(d)
	return max(d[len(d)/2]*3/2, m.limits.SpeculateMin)
}

// speculate starts stragglers a second time on workers that have nothing else
// to do. The first attempt to finish wins.
func (m *machine) speculate(now time.Time) {
	m.stragglers(func(t *taskState, w *workerState, due time.Time) {
		if !now.Before(due) {
			m.start(t, w, now)
		}
	})
}

// stragglerDue is when a running task of s becomes a straggler that a free
// worker could help; zero: never.
func (m *machine) stragglerDue(s *stageState) time.Time {
	var next time.Time
	m.stragglers(func(t *taskState, _ *workerState, due time.Time) {
		if t.stage == s && (next.IsZero() || due.Before(next)) {
			next = due
		}
	})
	return next
}

// stragglers gives each task that runs once and could run on another worker
// too, that worker, and from when on.
func (m *machine) stragglers(each func(t *taskState, w *workerState, due time.Time)) {
	if len(m.workers) < 2 {
		return
	}
	for _, q := range m.queries {
		for _, s := range q.stages {
			if s == nil {
				continue
			}
			after := m.stragglerAfter(s)
			if after == 0 {
				continue
			}
			for _, t := range s.tasks {
				if t.phase != running || len(t.attempts) != 1 {
					continue
				}
				a := t.attempts[0]
				i := slices.IndexFunc(m.workers, func(w *workerState) bool {
					return w != a.worker && w.usable() && len(w.attempts) < w.slots && !slices.Contains(t.avoid, w.id)
				})
				if i >= 0 {
					each(t, m.workers[i], a.started.Add(after))
				}
			}
		}
	}
}
