package builtin

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqlerr"
	"volley/sqltype"
	"volley/udf"
	"volley/udf/vector"
)

// registerOrderedSets adds the aggregates of WITHIN GROUP. The hypothetical ones
// are rewritten by the planner; of them only dense_rank is computed, as a count
// of distinct keys.
func registerOrderedSets(b *registrar) {
	for dims := range maxDimensions + 1 {
		fractions := sqltype.ArrayOf(tFloat8, dims)
		for _, t := range types(tFloat8, tInterval) {
			b.percentile("percentile_cont", types(fractions, t), interpolated(t), dims)
		}
		b.percentile("percentile_disc", types(fractions, udf.AnyElement), discrete, dims)
	}
	b.orderedSet("mode", types(udf.AnyElement), 0, func(value arrow.DataType) udf.Accumulator {
		return &modeAcc{store: rowStore{t: value}}
	})
	for _, name := range []string{"rank", "dense_rank"} {
		b.aggregate(udf.Aggregate{
			Name: name, Params: types(tAny), Variadic: true, Returns: tInt8, State: states(tInt8),
			NullCall: true, OrderedSet: true, New: newAcc[rowCountAcc](),
		})
	}
	for _, name := range []string{"percent_rank", "cume_dist"} {
		b.aggregate(udf.Aggregate{
			Name: name, Params: types(tAny), Variadic: true, Returns: tFloat8, State: states(tInt8),
			NullCall: true, OrderedSet: true, New: newAcc[rowCountAcc](),
		})
	}
}

// arrayOfLastArg is the type of an array of so many dimensions; of 0 it is the
// element itself.
func arrayOfLastArg(dims int) returnFunc {
	return func(args []arrow.DataType) (arrow.DataType, error) {
		return sqltype.ArrayOf(args[len(args)-1], dims), nil
	}
}

// rowCountAcc counts rows, whatever their arguments.
type rowCountAcc struct{ countAcc }

func (c *rowCountAcc) Update(groups []uint32, n int, _ []udf.Arg) error {
	return c.countAcc.Update(groups, n, nil)
}

// orderedSet adds an aggregate of values in order, the last argument, that gives an
// array of them of so many dimensions.
func (b *registrar) orderedSet(name string, params []arrow.DataType, dims int, acc func(value arrow.DataType) udf.Accumulator) {
	b.aggregate(udf.Aggregate{
		Name: name, Params: params, ReturnFor: arrayOfLastArg(dims), OrderedSet: true, NoPartial: true, Ordered: true,
		New: func(_ *udf.Context, args []arrow.DataType) (udf.Accumulator, error) {
			return acc(args[len(args)-1]), nil
		},
	})
}

// onePhase is what accumulators of ordered sets lack.
type onePhase struct{}

func (onePhase) Merge([]uint32, int, []arrow.Array) error { return errNoPartial() }

func (onePhase) State(int, int) ([]arrow.Array, error) { return nil, errNoPartial() }

func errNoPartial() error {
	return sqlerr.New(sqlerr.InternalError, "an ordered-set aggregate has no partial state")
}

// valuesInOrder are the values of an argument that are not NULL, and their groups.
func valuesInOrder(groups []uint32, a udf.Arg) ([]uint32, arrow.Array, error) {
	vals, err := expand(a, len(groups))
	if err != nil || vals.NullN() == 0 {
		return groups, vals, err
	}
	rows := make([]int32, 0, len(groups))
	kept := make([]uint32, 0, len(groups))
	for i, g := range groups {
		if vals.IsValid(i) {
			rows, kept = append(rows, int32(i)), append(kept, g)
		}
	}
	vals, err = vector.Take(vals, rows)
	return kept, vals, err
}
