package builtin

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/sqlerr"
	"volley/udf"
)

// registerRowLimit registers row_limit(rows, offset), by which the planner
// checks the value of LIMIT, or of OFFSET, where no rows are counted: it is its
// first argument, and an error when that is negative.
func registerRowLimit(b *registrar) {
	b.scalar(udf.Scalar{
		Name: "row_limit", Params: types(tInt8, tBool), Returns: tInt8, NullCall: true,
		Volatility: udf.Stable, // evaluated for rows that are there, never beforehand
		Batch: func(_ *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
			rows, offset := args[0].Array.(*array.Int64), args[1].Array.(*array.Boolean)
			for i := range rows.Len() {
				if rows.IsNull(i) || rows.Value(i) >= 0 {
					continue
				}
				err := sqlerr.New(sqlerr.InvalidRowCountLimit, "LIMIT must not be negative")
				if offset.Value(rowOf(args[1], i)) {
					err = sqlerr.New(sqlerr.InvalidRowCountOffset, "OFFSET must not be negative")
				}
				return nil, &udf.RowError{Row: i, Err: err}
			}
			return expand(args[0], n)
		},
	})
}
