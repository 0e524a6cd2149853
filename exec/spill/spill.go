// Package spill keeps record batches on disk that memory was refused for.
//
// What is written and then read in order is a file (Writer, Reader); what is read in any
// order, and may go again, is in a Heap: outputs of tasks, rows of managed tables, pages
// of windows.
//
// A file is one Arrow IPC stream, its buffers compressed with LZ4, cut into
// blocks that carry their own checksum:
//
//	+-----------+---------------+--------------------+
//	| length 4B | xxh3-64 8B    | length bytes       |  … to the end of the file
//	+-----------+---------------+--------------------+
//
// All numbers are little-endian. A block that does not match its checksum is
// error XX001; nothing else is ever read from it.
package spill

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/ipc"
	"github.com/zeebo/xxh3"

	"volley/exec/kernel"
	"volley/sqlerr"
)

const (
	blockBytes  = 64 << 10
	headerBytes = 12
)

// Dir is a directory of one task's spill files. It is made when the first file
// is, and removed with everything in it by Close, which also closes files that
// are still being written. It and its Writers are for one goroutine.
type Dir struct {
	parent  string
	path    string
	writing map[*Writer]struct{}
}

// NewDir makes a Dir below parent; "" means that nothing can be spilled.
func NewDir(parent string) *Dir { return &Dir{parent: parent} }

// Usable tells whether files can be made.
func (d *Dir) Usable() bool { return d.parent != "" }

// Close removes the directory. It is idempotent.
func (d *Dir) Close() error {
	if d.path == "" {
		return nil
	}
	path := d.path
	d.path = ""
	var err error
	for w := range d.writing {
		err = errors.Join(err, w.blocks.file.Close())
	}
	d.writing = nil
	return errors.Join(err, os.RemoveAll(path))
}

// Create makes an empty file for records of schema.
func (d *Dir) Create(schema *arrow.Schema) (*Writer, error) {
	if err := d.make(); err != nil {
		return nil, err
	}
	f, err := os.CreateTemp(d.path, "run-*.arrow")
	if err != nil {
		return nil, fileError(err)
	}
	w := &Writer{dir: d, schema: schema, blocks: blockWriter{file: f}}
	if d.writing == nil {
		d.writing = map[*Writer]struct{}{}
	}
	d.writing[w] = struct{}{}
	w.ipc = ipc.NewWriter(&w.blocks, ipc.WithSchema(schema), ipc.WithLZ4())
	return w, nil
}

// make makes the directory before the first file.
func (d *Dir) make() error {
	if d.path != "" {
		return nil
	}
	if err := os.MkdirAll(d.parent, 0o700); err != nil {
		return fileError(err)
	}
	path, err := os.MkdirTemp(d.parent, "volley-spill-")
	if err != nil {
		return fileError(err)
	}
	d.path = path
	return nil
}

func fileError(err error) error {
	if errors.Is(err, syscall.ENOSPC) {
		return sqlerr.Wrap(err, sqlerr.DiskFull, "could not spill to disk")
	}
	return sqlerr.Wrap(err, sqlerr.IOError, "could not spill to disk")
}

// Writer writes one file.
type Writer struct {
	dir    *Dir
	schema *arrow.Schema
	ipc    *ipc.Writer
	blocks blockWriter
	Rows   int64
}

// Write appends a record.
func (w *Writer) Write(rec arrow.Record) error {
	if err := w.ipc.Write(kernel.Writable(rec)); err != nil {
		return fileError(err)
	}
	w.Rows += rec.NumRows()
	return nil
}

// Bytes is the size of the file so far.
func (w *Writer) Bytes() int64 { return w.blocks.written + int64(len(w.blocks.buf)) }

// Finish ends the file, which can then be opened.
func (w *Writer) Finish() (*File, error) {
	delete(w.dir.writing, w)
	err := errors.Join(w.ipc.Close(), w.blocks.flush(), w.blocks.file.Close())
	if err != nil {
		return nil, fileError(err)
	}
	return &File{path: w.blocks.file.Name(), Rows: w.Rows, Bytes: w.blocks.written}, nil
}

// Abort ends the file without keeping it.
func (w *Writer) Abort() error {
	delete(w.dir.writing, w)
	return errors.Join(w.blocks.file.Close(), os.Remove(w.blocks.file.Name()))
}

