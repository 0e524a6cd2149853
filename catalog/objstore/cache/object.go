package cache

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"slices"

	"volley/catalog/objstore"
)

// objectID names a version of an object: its path, version and size.
type objectID [16]byte

func idOf(info objstore.Info) objectID {
	h := sha256.New()
	h.Write([]byte(info.Path))
	h.Write([]byte{0})
	h.Write([]byte(info.Version))
	h.Write(binary.LittleEndian.AppendUint64([]byte{0}, uint64(info.Size))) // which a version by time may not tell
	return objectID(h.Sum(nil)[:len(objectID{})])
}

func (id objectID) String() string { return hex.EncodeToString(id[:]) }

// object is what is known of a version of an object: the ranges that are on disk or
// being fetched, in order and without overlaps.
type object struct {
	id      objectID
	entries []*entry
}

// entry is a range [off, off+len) of an object.
type entry struct {
	object   *object
	off, len int64
	// fetched is closed when the range has been fetched, or will not be. nil: it has.
	fetched chan struct{}
	data    []byte           // until they are on disk
	of      *objstore.Buffer // that data is of
	passed  bool             // it was fetched and could not be kept; set before fetched is closed
	readers int              // that have the file open
	touched int64            // seconds since 1970 when the file's time was set

	older, newer *entry // in the order of use; nil while it is fetched
}

func (e *entry) end() int64 { return e.off + e.len }

// at gives the place of the first entry that ends after off.
func (o *object) at(off int64) int {
	i, _ := slices.BinarySearchFunc(o.entries, off, func(e *entry, off int64) int {
		if e.end() <= off {
			return -1
		}
		return 1
	})
	return i
}

// covering gives the entry with off, or else the end of the gap that begins there.
func (o *object) covering(off, end int64) (e *entry, gapEnd int64) {
	i := o.at(off)
	if i == len(o.entries) {
		return nil, end
	}
	if e := o.entries[i]; e.off <= off {
		return e, 0
	}
	return nil, min(end, o.entries[i].off)
}

// add puts an entry into its place, which must be a gap.
func (o *object) add(e *entry) {
	o.entries = slices.Insert(o.entries, o.at(e.off), e)
}

func (o *object) remove(e *entry) {
	if i := o.at(e.off); i < len(o.entries) && o.entries[i] == e {
		o.entries = slices.Delete(o.entries, i, i+1)
	}
}

// recency is a ring of the entries on disk in the order of their last use.
type recency struct {
	ends entry // newer: the oldest entry; older: the newest
	len  int
}

func (r *recency) init() { r.ends.older, r.ends.newer = &r.ends, &r.ends }

// push makes e the newest.
func (r *recency) push(e *entry) {
	e.older, e.newer = r.ends.older, &r.ends
	e.older.newer, e.newer.older = e, e
	r.len++
}

func (r *recency) remove(e *entry) {
	e.older.newer, e.newer.older = e.newer, e.older
	e.older, e.newer = nil, nil
	r.len--
}

// oldest gives the entry that was used longest ago and nobody reads; nil if there is
// none.
func (r *recency) oldest() *entry {
	for e := r.ends.newer; e != &r.ends; e = e.newer {
		if e.readers == 0 {
			return e
		}
	}
	return nil
}
