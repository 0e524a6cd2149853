package cache

import (
	"cmp"
	"context"
	"io"

	"volley/catalog/objstore"
)

// Wrap gives s with the reads of its objects going through the cache.
func (c *Cache) Wrap(s objstore.Store) objstore.Store {
	return objstore.WrapReaders(s, func(r objstore.Reader) objstore.Reader {
		if r.Info().Version == "" { // nothing would tell of a change
			return r
		}
		return &reader{Reader: r, cache: c, id: idOf(r.Info())}
	})
}

type reader struct {
	objstore.Reader
	cache *Cache
	id    objectID
}

func (r *reader) ReadAt(ctx context.Context, p []byte, off int64) (int, error) {
	return r.read(ctx, p, nil, off)
}

// Near gives how many bytes from off on are on the disk, or are about to be.
func (r *reader) Near(off int64) int64 {
	c := r.cache
	c.mu.Lock()
	defer c.mu.Unlock()
	o := c.objects[r.id]
	if o == nil {
		return 0
	}
	if e, _ := o.covering(off, off+1); e != nil && e.fetched == nil {
		return e.end() - off
	}
	return 0
}

// ReadBuffer is ReadAt of a buffer, which is written to the disk without a copy.
func (r *reader) ReadBuffer(ctx context.Context, b *objstore.Buffer, off int64) (int, error) {
	return r.read(ctx, b.Bytes, b, off)
}

// read fills p, which is of a buffer or, where that is nil, the caller's.
func (r *reader) read(ctx context.Context, p []byte, of *objstore.Buffer, off int64) (int, error) {
	return objstore.ReadParts(r.Info(), p, off, func(p []byte, off int64) (int, error) { return r.part(ctx, p, of, off) })
}

// part fills the beginning of p: from one entry, or what is missing before the next.
// 0 bytes: something has changed meanwhile.
func (r *reader) part(ctx context.Context, p []byte, of *objstore.Buffer, off int64) (int, error) {
	c := r.cache
	c.mu.Lock()
	o := c.objects[r.id]
	if o == nil {
		o = &object{id: r.id}
		c.objects[r.id] = o
	}
	e, gapEnd := o.covering(off, off+int64(len(p)))
	switch {
	case e == nil:
		e = &entry{object: o, off: off, len: gapEnd - off, fetched: make(chan struct{})}
		o.add(e)
		c.mu.Unlock()
		return r.fetch(ctx, e, p[:e.len], of)
	case e.fetched != nil:
		fetched := e.fetched
		c.mu.Unlock()
		// What another one fetches is waited for last: neighbouring splits overlap.
		if lead := e.end() - off; lead < int64(len(p)) {
			n, err := r.read(ctx, p[lead:], of, e.end())
			if n < len(p)-int(lead) {
				return 0, cmp.Or(err, io.ErrUnexpectedEOF)
			}
			n, err = r.read(ctx, p[:lead], of, off)
			if n == int(lead) {
				return len(p), nil
			}
			return n, err
		}
		select {
		case <-fetched:
			if e.passed { // others wait too, who would come one after the other
				return r.Reader.ReadAt(ctx, p[:min(int64(len(p)), e.end()-off)], off)
			}
			return 0, nil
		case <-ctx.Done():
			return 0, context.Cause(ctx)
		}
	}
	n := min(int64(len(p)), e.end()-off)
	if data, of := e.data, e.of; data != nil {
		of.Hold() // it may be written meanwhile
		c.mu.Unlock()
		copy(p[:n], data[off-e.off:])
		of.Release()
	} else if !c.use(e, p[:n], off) { // gives up the lock
		return 0, nil
	}
	c.Hits.Add(1)
	c.HitBytes.Add(n)
	objstore.CountCached(ctx, n)
	return int(n), nil
}

// fetch reads an entry's bytes from the store.
func (r *reader) fetch(ctx context.Context, e *entry, p []byte, of *objstore.Buffer) (int, error) {
	c := r.cache
	kept := false
	defer func() {
		if !kept { // also when the store panics: others wait
			c.mu.Lock()
			defer c.mu.Unlock()
			c.forget(e)
			close(e.fetched)
			e.fetched = nil
		}
	}()
	n, err := r.Reader.ReadAt(ctx, p, e.off)
	c.Misses.Add(1)
	c.MissBytes.Add(int64(n))
	if n < len(p) {
		if err == nil || err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return n, err
	}
	kept = true
	c.keep(e, p, of)
	return n, nil
}
