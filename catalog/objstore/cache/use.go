package cache

import (
	"os"
	"slices"
	"time"
)

const (
	// touchEvery is how old, in seconds, the time of a file may be that says when
	// it was last read: only a new process needs it.
	touchEvery = 30
	// maxOpenFiles is how many files stay open while nobody reads them: whoever reads an
	// entry reads it in several parts. Each may hold a block.
	maxOpenFiles = 64
)

// use reads from an entry on disk. The lock is held and given up; e.readers was not
// counted yet. A damaged entry is dropped; false: p has to come from elsewhere.
func (c *Cache) use(e *entry, p []byte, off int64) bool {
	e.readers++
	c.recent.remove(e)
	c.recent.push(e)
	now := time.Now()
	touch := now.Unix()-e.touched > touchEvery
	if touch {
		e.touched = now.Unix()
	}
	f := c.files.take(e)
	c.mu.Unlock()
	var err error
	if f == nil {
		f, err = openEntry(c.path(e), e)
	}
	if err == nil {
		err = f.readRange(p, off)
	}
	if touch && err == nil {
		_ = os.Chtimes(c.path(e), now, now)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	e.readers--
	switch {
	case err != nil:
		if e.newer != nil {
			c.Dropped.Add(1)
		}
		c.drop(e)
		if f != nil {
			f.Close()
		}
	case e.newer == nil || c.closed:
		f.Close()
	default:
		c.files.give(f)
	}
	return err == nil
}

// openFiles are the open files of entries that nobody reads, at most one of an entry,
// the one used last at the end.
type openFiles []*entryFile

// take gives the file of an entry, which is the caller's then; nil: it is not open.
func (o *openFiles) take(e *entry) *entryFile {
	i := slices.IndexFunc(*o, func(f *entryFile) bool { return f.entry == e })
	if i < 0 {
		return nil
	}
	f := (*o)[i]
	*o = slices.Delete(*o, i, i+1)
	return f
}

// give keeps a file open, unless another one of its entry is.
func (o *openFiles) give(f *entryFile) {
	o.close(f.entry)
	if len(*o) == maxOpenFiles {
		o.close((*o)[0].entry)
	}
	*o = append(*o, f)
}

// close closes the file of an entry if it is open.
func (o *openFiles) close(e *entry) {
	if f := o.take(e); f != nil {
		f.Close()
	}
}

// closeAll closes all files.
func (o *openFiles) closeAll() {
	for _, f := range *o {
		f.Close()
	}
	*o = nil
}
