package builtin

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/sqlerr"
	"volley/udf"
)

// registerSingleRow registers single_row(value, rows), by which the planner
// uses a scalar subquery's value: it is an error when there were more rows than
// one.
func registerSingleRow(b *registrar) {
	b.scalar(udf.Scalar{
		Name: "single_row", Params: types(tAny, tInt8), NullCall: true,
		ReturnFor: func(args []arrow.DataType) (arrow.DataType, error) { return args[0], nil },
		Batch: func(_ *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
			rows := args[1].Array.(*array.Int64)
			for i := range rows.Len() {
				if rows.IsValid(i) && rows.Value(i) > 1 {
					return nil, &udf.RowError{Row: i, Err: sqlerr.New(sqlerr.CardinalityViolation, "more than one row returned by a subquery used as an expression")}
				}
			}
			return expand(args[0], n)
		},
	})
}
