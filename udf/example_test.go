package udf_test

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/udf"
)

// A function of Go values is called once per row. In a program of one's own,
// this stands in main or init, before volley's main is called.
func ExampleScalar4() {
	r := udf.NewRegistry() // a program leaves out In(r)
	udf.Scalar4("classify", func(sku int64, flux float64, maker, description string) float64 {
		sum := sha256.Sum256(fmt.Appendf(nil, "%d|%g|%s|%s", sku, flux, maker, description))
		return float64(binary.BigEndian.Uint64(sum[:8])>>11) / (1 << 53)
	}, udf.WithCost(2000), udf.WithDoc("how interesting an article is"), udf.In(r))
	fmt.Println(r.Scalars()[0])
	// Output: classify(bigint, double precision, text, text)
}

// An error ends the query; it names the function, its arguments, and the file
// and line the row came from.
func ExampleScalar1Err() {
	udf.Scalar1Err("root", func(x float64) (float64, error) {
		if x < 0 {
			return 0, errors.New("no real root")
		}
		return math.Sqrt(x), nil
	}, udf.In(udf.NewRegistry()))
}

// Null lets a function see and give NULL.
func ExampleNull() {
	udf.Scalar2("first_known", func(a, b udf.Null[string]) udf.Null[string] {
		if a.Valid {
			return a
		}
		return b
	}, udf.In(udf.NewRegistry()))
}

// An aggregate is a state, a step for each row, and a merge of two states, by
// which workers each do a part.
func ExampleAggregate1() {
	type state struct {
		Logs float64
		N    int64
	}
	udf.Aggregate1("geometric_mean",
		func(s *state, x float64) { s.Logs += math.Log(x); s.N++ },
		udf.Aggregation[state, udf.Null[float64]]{
			Merge: func(into *state, other state) { into.Logs += other.Logs; into.N += other.N },
			Final: func(s state) udf.Null[float64] {
				if s.N == 0 {
					return udf.Null[float64]{}
				}
				return udf.Some(math.Exp(s.Logs / float64(s.N)))
			},
		}, udf.In(udf.NewRegistry()))
}

// A function over batches gets Arrow arrays, and may use any library for them.
func ExampleRegistry_RegisterScalar() {
	err := udf.NewRegistry().RegisterScalar(&udf.Scalar{
		Name:    "row_count",
		Params:  []arrow.DataType{arrow.PrimitiveTypes.Int64},
		Returns: arrow.PrimitiveTypes.Int64,
		User:    true,
		Batch: func(_ *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
			return args[0].Array, nil
		},
	})
	fmt.Println(err)
	// Output: <nil>
}
