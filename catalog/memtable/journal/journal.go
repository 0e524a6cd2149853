// Package journal keeps tables of Arrow records in a directory, so that they
// outlive the process.
//
//	journal   frame, frame, …     one a commit: what tables and values have become
//	rows-N    record, record, …   Arrow IPC, of a commit that brought many rows
//	lock                          held by the process that writes
//
// A commit writes its new records, into its own frame where they are few, else to a
// file of their own, which it syncs, and then appends one frame to the journal, which
// it syncs too. The frame is the switch: with it, all of the commit has happened,
// without it nothing. Records are immutable, and those that a table has kept are not
// written again.
//
// Open reads the journal up to the last whole frame; what was torn off behind it never
// happened. A frame says how much of the journal was synced before it, so that one which
// is broken before others tells damage from a loss of power, after which any of those
// that were not synced may be missing. Files that no frame speaks of are removed. Frames
// and records have checksums. When the journal has grown much longer than what is true, it is written
// anew beside the old one and renamed over it; a file of rows is removed when no table
// has any of its records.
package journal

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"

	"volley/catalog/datadir"
	"volley/catalog/memtable/block"
	"volley/sqlerr"
)

// Table is a table as a commit leaves it.
type Table struct {
	ID      string
	About   json.RawMessage // what the caller wants to know of it again
	Changes int64           // rows that were ever added or removed; 0: not known
	Blocks  []*block.Block
}

// Change is what one commit does.
type Change struct {
	Tables []Table  // with all of their rows
	Drop   []string // IDs
	// Values are small things by name; nil removes one.
	Values map[string]json.RawMessage
	// Lazy: the change may be lost if the machine fails, though not if the process
	// does, until another one is committed.
	Lazy bool
}

// State is what a journal holds.
type State struct {
	Tables []Table // by when they were made
	Values map[string]json.RawMessage
}

// Journal is an open directory. It is safe for concurrent use.
type Journal struct {
	dir  string
	lock *os.File
	pool *block.Pool // of the blocks that are read

	mu      sync.Mutex
	file    *os.File
	size    int64 // of the frames in file
	synced  int64 // bytes of file that outlast the machine
	opened  int64 // size when it was opened or written anew
	written int64 // size when it was last thought of writing it anew
	lastRow int   // number of the last file of rows
	tables  map[string]*table
	order   []string // IDs of tables
	values  map[string]json.RawMessage
	places  map[*block.Block]*held // of those that tables have
	files   map[int]*rowFile
	failed  error // nothing can be written any more
}

// table is a table as committed.
type table struct {
	about   json.RawMessage
	changes int64
	blocks  []*block.Block
}

const (
	journalName = "journal"
	lockName    = "lock"
)

// Open opens a directory, which is made where it is missing, and gives what is in
// it, with rows in a pool. F0001 when another process has it open, XX001 when it is damaged.
func Open(dir string, pool *block.Pool) (*Journal, *State, error) {
	if err := datadir.Make(dir); err != nil {
		return nil, nil, fault(err, "could not make the directory of managed tables")
	}
	lock, err := os.OpenFile(filepath.Join(dir, lockName), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, nil, fault(err, "could not open the lock of the managed tables")
	}
	if err := lockFile(lock); err != nil {
		_ = lock.Close()
		return nil, nil, sqlerr.Wrap(err, "F0001", "the data directory %s is in use by another process", filepath.Dir(dir))
	}
	j := &Journal{
		dir: dir, lock: lock, pool: pool, tables: map[string]*table{}, values: map[string]json.RawMessage{},
		places: map[*block.Block]*held{}, files: map[int]*rowFile{},
	}
	if err := j.recover(); err != nil {
		j.failed = err // so that Close leaves what is damaged as it is
		_ = j.Close()
		return nil, nil, err
	}
	state := &State{Values: j.values}
	for _, id := range j.order {
		t := j.tables[id]
		state.Tables = append(state.Tables, Table{ID: id, About: t.about, Changes: t.changes, Blocks: t.blocks})
	}
	return j, state, nil
}

// Dir is the journal's directory.
func (j *Journal) Dir() string { return j.dir }

