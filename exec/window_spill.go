package exec

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/eval"
	"volley/exec/kernel"
	"volley/exec/spill"
	"volley/exec/window"
	"volley/planner/expr"
)

// spilledWindow is a partition that memory was refused for, or one group of peers
// of it where groups can be computed one after the other. Its rows are written to
// a file and, when all are there, read back and given the functions' values. Of
// each row functions keep only what they need of it for others, in pages on disk.
type spilledWindow struct {
	op     *windowOp
	part   window.Paged
	frames []spilledFrames
	cols   []window.Column // by call
	disk   *window.Disk
	writer *spill.Writer // nil when all rows are there
	file   *spill.File
	reader *spill.Reader
	pages  []*spilledPages
	rest   arrow.Record // read and not computed yet; nil: none
	rows   int          // computed at once, at most
}

// spilledFrames are the frames of some calls.
type spilledFrames struct {
	of      *windowFunc // the first of these
	frames  *window.PagedFrames
	offsets window.Offsets
	placed  *window.Frames // of the batch
}

// Of a spilled partition about pagedBatch bytes are computed at once, and pages
// are at most so large; where memory is small, a part of it.
const (
	pagedBatch    = 1 << 20
	batchFraction = 64
	pageFraction  = 256
)

// spill writes the partition that the rows held begin with to disk, and reads
// the input as far as it goes.
func (w *windowOp) spill(ctx context.Context) error {
	s := &spilledWindow{op: w, rows: firstSlice}
	w.spilled = s
	if w.newPart[0] {
		w.startPartition()
	} else {
		s.part.Continue(w.before)
	}
	if err := s.open(); err != nil {
		return err
	}
	for from := 1; ; from = 0 { // the first row begins it
		n := from
		for n < len(w.newPart) && !w.ends(n) {
			n++
		}
		if err := s.addHeld(ctx, n); err != nil {
			return err
		}
		if len(w.newPart) > 0 || w.eof {
			break
		}
		rec, err := w.input.Next(ctx)
		if err == io.EOF {
			w.eof = true
			break
		}
		if err == nil {
			err = w.add(rec)
		}
		if err != nil {
			return err
		}
	}
	w.refused = false
	return s.finish()
}

// endSpilled goes on behind the partition on disk.
func (w *windowOp) endSpilled() error {
	s := w.spilled
	w.spilled, w.before = nil, s.part.End()
	if err := s.close(); err != nil {
		return err
	}
	return w.reserve()
}

// open makes the files and the functions' columns.
func (s *spilledWindow) open() error {
	w := s.op
	var err error
	if s.writer, err = w.task.spill.Create(w.input.Schema()); err != nil {
		return err
	}
	s.disk = &window.Disk{Create: s.createPages, Stop: w.task.canceled, PageBytes: min(pagedBatch, w.task.memory.lowest()/pageFraction)}
	for _, f := range w.calls {
		if s.framesOf(f) == nil {
			frames, err := window.NewPagedFrames(s.disk, &s.part, f.call.Frame, f.keyType)
			if err != nil {
				return err
			}
			s.frames = append(s.frames, spilledFrames{of: f, frames: frames})
		}
		literal := make([]bool, len(f.args))
		for i, e := range f.call.Args {
			_, literal[i] = e.(*expr.Literal)
		}
		var c window.Column
		if f.plain != nil {
			c, err = f.plain.Paged(s.disk, f.call.ArgTypes, literal)
		} else {
			c, err = f.agg.Paged(s.disk, f.call.Frame, literal, len(w.node.OrderBy) > 0, f.filter != nil)
		}
		if err != nil {
			return err
		}
		s.cols = append(s.cols, c)
	}
	return nil
}

// framesOf is the frames of a call, nil if there are none yet.
func (s *spilledWindow) framesOf(f *windowFunc) *spilledFrames {
	for i := range s.frames {
		if x := &s.frames[i]; x.of.call.Frame.Equal(f.call.Frame) {
			return x
		}
	}
	return nil
}

