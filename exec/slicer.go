package exec

import (
	"context"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/kernel"
)

// firstSlice is how many rows an operator gets at first when it makes texts whose
// length is not known yet; it gets sliceGrowth times as many each time.
const (
	firstSlice  = 1
	sliceGrowth = 8
)

// slicer gives an operator that makes texts the rows of its input in slices: few
// at first, then as many as make a batch of texts as long as the last ones.
type slicer struct {
	task *task
	rest arrow.Record // nil: read the next one
	lo   int          // row of the input's batch at which rest begins
	base int          // row of the input's batch at which the last slice begins
	rows int          // of the next slice, at most
	last int          // rows of the last slice
	made int64        // bytes of texts that the task had made before it
}

func newSlicer(t *task) *slicer { return &slicer{task: t, rows: firstSlice} }

// next is the next slice of what read gives.
func (s *slicer) next(ctx context.Context, read func(context.Context) (arrow.Record, error)) (arrow.Record, error) {
	s.measure()
	if s.rest == nil {
		rec, err := read(ctx)
		if err != nil {
			return nil, err
		}
		s.rest, s.lo = rec, 0
	}
	rec := s.rest
	s.base = s.lo
	if n := int64(s.rows); rec.NumRows() > n {
		s.rest, s.lo = sliceRecord(rec, n, rec.NumRows()), s.lo+s.rows
		rec = sliceRecord(rec, 0, n)
	} else {
		s.rest = nil
	}
	s.last, s.made = int(rec.NumRows()), s.task.eval.Texts
	return rec, nil
}

// measure chooses the size of the next slice by what was made of the last one:
// by its operator, and by those above.
func (s *slicer) measure() {
	if s.last > 0 {
		width := (s.task.eval.Texts - s.made) / int64(s.last)
		s.rows = min(s.rows*sliceGrowth, s.task.rowsOf(width))
	}
}

// maxBatchBytes is about how much memory an operator's output may take.
const maxBatchBytes = 32 << 20

// batchBytes is about how much memory an operator's output may take: a batch is
// in no account.
func (t *task) batchBytes() int64 {
	if limit := t.memory.lowest(); limit > 0 {
		return min(maxBatchBytes, max(limit/16, 64<<10))
	}
	return maxBatchBytes
}

// rowsOf is how many rows of so many bytes each make a batch.
func (t *task) rowsOf(width int64) int {
	return int(max(1, min(int64(t.rows), t.batchBytes()/max(width, 1))))
}

// rowWidth is how many bytes a row of rec takes in the mean.
func rowWidth(rec arrow.Record) int64 { return kernel.RecordBytes(rec) / max(rec.NumRows(), 1) }
