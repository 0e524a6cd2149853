package cache

import (
	"os"
	"path/filepath"
)

// writingPrefix begins the names of files that are being written.
const writingPrefix = "writing-"

func (c *Cache) path(e *entry) string {
	return filepath.Join(c.dir, e.object.id.String(), rangeName(e.off, e.len))
}

// makeRoom removes the entries used longest ago until n more bytes fit, and tells
// whether they do. The lock is held.
func (c *Cache) makeRoom(n int64) bool {
	for c.used+n > c.size {
		e := c.recent.oldest()
		if e == nil || n > c.size {
			return false
		}
		c.Evictions.Add(1)
		c.drop(e)
	}
	return true
}

// drop removes an entry that is on disk. The lock is held.
func (c *Cache) drop(e *entry) {
	if e.newer == nil {
		return // gone already
	}
	c.recent.remove(e)
	c.forget(e)
	c.files.close(e)
	c.used -= fileLen(e.off, e.len)
	_ = os.Remove(c.path(e))
	if len(e.object.entries) == 0 {
		_ = os.Remove(filepath.Join(c.dir, e.object.id.String()))
	}
}

// forget takes an entry out of its object. The lock is held.
func (c *Cache) forget(e *entry) {
	e.object.remove(e)
	if len(e.object.entries) == 0 && c.objects[e.object.id] == e.object {
		delete(c.objects, e.object.id)
	}
}

func (c *Cache) write(e *entry, name string, data []byte) error {
	if err := writeFile(name, e.object.id, e.off, data); err != nil {
		return err
	}
	path := c.path(e)
	err := os.Rename(name, path)
	if os.IsNotExist(err) { // the object's first entry, or its last one just went
		if err = os.MkdirAll(filepath.Dir(path), 0o700); err == nil {
			err = os.Rename(name, path)
		}
	}
	return err
}
