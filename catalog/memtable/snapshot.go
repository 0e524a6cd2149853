package memtable

import (
	"context"
	"sort"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/catalog"
	"volley/catalog/statistics"
	"volley/sqlerr"
)

// maxChunk is the most rows that records are joined to. It bounds what deleting
// one row copies.
const maxChunk = 16 << 10

// askEvery is how many rows are worked on between two looks at whether the statement
// was cancelled.
const askEvery = 4096

// Snapshot is the rows of a table at one moment. It is immutable.
type Snapshot struct {
	records []arrow.Record
	ends    []int64                              // number of rows up to and with each record
	changes int64                                // rows that were ever added or removed on the way to it
	sampled statistics.Memo[catalog.ColumnStats] // by column
}

// Rows is the number of rows.
func (s *Snapshot) Rows() int64 {
	if len(s.ends) == 0 {
		return 0
	}
	return s.ends[len(s.ends)-1]
}

// Records are the rows in order. The caller must not change the slice.
func (s *Snapshot) Records() []arrow.Record { return s.records }

// start is the number of the first row of record i.
func (s *Snapshot) start(i int) int64 {
	if i == 0 {
		return 0
	}
	return s.ends[i-1]
}

// with is the snapshot with more rows at its end. A record joins its
// predecessor while that is not much longer, like the carries of a binary
// counter.
func (s *Snapshot) with(ctx context.Context, recs []arrow.Record) (*Snapshot, error) {
	out := &Snapshot{
		records: append(make([]arrow.Record, 0, len(s.records)+len(recs)), s.records...),
		ends:    append(make([]int64, 0, len(s.ends)+len(recs)), s.ends...),
		changes: s.changes,
	}
	for _, rec := range recs {
		if rec.NumRows() == 0 {
			continue
		}
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if err := out.push(rec); err != nil {
			return nil, err
		}
		out.changes += rec.NumRows()
	}
	return out, nil
}

// push adds one record. Only for a snapshot that nobody else has seen.
func (s *Snapshot) push(rec arrow.Record) error {
	total, from := rec.NumRows(), len(s.records)
	for from > 0 {
		n := s.records[from-1].NumRows()
		if n > 2*total || n+total > maxChunk {
			break
		}
		total += n
		from--
	}
	if from < len(s.records) {
		joined, err := concat(append(s.records[from:len(s.records):len(s.records)], rec))
		if err != nil {
			return err
		}
		rec = joined
		s.records, s.ends = s.records[:from], s.ends[:from]
	}
	s.records = append(s.records, rec)
	s.ends = append(s.ends, s.start(len(s.ends))+rec.NumRows())
	return nil
}

// without is the snapshot less the rows of the given numbers, which are sorted
// and differ. Records that lose no row are shared.
func (s *Snapshot) without(ctx context.Context, rows []int64) (*Snapshot, error) {
	out := &Snapshot{changes: s.changes + int64(len(rows))}
	for i, rec := range s.records {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		n := sort.Search(len(rows), func(j int) bool { return rows[j] >= s.ends[i] })
		kept, err := keep(rec, rows[:n], s.start(i))
		if err != nil {
			return nil, err
		}
		rows = rows[n:]
		if kept == nil {
			continue
		}
		if kept != rec {
			err = out.push(kept)
		} else {
			out.records = append(out.records, rec)
			out.ends = append(out.ends, out.start(len(out.ends))+rec.NumRows())
		}
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// keep is a record without the given rows, which count from base; nil when none
// is left.
func keep(rec arrow.Record, rows []int64, base int64) (arrow.Record, error) {
	if len(rows) == 0 {
		return rec, nil
	}
	var parts []arrow.Record
	at := int64(0)
	for _, r := range rows {
		if r -= base; r > at {
			parts = append(parts, slice(rec, at, r))
		}
		at = r + 1
	}
	if at < rec.NumRows() {
		parts = append(parts, slice(rec, at, rec.NumRows()))
	}
	if len(parts) == 0 {
		return nil, nil
	}
	// copied even when it is one slice: a slice would keep the deleted rows in memory
	return concat(parts)
}

// pick is the rows of the given numbers, sorted, as records.
func (s *Snapshot) pick(ctx context.Context, rows []int64) ([]arrow.Record, error) {
	var out []arrow.Record
	for i, rec := range s.records {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		n := sort.Search(len(rows), func(j int) bool { return rows[j] >= s.ends[i] })
		var parts []arrow.Record
		for j := 0; j < n; {
			lo, hi := rows[j], rows[j]+1
			for j++; j < n && rows[j] == hi; j++ {
				hi++
			}
			parts = append(parts, slice(rec, lo-s.start(i), hi-s.start(i)))
		}
		rows = rows[n:]
		if len(parts) == 0 {
			continue
		}
		joined, err := concat(parts)
		if err != nil {
			return nil, err
		}
		out = append(out, joined)
	}
	return out, nil
}

// slice is rows lo to hi−1; unlike Record.NewSlice it keeps the count of a
// record without columns.
func slice(rec arrow.Record, lo, hi int64) arrow.Record {
	if rec.NumCols() == 0 {
		return array.NewRecord(rec.Schema(), nil, hi-lo)
	}
	return rec.NewSlice(lo, hi)
}

// concat joins records of one schema.
func concat(recs []arrow.Record) (arrow.Record, error) {
	rows := int64(0)
	for _, r := range recs {
		rows += r.NumRows()
	}
	cols := make([]arrow.Array, recs[0].NumCols())
	parts := make([]arrow.Array, len(recs))
	for c := range cols {
		for i, r := range recs {
			parts[i] = r.Column(c)
		}
		var err error
		if cols[c], err = array.Concatenate(parts, memory.DefaultAllocator); err != nil {
			return nil, sqlerr.Wrap(err, sqlerr.ProgramLimitExceeded, "could not join the rows of a table")
		}
	}
	return array.NewRecord(recs[0].Schema(), cols, rows), nil
}
