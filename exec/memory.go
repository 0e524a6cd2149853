package exec

import (
	"sync"
	"sync/atomic"

	"volley/sqlerr"
)

// Memory is an account of bytes with a limit and, above it, a parent: process,
// query, task. It is safe for concurrent use. A nil *Memory is unlimited.
type Memory struct {
	parent *Memory
	limit  int64 // 0: only the parent limits
	used   atomic.Int64
	peak   atomic.Int64

	once    sync.Once // of a budget's sharing
	sharing *sharing  // of a task's share, and of the budget that is shared
}

// NewMemory makes an account below parent (nil for none); limit 0 is no limit
// of its own.
func NewMemory(parent *Memory, limit int64) *Memory { return &Memory{parent: parent, limit: limit} }

// Reserve takes n bytes, or takes none and gives a 53200 error when that would
// pass the limit of this account or of one above it.
func (m *Memory) Reserve(n int64) error {
	if m == nil || n == 0 {
		return nil
	}
	now := m.used.Add(n)
	var err error
	if m.limit > 0 && now > m.limit || m.shared() && !m.sharing.fits(now, n) {
		err = m.refusal(n)
	} else {
		err = m.parent.Reserve(n)
	}
	if err != nil {
		m.used.Add(-n)
		return err
	}
	m.note(now-n, now)
	return nil
}

// shared tells whether m is a task's share.
func (m *Memory) shared() bool { return m.parent != nil && m.sharing != nil }

// note keeps the peak, and who holds memory.
func (m *Memory) note(before, now int64) {
	if m.shared() {
		m.sharing.held(before, now)
	}
	for {
		p := m.peak.Load()
		if now <= p || m.peak.CompareAndSwap(p, now) {
			return
		}
	}
}

func (m *Memory) refusal(n int64) error {
	limit := m.lowest()
	return sqlerr.New(sqlerr.OutOfMemory, "out of memory: %d bytes more would pass the limit of %d bytes", n, limit).
		WithHint("Raise --memory, or give --spill-dir so that operators can spill.")
}

// Release gives n bytes back.
func (m *Memory) Release(n int64) {
	if m == nil || n == 0 {
		return
	}
	now := m.used.Add(-n)
	if m.shared() {
		m.sharing.held(now+n, now)
	}
	m.parent.Release(n)
}

// lowest is the lowest limit of this account and those above it, 0 for none.
func (m *Memory) lowest() int64 {
	limit := int64(0)
	for ; m != nil; m = m.parent {
		if m.limit > 0 && (limit == 0 || m.limit < limit) {
			limit = m.limit
		}
	}
	return limit
}

// Limit is the lowest limit of this account and those above it in bytes, 0 for
// none.
func (m *Memory) Limit() int64 { return m.lowest() }

// Close gives back all that is still taken, such as what a query's tasks share,
// when nobody uses the account any more.
func (m *Memory) Close() {
	if m != nil {
		m.Release(m.used.Load())
	}
}

// Used is the number of bytes taken now.
func (m *Memory) Used() int64 {
	if m == nil {
		return 0
	}
	return m.used.Load()
}

// Peak is the largest number of bytes ever taken at once.
func (m *Memory) Peak() int64 {
	if m == nil {
		return 0
	}
	return m.peak.Load()
}
