package coordinator

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/catalog/memtable"
	"volley/exec"
	"volley/exec/kernel"
)

// changeMemory accounts for the rows that a statement which changes data holds itself.
type changeMemory struct {
	account *exec.Memory
	held    int64
	taken   int64 // of the account
}

// uncountedBytes is how much a statement may hold whatever others do.
const uncountedBytes = 256 << 10

// hold asks for n bytes: 53200 when there is no room for them.
func (m *changeMemory) hold(n int64) error {
	if held := m.held + n; held > uncountedBytes {
		if err := m.account.Reserve(held - m.taken); err != nil {
			return err
		}
		m.taken = held
	}
	m.held += n
	return nil
}

// backTo gives back what was asked for since so much was held.
func (m *changeMemory) backTo(held int64) {
	m.held = held
	if held <= uncountedBytes {
		held = 0
	}
	if m.taken > held {
		m.account.Release(m.taken - held)
		m.taken = held
	}
}

func recordsBytes(recs []arrow.Record) (bytes int64) {
	for _, rec := range recs {
		bytes += kernel.RecordBytes(rec)
	}
	return bytes
}

// replacedCopies is how often rows that are replaced are held at once: as they were found,
// put together, and as they will be.
const replacedCopies = 3

// holdWhole asks for the room of n rows of a table, which are replaced or returned.
func (r *changeRun) holdWhole(t *memtable.Table, n int) error {
	s := r.st.View().Snapshot(t)
	return r.memory.hold(replacedCopies * s.Bytes() / max(s.Rows(), 1) * int64(n))
}