// addHeld moves the first n rows held to disk.
func (s *spilledWindow) addHeld(ctx context.Context, n int) error {
	w, first := s.op, 0 // first row of the record among those held
	for len(w.held) > 0 && first < n {
		rec := w.held[0]
		rows := int(rec.NumRows())
		step := s.batchRows(rec)
		for lo := 0; lo < rows && first+lo < n; lo += step {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			hi := min(lo+step, rows, n-first)
			if err := s.add(sliceRecord(rec, int64(lo), int64(hi)), w.newPeer[first+lo:first+hi]); err != nil {
				return err
			}
		}
		if first+rows > n { // the next partition begins in it
			w.held[0] = sliceRecord(rec, int64(n-first), int64(rows))
			break
		}
		w.held, first = w.held[1:], first+rows
	}
	rest, err := kernel.ConcatRecords(w.input.Schema(), w.held)
	if err != nil {
		return err
	}
	w.hold(rest, n)
	return s.reserve()
}

// batchRows is how many rows of a record are written at once.
func (s *spilledWindow) batchRows(rec arrow.Record) int {
	most := min(pagedBatch, s.op.task.memory.lowest()/batchFraction)
	return int(max(min(int64(s.op.task.rows), most/max(rowWidth(rec), 1)), 1))
}

// add adds rows.
func (s *spilledWindow) add(rec arrow.Record, newPeer []bool) error {
	n := int(rec.NumRows())
	if err := s.part.Add(newPeer); err != nil {
		return err
	}
	rec, err := kernel.Conform(rec, s.op.input.Schema())
	if err == nil {
		err = s.writer.Write(rec)
	}
	if err != nil {
		return err
	}
	b := eval.NewBatch(rec)
	for i := range s.frames {
		if err := s.frames[i].add(b); err != nil {
			return err
		}
	}
	for i, f := range s.op.calls {
		if err := f.addTo(s.cols[i], b, n); err != nil {
			return placedAt(err, f.call.Pos)
		}
	}
	return nil
}

// add adds rows.
func (x *spilledFrames) add(b *eval.Batch) error {
	r, err := x.of.rangeKeys(b)
	if err != nil || r == nil {
		return err
	}
	return x.frames.Add(r.Key)
}

// addTo adds rows to the function's column.
func (f *windowFunc) addTo(c window.Column, b *eval.Batch, n int) error {
	last := len(f.args)
	if f.plain != nil {
		last = min(last, 1)
	}
	args, err := f.arguments(b, 0, last)
	if err != nil {
		return err
	}
	rows, all, err := f.seen(b)
	if err != nil {
		return err
	}
	return c.Add(args, rows, all, n)
}

// finish ends writing.
func (s *spilledWindow) finish() error {
	var err error
	if s.file, err = s.writer.Finish(); err != nil {
		return err
	}
	s.writer = nil
	for i, f := range s.op.calls {
		if err := s.cols[i].Finish(); err != nil {
			return placedAt(err, f.call.Pos)
		}
	}
	s.op.stats.Spilled += s.file.Bytes
	for i := range s.frames {
		if err := s.frames[i].frames.Finish(); err != nil {
			return err
		}
	}
	for _, p := range s.pages {
		s.op.stats.Spilled += p.heap.Size()
	}
	if s.reader, err = s.file.Open(); err != nil {
		return err
	}
	return s.reserve()
}

// reserve takes memory for what is held besides the rows being computed, which are a
// batch. Pages that can be read again are given up first.
func (s *spilledWindow) reserve() error {
	size, _ := s.size()
	if s.op.mem.resize(size+s.op.bytes) == nil {
		return nil
	}
	s.disk.Trim()
	size, largest := s.size()
	err := s.op.mem.resize(size + s.op.bytes)
	if err == nil {
		return nil
	}
	return s.op.tooLarge(err, "what "+largest+" keeps of ", s.part.Rows(), size)
}

// size is the memory held, and the function that holds the most of it.
func (s *spilledWindow) size() (size int64, name string) {
	size = s.part.Bytes()
	largest := int64(-1)
	for i, c := range s.cols {
		n := c.Bytes()
		if size += n; n > largest {
			name, largest = s.op.calls[i].call.Func, n
		}
	}
	for i := range s.frames {
		size += s.frames[i].frames.Bytes()
	}
	return size, name
}

