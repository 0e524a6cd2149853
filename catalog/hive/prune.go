package hive

import (
	"context"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/catalog"
)

// Directories tells of directories whether files below them are wanted, by the values
// in their paths of the partition columns, which are fields. nil: all are.
func Directories(ctx context.Context, fields []arrow.Field, wanted catalog.Wanted) func(dir string) bool {
	if wanted == nil || len(fields) == 0 {
		return nil
	}
	values := make([]arrow.Array, len(fields))
	return func(dir string) bool {
		known := false
		for i, f := range fields {
			values[i] = nil
			if f.Metadata.Len() > 0 { // char(n), whose values have lost their blanks
				continue
			}
			// The value of a column is the first one in the path, so that it is known. One
			// that is not of the type is an error of whoever reads the file.
			if v, err := Value(dir+"/file", f); err == nil {
				values[i], known = v, true
			}
		}
		return !known || wanted(ctx, values)
	}
}
