package sched

import (
	"slices"
	"time"

	"volley/planner/physical"
	"volley/sqlerr"
)

// lose is the one event in which every way of losing a worker ends. Its
// attempts fail, and its outputs that somebody still needs are made again.
func (m *machine) lose(w *workerState, reason string, now time.Time) {
	m.remove(w, reason, now)
	m.assign(now)
}

// remove is lose while others may be lost at the same time, which are to get no
// tasks; the caller assigns when it knows.
func (m *machine) remove(w *workerState, reason string, now time.Time) {
	if w.gone {
		return
	}
	w.gone = true
	if w.draining {
		m.losses.Left++
	} else {
		m.losses.Workers++
	}
	m.losses.Attempts += int64(len(w.attempts))
	m.workers = slices.DeleteFunc(m.workers, func(o *workerState) bool { return o == w })
	m.idle = slices.DeleteFunc(m.idle, func(o *workerState) bool { return o == w })
	m.changed()
	m.act(action{kind: actLeave, worker: w, err: sqlerr.New(sqlerr.ConnectionFailure, "%s", reason)})
	cause := sqlerr.New(sqlerr.ConnectionFailure, "worker %s is lost: %s", w.id, reason)
	for _, a := range slices.Clone(w.attempts) {
		a.stop(outLost, now)
		if q := a.task.stage.query; !q.ended {
			m.orphan(a.task, w.id, cause)
		}
	}
	for _, q := range slices.Clone(m.queries) {
		m.remake(q, cause, func(a *attempt) bool { return a.worker == w }, m.lostOutput)
	}
}

// unreachable makes one output again that its reader could not read.
func (m *machine) unreachable(q *queryState, src physical.Source, err error) {
	cause := sqlerr.Wrap(err, sqlerr.ConnectionFailure, "the output of task %s on worker %s is lost", src.Task, src.Worker)
	m.remake(q, cause, func(a *attempt) bool { return a.id == src.Task }, m.blame)
}

// remake runs those done tasks of q again whose output is lost and still
// needed: again has that done. It goes from the last stage to the first, so that a
// task that is to be run again keeps its producers needed.
func (m *machine) remake(q *queryState, cause error, lost func(*attempt) bool, again func(t *taskState, worker string, err error)) {
	for i := len(q.stages) - 1; i >= 0 && !q.ended; i-- {
		s := q.stages[i]
		if s == nil {
			continue
		}
		for _, t := range s.tasks {
			if t.phase != done || !lost(t.winner) || !s.needed(t) {
				continue
			}
			w := t.winner.worker
			m.discard(t, t.winner)
			m.losses.Outputs++
			if again(t, w.id, cause); q.ended {
				return
			}
		}
	}
	for _, s := range q.stages {
		// tasks that were ready to run may have lost an input
		if s != nil && !s.ready() {
			s.pending = s.pending[:0]
		}
	}
}

// needed tells whether a done task's output may still be read.
func (s *stageState) needed(t *taskState) bool {
	if t.read < s.root || !t.confirmed {
		return true
	}
	return slices.ContainsFunc(s.consumers, func(c *stageState) bool { return c.confirmed < len(c.tasks) })
}

// consumed says that the root has taken all of a confirmed task's output.
func (m *machine) consumed(q *queryState, stage, task int, now time.Time) {
	s := q.stages[stage]
	t := s.tasks[task]
	t.read++
	if t.read < s.root {
		return
	}
	for s.unread < len(s.tasks) && s.tasks[s.unread].read >= s.root {
		s.unread++
	}
	if t.winner != nil {
		s.buffered -= t.winner.report.Bytes
		if len(s.consumers) == 0 && !t.winner.worker.gone {
			m.act(action{kind: actFree, worker: t.winner.worker, task: t.winner.id})
		}
	}
	m.assign(now)
}
