package memtable

import "encoding/binary"

// keyLog is what a change has done to the keys of a table, so that it can be taken back:
// one after the other
//
//	key | number of its index, twice, and 1 more where it was added, 4 bytes | length of the key, 4 bytes
type keyLog struct {
	indexes []*keyIndex
	chunks
}

const (
	leastLog = 64
	mostLog  = 1 << 16
	logTail  = 8
)

func newKeyLog(indexes []*keyIndex, room *keyRoom) *keyLog {
	return &keyLog{indexes, chunks{room: room, least: leastLog, most: mostLog}}
}

// note appends an entry; 53200 when there is no room for it.
func (l *keyLog) note(index int, key []byte, added bool) error {
	last, err := l.last(len(key) + logTail)
	if err != nil {
		return err
	}
	what := uint32(index) << 1
	if added {
		what++
	}
	c := binary.LittleEndian.AppendUint32(append(l.list[last], key...), what)
	l.list[last] = binary.LittleEndian.AppendUint32(c, uint32(len(key)))
	return nil
}

// empty tells whether nothing was done.
func (l *keyLog) empty() bool { return l == nil || len(l.list) == 0 }

// revert takes everything back, the last first.
func (l *keyLog) revert() {
	if l == nil {
		return
	}
	for i := len(l.list) - 1; i >= 0; i-- {
		for c := l.list[i]; len(c) > 0; {
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
