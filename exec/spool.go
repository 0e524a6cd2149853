package exec

import (
	"context"
	"errors"
	"io"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/kernel"
	"volley/exec/spill"
	"volley/planner/physical"
)

// spool keeps the rows of an input for several readers of one task. It reads
// the input as far as the fastest of them has come. What memory refuses goes to
// disk, in files that end where they were written to.
type spool struct {
	task  *task
	input *counted // nil until the node that has it is built
	held  []spoolPart
	bytes int64 // of the records held
	mem   reservation
	ended bool
}

// spoolPart is a batch: in memory, or the one of that number in a file.
type spoolPart struct {
	rec    arrow.Record
	file   *spill.File
	number int
}

// spoolReader gives the rows of a spool from its start.
type spoolReader struct {
	spool *spool
	out   *arrow.Schema
	at    int // next part
	// open reads file, whose next batch has the number next; nil: none is open.
	open *spill.Reader
	file *spill.File
	next int
}

// openSpool makes a reader of a spool, and its input if the node has it and it
// was not made before.
func (t *task) openSpool(n *physical.Spool, c *counted) error {
	s := t.spools[n.ID]
	if s == nil {
		s = &spool{task: t}
		if t.spools == nil {
			t.spools = map[int]*spool{}
		}
		t.spools[n.ID] = s
	}
	if n.Input != nil && s.input == nil {
		s.mem = t.reserve(c)
		var err error
		if s.input, err = t.build(n.Input); err != nil {
			return err
		}
	}
	c.op = &spoolReader{spool: s, out: n.Out}
	return nil
}

// closeSpools closes their inputs and removes what they hold.
func (t *task) closeSpools() error {
	var err error
	for _, s := range t.spools {
		if s.input != nil {
			err = errors.Join(err, s.input.Close())
		}
		s.mem.free()
		s.held = nil // the files go with the task's directory
	}
	return err
}

// more reads the next batch of the input, or io.EOF.
func (s *spool) more(ctx context.Context) error {
	if s.ended {
		return io.EOF
	}
	rec, err := s.input.Next(ctx)
	if err != nil {
		s.ended = err == io.EOF
		return err
	}
	s.bytes += kernel.RecordBytes(rec)
	s.held = append(s.held, spoolPart{rec: rec})
	if err := s.mem.resize(s.bytes); err != nil {
		return s.flush(err)
	}
	return nil
}

// flush writes the batches in memory, which are the last parts, to a file,
// because memory was refused by cause.
func (s *spool) flush(cause error) error {
	if !s.task.spill.Usable() {
		return cause
	}
	first := len(s.held)
	for first > 0 && s.held[first-1].rec != nil {
		first--
	}
	w, err := s.task.spill.Create(s.input.schema)
	if err != nil {
		return err
	}
	for _, p := range s.held[first:] {
		if err := w.Write(p.rec); err != nil {
			_ = w.Abort() // the first error is the one to tell
			return err
		}
	}
	file, err := w.Finish()
	if err != nil {
		return err
	}
	s.input.stats.Spilled += file.Bytes
	for i := range s.held[first:] {
		s.held[first+i] = spoolPart{file: file, number: i}
	}
	s.bytes = 0
	return s.mem.resize(0)
}

func (r *spoolReader) Schema() *arrow.Schema { return r.out }

func (r *spoolReader) Next(ctx context.Context) (arrow.Record, error) {
	if r.at == len(r.spool.held) {
		if err := r.spool.more(ctx); err != nil {
			return nil, err
		}
	}
	p := r.spool.held[r.at]
	r.at++
	if p.rec != nil {
		return p.rec, nil
	}
	return r.read(p)
}

// read gives a batch on disk.
func (r *spoolReader) read(p spoolPart) (arrow.Record, error) {
	if r.open == nil || r.file != p.file || r.next > p.number {
		if err := r.Close(); err != nil {
			return nil, err
		}
		var err error
		if r.open, err = p.file.Open(); err != nil {
			return nil, err
		}
		r.file, r.next = p.file, 0
	}
	for ; r.next < p.number; r.next++ {
		if _, err := r.open.Next(); err != nil {
			return nil, err
		}
	}
	r.next++
	return r.open.Next()
}

// rewind starts again.
func (r *spoolReader) rewind() bool {
	r.at = 0
	return true
}

// Close closes the file being read.
func (r *spoolReader) Close() error {
	if r.open == nil {
		return nil
	}
	f := r.open
	r.open, r.file = nil, nil
	return f.Close()
}