// next computes the next batch, or gives io.EOF.
func (s *spilledWindow) next(ctx context.Context) (arrow.Record, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if s.reader == nil { // an error has ended it before
		return nil, errors.New("the partition was not written")
	}
	rec, err := s.slice()
	if err != nil {
		return nil, err
	}
	n := int(rec.NumRows())
	b, layout := eval.NewBatch(rec), s.part.Batch(n)
	for i := range s.frames {
		if err := s.frames[i].place(b, layout); err != nil {
			return nil, placedAt(err, s.frames[i].of.call.Pos)
		}
	}
	cols := append([]arrow.Array(nil), rec.Columns()...)
	for i, f := range s.op.calls {
		in := &window.Input{Layout: layout, Frames: s.framesOf(f).placed, Type: f.call.Type}
		if f.plain != nil {
			in.Args, err = f.arguments(b, 1, len(f.args))
		}
		var c arrow.Array
		if err == nil {
			c, err = s.cols[i].Next(in)
		}
		if err != nil {
			return nil, placedAt(err, f.call.Pos)
		}
		cols = append(cols, c)
	}
	out := kernel.Record(s.op.node.Out, cols, n)
	s.rows = min(s.rows*sliceGrowth, s.op.task.rowsOf(rowWidth(out)))
	return out, s.reserve()
}

// slice gives the next rows: few at first, then as many as make a batch of what was
// computed of the last ones, since a value of an array_agg may be as large as the
// partition.
func (s *spilledWindow) slice() (arrow.Record, error) {
	if s.rest == nil {
		var err error
		if s.rest, err = s.reader.Next(); err != nil {
			return nil, err
		}
	}
	rec := s.rest
	if s.rest = nil; rec.NumRows() > int64(s.rows) {
		rec, s.rest = sliceRecord(rec, 0, int64(s.rows)), sliceRecord(rec, int64(s.rows), rec.NumRows())
	}
	return rec, nil
}

// place places the frames of a batch.
func (x *spilledFrames) place(b *eval.Batch, l *window.Layout) error {
	r, err := x.of.rangeKeys(b)
	if err != nil {
		return err
	}
	if x.placed == nil {
		if x.offsets, err = x.of.frameOffsets(b); err != nil {
			return err
		}
	}
	x.placed, err = x.frames.Batch(l, x.offsets, r)
	return err
}

// close removes the files.
func (s *spilledWindow) close() error {
	var err error
	if s.writer != nil {
		err = s.writer.Abort()
		s.writer = nil
	}
	if s.reader != nil {
		err = errors.Join(err, s.reader.Close())
	}
	err = errors.Join(err, removeSpilled(s.file))
	s.file = nil
	for _, p := range s.pages {
		err = errors.Join(err, p.heap.Close())
	}
	return err
}

// spilledPages keeps the pages of a function.
type spilledPages struct {
	schema *arrow.Schema
	heap   *spill.Heap
	places []spill.Place // by page
}

// createPages makes a store for columns of some types.
func (s *spilledWindow) createPages(types []arrow.DataType) (window.Store, error) {
	fields := make([]arrow.Field, len(types))
	for i, t := range types {
		fields[i] = arrow.Field{Name: fmt.Sprint(i), Type: t, Nullable: true}
	}
	heap, err := s.op.task.spill.Heap()
	if err != nil {
		return nil, err
	}
	p := &spilledPages{schema: arrow.NewSchema(fields, nil), heap: heap}
	s.pages = append(s.pages, p)
	return p, nil
}

// Append implements window.Store.
func (p *spilledPages) Append(cols []arrow.Array, rows int) error {
	place, err := p.heap.Write(kernel.Record(p.schema, cols, rows))
	if err == nil {
		p.places = append(p.places, place)
	}
	return err
}

// Page implements window.Store.
func (p *spilledPages) Page(i int) ([]arrow.Array, error) {
	rec, err := p.heap.Read(p.places[i])
	if err != nil {
		return nil, err
	}
	return rec.Columns(), nil
}
