package cache

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"volley/catalog/objstore"
)

// defaultQueued is how many bytes may wait to be written. What comes while there are more
// is not kept: reads are not to wait for the disk, and memory is bounded.
const defaultQueued = 64 << 20

// Queue lets so many bytes wait to be written.
func (c *Cache) Queue(bytes int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.maxQueued = bytes
}

// keep takes the bytes of a range that was fetched, to be written beside the reads
// that go on: until then others have them from memory. They are of a buffer, which is
// held as long; where that is nil they are copied.
func (c *Cache) keep(e *entry, p []byte, of *objstore.Buffer) {
	c.mu.Lock()
	if e.len > maxWritten || c.queued > 0 && c.queued+e.len > c.maxQueued || c.closed {
		c.skip(e)
		c.mu.Unlock()
		return
	}
	c.queued += e.len
	c.mu.Unlock()
	if of == nil {
		p, of = slices.Clone(p), &objstore.Buffer{}
	}
	of.Hold()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed { // meanwhile: the directory may be another process's
		c.queued -= e.len
		c.skip(e)
		of.Release()
		return
	}
	e.data, e.of = p, of
	c.fetched(e)
	c.queue = append(c.queue, e)
	if !c.writing {
		c.writing = true
		go c.writeQueue()
	}
}

// skip lets an entry go that is not to be kept. The lock is held.
func (c *Cache) skip(e *entry) {
	c.Skipped.Add(1)
	c.forget(e)
	e.passed = true
	c.fetched(e)
}

// fetched lets those go on who wait for an entry. The lock is held.
func (c *Cache) fetched(e *entry) {
	close(e.fetched)
	e.fetched = nil
}

// writeQueue writes what is queued until nothing is.
func (c *Cache) writeQueue() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.queue) > 0 {
		e := c.queue[0]
		c.queue = c.queue[1:]
		c.put(e)
		e.of.Release()
		e.data, e.of = nil, nil
		c.queued -= e.len
	}
	c.queue, c.writing = nil, false
	c.idle.Broadcast()
}

// put writes an entry's bytes to the disk, or forgets it. The lock is held, but not
// while it writes.
func (c *Cache) put(e *entry) {
	size := fileLen(e.off, e.len)
	if !c.makeRoom(size) {
		c.forget(e)
		return
	}
	c.used += size
	c.written++
	name := filepath.Join(c.dir, writingPrefix+strconv.FormatInt(c.written, 10))
	data := e.data
	c.mu.Unlock()
	err := c.write(e, name, data)
	if err != nil {
		_ = os.Remove(name)
	}
	c.mu.Lock()
	if err != nil {
		c.WriteErrors.Add(1)
		c.used -= size
		c.forget(e)
		return
	}
	c.recent.push(e)
	e.touched = time.Now().Unix()
}

// Sync waits until nothing that was fetched is still to be written.
func (c *Cache) Sync() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.writing {
		c.idle.Wait()
	}
}
