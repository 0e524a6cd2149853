package builtin

import (
	"math"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/sqlerr"
	"volley/udf"
	"volley/udf/vector"
)

// registerSampled registers sampled(number, percent, seed, block), by which the
// planner samples a table again for each row of a query: it tells whether row
// number, from 1, is in the sample. So many neighbouring rows as block says share
// their fate.
func registerSampled(b *registrar) {
	b.scalar(udf.Scalar{
		Name: "sampled", Params: types(tInt8, tFloat8, tFloat8, tInt8), Returns: tBool, NullCall: true,
		Batch: func(_ *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
			number, percent := args[0].Array.(*array.Int64), args[1].Array.(*array.Float64)
			seed, block := args[2].Array.(*array.Float64), args[3].Array.(*array.Int64)
			out := make([]bool, n)
			for i := range out {
				p, s := rowOf(args[1], i), rowOf(args[2], i)
				if err := checkSample(percent, p, seed, s); err != nil {
					return nil, &udf.RowError{Row: i, Err: err}
				}
				threshold := uint64(math.RoundToEven(percent.Value(p) / 100 * (1 << 32)))
				row := uint64(number.Value(rowOf(args[0], i))-1) / uint64(block.Value(rowOf(args[3], i)))
				out[i] = vector.Chance(row, math.Float64bits(seed.Value(s)+0))>>32 < threshold
			}
			return vector.FromBools(out, vector.Validity{}), nil
		},
	})
}

// checkSample refuses what the arguments of TABLESAMPLE cannot be.
func checkSample(percent *array.Float64, p int, seed *array.Float64, s int) error {
	switch {
	case percent.IsNull(p):
		return sqlerr.New(sqlerr.InvalidTablesampleArgument, "TABLESAMPLE parameter cannot be null")
	case seed.IsNull(s):
		return sqlerr.New(sqlerr.InvalidTablesampleRepeat, "TABLESAMPLE REPEATABLE parameter cannot be null")
	case !(percent.Value(p) >= 0 && percent.Value(p) <= 100):
		return sqlerr.New(sqlerr.InvalidTablesampleArgument, "sample percentage must be between 0 and 100")
	}
	return nil
}
