package worker

import "time"

// beats measures how long a sign of life takes to be answered.
type beats struct {
	waiting time.Time // when the one was sent that was not answered yet; zero: none
	rtt     time.Duration
}

// sent notes that a sign of life is sent, and gives the last measurement.
func (s *session) sent(now time.Time) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.beats.waiting.IsZero() {
		s.beats.waiting = now
	}
	return s.beats.rtt
}

// answered notes that the coordinator has answered.
func (s *session) answered(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.beats.waiting.IsZero() {
		s.beats.rtt, s.beats.waiting = now.Sub(s.beats.waiting), time.Time{}
	}
}
