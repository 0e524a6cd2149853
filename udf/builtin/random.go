package builtin

import (
	"math"
	"math/rand/v2"
	"sync"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqlerr"
	"volley/udf"
	"volley/udf/vector"
)

// seeded is the source of this process's random() since a setseed; nil: none
// yet, and random() takes the task's, or, outside of tasks, the runtime's.
var seeded struct {
	sync.Mutex
	source *rand.Rand
}

// registerRandom adds random and setseed.
func registerRandom(b *registrar) {
	b.scalar(udf.Scalar{
		Name: "random", Returns: tFloat8, Volatility: udf.Volatile,
		Batch: func(ctx *udf.Context, _ []udf.Arg, n int) (arrow.Array, error) {
			out := make([]float64, n)
			seeded.Lock()
			defer seeded.Unlock()
			next := rand.Float64
			switch {
			case seeded.source != nil:
				next = seeded.source.Float64
			case ctx.Random != nil:
				next = ctx.Random.Float64
			}
			for i := range out {
				out[i] = next()
			}
			return vector.FromFixed(tFloat8, out, vector.Validity{}), nil
		},
	})
	b.scalar(udf.Scalar{
		Name: "setseed", Params: types(tFloat8), Returns: tText, Volatility: udf.Volatile,
		Batch: text1(tText, func(dst []byte, seed float64) ([]byte, error) {
			if !(seed >= -1 && seed <= 1) {
				return dst, sqlerr.New(sqlerr.InvalidParameterValue, "setseed parameter %v is out of allowed range [-1,1]", seed)
			}
			seeded.Lock()
			defer seeded.Unlock()
			seeded.source = rand.New(rand.NewPCG(math.Float64bits(seed), 0))
			return dst, nil
		}),
	})
}
