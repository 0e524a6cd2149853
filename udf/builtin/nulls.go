package builtin

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/udf"
	"volley/udf/vector"
)

// registerNullCounts adds num_nulls and num_nonnulls.
func registerNullCounts(b *registrar) {
	for _, f := range []struct {
		name  string
		nulls bool
	}{{"num_nulls", true}, {"num_nonnulls", false}} {
		b.scalar(udf.Scalar{
			Name: f.name, Params: types(tAny), Variadic: true, Returns: tInt4, NullCall: true,
			Batch: func(_ *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
				out := make([]int32, n)
				for _, a := range args {
					v := validityOf(a, n)
					for i := range out {
						if v.Valid(i) != f.nulls {
							out[i]++
						}
					}
				}
				return store(tInt4, out, vector.Validity{})
			},
		})
	}
}
