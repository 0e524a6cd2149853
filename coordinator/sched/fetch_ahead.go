package sched

import (
	"slices"
	"time"

	"volley/catalog"
	"volley/catalog/objstore"
)

const (
	// waitingBytes is how much the tasks may read that wait on a worker for a slot: a
	// fast link brings so much in a few tenths of a second. Where a worker's memory is
	// small it is waitingShare of it, one in so many.
	waitingBytes, waitingShare = 256 << 20, 16
	// waitingTasks is how many these may be, for each slot.
	waitingTasks = 16
)

// fetchAhead gives workers tasks that read remote files beyond their slots: while
// these wait, their files are fetched. Without that a link of high latency would
// have little to do: only what the tasks that run have not parsed yet. A worker gets
// only what it would be given anyway, that is, what no other worker has the bytes of,
// and the last tasks of a stage are kept for whoever is idle first.
func (m *machine) fetchAhead(now time.Time) {
	if !m.anyStage(func(s *stageState) bool { return s.remote && len(s.pending) > 0 }) {
		return
	}
	for _, w := range m.known().usable {
		if len(w.attempts) < w.slots || w.slots == 0 {
			continue // it has no use for anything that is left
		}
		limit := int64(waitingBytes)
		if w.memory > 0 {
			limit = min(limit, w.memory/waitingShare)
		}
		waiting := int64(0)
		for _, a := range w.attempts[w.slots:] {
			waiting += readBytes(a.splits)
		}
		for waiting < limit && len(w.attempts) < (1+waitingTasks)*w.slots {
			t := m.pickRemote(w)
			if t == nil {
				break
			}
			m.start(t, w, now)
			waiting += max(readBytes(t.splits), 1)
		}
	}
}

// pickRemote chooses a task with remote files that w should be given before it has a
// slot.
func (m *machine) pickRemote(w *workerState) *taskState {
	spare := 0
	if len(m.known().usable) > 1 {
		spare = m.known().slots
	}
	for _, q := range m.queries {
		for _, s := range slices.Backward(q.stages) {
			if s == nil || !s.remote || len(s.pending) <= spare || m.full(s) {
				continue
			}
			window := m.window(s)
			for _, n := range s.pending[:min(len(s.pending), window)] {
				t := s.tasks[n]
				if p := m.preferred(t); (p == w || p == nil) && !m.avoids(t, w) {
					return t
				}
			}
		}
	}
	return nil
}

// remote tells whether tasks read files of a remote store.
func remote(tasks [][]catalog.Split) bool {
	return len(tasks) > 0 && len(tasks[0]) > 0 && tasks[0][0].Inline == nil && objstore.Scheme(tasks[0][0].File.Path) != ""
}
