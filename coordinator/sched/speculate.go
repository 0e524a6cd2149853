package sched

import (
	"slices"
	"time"
)

// stragglerAfter is how long a task of s may run before it counts as a
// straggler: 1.5 times the median of the finished ones, once three quarters of
// the stage are finished. Zero: not yet.
func (m *machine) stragglerAfter(s *stageState) time.Duration {
	n := len(s.durations)
	if s.done == len(s.tasks) || n == 0 || 4*s.done < 3*len(s.tasks) || len(m.workers) < 2 {
		return 0
	}
	// of many durations, a few more do not move the median
	if s.medianOf == 0 || n > s.medianOf+s.medianOf/16 {
		d := slices.Clone(s.durations)
		slices.Sort(d)
		s.median, s.medianOf = d[n/2], n
	}
	return max(s.median*3/2, m.limits.SpeculateMin)
}

// lookEvery is how often stragglers are looked for: it takes a look at every
// running attempt, and tasks may end many thousand times a second.
const lookEvery = 20 * time.Millisecond

// speculate starts stragglers a second time on workers that have nothing else
// to do. The first attempt to finish wins.
func (m *machine) speculate(now time.Time) {
	l := &m.straggling
	if now.Sub(l.looked) < lookEvery && (l.due.IsZero() || now.Before(l.due)) {
		l.skipped = true
		return
	}
	l.looked, l.due, l.skipped = now, time.Time{}, false
	m.stragglers(func(t *taskState, w *workerState, due time.Time) {
		switch {
		case !now.Before(due):
			m.start(t, w, now)
		case l.due.IsZero() || due.Before(l.due):
			l.due = due
		}
	})
}

// stragglerDue is when stragglers are to be looked for again; zero: never, unless
// something happens.
func (m *machine) stragglerDue() time.Time {
	l := &m.straggling
	if l.skipped && (l.due.IsZero() || l.looked.Add(lookEvery).Before(l.due)) {
		return l.looked.Add(lookEvery)
	}
	return l.due
}

// stragglers gives each task that runs once and could run on another worker
// too, that worker, and from when on.
func (m *machine) stragglers(each func(t *taskState, w *workerState, due time.Time)) {
	if len(m.workers) < 2 || len(m.idle) == 0 {
		return
	}
	for _, of := range m.workers {
		// What each starts is on an idle worker, and no straggler.
		for _, a := range of.attempts[:min(len(of.attempts), max(of.slots, 1))] {
			t := a.task
			if t.phase != running || len(t.attempts) != 1 || t.stage.query.noSpeculation {
				continue
			}
			after := m.stragglerAfter(t.stage)
			if after == 0 || !t.stage.ready() { // an input is being made again
				continue
			}
			i := slices.IndexFunc(m.idle, func(w *workerState) bool {
				return w != of && !w.gone && w.usable() && len(w.attempts) < w.slots && !slices.Contains(t.avoid, w.id)
			})
			if i >= 0 {
				each(t, m.idle[i], a.started.Add(after))
			}
		}
	}
}
