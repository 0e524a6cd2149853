package exec

import (
	"context"
	"io"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/catalog"
	"volley/exec/eval"
	"volley/exec/kernel"
	"volley/planner/physical"
)

// scan reads the task's splits one after the other and applies the filter.
type scan struct {
	task   *task
	node   *physical.Scan
	spec   *catalog.ScanSpec
	filter *eval.Program // nil: none
	splits []catalog.Split
	at     int // split being read
	opener *splitReaders
	reader catalog.Reader
	rest   arrow.Record // rows of a large batch still to give, unfiltered
	base   int          // number of the batch's first row in the reader's record
	next   int          // the same of rest
	kept   kept         // rows that passed the filter
	stats  *OperatorStats
	chars  []int          // columns of char(n), which files may have with trailing blanks
	values []*valueFilter // for readers that can leave out rows by them
}

func newScan(t *task, n *physical.Scan, c *counted) (Operator, error) {
	s := &scan{task: t, stats: &c.stats, node: n, spec: &n.Spec, splits: t.frag.Splits[n.ID]}
	var err error
	if s.opener = t.env.Opened.take(n.ID); s.opener == nil {
		if s.opener, err = newSplitReaders(t.env, n, s.splits); err != nil {
			return nil, err
		}
	}
	s.chars = charColumns(&n.Spec)
	if n.Filter != nil {
		if s.filter, err = t.eval.Compile(n.Filter); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (s *scan) Schema() *arrow.Schema { return s.node.Schema() }

func (s *scan) Next(ctx context.Context) (arrow.Record, error) {
	for {
		rec, err := s.batch(ctx)
		if err != nil || s.filter == nil {
			return rec, err
		}
		rec, s.kept, err = selectRows(s.filter, rec)
		if err != nil || rec.NumRows() > 0 {
			return rec, err
		}
	}
}

// batch is the next batch of at most the session's size, unfiltered.
func (s *scan) batch(ctx context.Context) (arrow.Record, error) {
	if s.rest == nil {
		ctx = s.opener.context(ctx, s.task.env.Memory)
	}
	for s.rest == nil {
		if s.reader == nil {
			if s.at == len(s.splits) {
				return nil, io.EOF
			}
			var err error
			if s.reader, err = s.opener.next(ctx); err != nil {
				return nil, err
			}
			s.passValues()
		}
		rec, err := s.reader.Next(ctx)
		switch {
		case err == io.EOF:
			s.task.bounds[s.splits[s.at].Index] = s.reader.Bounds()
			s.rejected()
			err = s.reader.Close()
			s.count()
			s.reader = nil
			s.at++
			if err != nil {
				return nil, err
			}
		case err != nil:
			return nil, err
		case rec.NumRows() > 0:
			s.stats.RowsRead += rec.NumRows()
			if rec, err = trimmed(rec, s.chars); err != nil {
				return nil, err
			}
			s.rest, s.next = rec, 0
		}
	}
	rec := s.rest
	s.base = s.next
	if n := int64(s.task.rows); rec.NumRows() > n {
		s.rest = sliceRecord(rec, n, rec.NumRows())
		s.next += s.task.rows
		return sliceRecord(rec, 0, n), nil
	}
	s.rest = nil
	return rec, nil
}

// sliceRecord is rows lo to hi−1; unlike Record.NewSlice it keeps the count of
// a record without columns.
func sliceRecord(rec arrow.Record, lo, hi int64) arrow.Record {
	if rec.NumCols() == 0 {
		return kernel.Record(rec.Schema(), nil, int(hi-lo))
	}
	return rec.NewSlice(lo, hi)
}

// Close reports the bounds of a split that was not read to its end.
func (s *scan) Close() error {
	s.opener.close()
	if s.reader == nil {
		return nil
	}
	s.task.bounds[s.splits[s.at].Index] = catalog.Bounds{Start: s.reader.Bounds().Start, End: -1}
	s.rejected()
	r := s.reader
	err := r.Close()
	s.count()
	s.reader = nil
	return err
}

// narrow lets the reader skip data by more predicates, before it is opened.
func (s *scan) narrow(preds []catalog.Predicate) {
	spec := *s.spec
	spec.Pruning = append(spec.Pruning[:len(spec.Pruning):len(spec.Pruning)], preds...)
	s.spec, s.opener.spec = &spec, &spec
}

// passValues gives the filters of values to the reader, which is new.
func (s *scan) passValues() {
	r, ok := s.reader.(catalog.ValueFiltered)
	for _, f := range s.values {
		f.taken = ok && r.FilterValues(f.column, f)
	}
}

// count adds what the reader has counted, which is closed.
func (s *scan) count() {
	s.stats.BytesRead = s.opener.io.ReadBytes.Load()
	s.stats.Traffic = s.opener.meter.Traffic()
	if c, ok := s.reader.(catalog.ScanCounter); ok {
		s.stats.Scan.Add(c.Counts())
	}
}
