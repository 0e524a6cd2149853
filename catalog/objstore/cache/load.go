package cache

import (
	"encoding/hex"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// load finds the entries of the directory and removes what is none: files that were
// being written, of another length than their names say, or that overlap.
func (c *Cache) load() error {
	type found struct {
		*entry
		used int64
	}
	var all []found
	dirs, err := os.ReadDir(c.dir)
	if err != nil {
		return err
	}
	for _, d := range dirs {
		if d.Name() == lockName {
			continue
		}
		path := filepath.Join(c.dir, d.Name())
		id, ok := parseID(d.Name())
		if !ok || !d.IsDir() {
			if strings.HasPrefix(d.Name(), writingPrefix) {
				_ = os.Remove(path)
			}
			continue // not ours
		}
		files, err := os.ReadDir(path)
		if err != nil {
			return err
		}
		o := &object{id: id}
		for _, f := range files {
			info, err := f.Info()
			if err != nil {
				continue // gone
			}
			off, n, ok := parseRange(f.Name())
			if e := (&entry{object: o, off: off, len: n}); ok && info.Mode().IsRegular() && info.Size() == fileLen(off, n) && o.free(e) {
				o.add(e)
				e.touched = info.ModTime().Unix()
				all = append(all, found{e, info.ModTime().UnixNano()})
				c.used += info.Size()
			} else if ok {
				c.Dropped.Add(1)
				_ = os.Remove(filepath.Join(path, f.Name()))
			}
		}
		if len(o.entries) > 0 {
			c.objects[id] = o
		} else {
			_ = os.Remove(path)
		}
	}
	slices.SortFunc(all, func(a, b found) int { return int(max(-1, min(1, a.used-b.used))) })
	for _, f := range all {
		c.recent.push(f.entry)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.makeRoom(0) // the size may have been larger
	return nil
}

// free tells whether e overlaps no entry.
func (o *object) free(e *entry) bool {
	covering, gapEnd := o.covering(e.off, e.end())
	return covering == nil && gapEnd == e.end()
}

func parseID(name string) (id objectID, ok bool) {
	b, err := hex.DecodeString(name)
	if err != nil || len(b) != len(id) {
		return id, false
	}
	return objectID(b), true
}

func rangeName(off, n int64) string {
	return strconv.FormatInt(off, 10) + "-" + strconv.FormatInt(n, 10)
}

func parseRange(name string) (off, n int64, ok bool) {
	a, b, _ := strings.Cut(name, "-")
	off, err1 := strconv.ParseInt(a, 10, 64)
	n, err2 := strconv.ParseInt(b, 10, 64)
	ok = err1 == nil && err2 == nil && off >= 0 && n > 0 && n <= maxWritten && off <= 1<<62 && rangeName(off, n) == name
	return off, n, ok
}
