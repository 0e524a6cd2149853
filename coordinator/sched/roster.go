package sched

import (
	"slices"
	"time"
)

// roster is what the machine needs to know of its workers at every event, kept
// until one comes, goes, drains, or is put into or let out of quarantine: with a
// thousand workers it would cost more than the rest of the event.
type roster struct {
	known       bool
	usable      []*workerState
	hashes      []uint64 // of usable, for placement
	quarantined []*workerState
	slots       int    // of all workers
	print       uint64 // fingerprint of usable
}

// changed says that workers are not what they were.
func (m *machine) changed() { m.roster.known = false }

// known is the roster as of now.
func (m *machine) known() *roster {
	r := &m.roster
	if r.known {
		return r
	}
	*r = roster{known: true, usable: r.usable[:0], hashes: r.hashes[:0], quarantined: r.quarantined[:0]}
	for _, w := range m.workers {
		r.slots += w.slots
		if !w.quarantined.IsZero() {
			r.quarantined = append(r.quarantined, w)
		}
		if w.usable() {
			r.usable, r.hashes = append(r.usable, w), append(r.hashes, w.hash)
			r.print += mix(w.joined)
		}
	}
	return r
}

// release ends quarantines that are over, or all if no other worker is left.
func (m *machine) release(now time.Time) {
	r := m.known()
	if len(r.quarantined) == 0 {
		return
	}
	for _, w := range r.quarantined {
		if len(r.usable) == 0 || !now.Before(w.quarantined) {
			w.quarantined = time.Time{}
			m.changed()
		}
	}
}

// free are the workers that can take a task now, the one with the most free
// slots first.
func (m *machine) free() []*workerState {
	free := m.idle[:0]
	for _, w := range m.known().usable {
		if len(w.attempts) < w.slots {
			free = append(free, w)
		}
	}
	sortFree(free)
	return free
}

// stillFree are those of free workers that can take another task.
func stillFree(free []*workerState) []*workerState {
	free = slices.DeleteFunc(free, func(w *workerState) bool { return len(w.attempts) >= w.slots })
	sortFree(free)
	return free
}

func sortFree(free []*workerState) {
	if len(free) > 1 {
		slices.SortStableFunc(free, func(a, b *workerState) int {
			return (b.slots - len(b.attempts)) - (a.slots - len(a.attempts))
		})
	}
}