// File is a finished file.
type File struct {
	path  string
	Rows  int64
	Bytes int64
}

// Remove deletes the file.
func (f *File) Remove() error { return os.Remove(f.path) }

// Open starts reading the file.
func (f *File) Open() (*Reader, error) {
	file, err := os.Open(f.path)
	if err != nil {
		return nil, fileError(err)
	}
	return &Reader{file: file, blocks: blockReader{src: bufio.NewReaderSize(file, 64<<10)}}, nil
}

// Reader reads a file from start to end.
type Reader struct {
	file   *os.File
	blocks blockReader
	ipc    *ipc.Reader
}

// Next gives the next record, or io.EOF.
func (r *Reader) Next() (rec arrow.Record, err error) {
	defer func() {
		if p := recover(); p != nil { // the decoder panics on what it cannot read
			rec, err = nil, sqlerr.New(sqlerr.DataCorrupted, "spill file %s is corrupt: %s", r.file.Name(), fmt.Sprint(p))
		}
	}()
	if r.ipc == nil {
		if r.ipc, err = ipc.NewReader(&r.blocks); err != nil {
			return nil, r.readError(err)
		}
	}
	rec, err = r.ipc.Read()
	if err == nil {
		rec.Retain() // the reader lets go of its record at the next Read
		return rec, nil
	}
	if err == io.EOF && r.blocks.err == nil {
		return nil, io.EOF
	}
	return nil, r.readError(err)
}

func (r *Reader) readError(err error) error {
	if r.blocks.err != nil {
		err = r.blocks.err
	}
	return sqlerr.Wrap(err, sqlerr.DataCorrupted, "could not read spill file %s", r.file.Name())
}

// Close closes the file. It is idempotent.
func (r *Reader) Close() error {
	if r.file == nil {
		return nil
	}
	f := r.file
	r.file = nil
	return f.Close()
}

// blockWriter cuts a stream into checksummed blocks.
type blockWriter struct {
	file    *os.File
	buf     []byte
	written int64
}

func (w *blockWriter) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		room := min(len(p), blockBytes-len(w.buf))
		w.buf = append(w.buf, p[:room]...)
		p = p[room:]
		if len(w.buf) == blockBytes {
			if err := w.flush(); err != nil {
				return 0, err
			}
		}
	}
	return n, nil
}

func (w *blockWriter) flush() error {
	if len(w.buf) == 0 {
		return nil
	}
	var head [headerBytes]byte
	binary.LittleEndian.PutUint32(head[:], uint32(len(w.buf)))
	binary.LittleEndian.PutUint64(head[4:], xxh3.Hash(w.buf))
	if _, err := w.file.Write(head[:]); err != nil {
		return err
	}
	if _, err := w.file.Write(w.buf); err != nil {
		return err
	}
	w.written += int64(len(w.buf) + headerBytes)
	w.buf = w.buf[:0]
	return nil
}

// blockReader joins checked blocks to a stream again.
type blockReader struct {
	src  io.Reader
	buf  []byte
	rest []byte
	err  error // other than the end
}

func (r *blockReader) Read(p []byte) (int, error) {
	for len(r.rest) == 0 {
		if r.err != nil {
			return 0, r.err
		}
		if err := r.fill(); err != nil {
			if err != io.EOF {
				r.err = err
			}
			return 0, err
		}
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

func (r *blockReader) fill() error {
	var head [headerBytes]byte
	if _, err := io.ReadFull(r.src, head[:]); err != nil {
		return err // io.EOF between blocks
	}
	n := binary.LittleEndian.Uint32(head[:])
	if n > blockBytes {
		return errors.New("a block is longer than it can be")
	}
	if cap(r.buf) < int(n) {
		r.buf = make([]byte, blockBytes)
	}
	r.buf = r.buf[:n]
	if _, err := io.ReadFull(r.src, r.buf); err != nil {
		return io.ErrUnexpectedEOF
	}
	if xxh3.Hash(r.buf) != binary.LittleEndian.Uint64(head[4:]) {
		return errors.New("a block does not match its checksum")
	}
	r.rest = r.buf
	return nil
}
