package exec

import (
	"bytes"
	"context"
	"errors"
	"io"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/eval"
	"volley/exec/kernel"
	"volley/exec/rowkey"
	"volley/planner/physical"
)

// sorter orders rows by normalised keys: bytes whose comparison is that of the
// rows. It collects a run of rows, sorts it, and merges runs when there are
// several: runs end when memory is refused (they go to disk) or when a column
// would pass 2 GiB of text.
//
// With a Limit it keeps few more rows than that: whenever twice the limit have
// come together they are sorted and cut, and from then on rows that are not
// less than the last one kept are dropped as they come.
type sorter struct {
	task  *task
	input Operator
	keys  sortKeys
	limit int64 // −1: none
	// ceiling ends runs before memory is refused, to leave some to the operator
	// above; 0: none.
	ceiling int64
	mem     reservation
	stats   *OperatorStats

	whole *wholeKeys // of the runs' keys, see there
	held  []arrow.Record
	run   rowkey.Keys   // keys of the rows held
	bytes int64         // of the rows held
	bound *rowkey.Bound // with a limit: rows must be less than this key
	runs  []runSource   // sorted runs, in order of their rows
	out   runSource     // nil until the input has ended
	given int64
}

// maxRunBytes ends an in-memory run, well before offsets of 32 bits overflow.
const maxRunBytes = 1 << 30

// runSource gives sorted rows with their keys.
type runSource interface {
	// next gives the next batch, or io.EOF.
	next(ctx context.Context) (arrow.Record, *rowkey.Keys, error)
	close() error
}

func newSort(t *task, n *physical.Sort, c *counted) (Operator, error) {
	keys, err := t.compileSortKeys(n.Keys)
	return &sorter{task: t, input: c.inputs[0], keys: keys, limit: n.Limit, whole: newWholeKeys(n.Keys, keys), mem: t.reserve(c), stats: &c.stats}, err
}

func (s *sorter) Schema() *arrow.Schema { return s.input.Schema() }

func (s *sorter) Next(ctx context.Context) (arrow.Record, error) {
	if s.limit == 0 {
		return nil, io.EOF
	}
	if s.out == nil {
		if err := s.readAll(ctx); err != nil {
			return nil, err
		}
	}
	if s.limit >= 0 && s.given >= s.limit {
		return nil, io.EOF
	}
	rec, _, err := s.out.next(ctx)
	if err != nil {
		return nil, err
	}
	if left := s.limit - s.given; s.limit >= 0 && rec.NumRows() > left {
		rec = sliceRecord(rec, 0, left)
	}
	s.given += rec.NumRows()
	return rec, nil
}

func (s *sorter) readAll(ctx context.Context) error {
	for {
		rec, err := s.input.Next(ctx)
		if err == io.EOF {
			return s.finish(ctx)
		}
		if err != nil {
			return err
		}
		if err := s.add(ctx, rec); err != nil {
			return err
		}
	}
}

// add keeps the rows of a batch.
func (s *sorter) add(ctx context.Context, rec arrow.Record) error {
	cols, err := evalAll(s.keys.exprs, eval.NewBatch(rec))
	if err != nil {
		return err
	}
	if s.bound != nil {
		if rec, cols, err = s.belowBound(rec, cols); err != nil || rec == nil {
			return err
		}
	}
	s.run.Append(cols, s.keys.orders, int(rec.NumRows()))
	s.held = append(s.held, rec)
	s.bytes += kernel.RecordBytes(rec)
	if s.limit >= 0 && int64(s.run.Len()) >= 2*s.limit+int64(s.task.rows) {
		if err := s.cut(ctx); err != nil {
			return err
		}
	}
	if s.ceiling > 0 && s.runBytes() > s.ceiling && s.task.spill.Usable() {
		return s.spillRun(ctx, nil)
	}
	if err := s.mem.resize(s.runBytes()); err != nil {
		return s.spillRun(ctx, err)
	}
	if s.bytes > maxRunBytes {
		return s.endRun(ctx)
	}
	return nil
}

// runBytes is what the run holds now and will need for being sorted, when its
// records are put together.
func (s *sorter) runBytes() int64 {
	return 2*s.bytes + s.run.Bytes() + int64(sortBytes*s.run.Len())
}

