package memtable

import (
	"slices"

	"volley/catalog/memtable/keyset"
)

// keyLog is what a transaction has done to the keys of tables, so that it can be taken
// back.
type keyLog struct {
	*keyset.Log
	indexes []*keyIndex // by the number that entries have of them
}

// note appends that a key was added to an index, or removed: 53200 or 53100 when there is
// no room for it.
func (l *keyLog) note(k *keyIndex, key []byte, added bool) error {
	n := slices.Index(l.indexes, k)
	if n < 0 {
		n = len(l.indexes)
		l.indexes = append(l.indexes, k)
	}
	what := uint32(n) << 1
	if added {
		what++
	}
	return l.Push(key, what)
}

// revert takes everything back that was done since the log had a size.
func (l *keyLog) revert(size int64) {
	for l.Size() > size {
		key, what, err := l.Pop()
		if err != nil { // the disk has lost it
			for _, k := range l.indexes {
				k.damage = err
			}
			return
		}
		l.indexes[what>>1].restore(key, what&1 == 0)
	}
}
