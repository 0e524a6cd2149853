package sched

import (
	"errors"
	"slices"
	"time"

	"volley/exec"
	"volley/planner/physical"
	"volley/sqlerr"
)

// find gives the running attempt with this ID on w; nil when it is no longer
// wanted, and then whatever w says of it does not count.
func (w *workerState) find(id physical.TaskID) *attempt {
	for _, a := range w.attempts {
		if a.id == id {
			return a
		}
	}
	return nil
}

// stop takes an attempt from the running ones.
func (a *attempt) stop(how outcome, now time.Time) {
	same := func(o *attempt) bool { return o == a }
	a.ended, a.outcome = now, how
	a.worker.attempts = slices.DeleteFunc(a.worker.attempts, same)
	a.task.attempts = slices.DeleteFunc(a.task.attempts, same)
	a.task.stage.query.running--
	if w := a.worker; len(w.attempts) >= w.slots && w.slots > 0 {
		w.attempts[w.slots-1].started = now // it waited for the slot
	}
}

// finished brings the success of an attempt: its output is complete on w. The
// first attempt of a task to finish wins; the others are cancelled.
func (m *machine) finished(w *workerState, id physical.TaskID, report exec.Report, now time.Time) {
	a := w.find(id)
	if a == nil {
		m.losses.LateResults++
		if !m.won(id) { // or else it says so twice
			m.act(action{kind: actFree, worker: w, task: id})
		}
		m.assign(now)
		return
	}
	t := a.task
	s := t.stage
	a.stop(outFinished, now)
	w.completed++
	for _, o := range slices.Clone(t.attempts) {
		o.stop(outCanceled, now)
		m.act(action{kind: actCancel, worker: o.worker, task: o.id})
	}
	a.report = report
	a.bounds(report.Bounds)
	t.phase, t.winner = done, a
	m.placed.note(t.splits, w.hash)
	s.done++
	s.durations = append(s.durations, a.ended.Sub(a.started))
	s.buffered += a.report.Bytes
	m.confirm(s, t.number)
	m.assign(now)
}

// confirmed makes a done task's output readable, and starts the stages that
// have waited for it.
func (m *machine) confirmed(t *taskState) {
	s := t.stage
	t.confirmed = true
	t.rejects = t.winner.report.Rejects
	s.confirmed++
	if t.winner.end >= 0 {
		t.end = t.winner.end
	}
	if s.root > 0 {
		m.act(action{kind: actPublish, query: s.query.id})
	}
	m.progress(s)
}

// won tells whether an attempt is its task's winner.
func (m *machine) won(id physical.TaskID) bool {
	q := m.query(id.Query)
	if q == nil || id.Stage < 0 || id.Stage >= len(q.stages) || id.Task < 0 || id.Task >= len(q.stages[id.Stage].tasks) {
		return false
	}
	a := q.stages[id.Stage].tasks[id.Task].winner
	return a != nil && a.id == id
}

// discard takes a finished output back: it is wrong, or lost. The task is to
// be run again by the caller.
func (m *machine) discard(t *taskState, a *attempt) {
	s := t.stage
	if t.winner != a {
		return
	}
	a.outcome = outDiscarded
	if !a.worker.gone {
		m.act(action{kind: actFree, worker: a.worker, task: a.id})
	}
	if t.read < s.root || s.root == 0 {
		s.buffered -= a.report.Bytes
	}
	s.done--
	if t.confirmed {
		t.confirmed = false
		s.confirmed--
	}
	t.winner = nil
	t.phase = waiting
}

// began notes where an attempt that is about to be told failed began to read.
func (m *machine) began(w *workerState, id physical.TaskID, report exec.Report) {
	if a := w.find(id); a != nil && len(a.splits) > 0 {
		if b, ok := report.Bounds[a.splits[0].Index]; ok {
			a.first = b
		}
	}
}

// failed brings the failure of an attempt: by a lost input, which is made again
// before the task is; by a fault of the worker, so that another one tries; or by
// the query itself, which ends it.
func (m *machine) failed(w *workerState, id physical.TaskID, err error, now time.Time) {
	a := w.find(id)
	if a == nil {
		m.assign(now)
		return
	}
	a.stop(outFailed, now)
	t := a.task
	q := t.stage.query
	var lost *exec.LostSource
	switch {
	case errors.As(err, &lost):
		if m.restart(t, err); q.ended {
			break
		}
		if !m.cutOff(w, q, lost.Source, lost.Err, now) {
			m.unreachable(q, lost.Source, lost.Err)
		}
	case sqlerr.Find(err).Retryable:
		m.blame(t, w.id, err)
	case t.linked && len(a.splits) > 0 && !a.splits[0].Exact && len(a.splits) == len(t.splits):
		// perhaps only because it began at a wrong place
		if len(t.attempts) == 0 {
			t.phase, t.heldErr, t.heldAt = held, err, a.first.Start
			m.confirm(t.stage, t.number)
		}
	default:
		m.fail(q, err)
	}
	m.assign(now)
}

// blame counts a failure of t on a worker and runs it elsewhere, or ends the
// query when it has failed too often.
func (m *machine) blame(t *taskState, worker string, err error) {
	t.failures++
	t.shun(worker)
	if t.failures >= m.limits.MaxAttempts {
		m.failOften(t, t.failures, err)
		return
	}
	m.retry(t)
}

// orphan runs t elsewhere, whose worker was lost while it ran. Perhaps that died of
// the task: the query ends when so many have, if they are most of those that were lost
// since it began. Where workers die that do not run the task as well, they die of
// something else, and it is tried more often.
func (m *machine) orphan(t *taskState, worker string, err error) {
	t.orphaned++
	t.shun(worker)
	losses := m.losses.Workers + m.losses.Left - t.stage.query.losses
	suspect := t.orphaned >= m.limits.MaxAttempts && int64(2*t.orphaned) > losses
	if suspect || t.orphaned > m.limits.MaxLost {
		m.failOften(t, t.orphaned, err)
		return
	}
	m.retry(t)
}

func (m *machine) failOften(t *taskState, times int, err error) {
	m.fail(t.stage.query, sqlerr.Wrap(err, sqlerr.ConnectionFailure, "task %s failed %d times, at last", t.name(), times))
}

// lostOutput runs a done task again whose output was lost with its worker, which is no
// fault of the task.
func (m *machine) lostOutput(t *taskState, worker string, err error) {
	t.shun(worker)
	m.restart(t, err)
}

// restart runs t again, or ends the query when that has been done too often.
func (m *machine) restart(t *taskState, err error) {
	t.lost++
	if t.lost > m.limits.MaxLost {
		m.fail(t.stage.query, sqlerr.Wrap(err, sqlerr.ConnectionFailure, "task %s gave up after %d restarts", t.name(), m.limits.MaxLost))
		return
	}
	m.retry(t)
}

// shun has t run elsewhere than on a worker, if there is another.
func (t *taskState) shun(worker string) {
	if !slices.Contains(t.avoid, worker) {
		t.avoid = append(t.avoid, worker)
	}
}

// retry makes t pending again unless another attempt of it still runs, or its
// inputs have to be made first.
func (m *machine) retry(t *taskState) {
	if len(t.attempts) > 0 || t.phase == done {
		return
	}
	t.phase = waiting
	if t.stage.ready() {
		t.stage.enqueue(t)
	}
}

// name is stage.task, for messages.
func (t *taskState) name() string {
	s := physical.TaskID{Query: t.stage.query.id, Stage: t.stage.id, Task: t.number}.String()
	return s[:len(s)-len("#0")]
}
