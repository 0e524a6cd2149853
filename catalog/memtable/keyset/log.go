package keyset

import (
	"encoding/binary"

	"volley/catalog/memtable/block"
	"volley/exec/spill"
)

// Log is what was done to keys, to be taken back the last first: the end of it in memory,
// the rest on disk. An entry is
//
//	key | what was done, 4 bytes | length of the key, 4 bytes
//
// It is used by one goroutine at a time.
type Log struct {
	heap  *spill.Heap // nil: all is in memory
	bytes chunks
	paged []pagedLog // what is before bytes, the oldest first
	size  int64
}

// pagedLog is a piece of a log on disk.
type pagedLog struct {
	place  spill.Place
	length int
}

const (
	leastLog = 64
	mostLog  = 64 << 10 // of a piece
	// logPieces is how many full pieces are in memory.
	logPieces = 64
	logTail   = 8
)

// NewLog makes an empty log that takes memory from an account and writes the rest to a heap.
func NewLog(memory block.Memory, heap *spill.Heap) *Log {
	return &Log{heap: heap, bytes: chunks{room: &Room{memory: memory, free: freeBytes, held: &heldRoom{}}, least: leastLog, most: mostLog}}
}

// Size is how many bytes all entries have.
func (l *Log) Size() int64 { return l.size }

// Push adds an entry: 53200 or 53100 where there is room neither in memory nor on disk.
func (l *Log) Push(key []byte, what uint32) error {
	last, err := l.bytes.last(len(key) + logTail)
	if full := len(l.bytes.list) - 1; l.heap != nil && full > 0 && (err != nil || full > logPieces) {
		if err != nil {
			full++
		}
		if err := l.page(full); err != nil {
			return err
		}
		last, err = l.bytes.last(len(key) + logTail)
	}
	if err != nil {
		return err
	}
	c := binary.LittleEndian.AppendUint32(append(l.bytes.list[last], key...), what)
	l.bytes.list[last] = binary.LittleEndian.AppendUint32(c, uint32(len(key)))
	l.size += int64(len(key) + logTail)
	return nil
}

// page writes the first n pieces that are in memory to disk.
func (l *Log) page(n int) error {
	for range n {
		piece := l.bytes.list[0]
		place, err := l.heap.WriteBytes(piece[:cap(piece)]) // equally long ones can take each other's place
		if err != nil {
			return err
		}
		l.paged = append(l.paged, pagedLog{place, len(piece)})
		l.bytes.drop(0)
	}
	return nil
}

// Pop takes the last entry, of a log that has one; the key is valid until the next call.
// An error is one of the disk, as XX001.
func (l *Log) Pop() (key []byte, what uint32, err error) {
	for len(l.bytes.list) > 0 && len(l.bytes.list[len(l.bytes.list)-1]) == 0 {
		l.bytes.drop(len(l.bytes.list) - 1)
	}
	if len(l.bytes.list) == 0 {
		last := l.paged[len(l.paged)-1]
		b, err := l.heap.ReadBytes(last.place, nil)
		if err != nil {
			return nil, 0, err
		}
		l.heap.Remove(last.place)
		l.paged = l.paged[:len(l.paged)-1]
		l.bytes.room.force(cap(b))
		l.bytes.list, l.bytes.size = append(l.bytes.list, b[:last.length]), cap(b)
	}
	piece := &l.bytes.list[len(l.bytes.list)-1]
	end := len(*piece) - logTail
	tail := (*piece)[end:]
	begin := end - int(binary.LittleEndian.Uint32(tail[4:]))
	key, what = (*piece)[begin:end], binary.LittleEndian.Uint32(tail)
	*piece = (*piece)[:begin]
	l.size -= int64(len(key) + logTail)
	return key, what, nil
}

// Free forgets everything.
func (l *Log) Free() {
	for _, p := range l.paged {
		l.heap.Remove(p.place)
	}
	l.bytes.free()
	l.paged, l.size = nil, 0
	l.bytes.room.Free()
}
