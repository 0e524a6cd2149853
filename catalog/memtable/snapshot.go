package memtable

import (
	"context"
	"sort"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/catalog"
	"volley/catalog/memtable/block"
	"volley/catalog/statistics"
	"volley/exec/kernel"
	"volley/sqlerr"
)

// Blocks are joined up to maxRows rows and maxBytes bytes, which bounds what deleting
// one row copies.
const (
	maxRows  = 16 << 10
	maxBytes = 4 << 20
)

// askEvery is how many rows are worked on between two looks at whether the statement
// was cancelled.
const askEvery = 4096

// Snapshot is the rows of a table at one moment. It is immutable.
type Snapshot struct {
	pool    *block.Pool
	blocks  []*block.Block
	ends    []int64                              // number of rows up to and with each block
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

// Bytes is how much memory the rows would take.
func (s *Snapshot) Bytes() (bytes int64) {
	for _, b := range s.blocks {
		bytes += b.Bytes()
	}
	return bytes
}

// start is the number of the first row of block i.
func (s *Snapshot) start(i int) int64 {
	if i == 0 {
		return 0
	}
	return s.ends[i-1]
}

// with is the snapshot with more rows at its end. A block joins its predecessor
// while that is not much longer, like the carries of a binary counter.
func (s *Snapshot) with(ctx context.Context, recs []arrow.Record) (*Snapshot, error) {
	out := &Snapshot{
		pool:    s.pool,
		blocks:  append(make([]*block.Block, 0, len(s.blocks)+len(recs)), s.blocks...),
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

// joined is the snapshot with the rows of another at its end.
func (s *Snapshot) joined(ctx context.Context, rows *Snapshot) (*Snapshot, error) {
	out, err := s.with(ctx, nil)
	if err != nil {
		return nil, err
	}
	out.changes += rows.Rows()
	return out, rows.Each(ctx, out.push)
}

// push adds the rows of a record. Only for a snapshot that nobody else has seen.
func (s *Snapshot) push(rec arrow.Record) error {
	total, bytes, from := rec.NumRows(), kernel.RecordBytes(rec), len(s.blocks)
	for from > 0 {
		b := s.blocks[from-1]
		if b.Rows() > 2*total || b.Rows()+total > maxRows || b.Bytes()+bytes > maxBytes {
			break
		}
		total, bytes = total+b.Rows(), bytes+b.Bytes()
		from--
	}
	if from < len(s.blocks) {
		var parts []arrow.Record
		for _, b := range s.blocks[from:] {
			part, err := b.Record()
			if err != nil {
				return err
			}
			parts = append(parts, part)
		}
		joined, err := concat(append(parts, rec))
		if err != nil {
			return err
		}
		rec = joined
		s.blocks, s.ends = s.blocks[:from], s.ends[:from]
	}
	b, err := s.pool.New(rec)
	if err != nil {
		return err
	}
	s.add(b)
	return nil
}

// add adds a block as it is.
func (s *Snapshot) add(b *block.Block) {
	s.blocks = append(s.blocks, b)
	s.ends = append(s.ends, s.start(len(s.ends))+b.Rows())
}

// without is the snapshot less the rows of the given numbers, which are sorted
// and differ. Blocks that lose no row are shared.
func (s *Snapshot) without(ctx context.Context, rows []int64) (*Snapshot, error) {
	out := &Snapshot{pool: s.pool, changes: s.changes + int64(len(rows))}
	for i, b := range s.blocks {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		n := sort.Search(len(rows), func(j int) bool { return rows[j] >= s.ends[i] })
		gone := rows[:n]
		rows = rows[n:]
		switch {
		case n == 0:
			out.add(b)
			continue
		case int64(n) == b.Rows():
			continue
		}
		rec, err := b.Record()
		if err == nil {
			rec, err = keep(rec, gone, s.start(i))
		}
		if err == nil {
			err = out.push(rec)
		}
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// keep is a record without some of its rows, which count from base.
func keep(rec arrow.Record, rows []int64, base int64) (arrow.Record, error) {
	kept := make([]int32, 0, rec.NumRows()-int64(len(rows)))
	at := base
	for _, r := range append(rows[:len(rows):len(rows)], base+rec.NumRows()) {
		for ; at < r; at++ {
			kept = append(kept, int32(at-base))
		}
		at = r + 1
	}
	return kernel.TakeRecord(rec, kept)
}

// pick is the rows of the given numbers, sorted, as records.
func (s *Snapshot) pick(ctx context.Context, rows []int64) (out []arrow.Record, err error) {
	err = s.pickEach(ctx, rows, func(rec arrow.Record) error {
		out = append(out, rec)
		return nil
	})
	return out, err
}

// pickEach calls f with the rows of the given numbers, sorted, until it fails.
func (s *Snapshot) pickEach(ctx context.Context, rows []int64, f func(rec arrow.Record) error) error {
	for i, b := range s.blocks {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		n := sort.Search(len(rows), func(j int) bool { return rows[j] >= s.ends[i] })
		if n == 0 {
			continue
		}
		rec, err := b.Record()
		if err != nil {
			return err
		}
		taken := make([]int32, n)
		for j, row := range rows[:n] {
			taken[j] = int32(row - s.start(i))
		}
		rows = rows[n:]
		picked, err := kernel.TakeRecord(rec, taken)
		if err == nil {
			err = f(picked)
		}
		if err != nil {
			return err
		}
	}
	return nil
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

// each calls f with the rows of each block, and the number of the first of them, until
// it fails or ctx ends.
func (s *Snapshot) each(ctx context.Context, f func(rec arrow.Record, start int64) error) error {
	for i, b := range s.blocks {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		rec, err := b.Record()
		if err == nil {
			err = f(rec, s.start(i))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Each calls f with all rows in order, until it fails or ctx ends.
func (s *Snapshot) Each(ctx context.Context, f func(rec arrow.Record) error) error {
	return s.each(ctx, func(rec arrow.Record, _ int64) error { return f(rec) })
}

// Map is the rows that f makes of all rows, as many as before.
func (s *Snapshot) Map(ctx context.Context, f func(rec arrow.Record) (arrow.Record, error)) (*Snapshot, error) {
	out := &Snapshot{pool: s.pool, changes: s.changes}
	err := s.Each(ctx, func(rec arrow.Record) error {
		rec, err := f(rec)
		if err == nil {
			err = out.push(rec)
		}
		return err
	})
	return out, err
}
