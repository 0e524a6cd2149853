package sched

import (
	"fmt"
	"testing"
	"time"

	"volley/catalog"
	"volley/exec"
)

// scanOf begins a query of one scan with so many tasks, each of its own file.
func scanOf(m *machine, tasks int, prefix string, bytes int64, now time.Time) *stageState {
	q := &queryState{id: prefix}
	s := &stageState{query: q, split: true}
	var splits [][]catalog.Split
	for i := range tasks {
		splits = append(splits, []catalog.Split{{
			File: catalog.FileInfo{Path: fmt.Sprint(prefix, i), Version: "v"}, End: bytes, Bytes: bytes, Exact: true,
		}})
		s.tasks = append(s.tasks, &taskState{stage: s, number: i, end: -1, splits: splits[i]})
	}
	s.remote = remote(splits)
	q.stages = []*stageState{s}
	m.begin(q, now)
	return s
}

// TestRemoteTasksWait: tasks that read remote files are given before there is a slot
// for them, as many as a link has use for and memory has room for. Others are not.
func TestRemoteTasksWait(t *testing.T) {
	now := time.Unix(0, 0)
	const mib = 1 << 20
	for _, c := range []struct {
		prefix        string
		bytes, memory int64
		given         int
	}{
		{"s3://b/", 32 * mib, 0, 2 + 8},
		{"s3://b/", 128 * mib, 0, 2 + 2},
		{"s3://b/", 32 * mib, 1 << 30, 2 + 2},
		{"s3://b/", 32 * mib, 1 << 20, 2 + 1}, // never none
		{"s3://b/", 1, 0, 2 + 2*waitingTasks},
		{"/local/", 32 * mib, 0, 2},
	} {
		m := placedMachine(1, 2, now)
		m.workers[0].memory = c.memory
		scanOf(m, 100, c.prefix, c.bytes, now)
		if n := len(m.workers[0].attempts); n != c.given {
			t.Errorf("%+v: %d tasks are given", c, n)
		}
	}
}

// TestRemoteTasksWaitWhereTheyBelong: of several workers each gets ahead only what it
// has the bytes of, and the last tasks are nobody's until a slot is free.
func TestRemoteTasksWaitWhereTheyBelong(t *testing.T) {
	now := time.Unix(0, 0)
	m := placedMachine(3, 2, now)
	s := scanOf(m, 100, "s3://b/", 1<<20, now)
	waiting := 0
	for _, w := range m.workers {
		for _, a := range w.attempts[w.slots:] {
			waiting++
			if m.preferred(a.task) != w {
				t.Errorf("task %d waits on %s, which has not its bytes", a.task.number, w.id)
			}
		}
	}
	if waiting == 0 {
		t.Error("no task waits")
	}
	for s.done < len(s.tasks) {
		w := m.workers[s.done%3]
		if len(w.attempts) == 0 {
			w = m.workers[0]
		}
		for _, o := range m.workers {
			if len(o.attempts) < o.slots && len(s.pending) > 0 {
				t.Fatalf("%s has a free slot while %d tasks wait", o.id, len(s.pending))
			}
			if len(o.attempts) > len(w.attempts) {
				w = o
			}
		}
		if n := len(s.pending); n > 0 && n < 6 {
			for _, o := range m.workers {
				o.attempts = o.attempts[:min(len(o.attempts), o.slots)]
			}
			m.assign(now)
			if len(s.pending) != n {
				t.Fatalf("of the last %d tasks %d are given ahead", n, n-len(s.pending))
			}
			return
		}
		m.finished(w, w.attempts[0].id, exec.Report{}, now)
	}
	t.Error("the last tasks were given ahead")
}

// TestWaitingIsNotRunning: the time for which a task has waited for a slot does not
// count, neither as its duration nor as a straggler's.
func TestWaitingIsNotRunning(t *testing.T) {
	now := time.Unix(0, 0)
	m := placedMachine(2, 1, now)
	m.limits.SpeculateMin = 0
	s := scanOf(m, 40, "s3://b/", 1<<20, now)
	for s.done < len(s.tasks) {
		now = now.Add(time.Second)
		for _, w := range m.workers {
			if len(w.attempts) > 0 {
				m.finished(w, w.attempts[0].id, exec.Report{}, now)
			}
		}
	}
	for _, d := range s.durations {
		if d != time.Second {
			t.Errorf("a task of a second took %v", d)
		}
	}
	if s.attempts != len(s.tasks) {
		t.Errorf("%d attempts at %d tasks", s.attempts, len(s.tasks))
	}
}
