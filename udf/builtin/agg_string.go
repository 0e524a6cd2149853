package builtin

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/udf"
	"volley/udf/vector"
)

func registerStringAgg(b *registrar) {
	for _, t := range types(tText, tBytea) {
		b.aggregate(udf.Aggregate{
			Name: "string_agg", Params: types(t, t), Returns: t, State: states(tBytea, tInt4),
			NullCall: true, Ordered: true,
			New: func(*udf.Context, []arrow.DataType) (udf.Accumulator, error) { return &stringAggAcc{t: t}, nil },
		})
	}
}

// stringAggAcc keeps each value with its delimiter before it, so that states
// can be joined; the result leaves out the first delimiter, of skip bytes.
type stringAggAcc struct {
	t    arrow.DataType
	text [][]byte
	skip []int32
	seen []bool
	size int64
}

func (s *stringAggAcc) grow(n int) {
	s.text, s.skip, s.seen = grow(s.text, n), grow(s.skip, n), grow(s.seen, n)
}

func (s *stringAggAcc) append(g uint32, delimiter, value []byte) {
	before := cap(s.text[g])
	if !s.seen[g] {
		s.seen[g], s.skip[g] = true, int32(len(delimiter))
	}
	s.text[g] = append(append(s.text[g], delimiter...), value...)
	s.size += int64(cap(s.text[g]) - before)
}

func (s *stringAggAcc) Update(groups []uint32, n int, args []udf.Arg) error {
	s.grow(n)
	vals, delims := load[[]byte](args[0]), load[[]byte](args[1])
	v, d := validityOf(args[0], len(groups)), validityOf(args[1], len(groups))
	for i, g := range groups {
		if !v.Valid(i) {
			continue
		}
		var delimiter []byte
		if d.Valid(i) {
			delimiter = delims.At(i)
		}
		s.append(g, delimiter, vals.At(i))
	}
	return nil
}

func (s *stringAggAcc) Merge(groups []uint32, n int, states []arrow.Array) error {
	s.grow(n)
	v, text, skip := vector.ValidityOf(states[0]), vector.NewBinary(states[0]), vector.Fixed[int32](states[1])
	for i, g := range groups {
		if v.Valid(i) {
			b := text.At(i)
			s.append(g, b[:skip[i]], b[skip[i]:])
		}
	}
	return nil
}

func (s *stringAggAcc) State(lo, hi int) ([]arrow.Array, error) {
	s.grow(hi)
	text, err := writeText(nil, tBytea, seenValidity(s.seen[lo:hi]), hi-lo, func(dst []byte, i int) ([]byte, error) {
		return append(dst, s.text[lo+i]...), nil
	})
	if err != nil {
		return nil, err
	}
	return []arrow.Array{text, vector.FromFixed(tInt4, clone(s.skip[lo:hi]), vector.Validity{})}, nil
}

func (s *stringAggAcc) Result(lo, hi int) (arrow.Array, error) {
	s.grow(hi)
	return writeText(nil, s.t, seenValidity(s.seen[lo:hi]), hi-lo, func(dst []byte, i int) ([]byte, error) {
		return append(dst, s.text[lo+i][s.skip[lo+i]:]...), nil
	})
}

func (s *stringAggAcc) Bytes() int64 { return s.size + int64(cap(s.text))*29 }
