package builtin

import (
	"strings"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/bitutil"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/sqltype"
	"volley/udf"
	"volley/udf/vector"
)

// registerConditional adds greatest, least and nullif for any types that can be
// compared. Their arguments are cast to one type first.
func registerConditional(b *registrar) {
	for _, f := range []struct {
		name     string
		operator string
	}{{"greatest", ">"}, {"least", "<"}} {
		b.scalar(udf.Scalar{
			Name: f.name, Params: types(tAny), Variadic: true, NullCall: true,
			ArgsFor:   commonArgs(f.name),
			ReturnFor: func(args []arrow.DataType) (arrow.DataType, error) { return args[0], nil },
			Batch:     b.extreme(f.operator),
		})
	}
	b.scalar(udf.Scalar{
		Name: "nullif", Params: types(tAny, tAny), NullCall: true,
		ArgsFor:   commonArgs("nullif"),
		ReturnFor: func(args []arrow.DataType) (arrow.DataType, error) { return args[0], nil },
		Batch:     b.nullIf,
	})
}

func commonArgs(name string) func([]arrow.DataType) ([]arrow.DataType, error) {
	return func(args []arrow.DataType) ([]arrow.DataType, error) {
		t, err := sqltype.CommonTypeIn(strings.ToUpper(name), args)
		if err != nil {
			return nil, err
		}
		out := make([]arrow.DataType, len(args))
		for i := range out {
			out[i] = t
		}
		return out, nil
	}
}

// truth runs a comparison and gives the rows where it is true.
func (b *registrar) truth(ctx *udf.Context, operator string, x, y udf.Arg, n int) ([]byte, error) {
	f, err := b.registry.FindScalar(operator, argTypes([]udf.Arg{x, y}))
	if err != nil {
		return nil, err
	}
	r, err := f.Batch(ctx, []udf.Arg{x, y}, n)
	if err != nil {
		return nil, err
	}
	bits := make([]byte, bitutil.BytesForBits(int64(n)))
	if r.Len() == 1 && n > 1 {
		if r.IsValid(0) && r.(*array.Boolean).Value(0) {
			for i := range bits {
				bits[i] = 0xff
			}
		}
		return bits, nil
	}
	value, v := valueBits(r, n), vector.ValidityOf(r)
	for i := range bits {
		bits[i] = value[i] & byteOf(v, i)
	}
	return bits, nil
}

// extreme folds arguments pairwise, leaving NULLs out.
func (b *registrar) extreme(operator string) batchFunc {
	return func(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
		best := args[0]
		for _, a := range args[1:] {
			better, err := b.truth(ctx, operator, a, best, n)
			if err != nil {
				return nil, err
			}
			bv, av := validityOf(best, n), validityOf(a, n)
			for i := range better { // or the best so far is NULL
				better[i] = better[i]&byteOf(av, i) | ^byteOf(bv, i)
			}
			chosen, err := choose(better, a, best, n)
			if err != nil {
				return nil, err
			}
			best = udf.Arg{Array: chosen}
		}
		return expand(best, n)
	}
}

func (b *registrar) nullIf(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
	same, err := b.truth(ctx, "=", args[0], args[1], n)
	if err != nil {
		return nil, err
	}
	none := udf.Arg{Array: vector.Nulls(args[0].Array.DataType(), 1), Const: true}
	return choose(same, none, args[0], n)
}

// choose takes row i from x where bit i is set, and from y elsewhere.
func choose(bits []byte, x, y udf.Arg, n int) (arrow.Array, error) {
	all, err := array.Concatenate([]arrow.Array{y.Array, x.Array}, memory.DefaultAllocator)
	if err != nil {
		return nil, err
	}
	rows := make([]int32, n)
	xBase := y.Array.Len()
	for i := range rows {
		from, a := 0, y
		if bits[i>>3]&(1<<(i&7)) != 0 {
			from, a = xBase, x
		}
		if !a.Const {
			from += i
		}
		rows[i] = int32(from)
	}
	return vector.Take(all, rows)
}

// expand is an argument as n rows.
func expand(a udf.Arg, n int) (arrow.Array, error) {
	if !a.Const || n == 1 {
		return a.Array, nil
	}
	return vector.Take(a.Array, make([]int32, n))
}
