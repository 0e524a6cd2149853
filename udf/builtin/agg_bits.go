package builtin

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/udf"
	"volley/udf/vector"
)

// registerBitAggregates adds bit_and, bit_or and bit_xor of bit strings.
func registerBitAggregates(b *registrar) {
	for _, f := range []struct {
		name, verb string
		combine    func(x, y byte) byte
	}{
		{"bit_and", "AND", func(x, y byte) byte { return x & y }},
		{"bit_or", "OR", func(x, y byte) byte { return x | y }},
		{"bit_xor", "XOR", func(x, y byte) byte { return '0' + (x^y)&1 }},
	} {
		b.aggregate(udf.Aggregate{
			Name: f.name, Params: types(tBit), Returns: tBit, State: states(tBit),
			New: func(*udf.Context, []arrow.DataType) (udf.Accumulator, error) {
				return &bitFoldAcc{verb: f.verb, combine: f.combine}, nil
			},
		})
	}
}

// bitFoldAcc combines bit strings of one length, bit by bit. It owns its values.
type bitFoldAcc struct {
	verb    string
	combine func(x, y byte) byte
	vals    [][]byte
	seen    []bool
	size    int64 // bytes of vals
}

func (f *bitFoldAcc) Update(groups []uint32, n int, args []udf.Arg) error {
	f.vals, f.seen = grow(f.vals, n), grow(f.seen, n)
	v, b := validityOf(args[0], len(groups)), vector.NewBinary(args[0].Array)
	for i, g := range groups {
		if !v.Valid(i) {
			continue
		}
		row := i
		if args[0].Const {
			row = 0
		}
		x := b.At(row)
		switch {
		case !f.seen[g]:
			f.vals[g], f.seen[g] = append([]byte(nil), x...), true
			f.size += int64(cap(f.vals[g]))
		case len(x) != len(f.vals[g]):
			return &udf.RowError{Row: i, Err: errBitSizes(f.verb)}
		default:
			all := f.vals[g]
			for k, c := range x {
				all[k] = f.combine(all[k], c)
			}
		}
	}
	return nil
}

func (f *bitFoldAcc) Merge(groups []uint32, n int, states []arrow.Array) error {
	return f.Update(groups, n, []udf.Arg{column(states[0])})
}

func (f *bitFoldAcc) State(lo, hi int) ([]arrow.Array, error) { return one(f.Result(lo, hi)) }

func (f *bitFoldAcc) Result(lo, hi int) (arrow.Array, error) {
	f.vals, f.seen = grow(f.vals, hi), grow(f.seen, hi)
	return writeText(nil, tBit, seenValidity(f.seen[lo:hi]), hi-lo, func(dst []byte, i int) ([]byte, error) {
		return append(dst, f.vals[lo+i]...), nil
	})
}

func (f *bitFoldAcc) Bytes() int64 { return f.size + int64(cap(f.vals))*25 }
