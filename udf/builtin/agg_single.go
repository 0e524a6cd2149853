package builtin

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/sqlerr"
	"volley/udf"
)

// registerSingleValue registers single_value, by which the planner runs a
// scalar subquery: NULL without rows, the row's value with one, an error with
// more.
func registerSingleValue(b *registrar) {
	b.aggregate(udf.Aggregate{
		Name: "single_value", Params: types(tAny), NullCall: true,
		ReturnFor: func(args []arrow.DataType) (arrow.DataType, error) { return args[0], nil },
		State:     func(args []arrow.DataType) []arrow.DataType { return types(args[0], tBool) },
		New: func(_ *udf.Context, args []arrow.DataType) (udf.Accumulator, error) {
			return &singleAcc{pickAcc: pickAcc{store: rowStore{t: args[0]}, nulls: true}}, nil
		},
	})
}

// singleAcc is first, and refuses a second row.
type singleAcc struct {
	pickAcc
	seen []bool
}

func (s *singleAcc) add(group uint32) error {
	if s.seen[group] {
		return sqlerr.New(sqlerr.CardinalityViolation, "more than one row returned by a subquery used as an expression")
	}
	s.seen[group] = true
	return nil
}

func (s *singleAcc) Update(groups []uint32, n int, args []udf.Arg) error {
	s.seen = grow(s.seen, n)
	for _, g := range groups {
		if err := s.add(g); err != nil {
			return err
		}
	}
	return s.pickAcc.Update(groups, n, args)
}

func (s *singleAcc) Merge(groups []uint32, n int, states []arrow.Array) error {
	s.seen = grow(s.seen, n)
	found := states[1].(*array.Boolean)
	for i, g := range groups {
		if found.IsValid(i) && found.Value(i) {
			if err := s.add(g); err != nil {
				return err
			}
		}
	}
	return s.pickAcc.Merge(groups, n, states)
}
