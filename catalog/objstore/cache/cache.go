// Package cache keeps ranges of remote objects on a local disk. Wrap puts it before
// a store: what was read once is read from the disk from then on, by all queries of
// the process and by the processes that come after it.
//
//	reader ──▶ entry? ──yes──▶ file, checksums compared
//	             │ no
//	             ├─ somebody fetches it: wait for that
//	             └─ fetch from the store, give the bytes ──▶ queue ──▶ file
//
// An entry is a range of one version of one object. Entries of an object never
// overlap: only what is missing between them is fetched. Each is a file,
//
//	DIR/<object>/<offset>-<length>
//
// where object is a hash of path, version and size. The file has a header, a checksum for
// each block of 64 KiB and the bytes. It is written under another name first, so that
// a process killed meanwhile leaves nothing that would be taken for an entry; what a
// crash of the machine leaves torn does not match its checksums and is dropped.
//
// Files are written beside the reads, by one goroutine from a queue of bounded bytes;
// what is in it is read from memory. What finds it full is not kept. Some files stay
// open between reads.
//
// The files together never take more than the size given. The entries read longest
// ago go first; those being read stay. A cache that cannot write, or has no room,
// passes reads through: no query fails for its sake.
package cache

import (
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"volley/sqlerr"
)

// Counters count what a cache does. They only grow.
type Counters struct {
	Hits, HitBytes     atomic.Int64 // parts of reads that were served from the disk
	Misses, MissBytes  atomic.Int64 // and that were fetched
	Evictions, Dropped atomic.Int64 // entries that made room; that were damaged
	WriteErrors        atomic.Int64
	Skipped            atomic.Int64 // ranges that were not kept since too much waited to be written
}

// Cache is a directory of entries. It is safe for concurrent use; one process at
// a time may have it.
type Cache struct {
	Counters
	dir  string
	size int64 // bytes that files may take
	lock *os.File

	mu      sync.Mutex
	used    int64 // bytes that files take, also those being written
	objects map[objectID]*object
	recent  recency
	files   openFiles
	written int64 // names for files being written
	queue   []*entry
	queued  int64 // bytes of what is queued or being written
	// maxQueued is how many bytes may be.
	maxQueued int64
	writing   bool // a goroutine writes the queue
	closed    bool
	idle      sync.Cond // the queue has been written
}

const lockName = "lock"

// Open makes dir if it is missing, takes it for this process, and finds the entries
// that are in it. It gives 55006 where another process has it.
func Open(dir string, size int64) (*Cache, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, sqlerr.Wrap(err, sqlerr.IOError, "could not make the cache directory \"%s\"", dir)
	}
	lock, err := os.OpenFile(filepath.Join(dir, lockName), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, sqlerr.Wrap(err, sqlerr.IOError, "could not use the cache directory \"%s\"", dir)
	}
	if err := unix.Flock(int(lock.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		lock.Close()
		return nil, sqlerr.New(sqlerr.ObjectInUse, "cache directory \"%s\" is used by another process", dir).
			WithHint("Give each process a --cache-dir of its own.")
	}
	c := &Cache{dir: dir, size: size, lock: lock, objects: map[objectID]*object{}, maxQueued: defaultQueued}
	c.idle.L = &c.mu
	c.recent.init()
	if err := c.load(); err != nil {
		lock.Close()
		return nil, sqlerr.Wrap(err, sqlerr.IOError, "could not read the cache directory \"%s\"", dir)
	}
	return c, nil
}

// Close writes what is queued and gives the directory back. Its entries stay.
func (c *Cache) Close() error {
	c.mu.Lock()
	c.closed = true
	c.files.closeAll()
	c.mu.Unlock()
	c.Sync()
	return c.lock.Close()
}

// Resize gives the files so many bytes together.
func (c *Cache) Resize(size int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.size = size
	c.makeRoom(0)
}

// Used is how many bytes the files take, and how many entries there are.
func (c *Cache) Used() (bytes int64, entries int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.used, c.recent.len
}
