package sched

import (
	"slices"
	"time"
)

// A worker that sends no heartbeat for HeartbeatLoss is lost. A coordinator that did
// not run itself, stopped by a hypervisor or for want of a processor, has heard
// nobody meanwhile: when it finds that it is late by lateTick, all workers have
// lateGrace to be heard. One that is late again and again gives it seldom, so that a
// dead worker is lost all the same.
const (
	lateTick  = 500 * time.Millisecond
	lateGrace = time.Second
)

// loseSilent removes the workers that have been silent for too long.
func (m *machine) loseSilent(now time.Time) {
	late := !m.silent.IsZero() && now.Sub(m.silent) >= lateTick
	if late && now.Sub(m.patient) >= 2*m.limits.HeartbeatLoss {
		m.patient = now.Add(lateGrace)
	}
	m.silent = time.Time{}
	if now.Before(m.patient) {
		return
	}
	for _, w := range slices.Clone(m.workers) {
		if !w.local && now.Sub(w.lastSeen) >= m.limits.HeartbeatLoss {
			m.remove(w, "it has sent no heartbeat for "+m.limits.HeartbeatLoss.String(), now)
		}
	}
}

// silentDue is when loseSilent is to be called next; zero: never, unless a worker
// comes.
func (m *machine) silentDue() time.Time {
	if m.silent.IsZero() { // signs of life only put it off
		for _, w := range m.workers {
			if d := w.lastSeen.Add(m.limits.HeartbeatLoss); !w.local && (m.silent.IsZero() || d.Before(m.silent)) {
				m.silent = d
			}
		}
		if !m.silent.IsZero() && m.silent.Before(m.patient) {
			m.silent = m.patient
		}
	}
	return m.silent
}
