package sched

// Progress is how many tasks of the running queries are done, and of how many.
func (s *Scheduler) Progress() (done, all int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, q := range s.running() {
		if q.state == nil {
			continue
		}
		for _, st := range q.state.stages {
			all += len(st.tasks)
			for _, t := range st.tasks {
				if t.winner != nil {
					done++
				}
			}
		}
	}
	return done, all
}
