package journal

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/catalog/memtable/block"
	"volley/exec/spill"
	"volley/sqlerr"
)

// recovered is a table while the journal is read.
type recovered struct {
	about   json.RawMessage
	changes int64
	records []place // none of file 0
}

// recover reads the journal and the records of the tables in it.
func (j *Journal) recover() error {
	_ = os.Remove(filepath.Join(j.dir, newName)) // of a process that did not come to the end of it
	b, err := os.ReadFile(filepath.Join(j.dir, journalName))
	if errors.Is(err, fs.ErrNotExist) {
		return j.create()
	}
	if err != nil {
		return fault(err, "could not read the journal of managed tables")
	}
	if j.file, err = os.OpenFile(filepath.Join(j.dir, journalName), os.O_RDWR, 0o600); err != nil {
		return fault(err, "could not open the journal of managed tables")
	}
	tables := map[string]*recovered{}
	for {
		e, blobs, length, ok := readFrame(b[j.size:])
		if !ok {
			if err := j.torn(b); err != nil {
				return err
			}
			break
		}
		if err := j.replay(tables, e, j.size+blobs); err != nil {
			return err
		}
		j.size += length
	}
	if int64(len(b)) > j.size {
		err = j.file.Truncate(j.size)
	}
	if err = errors.Join(err, j.file.Sync()); err != nil { // some commits do not wait for it
		return fault(err, "could not write the journal of managed tables")
	}
	if err := j.load(tables, b[:j.size]); err != nil {
		return err
	}
	j.begin(j.size)
	return j.sweep()
}

// create makes a journal of nothing. Its first frame is there when its name is, so
// that a journal without one is no journal.
func (j *Journal) create() error {
	frame, _, err := newFrame(&entry{Format: format}, nil)
	if err == nil {
		j.file, err = j.replace(frame)
	}
	if err != nil {
		return fault(err, "could not make the journal of managed tables")
	}
	j.begin(int64(len(frame)))
	return j.sweep()
}

// begin notes that so many bytes of journal are on disk.
func (j *Journal) begin(size int64) { j.size, j.written, j.opened, j.synced = size, size, size, size }

// torn looks at what is behind the last whole frame: what is left of commits that were
// not synced, of which any part may have reached the disk, or else damage.
func (j *Journal) torn(b []byte) error {
	switch {
	case j.size == 0:
		return j.damaged(sqlerr.New(sqlerr.DataCorrupted, "it does not begin as a journal"))
	case proven(b[j.size:], j.size):
		return j.damaged(sqlerr.New(sqlerr.DataCorrupted, "the frame at byte %d is broken, and was whole when others were written", j.size))
	}
	return nil
}

func (j *Journal) damaged(err error) error {
	return sqlerr.Wrap(err, sqlerr.DataCorrupted, "the journal of managed tables in %s is damaged", j.dir)
}

// replay carries out a frame whose records begin at blobs.
func (j *Journal) replay(tables map[string]*recovered, e *entry, blobs int64) error {
	if j.size == 0 && e.Format != format {
		return sqlerr.New(sqlerr.DataCorrupted, "the journal of managed tables in %s has format %d; this program reads format %d", j.dir, e.Format, format)
	}
	for name, v := range e.Values {
		j.value(name, v)
	}
	for _, t := range e.Tables {
		old := tables[t.ID]
		if old == nil {
			old = &recovered{}
			j.order = append(j.order, t.ID)
		}
		if t.Keep < 0 || t.Keep > len(old.records) {
			return j.damaged(sqlerr.New(sqlerr.DataCorrupted, "a table keeps %d of %d records", t.Keep, len(old.records)))
		}
		now := &recovered{about: t.About, changes: t.Changes, records: append(old.records[:t.Keep:t.Keep], t.Records...)}
		if now.about == nil {
			now.about = old.about
		}
		for i := range now.records[t.Keep:] {
			if p := &now.records[t.Keep+i]; p.File == 0 {
				p.File, p.Offset = inJournal, blobs+p.Offset
			}
		}
		tables[t.ID] = now
	}
	for _, id := range e.Drop {
		delete(tables, id)
	}
	return nil
}

// load reads the records of all tables; journal is the bytes of its frames.
func (j *Journal) load(tables map[string]*recovered, journal []byte) error {
	open := map[int]*os.File{}
	defer func() {
		for _, f := range open {
			_ = f.Close()
		}
	}()
	blocks := map[place]*block.Block{}
	order := j.order
	j.order = nil
	for _, id := range order {
		r := tables[id]
		if r == nil || j.tables[id] != nil {
			continue
		}
		t := &table{about: r.about, changes: r.changes}
		for _, p := range r.records {
			b := blocks[p]
			if b == nil {
				rec, err := j.read(open, p, journal)
				if err == nil {
					b, err = j.pool.New(rec)
				}
				if err != nil {
					return err
				}
				blocks[p] = b
				j.places[b] = &held{place: p}
				if f := j.files[p.File]; f != nil {
					f.add(p)
				}
			}
			j.places[b].count++
			t.blocks = append(t.blocks, b)
		}
		j.tables[id], j.order = t, append(j.order, id)
	}
	return nil
}

// read reads a record.
func (j *Journal) read(open map[int]*os.File, p place, journal []byte) (arrow.Record, error) {
	b, name := journal, journalName
	if p.File != inJournal {
		name = rowsName(p.File)
		f := open[p.File]
		if f == nil {
			var err error
			if f, err = os.Open(filepath.Join(j.dir, name)); err != nil {
				return nil, fault(err, "could not open the rows of a managed table")
			}
			info, err := f.Stat()
			if err != nil {
				_ = f.Close()
				return nil, fault(err, "could not open the rows of a managed table")
			}
			open[p.File], j.files[p.File] = f, &rowFile{size: info.Size()}
		}
		if p.Offset < 0 || p.Length < 0 || p.Offset+p.Length > j.files[p.File].size {
			return nil, j.unreadable(name, p, errors.New("the file is too short"))
		}
		b = make([]byte, p.Length)
		if _, err := f.ReadAt(b, p.Offset); err != nil {
			return nil, fault(err, "could not read the rows of a managed table")
		}
	} else {
		if p.Offset < 0 || p.Length < 0 || p.Offset+p.Length > int64(len(b)) {
			return nil, j.unreadable(name, p, errors.New("the file is too short"))
		}
		b = b[p.Offset : p.Offset+p.Length]
	}
	rec, err := spill.Decode(b, p.Sum)
	if err != nil {
		return nil, j.unreadable(name, p, err)
	}
	return rec, nil
}

func (j *Journal) unreadable(name string, p place, err error) error {
	return sqlerr.Wrap(err, sqlerr.DataCorrupted, "rows of a managed table in %s at byte %d are damaged", filepath.Join(j.dir, name), p.Offset)
}

// sweep removes files of rows that no table has, and finds the last number.
func (j *Journal) sweep() error {
	entries, err := os.ReadDir(j.dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fault(err, "could not list the files of managed tables")
	}
	for _, e := range entries {
		text, ok := strings.CutPrefix(e.Name(), rowsName(0)[:len(rowsName(0))-1])
		n, err := strconv.Atoi(text)
		if !ok || err != nil || n <= 0 {
			continue
		}
		j.lastRow = max(j.lastRow, n)
		if j.files[n] == nil {
			_ = os.Remove(filepath.Join(j.dir, e.Name())) // tried again at the next start
		}
	}
	return nil
}
