package memtable

import (
	"context"
	"iter"
	"math/rand/v2"

	"github.com/apache/arrow/go/v15/arrow"

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

// analyzed are statistics and the changes that the table had seen by then.
type analyzed struct {
	stats   *catalog.Stats
	changes int64
}

// Stats are the table's statistics as committed, or as tx sees them if it writes
// the table (nil: none): those of the last ANALYZE, unless much has changed since.
func (t *Table) Stats(tx *Tx) *catalog.Stats {
	own := tx != nil && tx.holds(t)
	out := &catalog.Stats{Rows: t.rowsOf(own).Rows(), Bytes: -1, Sampler: sampler{t, own}}
	if a := t.Analyzed(tx); a != nil {
		out.Columns = a.Columns
	}
	return out
}

// rowsOf are the rows as committed, or as whoever writes the table sees them.
func (t *Table) rowsOf(own bool) *Snapshot {
	if own {
		return t.current()
	}
	return t.committed.Load()
}

// Analyzed are the statistics of the last ANALYZE; nil when there are none, or when
// much has changed since. tx is as for Stats.
func (t *Table) Analyzed(tx *Tx) *catalog.Stats {
	own := tx != nil && tx.holds(t)
	a := t.analyzedBy(tx)
	if a == nil {
		return nil
	}
	changed := t.rowsOf(own).changes - a.changes
	if changed < 0 || float64(changed) > staleRows+staleShare*float64(max(a.stats.Rows, 0)) {
		return nil
	}
	return a.stats
}

func (t *Table) analyzedBy(tx *Tx) *analyzed {
	if tx != nil {
		if a, ok := tx.analyzed.Load(t); ok {
			return a.(*analyzed)
		}
	}
	return t.analyzed.Load()
}

// SetStats keeps the statistics that ANALYZE has made of the rows that tx sees. They
// are its own until it commits.
func (t *Table) SetStats(tx *Tx, stats *catalog.Stats) {
	tx.setAnalyzed(t, &analyzed{stats, t.rowsOf(tx.holds(t)).changes})
}

func (tx *Tx) setAnalyzed(t *Table, a *analyzed) {
	before, changed := tx.analyzed.Swap(t, a)
	tx.OnRollback(func() {
		if changed {
			tx.analyzed.Store(t, before)
		} else {
			tx.analyzed.Delete(t)
		}
	})
}

// newStats are the statistics that the transaction has made.
func (tx *Tx) newStats() iter.Seq2[*Table, *analyzed] {
	return func(yield func(*Table, *analyzed) bool) {
		tx.analyzed.Range(func(t, a any) bool { return yield(t.(*Table), a.(*analyzed)) })
	}
}

// InheritStats gives a table that has replaced another in the transaction the statistics
// of those columns that are the same: from are their ordinals in old, −1 for others.
func (tx *Tx) InheritStats(t, old *Table, from []int) {
	a := old.analyzedBy(tx)
	if a == nil || len(a.stats.Columns) == 0 {
		return
	}
	stats := *a.stats
	stats.Columns = make([]catalog.ColumnStats, len(from))
	for i, c := range from {
		stats.Columns[i] = catalog.ColumnStats{NullCount: -1, Distinct: -1}
		if c >= 0 && c < len(a.stats.Columns) {
			stats.Columns[i] = a.stats.Columns[c]
		}
	}
	changed := old.current().changes - a.changes
	tx.setAnalyzed(t, &analyzed{&stats, t.current().changes - changed})
}

// sampler guesses statistics of the rows that a table has when it is asked. It does
// not keep them: a plan that is kept has it.
type sampler struct {
	table *Table
	own   bool // the rows of whoever writes the table
}

// Column guesses a column's statistics by some rows.
func (s sampler) Column(ctx context.Context, column int) catalog.ColumnStats {
	return s.table.rowsOf(s.own).column(ctx, column)
}

// Whole is a column of all rows of a small table.
func (s sampler) Whole(_ context.Context, column int) arrow.Array {
	rows := s.table.rowsOf(s.own)
	if rows.Rows() > catalog.SmallTable || rows.Rows() == 0 {
		return nil
	}
	var blocks []arrow.Array
	for _, b := range rows.blocks {
		rec, err := b.Record()
		if err != nil || column >= int(rec.NumCols()) {
			return nil
		}
		blocks = append(blocks, rec.Column(column))
	}
	all, err := kernel.Concat(blocks)
	if err != nil || int64(all.Len()) != rows.Rows() {
		return nil
	}
	return all
}

func (s *Snapshot) column(ctx context.Context, column int) catalog.ColumnStats {
	found, ok := s.sampled.Get(ctx, column, func() (catalog.ColumnStats, bool) {
		sample, err := s.sample(column)
		if err != nil {
			return catalog.ColumnStats{NullCount: -1, Distinct: -1}, true
		}
		return sample.Column(), true
	})
	if !ok {
		return catalog.ColumnStats{NullCount: -1, Distinct: -1}
	}
	return found
}

// sample takes one row at random of each of so many parts of the table.
func (s *Snapshot) sample(column int) (*statistics.Sample, error) {
	out := &statistics.Sample{Rows: float64(s.Rows()), Random: true}
	step := max(s.Rows()/sampledRows, 1)
	next := int64(0)
	random := rand.New(rand.NewPCG(uint64(s.Rows()), uint64(column))) // the same for the same table
	for i, b := range s.blocks {
		var rows []int32
		for ; step > 1 && next < s.ends[i]; next += step {
			row := next + random.Int64N(step)
			if row < s.ends[i] {
				rows = append(rows, int32(row-s.start(i)))
			}
		}
		if step > 1 && len(rows) == 0 {
			continue
		}
		rec, err := b.Record()
		if err != nil || column >= int(rec.NumCols()) {
			return out, err
		}
		if step == 1 {
			out.Blocks = append(out.Blocks, rec.Column(column))
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