// belowBound keeps the rows that are less than the last row of the top-N.
func (s *sorter) belowBound(rec arrow.Record, cols []arrow.Array) (arrow.Record, []arrow.Array, error) {
	rows, all := s.bound.Maybe(cols[0], int(rec.NumRows()))
	if !all {
		var err error
		if rec, cols, err = takeRows(rec, cols, rows); err != nil || rec == nil {
			return nil, nil, err
		}
	}
	n := int(rec.NumRows())
	var keys rowkey.Keys
	keys.Append(cols, s.keys.orders, n)
	rows = nil
	for i := range n {
		if bytes.Compare(keys.Key(i), s.bound.Key) < 0 {
			rows = append(rows, int32(i))
		}
	}
	if len(rows) == n {
		return rec, cols, nil
	}
	return takeRows(rec, cols, rows)
}

// takeRows gives some rows of a batch and of its key columns, or no record if
// there are none.
func takeRows(rec arrow.Record, cols []arrow.Array, rows []int32) (arrow.Record, []arrow.Array, error) {
	if len(rows) == 0 {
		return nil, nil, nil
	}
	out := make([]arrow.Array, len(cols))
	for i, c := range cols {
		var err error
		if out[i], err = kernel.Take(c, rows); err != nil {
			return nil, nil, err
		}
	}
	rec, err := kernel.TakeRecord(rec, rows)
	return rec, out, err
}

// cut sorts what is held and keeps the first Limit rows.
func (s *sorter) cut(ctx context.Context) error {
	sorted, err := s.takeRun(ctx)
	if err != nil {
		return err
	}
	rows := sorted.order[:min(int64(len(sorted.order)), s.limit)]
	rec, err := kernel.TakeRecord(sorted.rec, rows)
	if err != nil {
		return err
	}
	s.run = sorted.keys.Take(rows)
	s.held = []arrow.Record{rec}
	s.bytes = kernel.RecordBytes(rec)
	if int64(len(rows)) == s.limit {
		s.bound = rowkey.NewBound(bytes.Clone(s.run.Key(len(rows)-1)), s.keys.orders[0])
	}
	return nil
}

// takeRun sorts what is held and empties it.
func (s *sorter) takeRun(ctx context.Context) (*memoryRun, error) {
	rec, err := kernel.ConcatRecords(s.held[0].Schema(), s.held)
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil { // putting records together took its time
		return nil, err
	}
	order, err := s.run.SortUntil(ctx)
	if err != nil {
		return nil, err
	}
	r := &memoryRun{rec: rec, keys: s.run, whole: s.whole, order: order, rows: s.task.rowsOf(rowWidth(rec))}
	s.held, s.run, s.bytes = nil, rowkey.Keys{}, 0
	return r, nil
}

// endRun makes what is held a sorted run in memory.
func (s *sorter) endRun(ctx context.Context) error {
	if len(s.held) == 0 {
		return nil
	}
	r, err := s.takeRun(ctx)
	if err == nil {
		s.runs = append(s.runs, r)
	}
	return err
}

// finish ends the input: the output is the one run, or the merge of several.
func (s *sorter) finish(ctx context.Context) error {
	if err := s.endRun(ctx); err != nil {
		return err
	}
	if s.task.spill.Usable() {
		var err error
		if s.runs, err = s.task.reduceRuns(ctx, s.Schema(), s.runs, s.whole, s.stats); err != nil {
			return err
		}
	}
	if len(s.runs) == 1 {
		s.out = s.runs[0]
		if r, ok := s.out.(*memoryRun); ok {
			r.keys = rowkey.Keys{} // only a merge needs them
		}
	} else {
		s.out = s.task.newMerge(s.Schema(), s.runs, s.whole)
	}
	return nil
}

func (s *sorter) Close() error {
	s.mem.free()
	s.held, s.run = nil, rowkey.Keys{}
	var err error
	for _, r := range s.runs {
		err = errors.Join(err, r.close())
	}
	s.runs = nil
	return err
}

// memoryRun is sorted rows in memory.
type memoryRun struct {
	rec   arrow.Record
	keys  rowkey.Keys
	whole *wholeKeys
	order []int32
	rows  int // a batch
	at    int
}

func (r *memoryRun) next(context.Context) (arrow.Record, *rowkey.Keys, error) {
	if r.at == len(r.order) {
		return nil, nil, io.EOF
	}
	rows := r.order[r.at:min(r.at+r.rows, len(r.order))]
	r.at += len(rows)
	rec, err := kernel.TakeRecord(r.rec, rows)
	if err != nil {
		return nil, nil, err
	}
	var keys rowkey.Keys
	if r.keys.Len() > 0 {
		keys = r.whole.take(&r.keys, rows)
	}
	return rec, &keys, nil
}

func (r *memoryRun) close() error { return nil }
