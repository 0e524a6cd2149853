package spill

import (
	"bytes"
	"cmp"
	"errors"
	"os"
	"slices"
	"sync"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/zeebo/xxh3"

	"volley/sqlerr"
)

// Heap is a file of records that come and go in any order: the room of one that is
// removed is used again. Each is an Arrow IPC stream of its own, compressed with LZ4,
// or bytes as they are; its checksum is kept in memory. The file has no name in its directory, so that
// nothing stays behind however the process ends. It is safe for concurrent use.
type Heap struct {
	dir string

	mu   sync.Mutex
	file *os.File // nil: nothing was written yet
	size int64
	free []extent // by offset; no two of them touch
}

// extent is a part of the file.
type extent struct{ offset, length int64 }

// Place is where a record is in its heap.
type Place struct {
	extent
	sum uint64 // xxh3
}

// Heap makes a heap in the directory.
func (d *Dir) Heap() (*Heap, error) {
	if err := d.make(); err != nil {
		return nil, err
	}
	return NewHeap(d.path), nil
}

// NewHeap makes a heap in dir; the file is made when something is written.
func NewHeap(dir string) *Heap { return &Heap{dir: dir} }

// encoded are buffers for records on their way to a file.
var encoded = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// Write adds a record: 53100 where the disk is full.
func (h *Heap) Write(rec arrow.Record) (Place, error) {
	b := encoded.Get().(*bytes.Buffer)
	defer encoded.Put(b)
	b.Reset()
	if err := Encode(b, rec); err != nil {
		return Place{}, err
	}
	return h.WriteBytes(b.Bytes())
}

// WriteBytes adds bytes that are no record: 53100 where the disk is full.
func (h *Heap) WriteBytes(b []byte) (Place, error) {
	file, at, err := h.take(int64(len(b)))
	if err != nil {
		return Place{}, err
	}
	if _, err := file.WriteAt(b, at.offset); err != nil {
		h.Remove(Place{extent: at})
		return Place{}, fileError(err)
	}
	return Place{at, xxh3.Hash(b)}, nil
}

// take finds room for n bytes: the first that is large enough, or the end.
func (h *Heap) take(n int64) (*os.File, extent, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.file == nil {
		f, err := unnamed(h.dir)
		if err != nil {
			return nil, extent{}, err
		}
		h.file = f
	}
	for i, e := range h.free {
		switch {
		case e.length == n:
			h.free = slices.Delete(h.free, i, i+1)
		case e.length > n:
			h.free[i] = extent{e.offset + n, e.length - n}
		default:
			continue
		}
		return h.file, extent{e.offset, n}, nil
	}
	at := extent{h.size, n}
	h.size += n
	return h.file, at, nil
}

// unnamed makes a file without a name.
func unnamed(dir string) (*os.File, error) {
	f, err := os.CreateTemp(dir, "rows-*.arrow")
	if err != nil {
		return nil, fileError(err)
	}
	if err := os.Remove(f.Name()); err != nil {
		_ = f.Close()
		return nil, fileError(err)
	}
	return f, nil
}

// Read gives a record back: XX001 where it is not what was written.
func (h *Heap) Read(p Place) (arrow.Record, error) {
	b, err := h.read(p, nil)
	if err != nil {
		return nil, err
	}
	rec, err := Decode(b, p.sum)
	if err != nil {
		return nil, damaged(err, p)
	}
	return rec, nil
}

// ReadBytes gives bytes back, in buf where they fit: XX001 where they are not what was
// written.
func (h *Heap) ReadBytes(p Place, buf []byte) ([]byte, error) {
	b, err := h.read(p, buf)
	if err == nil && xxh3.Hash(b) != p.sum {
		err = damaged(errors.New("their checksum is wrong"), p)
	}
	return b, err
}

// read reads what is at a place, unchecked.
func (h *Heap) read(p Place, buf []byte) ([]byte, error) {
	h.mu.Lock()
	file := h.file
	h.mu.Unlock()
	if int64(cap(buf)) < p.length {
		buf = make([]byte, p.length)
	}
	buf = buf[:p.length]
	if _, err := file.ReadAt(buf, p.offset); err != nil {
		return nil, sqlerr.Wrap(err, sqlerr.IOError, "could not read spilled rows")
	}
	return buf, nil
}

func damaged(err error, p Place) error {
	return sqlerr.Wrap(err, sqlerr.DataCorrupted, "spilled rows at byte %d of their file are damaged", p.offset)
}

// Remove gives the room of a record back, which nobody may read any more.
func (h *Heap) Remove(p Place) {
	h.mu.Lock()
	defer h.mu.Unlock()
	i, _ := slices.BinarySearchFunc(h.free, p.offset, func(e extent, offset int64) int { return cmp.Compare(e.offset, offset) })
	h.free = slices.Insert(h.free, i, p.extent)
	if i+1 < len(h.free) && h.free[i].offset+h.free[i].length == h.free[i+1].offset {
		h.free[i].length += h.free[i+1].length
		h.free = slices.Delete(h.free, i+1, i+2)
	}
	if i > 0 && h.free[i-1].offset+h.free[i-1].length == h.free[i].offset {
		h.free[i-1].length += h.free[i].length
		h.free = slices.Delete(h.free, i, i+1)
	}
	if last := len(h.free) - 1; last >= 0 && h.free[last].offset+h.free[last].length == h.size {
		h.size = h.free[last].offset
		h.free = h.free[:last]
		_ = h.file.Truncate(h.size) // the room is used again all the same
	}
}

// Size is the length of the file.
func (h *Heap) Size() int64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.size
}

// Close removes the file, whose records are gone then. It is idempotent.
func (h *Heap) Close() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.file == nil {
		return nil
	}
	f := h.file
	h.file = nil
	return f.Close()
}
