package sched

import (
	"maps"
	"time"

	"volley/planner/physical"
	"volley/sqlerr"
)

// A worker whose heartbeats come may still be of no use: another worker, or the
// root stage, cannot reach it. Whoever finds that out accuses it, and it is lost
// in the same one event as any other. It registers again at once, since its way
// to the coordinator is whole; so it is kept in quarantine for a while, in which
// it gets tasks only if there is no other worker. A reader that accuses one
// worker after the other is the one that is cut off, and is lost itself.

const (
	quarantineFirst = 5 * time.Second // after the first accusation; doubled each time
	quarantineMost  = 5 * time.Minute
	// quarantineHalf is the time in which the length of a past quarantine is
	// halved: who was cut off once a week is not kept out for minutes.
	quarantineHalf = 30 * time.Second
	// accusationLife is how long an accusation counts against its reader.
	accusationLife = 30 * time.Second
)

// suspicion is what is held against the workers of one ID.
type suspicion struct {
	until   time.Time            // in quarantine
	length  time.Duration        // of the last quarantine, which ends at until
	accused map[string]time.Time // whom it could not reach, and when that was
}

func (m *machine) suspicion(worker string, now time.Time) *suspicion {
	s := m.suspicions[worker]
	if s == nil {
		s = &suspicion{accused: map[string]time.Time{}}
		if m.suspicions == nil {
			m.suspicions = map[string]*suspicion{}
		}
		maps.DeleteFunc(m.suspicions, func(_ string, old *suspicion) bool { return old.forgotten(now) })
		m.suspicions[worker] = s
	}
	return s
}

// cutOff brings a reader's word that the way to an output is broken; reader is
// nil for the root stage. It tells whether some worker is lost for that, whose
// tasks and outputs have then been taken care of. Other reasons for a lost
// output, and news about outputs that nobody wants any more, do not count.
func (m *machine) cutOff(reader *workerState, q *queryState, src physical.Source, err error, now time.Time) bool {
	e := sqlerr.Find(err)
	accused := m.worker(src.Worker)
	if e == nil || !e.Retryable || e.Code != sqlerr.ConnectionFailure || accused == nil || accused == reader || q.ended || !m.won(src.Task) {
		return false
	}
	culprit, reason := accused, "the coordinator cannot reach it: "+e.Message
	if reader != nil {
		reason = "worker " + reader.id + " cannot reach it: " + e.Message
		own := m.suspicion(reader.id, now)
		own.accused[accused.id] = now
		if own.several(now) || accused.local {
			culprit, reason = reader, "it cannot reach worker "+accused.id+": "+e.Message
		}
	}
	if culprit.local || culprit.gone {
		return false
	}
	m.suspicion(culprit.id, now).quarantine(now)
	m.lose(culprit, reason, now)
	return true
}

// quarantine begins a quarantine.
func (s *suspicion) quarantine(now time.Time) {
	s.length = min(max(2*s.remembered(now), quarantineFirst), quarantineMost)
	s.until = now.Add(s.length)
}

// remembered is what is left of the length of the last quarantine.
func (s *suspicion) remembered(now time.Time) time.Duration {
	return s.length >> max(now.Sub(s.until)/quarantineHalf, 0)
}

// forgotten tells whether nothing is held against the worker any more.
func (s *suspicion) forgotten(now time.Time) bool {
	s.several(now)
	return len(s.accused) == 0 && 2*s.remembered(now) < quarantineFirst
}

// several tells whether more than one other worker was accused of late.
func (s *suspicion) several(now time.Time) bool {
	for id, at := range s.accused {
		if now.Sub(at) > accusationLife {
			delete(s.accused, id)
		}
	}
	return len(s.accused) > 1
}

// usable tells whether w may be given tasks.
func (w *workerState) usable() bool { return !w.draining && w.quarantined.IsZero() }
