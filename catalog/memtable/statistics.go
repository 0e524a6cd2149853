package memtable

import (
	"context"
	"math/rand/v2"
	"sync"

	"volley/catalog"
	"volley/catalog/statistics"
	"volley/exec/kernel"
)

const (
	// sampledRows is of how many rows of a table statistics are made when a query
	// needs them.
	sampledRows = 2048
	// As autovacuum has it by default: statistics are stale when more than so many
	// rows, and this share of the rows, have changed since they were made.
	staleRows  = 50
	staleShare = 0.1
)

// sampled are the columns of a snapshot that have been looked at.
type sampled struct {
	mu      sync.Mutex
	columns map[int]catalog.ColumnStats
}

// analyzed are statistics and the changes that the table had seen by then.
type analyzed struct {
	stats   *catalog.Stats
	changes int64
}

// Stats are the table's statistics as committed: those of the last ANALYZE, unless
// much has changed since.
func (t *Table) Stats() *catalog.Stats {
	s := t.committed.Load()
	out := &catalog.Stats{Rows: s.Rows(), Bytes: -1, Sampler: s}
	if a := t.Analyzed(); a != nil {
		out.Columns = a.Columns
	}
	return out
}

// Analyzed are the statistics of the last ANALYZE; nil when there are none, or when
// much has changed since.
func (t *Table) Analyzed() *catalog.Stats {
	a := t.analyzed.Load()
	if a == nil {
		return nil
	}
	s := t.committed.Load()
	changed := s.changes - a.changes
	if changed < 0 || float64(changed) > staleRows+staleShare*float64(max(a.stats.Rows, 0)) {
		return nil
	}
	return a.stats
}

// SetStats keeps the statistics that ANALYZE has made of the rows that the
// transaction sees which writes the table, or everybody if none does.
func (t *Table) SetStats(stats *catalog.Stats) {
	t.analyzed.Store(&analyzed{stats, t.current().changes})
}

// Column guesses a column's statistics by some rows.
func (s *Snapshot) Column(ctx context.Context, column int) catalog.ColumnStats {
	s.sampled.mu.Lock()
	defer s.sampled.mu.Unlock()
	if c, ok := s.sampled.columns[column]; ok {
		return c
	}
	out := catalog.ColumnStats{NullCount: -1, Distinct: -1}
	if sample, err := s.sample(column); err == nil && ctx.Err() == nil {
		out = sample.Column()
	}
	if s.sampled.columns == nil {
		s.sampled.columns = map[int]catalog.ColumnStats{}
	}
	s.sampled.columns[column] = out
	return out
}

// sample takes one row at random of each of so many parts of the table.
func (s *Snapshot) sample(column int) (*statistics.Sample, error) {
	out := &statistics.Sample{Rows: float64(s.Rows()), Random: true}
	step := max(s.Rows()/sampledRows, 1)
	next := int64(0)
	random := rand.New(rand.NewPCG(uint64(s.Rows()), uint64(column))) // the same for the same table
	for i, rec := range s.records {
		if column >= int(rec.NumCols()) {
			return out, nil
		}
		if step == 1 {
			out.Blocks = append(out.Blocks, rec.Column(column))
			continue
		}
		var rows []int32
		for ; next < s.ends[i]; next += step {
			row := next + random.Int64N(step)
			if row < s.ends[i] {
				rows = append(rows, int32(row-s.start(i)))
			}
		}
		if len(rows) == 0 {
			continue
		}
		taken, err := kernel.Take(rec.Column(column), rows)
		if err != nil {
			return nil, err
		}
		out.Blocks = append(out.Blocks, taken)
	}
	return out, nil
}
