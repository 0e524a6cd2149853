package planner

import (
	"context"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/planner/expr"
	"volley/planner/logical"
	"volley/planner/physical"
	"volley/sqlerr"
	"volley/sqltype"
)

// Plan makes the stages of a bound query. params are the values of $1, …, each
// of length 1 and of the type Bound.Params says; nil keeps the parameters, for
// EXPLAIN of a prepared statement.
func (p *Planner) Plan(ctx context.Context, b *Bound, params []arrow.Array, opts PlanOptions) (*physical.Plan, error) {
	bind := func(n logical.Node) (logical.Node, error) { return withParams(n, b.Params, params) }
	return p.plan(&optimizer{ctx: ctx, p: p}, b, bind, opts)
}

// plan optimizes and lowers what bind makes of the query.
func (p *Planner) plan(o *optimizer, b *Bound, bind func(logical.Node) (logical.Node, error), opts PlanOptions) (*physical.Plan, error) {
	ctx := o.ctx
	root, err := bind(b.Root)
	if err != nil {
		return nil, err
	}
	if opts.Distributed {
		o.estimate.tasks = tasksPerSlot * float64(opts.Slots)
	}
	o.files = opts.Files
	root = o.optimize(root)
	if err := stopError(ctx); err != nil {
		return nil, err
	}
	if o.err != nil {
		return nil, o.err
	}
	s := newStager(o, opts)
	s.bind, s.remote = bind, opts.Distributed && readsRemote(root, s.ships)
	s.parts = s.partitionCount(root)
	f, err := s.lower(root)
	if err != nil {
		return nil, err
	}
	s.finish(f)
	s.plan.Names = b.Names
	return s.plan, nil
}

// Explain is the text of EXPLAIN: stages from the root down, their exchanges
// and operators.
func Explain(plan *physical.Plan) string { return plan.String() }

// withParams is a bound plan with literals for its parameters, whose types are
// given.
func withParams(n logical.Node, types []arrow.DataType, params []arrow.Array) (logical.Node, error) {
	if params == nil || len(types) == 0 {
		return n, nil
	}
	if err := checkParams(types, params); err != nil {
		return nil, err
	}
	literal := func(e expr.Expr) expr.Expr {
		if p, ok := e.(*expr.Param); ok {
			return &expr.Literal{Value: params[p.Index-1]}
		}
		return e
	}
	return logical.Transform(n, func(n logical.Node) logical.Node {
		return logical.MapExprs(n, func(e expr.Expr) expr.Expr { return expr.Transform(e, literal) })
	}), nil
}

// checkParams tells what is wrong with the values of parameters of these types.
func checkParams(types []arrow.DataType, params []arrow.Array) error {
	if len(params) < len(types) {
		return sqlerr.New(sqlerr.ProtocolViolation, "bind message supplies %d parameters, but the statement requires %d", len(params), len(types))
	}
	for i, t := range types {
		if got := params[i].DataType(); !sqltype.Equal(got, t) || params[i].Len() != 1 {
			return sqlerr.New(sqlerr.InternalError, "parameter $%d is of type %s, not %s", i+1, sqltype.Name(got), sqltype.Name(t))
		}
	}
	return nil
}

// rowCount is the value of LIMIT or OFFSET, −1 for none.
func (s *stager) rowCount(e expr.Expr, code, clause string) (int64, error) {
	if e == nil {
		return -1, nil
	}
	l, ok := e.(*expr.Literal)
	if !ok {
		if p, isParam := e.(*expr.Param); isParam {
			return 0, sqlerr.New(sqlerr.UndefinedParameter, "there is no value for parameter $%d", p.Index)
		}
		if s.p.Evaluator == nil {
			return 0, sqlerr.New(sqlerr.FeatureNotSupported, "%s must be a constant", clause)
		}
		v, err := s.p.Evaluator.Eval(s.ctx, e)
		if err != nil {
			return 0, err
		}
		l = &expr.Literal{Value: v}
	}
	if l.Value.IsNull(0) {
		return -1, nil
	}
	v, ok := l.Value.(*array.Int64)
	if !ok {
		return 0, sqlerr.New(sqlerr.DatatypeMismatch, "argument of %s must be type bigint, not type %s", clause, typeName(l.DataType()))
	}
	if v.Value(0) < 0 {
		return 0, sqlerr.New(code, "%s must not be negative", clause)
	}
	return v.Value(0), nil
}
