package sched

// Losses counts what has been lost since the scheduler began.
type Losses struct {
	Workers     int64 // registrations that ended without a drain
	Left        int64 // those that ended after one
	Attempts    int64 // that ran on a worker when it was lost
	Outputs     int64 // finished, and made again because they could not be read any more
	LateResults int64 // of attempts that were not wanted any more
}

// Losses gives the counts so far.
func (s *Scheduler) Losses() Losses {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.machine.losses
}
