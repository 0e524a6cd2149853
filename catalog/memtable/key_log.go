package memtable

import "encoding/binary"

// keyLog is what a change has done to the keys of a table, so that it can be taken back:
// one after the other
//
//	key | number of its index, twice, and 1 more where it was added, 4 bytes | length of the key, 4 bytes
type keyLog struct {
	indexes []*keyIndex
	room    *keyRoom
	chunks  [][]byte
	size    int // bytes of all
}

const (
	leastLog = 64
	mostLog  = 1 << 16
	logTail  = 8
)

// note appends an entry; 53200 when there is no room for it.
func (l *keyLog) note(index int, key []byte, added bool) error {
	last, need := len(l.chunks)-1, len(key)+logTail
	if last < 0 || cap(l.chunks[last])-len(l.chunks[last]) < need {
		size := max(min(l.size, mostLog), leastLog, need)
		if err := l.room.take(size); err != nil {
			return err
		}
		l.chunks = append(l.chunks, make([]byte, 0, size))
		l.size += size
		last++
	}
	what := uint32(index) << 1
	if added {
		what++
	}
	c := binary.LittleEndian.AppendUint32(append(l.chunks[last], key...), what)
	l.chunks[last] = binary.LittleEndian.AppendUint32(c, uint32(len(key)))
	return nil
}

// empty tells whether nothing was done.
func (l *keyLog) empty() bool { return l == nil || len(l.chunks) == 0 }

// revert takes everything back, the last first.
func (l *keyLog) revert() {
	if l == nil {
		return
	}
	for i := len(l.chunks) - 1; i >= 0; i-- {
		for c := l.chunks[i]; len(c) > 0; {
			end := len(c) - logTail
			what := binary.LittleEndian.Uint32(c[end:])
			key := c[end-int(binary.LittleEndian.Uint32(c[end+4:])) : end]
			k := l.indexes[what>>1]
			if what&1 == 1 {
				k.remove(key)
			} else {
				k.restore(key)
			}
			c = c[:end-len(key)]
		}
	}
	l.free()
}

// free forgets what was done.
func (l *keyLog) free() {
	l.room.give(l.size)
	l.chunks, l.size = nil, 0
}