// Commit makes a change durable. An error means that nothing of it has happened;
// after one that leaves the journal's end unknown every later commit fails too. When
// ctx ends while records are written, that is the error.
func (j *Journal) Commit(ctx context.Context, c Change) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.failed != nil {
		return sqlerr.Wrap(j.failed, sqlerr.IOError, "managed tables cannot be written since an earlier write failed")
	}
	w, err := j.stage(ctx, c)
	if err != nil {
		return err
	}
	if err := j.append(w, !c.Lazy); err != nil {
		return err
	}
	j.apply(w)
	if !c.Lazy {
		j.synced = j.size
	}
	if j.size > minRewrite && j.size > rewriteFactor*j.written {
		j.rewrite()
	}
	return nil
}

// Close ends the journal, with a frame that says that all before it is on disk.
func (j *Journal) Close() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	var err error
	if j.file != nil {
		if j.failed == nil && j.size > j.opened {
			err = j.end()
		}
		err = errors.Join(err, j.file.Sync(), j.file.Close())
		j.file = nil
	}
	j.failed = os.ErrClosed
	return errors.Join(err, j.lock.Close())
}

// end writes the last frame.
func (j *Journal) end() error {
	if err := j.file.Sync(); err != nil {
		return fault(err, "could not write the journal of managed tables")
	}
	frame, _, err := newFrame(&entry{Synced: j.size}, nil)
	if err != nil {
		return sqlerr.Wrap(err, sqlerr.InternalError, "could not encode the end of the journal of managed tables")
	}
	return j.append(&staged{bytes: frame}, false)
}

// append writes a frame to the end of the journal. After an error it
// is not there, as far as can be known.
func (j *Journal) append(w *staged, sync bool) error {
	if _, err := j.file.WriteAt(w.bytes, j.size); err != nil {
		w.discard()
		if cut := j.file.Truncate(j.size); cut != nil {
			j.failed = cut
		}
		return fault(err, "could not write the journal of managed tables")
	}
	if sync {
		if err := j.file.Sync(); err != nil {
			j.failed = err // whether it is on disk cannot be known, so the rows of which it speaks stay
			_ = j.file.Truncate(j.size)
			return fault(err, "could not write the journal of managed tables")
		}
	}
	return nil
}

// held is where a block is and how often tables have it.
type held struct {
	place
	count int
}

// apply notes what a frame that is on disk says.
func (j *Journal) apply(w *staged) {
	base := j.size + w.blobs
	j.size += int64(len(w.bytes))
	for b, p := range w.places {
		if p.File == 0 {
			p.File, p.Offset = inJournal, base+p.Offset
		} else {
			j.files[p.File].add(p)
		}
		if h := j.places[b]; h != nil { // written again
			j.release(h.place)
			h.place = p
		} else {
			j.places[b] = &held{place: p}
		}
	}
	for name, v := range w.change.Values {
		j.value(name, v)
	}
	var before [][]*block.Block // let go of last: another table may have taken them
	for _, t := range w.change.Tables {
		same := 0
		if old := j.tables[t.ID]; old == nil {
			j.order = append(j.order, t.ID)
		} else {
			same = common(old.blocks, t.Blocks)
			before = append(before, old.blocks[same:])
		}
		j.tables[t.ID] = &table{about: t.About, changes: t.Changes, blocks: t.Blocks}
		for _, b := range t.Blocks[same:] {
			j.places[b].count++
		}
	}
	for _, id := range w.change.Drop {
		if old := j.tables[id]; old != nil {
			delete(j.tables, id)
			j.order = slices.DeleteFunc(j.order, func(o string) bool { return o == id })
			before = append(before, old.blocks)
		}
	}
	for _, blocks := range before {
		j.forget(blocks)
	}
}

// value sets a value, or removes it.
func (j *Journal) value(name string, v json.RawMessage) {
	if len(v) == 0 || string(v) == "null" {
		delete(j.values, name)
	} else {
		j.values[name] = v
	}
}

// forget counts blocks that a table had, and lets go of those that none has.
func (j *Journal) forget(blocks []*block.Block) {
	for _, b := range blocks {
		h := j.places[b]
		if h.count--; h.count == 0 {
			delete(j.places, b)
			j.release(h.place)
		}
	}
}

// common is how many blocks two lists begin with alike.
func common(a, b []*block.Block) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// fault is an error of the file system.
func fault(err error, what string) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return sqlerr.Wrap(err, sqlerr.DiskFull, "%s", what)
	}
	return sqlerr.Wrap(err, sqlerr.IOError, "%s", what)
}
