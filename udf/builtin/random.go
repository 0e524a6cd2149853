package builtin

import (
	"math"
	"math/rand/v2"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/sqlerr"
	"volley/udf"
	"volley/udf/vector"
)

// seeding is what setseed needs of a session: from now on its queries take their
// random numbers from the seed.
type seeding interface{ SetSeed(seed float64) }

// registerRandom adds random and setseed.
func registerRandom(b *registrar) {
	b.scalar(udf.Scalar{
		Name: "random", Returns: tFloat8, Volatility: udf.Volatile,
		Batch: func(ctx *udf.Context, _ []udf.Arg, n int) (arrow.Array, error) {
			out := make([]float64, n)
			next := rand.Float64
			if ctx.Random != nil {
				next = ctx.Random.Float64
			}
			for i := range out {
				out[i] = next()
			}
			return vector.FromFixed(tFloat8, out, vector.Validity{}), nil
		},
	})
	b.scalar(udf.Scalar{
		Name: "setseed", Params: types(tFloat8), Returns: tText, Volatility: udf.Volatile, Session: true,
		Batch: func(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
			seeds := args[0].Array.(*array.Float64)
			out := array.NewStringBuilder(memory.DefaultAllocator)
			for i := range n {
				row := i
				if args[0].Const {
					row = 0
				}
				if seeds.IsNull(row) {
					out.AppendNull()
					continue
				}
				seed := seeds.Value(row)
				if !(seed >= -1 && seed <= 1) {
					return nil, sqlerr.New(sqlerr.InvalidParameterValue, "setseed parameter %v is out of allowed range [-1,1]", seed)
				}
				if s, ok := ctx.Session.(seeding); ok {
					s.SetSeed(seed)
				}
				if ctx.Random != nil { // for the rest of the statement
					*ctx.Random = *rand.New(rand.NewPCG(math.Float64bits(seed), 0))
				}
				out.Append("")
			}
			return out.NewArray(), nil
		},
	})
}
