package exec

import (
	"context"
	"io"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/kernel"
	"volley/exec/rowkey"
	"volley/exec/spill"
	"volley/sqltype"
)

// keyColumn is the name of the column that a spilled run keeps its keys in.
const keyColumn = "sort key"

// spillRun sorts what is held and writes it to disk, because memory was refused
// by cause. A run of one batch's size is kept even so when nothing can be
// written: then cause is the error.
func (s *sorter) spillRun(ctx context.Context, cause error) error {
	if !s.task.spill.Usable() {
		return cause
	}
	if len(s.held) == 0 {
		return nil
	}
	size := s.bytes + s.whole.bytes(&s.run)
	run, err := s.takeRun(ctx)
	if err != nil {
		return err
	}
	run.rows = s.task.spilledRows(size, len(run.order))
	spilled, err := s.task.writeRun(ctx, s.Schema(), run, s.stats)
	if err != nil {
		return err
	}
	s.runs = append(s.runs, spilled)
	return s.mem.resize(0)
}

// writeRun writes the rest of a sorted run to disk.
func (t *task) writeRun(ctx context.Context, schema *arrow.Schema, run runSource, stats *OperatorStats) (*spilledRun, error) {
	withKeys := withKeyColumn(schema)
	w, err := t.spill.Create(withKeys)
	if err != nil {
		return nil, err
	}
	for {
		rec, keys, err := run.next(ctx)
		if err == io.EOF {
			file, err := w.Finish()
			if err != nil {
				return nil, err
			}
			stats.Spilled += file.Bytes
			return &spilledRun{file: file}, nil
		}
		if err == nil {
			rec, err = kernel.Conform(rec, schema)
		}
		if err == nil {
			cols := append(append([]arrow.Array(nil), rec.Columns()...), keys.Array())
			err = w.Write(kernel.Record(withKeys, cols, int(rec.NumRows())))
		}
		if err != nil {
			_ = w.Abort() // the first error is the one to tell
			return nil, err
		}
	}
}

// maxMergeRuns is how many runs are merged at once: each needs a batch, buffers
// and a file handle. Where memory is limited they are fewer.
const (
	minMergeRuns = 8
	maxMergeRuns = 64
	mergeRunSize = 4 << 20 // of the limit, for each run
)

// spilledBatch is about how large a batch of a run on disk is: a merge holds one
// of every run.
const spilledBatch = 256 << 10

// spilledRows is how many rows of a run of so many bytes make a batch on disk.
func (t *task) spilledRows(bytes int64, rows int) int {
	width := bytes/int64(max(rows, 1)) + 1
	return int(max(min(int64(t.rows), spilledBatch/width), 1))
}

func (t *task) mergeRuns() int {
	limit := t.memory.lowest()
	if limit == 0 {
		return maxMergeRuns
	}
	return int(min(max(limit/mergeRunSize, minMergeRuns), maxMergeRuns))
}

// reduceRuns merges neighbouring runs on disk until one merge can take all. It merges as
// few as must be, since each row of them is written once more. What it gives holds all
// rows also if it fails.
func (t *task) reduceRuns(ctx context.Context, schema *arrow.Schema, runs []runSource, whole *wholeKeys, stats *OperatorStats) ([]runSource, error) {
	for width := t.mergeRuns(); len(runs) > width; {
		var merged []runSource
		for surplus := len(runs) - width; surplus > 0 && len(runs) > 1; {
			n := min(width, surplus+1, len(runs))
			some := t.newMerge(schema, runs[:n], whole)
			some.keyed = true
			run, err := t.writeRun(ctx, schema, some, stats)
			if err != nil {
				return append(merged, runs...), err
			}
			merged, runs = append(merged, run), runs[n:]
			surplus -= n - 1
			if err := some.close(); err != nil {
				return append(merged, runs...), err
			}
		}
		runs = append(merged, runs...)
	}
	return runs, nil
}

// withKeyColumn is schema and, last, the column of keys.
func withKeyColumn(schema *arrow.Schema) *arrow.Schema {
	fields := append([]arrow.Field(nil), schema.Fields()...)
	return arrow.NewSchema(append(fields, arrow.Field{Name: keyColumn, Type: sqltype.Bytea}), nil)
}

// spilledRun reads a sorted run from disk and removes it at its end.
type spilledRun struct {
	file   *spill.File
	reader *spill.Reader
	done   bool
}

func (r *spilledRun) next(ctx context.Context) (arrow.Record, *rowkey.Keys, error) {
	if ctx.Err() != nil {
		return nil, nil, context.Cause(ctx)
	}
	if r.done {
		return nil, nil, io.EOF
	}
	if r.reader == nil {
		var err error
		if r.reader, err = r.file.Open(); err != nil {
			return nil, nil, err
		}
	}
	rec, err := r.reader.Next()
	if err == io.EOF {
		if err := r.close(); err != nil {
			return nil, nil, err
		}
		return nil, nil, io.EOF
	}
	if err != nil {
		return nil, nil, err
	}
	last := int(rec.NumCols()) - 1
	keys := rowkey.KeysOf(rec.Column(last))
	fields := rec.Schema().Fields()[:last]
	return kernel.Record(arrow.NewSchema(fields, nil), rec.Columns()[:last], int(rec.NumRows())), &keys, nil
}

func (r *spilledRun) close() error {
	if r.done {
		return nil
	}
	r.done = true
	if r.reader != nil {
		if err := r.reader.Close(); err != nil {
			return err
		}
	}
	return r.file.Remove()
}
