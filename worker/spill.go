package worker

import (
	"bytes"
	"fmt"
	"io"
	"os"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/ipc"
	"github.com/zeebo/xxh3"

	"volley/sqlerr"
)

// spillFile holds batches that memory had no room for, one after the other,
// each an Arrow IPC stream of its own with a checksum kept in memory. It has no
// name in its directory, so that nothing stays behind however the process ends.
type spillFile struct {
	file *os.File
	size int64
	buf  bytes.Buffer
}

// chunk is where a batch is in the file.
type chunk struct {
	offset, length int64
	sum            uint64 // xxh3
}

func newSpillFile(dir string) (*spillFile, error) {
	f, err := os.CreateTemp(dir, "volley-output-*")
	if err != nil {
		return nil, sqlerr.Wrap(err, sqlerr.IOError, "could not create a spill file")
	}
	if err := os.Remove(f.Name()); err != nil {
		f.Close()
		return nil, sqlerr.Wrap(err, sqlerr.IOError, "could not unlink a spill file")
	}
	return &spillFile{file: f}, nil
}

func (s *spillFile) write(rec arrow.Record) (chunk, error) {
	s.buf.Reset()
	w := ipc.NewWriter(&s.buf, ipc.WithSchema(rec.Schema()), ipc.WithLZ4())
	err := w.Write(rec)
	if e := w.Close(); err == nil {
		err = e
	}
	if err != nil {
		return chunk{}, sqlerr.Wrap(err, sqlerr.InternalError, "could not encode a batch to spill")
	}
	c := chunk{offset: s.size, length: int64(s.buf.Len()), sum: xxh3.Hash(s.buf.Bytes())}
	if _, err := s.file.WriteAt(s.buf.Bytes(), c.offset); err != nil {
		return chunk{}, sqlerr.Wrap(err, sqlerr.DiskFull, "could not write to a spill file")
	}
	s.size += c.length
	return c, nil
}

// read gives a batch back. The checksum comes first: the IPC reader panics on
// some corrupt input.
func (s *spillFile) read(c chunk) (rec arrow.Record, err error) {
	b := make([]byte, c.length)
	if _, err := s.file.ReadAt(b, c.offset); err != nil {
		return nil, sqlerr.Wrap(err, sqlerr.IOError, "could not read a spill file")
	}
	if xxh3.Hash(b) != c.sum {
		return nil, sqlerr.New(sqlerr.DataCorrupted, "a spill file is corrupt at byte %d", c.offset)
	}
	defer func() {
		if p := recover(); p != nil {
			err = sqlerr.New(sqlerr.DataCorrupted, "a spill file is corrupt at byte %d: %s", c.offset, fmt.Sprint(p))
		}
	}()
	r, err := ipc.NewReader(bytes.NewReader(b), ipc.WithDelayReadSchema(false))
	if err != nil {
		return nil, sqlerr.Wrap(err, sqlerr.DataCorrupted, "could not decode a spilled batch")
	}
	rec, err = r.Read()
	if err != nil {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return nil, sqlerr.Wrap(err, sqlerr.DataCorrupted, "could not decode a spilled batch")
	}
	return rec, nil
}

func (s *spillFile) close() { s.file.Close() }
