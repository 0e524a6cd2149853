package journal

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"

	"github.com/zeebo/xxh3"

	"volley/catalog/datadir"
	"volley/catalog/memtable/block"
	"volley/exec/spill"
	"volley/sqlerr"
)

const (
	// inlineBytes is up to how many bytes of new records a frame has itself.
	inlineBytes = 64 << 10
	// writeBytes is how much is written to a file of rows at once.
	writeBytes = 1 << 20
	// wasteFactor: a file of rows of which so many times more is dead than alive
	// loses what is alive to the next commit of the same table.
	wasteFactor = 2
)

// rowFile is what is known of a file of rows.
type rowFile struct {
	size, alive int64 // bytes
	records     int   // alive
}

func (f *rowFile) add(p place) {
	f.alive += p.Length
	f.records++
}

func rowsName(n int) string { return "rows-" + strconv.Itoa(n) }

// release forgets a record that was written.
func (j *Journal) release(p place) {
	f := j.files[p.File]
	if f == nil { // in the journal
		return
	}
	f.alive -= p.Length
	if f.records--; f.records == 0 {
		delete(j.files, p.File)
		_ = os.Remove(filepath.Join(j.dir, rowsName(p.File))) // else the next start does
	}
}

// stage writes the new records of a change, and makes its frame.
func (j *Journal) stage(ctx context.Context, c Change) (*staged, error) {
	w := &staged{change: c, places: map[*block.Block]place{}}
	var fresh []*block.Block
	for _, t := range c.Tables {
		for _, b := range t.Blocks {
			if _, seen := w.places[b]; !seen && !j.settled(b) {
				w.places[b] = place{}
				fresh = append(fresh, b)
			}
		}
	}
	blobs, err := j.write(ctx, w, fresh)
	if err != nil {
		w.discard()
		return nil, err
	}
	e := &entry{Synced: j.synced, Drop: c.Drop, Values: c.Values}
	for _, t := range c.Tables {
		e.Tables = append(e.Tables, j.entryOf(w, t))
	}
	if w.bytes, w.blobs, err = newFrame(e, blobs); err != nil {
		w.discard()
		return nil, sqlerr.Wrap(err, sqlerr.InternalError, "could not encode a change of managed tables")
	}
	return w, nil
}

// settled tells whether a block is in a file, and not in one that is mostly dead. One
// that several tables have stays where all of their frames say it is.
func (j *Journal) settled(b *block.Block) bool {
	h := j.places[b]
	if h == nil {
		return false
	}
	f := j.files[h.File]
	return f == nil || h.count > 1 || f.size-f.alive <= wasteFactor*f.alive
}

// entryOf describes a table after a change.
func (j *Journal) entryOf(w *staged, t Table) tableEntry {
	e := tableEntry{ID: t.ID, About: t.About, Changes: t.Changes}
	if old := j.tables[t.ID]; old != nil {
		e.Keep = common(old.blocks, t.Blocks)
		for i, b := range t.Blocks[:e.Keep] {
			if _, again := w.places[b]; again {
				e.Keep = i
				break
			}
		}
		if bytes.Equal(old.about, t.About) {
			e.About = nil
		}
	}
	for _, b := range t.Blocks[e.Keep:] {
		p, fresh := w.places[b]
		if !fresh {
			p = j.places[b].place
		}
		e.Records = append(e.Records, p)
	}
	return e
}

// write writes blocks to a file of their own, or gives their bytes for the frame.
func (j *Journal) write(ctx context.Context, w *staged, fresh []*block.Block) (blobs []byte, err error) {
	var buf bytes.Buffer
	var out *os.File
	offset := int64(0)
	for i, b := range fresh {
		if ctx.Err() != nil {
			return nil, errors.Join(context.Cause(ctx), closed(out))
		}
		at := buf.Len()
		rec, err := b.Record()
		if err == nil {
			err = spill.Encode(&buf, rec)
		}
		if err != nil {
			return nil, errors.Join(err, closed(out))
		}
		text := buf.Bytes()[at:]
		w.places[b] = place{Offset: offset, Length: int64(len(text)), Sum: xxh3.Hash(text)}
		offset += int64(len(text))
		if out == nil && buf.Len() <= inlineBytes || buf.Len() < writeBytes && i < len(fresh)-1 {
			continue
		}
		if out == nil {
			out, err = j.createRows(w)
		}
		if err == nil {
			_, err = out.Write(buf.Bytes())
		}
		if err != nil {
			return nil, errors.Join(fault(err, "could not write the rows of managed tables"), closed(out))
		}
		buf.Reset()
	}
	if out == nil {
		return buf.Bytes(), nil
	}
	if err = errors.Join(out.Sync(), out.Close()); err == nil {
		err = datadir.Sync(j.dir)
	}
	if err != nil {
		return nil, fault(err, "could not write the rows of managed tables")
	}
	for b, p := range w.places {
		p.File = j.lastRow
		w.places[b] = p
	}
	j.files[j.lastRow].size = offset
	return nil, nil
}

// createRows begins a file of rows, which is removed if the commit fails.
func (j *Journal) createRows(w *staged) (*os.File, error) {
	number := j.lastRow + 1
	path := filepath.Join(j.dir, rowsName(number))
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	j.lastRow, j.files[number] = number, &rowFile{}
	w.undo = func() {
		delete(j.files, number)
		_ = os.Remove(path) // else the next start does
	}
	return f, nil
}

func closed(f *os.File) error {
	if f == nil {
		return nil
	}
	return f.Close()
}
