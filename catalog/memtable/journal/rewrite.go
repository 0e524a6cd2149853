package journal

import (
	"errors"
	"os"
	"path/filepath"

	"volley/catalog/datadir"
	"volley/catalog/memtable/block"
)

const (
	// The journal is written anew when it is longer than minRewrite and than
	// rewriteFactor times what it was when that was last done.
	minRewrite    = 4 << 20
	rewriteFactor = 4
	newName       = "journal.new"
)

// rewrite writes a journal of one frame, which says what is true now, and puts it in
// the place of the old one. Where that fails the old one goes on.
func (j *Journal) rewrite() {
	j.written = j.size // not again at once
	e := &entry{Format: format, Values: j.values}
	var blobs []byte
	moved := map[*block.Block]place{}
	for _, id := range j.order {
		t := tableEntry{ID: id, About: j.tables[id].about, Changes: j.tables[id].changes}
		for _, held := range j.tables[id].blocks {
			p := j.places[held].place
			if p.File == inJournal {
				at, ok := moved[held]
				if !ok {
					b := make([]byte, p.Length)
					if _, err := j.file.ReadAt(b, p.Offset); err != nil {
						return
					}
					at = place{Offset: int64(len(blobs)), Length: p.Length, Sum: p.Sum}
					blobs = append(blobs, b...)
					moved[held] = at
				}
				p = at
			}
			t.Records = append(t.Records, p)
		}
		e.Tables = append(e.Tables, t)
	}
	frame, base, err := newFrame(e, blobs)
	if err != nil {
		return
	}
	f, err := j.replace(frame)
	if f == nil {
		return
	}
	_ = j.file.Close()
	j.file = f
	j.begin(int64(len(frame)))
	for held, p := range moved {
		j.places[held].place = place{File: inJournal, Offset: base + p.Offset, Length: p.Length, Sum: p.Sum}
	}
	j.failed = err // which of both the directory names is not known
}

// replace puts a journal of these bytes in the place of the old one. Without a file
// the old one is still there.
func (j *Journal) replace(frame []byte) (*os.File, error) {
	path := filepath.Join(j.dir, newName)
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	_, err = f.Write(frame)
	if err == nil {
		err = f.Sync()
	}
	if err == nil {
		err = os.Rename(path, filepath.Join(j.dir, journalName))
	}
	if err != nil {
		return nil, errors.Join(err, f.Close(), os.Remove(path))
	}
	return f, datadir.Sync(j.dir)
}
