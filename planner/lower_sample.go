package planner

import (
	"math"
	"math/rand/v2"

	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/planner/expr"
	"volley/planner/logical"
	"volley/planner/physical"
	"volley/sqlerr"
)

// lowerSample samples where the rows are. A repeatable sample goes by the
// numbers of the rows in the whole table, which are known only in one place.
func (s *stager) lowerSample(n *logical.Sample) (flow, error) {
	percent, err := s.sampleArgument(n.Percent, n.Pos, sqlerr.InvalidTablesampleArgument, "TABLESAMPLE parameter cannot be null")
	if err != nil {
		return nil, err
	}
	if !(percent >= 0 && percent <= 100) {
		return nil, sqlerr.At(n.Pos, sqlerr.InvalidTablesampleArgument, "sample percentage must be between 0 and 100")
	}
	node := physical.Sample{System: n.System, Threshold: int64(math.RoundToEven(percent / 100 * physical.SampleAll))}
	f, err := s.lower(n.Input)
	if err != nil {
		return nil, err
	}
	if n.Seed == nil {
		node.Seed, node.PerTask = rand.Int64(), true
	} else {
		seed, err := s.sampleArgument(n.Seed, n.Pos, sqlerr.InvalidTablesampleRepeat, "TABLESAMPLE REPEATABLE parameter cannot be null")
		if err != nil {
			return nil, err
		}
		node.Seed = int64(math.Float64bits(seed + 0)) // −0 is 0
		if !f.local() {
			f = localFlow(s.gather(f, true))
		}
	}
	return f.each(func(in physical.Node) physical.Node {
		sampled := node
		sampled.Input = in
		return &sampled
	}), nil
}

// sampleArgument is the value of a float8 without columns.
func (s *stager) sampleArgument(e expr.Expr, pos int, code, null string) (float64, error) {
	l, ok := e.(*expr.Literal)
	if !ok {
		if s.p.Evaluator == nil {
			return 0, unsupported(pos, "TABLESAMPLE with an argument that is not constant is")
		}
		v, err := s.p.Evaluator.Eval(s.ctx, e)
		if err != nil {
			return 0, err
		}
		l = &expr.Literal{Value: v}
	}
	v, ok := l.Value.(*array.Float64)
	if !ok || v.IsNull(0) {
		return 0, sqlerr.At(pos, code, "%s", null)
	}
	return v.Value(0), nil
}
