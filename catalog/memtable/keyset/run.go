package keyset

import (
	"bytes"
	"hash/maphash"
	"sort"

	"volley/exec/spill"
)

// run is immutable entries on disk, by hash and then by key, in pages: as many whole
// entries as fit into pageBytes, zeros behind them; a longer entry has a page of its own.
type run struct {
	keys   int // at most
	pages  []page
	filter filter // nil: there was no room for one
}

// page is where a page is, and the hash of its first entry.
type page struct {
	first uint64
	place spill.Place
}

const (
	pageBytes = 4 << 10
	pageInfo  = 32 // bytes of a page
)

// get tells what a run says of a key; buf is for a page.
func (r *run) get(t *tree, hash uint64, key []byte) (state, error) {
	if r.filter != nil && !r.filter.may(hash) {
		return unknown, nil
	}
	// Pages from the one before the first that begins with the hash: it may end with it.
	first := sort.Search(len(r.pages), func(i int) bool { return r.pages[i].first >= hash })
	for i := max(first-1, 0); i < len(r.pages) && r.pages[i].first <= hash; i++ {
		b, err := t.heap.ReadBytes(r.pages[i].place, t.page)
		if err != nil {
			return unknown, err
		}
		for t.page = b; len(b) > 0 && b[0] != 0; {
			at, now, length := entryAt(b)
			if bytes.Equal(at, key) {
				return now, nil
			}
			b = b[length:]
		}
	}
	return unknown, nil
}

// free gives a run's room and pages back.
func (r *run) free(t *tree) {
	for _, p := range r.pages {
		t.heap.Remove(p.place)
	}
	t.room.Give(pageInfo*len(r.pages) + 8*len(r.filter))
	r.pages, r.filter = nil, nil
}

// runWriter writes a run.
type runWriter struct {
	tree  *tree
	run   *run
	first uint64 // hash of the first entry in buf
	buf   []byte
}

// newRun begins a run of at most n keys.
func (t *tree) newRun(n int) *runWriter {
	return &runWriter{tree: t, run: &run{filter: newFilter(t.room, n)}, buf: make([]byte, 0, pageBytes)}
}

// add adds the next entry.
func (w *runWriter) add(hash uint64, key []byte, now state) error {
	if len(w.buf) > 0 && len(w.buf)+entryHead+len(key) > pageBytes {
		if err := w.flush(); err != nil {
			return err
		}
	}
	if len(w.buf) == 0 {
		w.first = hash
	}
	w.buf = appendEntry(w.buf, key, now)
	w.run.keys++
	if w.run.filter != nil {
		w.run.filter.add(hash)
	}
	return nil
}

// flush writes a page. All but the longest are equally long, so that any of them can be
// where another was.
func (w *runWriter) flush() error {
	if len(w.buf) == 0 {
		return nil
	}
	if rest := len(w.buf) % pageBytes; rest > 0 {
		w.buf = append(w.buf, make([]byte, pageBytes-rest)...)
	}
	place, err := w.tree.heap.WriteBytes(w.buf)
	if err != nil {
		return err
	}
	w.tree.room.force(pageInfo)
	w.run.pages = append(w.run.pages, page{w.first, place})
	w.buf = w.buf[:0]
	return nil
}

// cursor reads entries in order: those of a run, or of a buffer.
type cursor struct {
	tree *tree
	run  *run // nil: rest is all
	next int  // page of the run
	buf  []byte
	rest []byte

	// The current entry; now is unknown behind the last.
	hash uint64
	key  []byte
	now  state
}

// step goes to the next entry.
func (c *cursor) step() error {
	for len(c.rest) == 0 || c.rest[0] == 0 {
		if c.run == nil || c.next == len(c.run.pages) {
			c.now = unknown
			return nil
		}
		b, err := c.tree.heap.ReadBytes(c.run.pages[c.next].place, c.buf)
		if err != nil {
			return err
		}
		c.buf, c.rest = b, b
		c.next++
	}
	var length int
	c.key, c.now, length = entryAt(c.rest)
	c.hash, c.rest = maphash.Bytes(c.tree.seed, c.key), c.rest[length:]
	return nil
}

// before tells whether a cursor's entry comes before another's in a run.
func (c *cursor) before(d *cursor) bool {
	return c.hash < d.hash || c.hash == d.hash && bytes.Compare(c.key, d.key) < 0
}
