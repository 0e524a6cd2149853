package journal

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"math"

	"github.com/zeebo/xxh3"

	"volley/catalog/memtable/block"
)

// A frame is
//
//	4 bytes  length of what follows the head, little endian, as all numbers
//	4 bytes  the lower half of xxh3 of these four
//	8 bytes  xxh3 of what follows
//	4 bytes  length of the entry
//	         the entry: JSON
//	         records, each an Arrow IPC stream
const (
	frameHead = 4 + 4 + 8
	entryHead = 4
)

// format is the version of what is written.
const format = 1

// entry is a commit.
type entry struct {
	Format int                        `json:"format,omitempty"` // of the journal's first frame
	Synced int64                      `json:"synced,omitempty"` // how much of the journal was on disk before
	Tables []tableEntry               `json:"tables,omitempty"`
	Drop   []string                   `json:"drop,omitempty"`
	Values map[string]json.RawMessage `json:"values,omitempty"`
}

// tableEntry is what a table has become: the first Keep records it had, and others.
type tableEntry struct {
	ID      string          `json:"id"`
	About   json.RawMessage `json:"about,omitempty"` // as before where it is missing
	Changes int64           `json:"changes,omitempty"`
	Keep    int             `json:"keep,omitempty"`
	Records []place         `json:"records,omitempty"`
}

// place is where a record is: in a file of rows; of file 0, in the frame that says so,
// from where its records begin; of file inJournal, in an earlier frame, from the
// beginning of the journal.
type place struct {
	File   int    `json:"f,omitempty"`
	Offset int64  `json:"o"`
	Length int64  `json:"n"`
	Sum    uint64 `json:"s"` // xxh3
}

const inJournal = -1

// newFrame is a frame of an entry and the bytes of its records.
func newFrame(e *entry, blobs []byte) (frame []byte, blobsAt int64, err error) {
	text, err := json.Marshal(e)
	if err != nil {
		return nil, 0, err
	}
	if int64(len(text))+int64(len(blobs))+entryHead > math.MaxUint32 {
		return nil, 0, errors.New("it is longer than 4 GB")
	}
	frame = make([]byte, frameHead+entryHead, frameHead+entryHead+len(text)+len(blobs))
	binary.LittleEndian.PutUint32(frame[frameHead:], uint32(len(text)))
	frame = append(frame, text...)
	blobsAt = int64(len(frame))
	frame = append(frame, blobs...)
	binary.LittleEndian.PutUint32(frame, uint32(len(frame)-frameHead))
	binary.LittleEndian.PutUint32(frame[4:], uint32(xxh3.Hash(frame[:4])))
	binary.LittleEndian.PutUint64(frame[8:], xxh3.Hash(frame[frameHead:]))
	return frame, blobsAt, nil
}

// readFrame reads the frame that b begins with; ok is false where there is no whole
// one.
func readFrame(b []byte) (e *entry, blobsAt, length int64, ok bool) {
	if len(b) < frameHead || uint32(xxh3.Hash(b[:4])) != binary.LittleEndian.Uint32(b[4:]) {
		return nil, 0, 0, false
	}
	n := int64(binary.LittleEndian.Uint32(b)) + frameHead
	if n < frameHead+entryHead || n > int64(len(b)) || xxh3.Hash(b[frameHead:n]) != binary.LittleEndian.Uint64(b[8:]) {
		return nil, 0, 0, false
	}
	text := int64(binary.LittleEndian.Uint32(b[frameHead:]))
	if blobsAt = frameHead + entryHead + text; blobsAt > n {
		return nil, 0, 0, false
	}
	e = &entry{}
	if json.Unmarshal(b[frameHead+entryHead:blobsAt], e) != nil {
		return nil, 0, 0, false
	}
	return e, blobsAt, n, true
}

// proven tells whether there are frames in b, which is behind the first so many bytes of
// a journal, that say that more than these was on disk before them.
func proven(b []byte, synced int64) bool {
	for ; len(b) >= frameHead; b = b[1:] {
		if e, _, _, ok := readFrame(b); ok && e.Synced > synced {
			return true
		}
	}
	return false
}

// staged is a commit that is about to be written.
type staged struct {
	change Change
	places map[*block.Block]place // of its new records; in the journal: from blobs on
	bytes  []byte
	blobs  int64 // where records begin in bytes
	undo   func()
}

// discard removes what was written for a commit that did not happen.
func (w *staged) discard() {
	if w.undo != nil {
		w.undo()
	}
}
