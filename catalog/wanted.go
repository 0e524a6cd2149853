package catalog

import (
	"context"

	"github.com/apache/arrow/go/v15/arrow"
)

// Wanted tells whether files may have rows that a query wants, by the values that they
// have in TableDef.PartitionColumns: arrays of length 1, nil where a value is not known,
// as that of a column of directories further down. It is a hint: whoever reads the files
// filters all the same.
type Wanted func(ctx context.Context, values []arrow.Array) bool
