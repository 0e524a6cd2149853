package exec

import "sync/atomic"

// A process's budget is divided in three steps, so that nobody starves:
//
//   - Outputs that wait for their consumers have a part of it (Part), beyond
//     which they go to disk; what is left is for operators.
//   - A task takes memory as it comes while a quarter of the budget is free.
//     Then it is refused what would pass an equal share of all tasks that hold
//     memory (Share), and spills.
//   - An operator may always hold a little (floor), whatever the others hold:
//     one that spills when it has read a single batch would never end.

// floorFraction is which part of the process's budget one operator may always
// hold.
const floorFraction = 64

// sharing is what the shares of one process have in common.
type sharing struct {
	budget *Memory
	active atomic.Int64 // shares that hold memory
}

// Part makes an account below m for something that may take only a part of what
// m may, of 1. Without a limit there is nothing to divide.
func (m *Memory) Part(fraction float64) *Memory {
	if m == nil {
		return nil
	}
	return NewMemory(m, int64(float64(m.lowest())*fraction))
}

// share makes a task's account below m.
func (m *Memory) share() *Memory {
	if m == nil {
		return nil
	}
	return &Memory{parent: m, sharing: m.root().shares()}
}

func (m *Memory) root() *Memory {
	for m.parent != nil {
		m = m.parent
	}
	return m
}

// shares is what all shares of this budget have in common.
func (m *Memory) shares() *sharing {
	m.once.Do(func() { m.sharing = &sharing{budget: m} })
	return m.sharing
}

// fits tells whether a share may hold so much, of which n bytes are new.
func (s *sharing) fits(holds, n int64) bool {
	limit := s.budget.limit
	if limit == 0 || s.budget.used.Load()+n <= limit/4*3 {
		return true
	}
	return holds <= limit/max(s.active.Load(), 1)
}

// held notes that a share's account went from before to after bytes.
func (s *sharing) held(before, after int64) {
	switch {
	case before == 0 && after > 0:
		s.active.Add(1)
	case before > 0 && after == 0:
		s.active.Add(-1)
	}
}

// floor is how much one operator may hold even when the process's budget is
// taken.
func (m *Memory) floor() int64 {
	if m == nil {
		return 0
	}
	return m.root().limit / floorFraction
}

// Spare is an account for what can be done without. It is refused where less than a
// quarter of the budget would be left for what cannot: that is when tasks are held to their
// shares.
type Spare struct{ m *Memory }

// Spare makes such an account of m.
func (m *Memory) Spare() Spare { return Spare{m} }

// Reserve takes n bytes, or none and gives an error.
func (s Spare) Reserve(n int64) error {
	if s.m != nil {
		if root := s.m.root(); root.limit > 0 && root.used.Load()+n > root.limit/4*3 {
			return s.m.refusal(n)
		}
	}
	return s.m.Reserve(n)
}

// Release gives n bytes back.
func (s Spare) Release(n int64) { s.m.Release(n) }

// force takes n bytes even if they pass the process's budget, but not a limit of
// the query's own.
func (m *Memory) force(n int64) error {
	now := m.used.Add(n)
	if m.parent != nil {
		var err error
		if m.limit > 0 && now > m.limit {
			err = m.refusal(n)
		} else {
			err = m.parent.force(n)
		}
		if err != nil {
			m.used.Add(-n)
			return err
		}
	}
	m.note(now-n, now)
	return nil
}
