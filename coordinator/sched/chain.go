package sched

import (
	"time"

	"volley/catalog"
)

// A CSV split may begin inside a quoted field, so its reader guesses where the
// first record starts. The guess of task t is right if task t−1 was right and
// its last record ended exactly there. So tasks are confirmed in file order:
//
//  1. A task whose first split starts at a known boundary is confirmed once it
//     is done.
//  2. Any other is linked to the task before it. Once that one is confirmed and
//     its end is known: equal to the start of t, t is confirmed; else t runs
//     again from that end (a new attempt, and no failure).
//  3. An error of a linked task may come from a wrong guess. It is held until
//     the end of the task before is known. Equal to where t began: the error is
//     real. Else t runs again from there.
//  4. A task whose reader was closed early (LIMIT) has no known end. Mostly
//     nobody wants the tasks after it. If somebody does, the coordinator reads
//     its last split once more, without columns, to find the end (a probe).

// link finds the tasks whose first split is a guess and continues the last
// split of the task before.
func (s *stageState) link() {
	for i := 1; i < len(s.tasks); i++ {
		t, prev := s.tasks[i], s.tasks[i-1]
		if len(t.splits) == 0 || len(prev.splits) == 0 {
			continue
		}
		first, last := t.splits[0], prev.splits[len(prev.splits)-1]
		t.linked = !first.Exact && first.File.Path == last.File.Path && first.Start == last.End
	}
}

// known is where the first record of a linked task starts; −1 if that is not
// known yet.
func (t *taskState) known() int64 { return t.stage.tasks[t.number-1].end }

// exactSplits are the task's splits, the first one moved to the known boundary
// if there is one. A record of the task before may reach over the whole of the
// first split: then nothing of it is left.
func (t *taskState) exactSplits() []catalog.Split {
	if !t.linked {
		return t.splits
	}
	start := t.known()
	if start < 0 {
		return t.splits
	}
	first := t.splits[0]
	if start >= first.End {
		return t.splits[1:]
	}
	first.Start, first.Exact = start, true
	return append([]catalog.Split{first}, t.splits[1:]...)
}

// bounds takes from the report of an attempt what the chain needs.
func (a *attempt) bounds(by map[int]catalog.Bounds) {
	t := a.task
	if len(a.splits) < len(t.splits) { // the first split was swallowed
		a.read, a.first = true, catalog.Bounds{Start: t.known(), End: t.known()}
		if len(a.splits) == 0 {
			a.end = a.first.End
			return
		}
	} else if len(a.splits) > 0 {
		a.first, a.read = by[a.splits[0].Index], true
		if _, ok := by[a.splits[0].Index]; !ok {
			a.first, a.read = catalog.Bounds{Start: -1, End: -1}, false
		} else if a.splits[0].Exact {
			a.first.Start = a.splits[0].Start
		}
	}
	if n := len(a.splits); n > 0 {
		if b, ok := by[a.splits[n-1].Index]; ok {
			a.end = b.End
		}
	}
}

// confirm goes along the chain from task n for as far as it can be decided.
func (m *machine) confirm(s *stageState, n int) {
	for ; n < len(s.tasks); n++ {
		t := s.tasks[n]
		if t.phase != done && t.phase != held {
			return
		}
		if t.confirmed {
			continue
		}
		if t.linked && !m.verify(t) {
			return
		}
		m.confirmed(t)
	}
}

// verify tells whether a linked task that is done or held began at the right
// place. If that is not known, or not so, it sees to it.
func (m *machine) verify(t *taskState) bool {
	s := t.stage
	prev := s.tasks[t.number-1]
	if t.phase == done && !t.winner.read {
		return true // its output does not depend on the split
	}
	start := t.known()
	if start < 0 {
		if prev.confirmed && (t.number < s.demanded || len(s.consumers) > 0) {
			m.probe(prev)
		}
		return false
	}
	if t.phase == done && t.winner.first.Start == start {
		return true
	}
	if t.phase == held && t.heldAt == start && start != t.splits[0].Start {
		// (at the very start of the split it may not have found a record yet)
		m.fail(s.query, t.heldErr)
		return false
	}
	if t.phase == done {
		m.discard(t, t.winner)
	}
	t.phase, t.heldErr = waiting, nil
	s.enqueue(t)
	return false
}

// probe asks where the last split of a confirmed task ends.
func (m *machine) probe(t *taskState) {
	if t.probing || t.winner == nil || len(t.winner.splits) == 0 {
		return
	}
	t.probing = true
	split := t.winner.splits[len(t.winner.splits)-1]
	if len(t.winner.splits) == 1 && t.linked {
		start := t.known()
		if start < 0 {
			t.probing = false
			m.probe(t.stage.tasks[t.number-1])
			return
		}
		split.Start, split.Exact = start, true
	}
	m.act(action{kind: actProbe, task: t.winner.id, query: t.stage.query.id, split: split})
}

// probed brings a probe's outcome.
func (m *machine) probed(q *queryState, stage, task int, end int64, err error, now time.Time) {
	t := q.stages[stage].tasks[task]
	t.probing = false
	switch {
	case err != nil:
		m.fail(q, err)
	default:
		t.end = end
		m.confirm(t.stage, task+1)
	}
	m.assign(now)
}

// demand says that a reader waits for task n of a stage, so that its place in
// the chain must be found out.
func (m *machine) demand(s *stageState, n int, now time.Time) {
	if s.awaited != n {
		s.awaited = n
		m.assign(now)
	}
	if n < s.demanded {
		return
	}
	s.demanded = n + 1
	for i, t := range s.tasks[:n+1] {
		if !t.confirmed {
			m.confirm(s, i)
			m.assign(now)
			return // the rest follows when this one is
		}
	}
}
