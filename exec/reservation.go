package exec

// reservation is an operator's share of the query's memory.
type reservation struct {
	memory *Memory
	taken  int64
	stats  *OperatorStats
}

func (t *task) reserve(c *counted) reservation {
	return reservation{memory: t.memory, stats: &c.stats}
}

// resize makes the reservation n bytes; on refusal it stays as it is.
func (r *reservation) resize(n int64) error {
	if n > r.taken {
		if err := r.memory.Reserve(n - r.taken); err != nil {
			if n > r.memory.floor() || r.memory.force(n-r.taken) != nil {
				return err
			}
		}
	} else {
		r.memory.Release(r.taken - n)
	}
	r.taken = n
	r.stats.PeakBytes = max(r.stats.PeakBytes, n)
	return nil
}

// free gives everything back.
func (r *reservation) free() {
	r.memory.Release(r.taken)
	r.taken = 0
}
