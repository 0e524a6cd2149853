package catalog

import (
	"context"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/catalog/objstore"
)

// Stats are a table's statistics as far as they are known; −1 when not. They are
// immutable.
type Stats struct {
	Rows, Bytes int64
	Columns     []ColumnStats // by ordinal; may be nil
	// Sampler looks at rows for what is not known; nil: nobody does.
	Sampler Sampler
	// Wanted: they are of files whose values of partition columns meet the conditions on
	// these, so that such conditions leave all rows.
	Wanted bool
}

// ColumnStats are one column's statistics. Shares are of all rows of the table,
// NULLs included.
type ColumnStats struct {
	Min, Max  arrow.Array // of length 1, or nil
	NullCount int64       // −1: not known
	Distinct  int64       // values that are not NULL; ≤ 0: not known
	Width     float64     // bytes of a value that is not NULL, on average; 0: not known
	// Common are the most common values, the most common one first, and
	// CommonShares the share of the rows that has each; nil: not known.
	Common       arrow.Array
	CommonShares []float64
	// Bounds are those of the bins of an equi-depth histogram, in order, of the
	// values that are neither NULL nor Common; nil: none.
	Bounds arrow.Array
}

// Sampler guesses statistics by reading a few rows. It is safe for concurrent
// use and remembers what it found.
type Sampler interface {
	// Column guesses a column's statistics; what cannot be found stays unknown.
	Column(ctx context.Context, column int) ColumnStats
}

// SmallTable is up to how many rows a table is so small that a RowSampler may read
// all of it.
const SmallTable = 3072

// RowSampler is a Sampler that knows all rows of small tables.
type RowSampler interface {
	Sampler
	// Whole is a column of all rows, those of each column in the same order; nil when
	// there are more than SmallTable, or they cannot be read.
	Whole(ctx context.Context, column int) arrow.Array
}

// StatsReader is what a Format has besides if it knows a table's statistics
// without reading its rows.
type StatsReader interface {
	Stats(ctx context.Context, store objstore.Store, def *TableDef) (Stats, error)
}
