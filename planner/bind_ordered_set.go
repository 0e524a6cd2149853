package planner

import (
	"strings"

	"volley/parser/ast"
	"volley/planner/expr"
	"volley/planner/logical"
	"volley/sqlerr"
	"volley/sqltype"
)

// bindOrderedSet binds f(direct arguments) WITHIN GROUP (ORDER BY keys). Inverse
// distributions (percentile_cont, percentile_disc, mode) are aggregates over the
// direct arguments and the key, which get their rows in order. The ranks of a
// hypothetical row are counts of the rows that precede it (bind_hypothetical.go).
func (x *exprBinder) bindOrderedSet(e *ast.Call, name string) (expr.Expr, error) {
	pos := e.Position()
	switch {
	case e.Distinct:
		return nil, sqlerr.At(pos, sqlerr.SyntaxError, "cannot use DISTINCT with WITHIN GROUP")
	case len(e.OrderBy) > 0:
		return nil, sqlerr.At(pos, sqlerr.SyntaxError, "cannot use multiple ORDER BY clauses with WITHIN GROUP")
	case e.Star:
		return nil, sqlerr.At(pos, sqlerr.UndefinedFunction, "function %s() does not exist", name)
	}
	inner := *x
	inner.inAggregate, inner.before, inner.windows = true, true, false
	direct, err := inner.bindArgs(e)
	if err != nil {
		return nil, err
	}
	keys, err := inner.bindSortKeys(e.WithinGroup)
	if err != nil {
		return nil, err
	}
	filter, err := inner.bindFilter(e.Filter)
	if err != nil {
		return nil, err
	}
	if isHypothetical(name) {
		return x.bindHypothetical(e, name, direct, keys, filter)
	}
	if err := x.fractions(e, direct); err != nil {
		return nil, err
	}
	args := append([]expr.Expr(nil), direct...)
	for _, k := range keys {
		args = append(args, k.Expr)
	}
	call, err := x.aggregateCall(name, pos, args, func(i int) int {
		if i < len(direct) {
			return e.Args[i].Value.Position()
		}
		return e.WithinGroup[i-len(direct)].Expr.Position()
	})
	if err != nil {
		return nil, err
	}
	if !x.p.Registry.IsOrderedSet(name) {
		return nil, sqlerr.At(pos, sqlerr.WrongObjectType, "%s is not an ordered-set aggregate, so it cannot have WITHIN GROUP", name)
	}
	call.Filter = filter
	for i, k := range keys {
		k.Expr = call.Args[len(direct)+i]
		call.OrderBy = append(call.OrderBy, k)
	}
	markDirect(call.Args[:len(direct)])
	return x.aggregateOf(call)
}

// fractions makes arrays among the direct arguments arrays of float8 with the
// dimensions they have, of which the result has as many.
func (x *exprBinder) fractions(e *ast.Call, direct []expr.Expr) error {
	for i, d := range direct {
		dims := sqltype.Dimensions(d.DataType())
		to := sqltype.ArrayOf(sqltype.Float64, dims)
		if dims < 1 || !sqltype.CanCast(d.DataType(), to, sqltype.Implicit) {
			continue
		}
		var err error
		if direct[i], err = x.coerce(d, to, sqltype.Implicit, e.Args[i].Value.Position()); err != nil {
			return err
		}
	}
	return nil
}

// withoutWithinGroup is the error of an ordered-set aggregate that lacks it.
func (x *exprBinder) withoutWithinGroup(e *ast.Call, name string) error {
	inner := *x
	inner.inAggregate, inner.before, inner.windows = true, true, false
	args, err := inner.bindArgs(e)
	if err != nil {
		return err
	}
	if _, err := x.aggregateCall(name, e.Position(), args, argPosition(e)); err != nil {
		return err
	}
	return sqlerr.At(e.Position(), sqlerr.WrongObjectType, "WITHIN GROUP is required for ordered-set aggregate %s", name)
}

// bindSortKeys binds the ORDER BY of an aggregate.
func (x *exprBinder) bindSortKeys(items []ast.SortItem) ([]logical.SortKey, error) {
	keys := make([]logical.SortKey, len(items))
	for i, item := range items {
		if item.Using != "" && item.Using != "<" && item.Using != ">" {
			return nil, sqlerr.At(item.Expr.Position(), sqlerr.WrongObjectType, "operator %s is not a valid ordering operator", item.Using)
		}
		key, err := x.bindKey(item.Expr)
		if err != nil {
			return nil, err
		}
		keys[i] = sortKey(key, item)
	}
	return keys, nil
}

// bindFilter binds the FILTER of an aggregate, if there is one.
func (x *exprBinder) bindFilter(e ast.Expr) (expr.Expr, error) {
	if e == nil {
		return nil, nil
	}
	filter := *x
	filter.inAggregate, filter.clause = false, "FILTER"
	return filter.bindCondition(e, "FILTER")
}

func isHypothetical(name string) bool {
	switch name {
	case "rank", "dense_rank", "percent_rank", "cume_dist":
		return true
	}
	return false
}

// bindHypothetical gives the rank that a row of the direct arguments would have.
func (x *exprBinder) bindHypothetical(e *ast.Call, name string, direct []expr.Expr, keys []logical.SortKey, filter expr.Expr) (expr.Expr, error) {
	h := &hypothetical{exprBinder: x, pos: e.Position(), filter: filter}
	if len(direct) != len(keys) {
		var types []string
		for _, t := range x.settledTypes(direct) {
			types = append(types, typeName(t))
		}
		for _, k := range keys {
			types = append(types, typeName(k.Expr.DataType()))
		}
		return nil, sqlerr.At(h.pos, sqlerr.UndefinedFunction, "function %s(%s) does not exist", name, strings.Join(types, ", ")).
			WithHint("To use the hypothetical-set aggregate %s, the number of hypothetical direct arguments (here %d) must match the number of ordering columns (here %d).",
				name, len(direct), len(keys))
	}
	for i := range keys {
		if _, err := x.meetCollations([]expr.Expr{direct[i], keys[i].Expr}, func(int) int { return e.WithinGroup[i].Expr.Position() }); err != nil {
			return nil, err
		}
		both := []expr.Expr{keys[i].Expr, direct[i]}
		if _, err := x.unify("WITHIN GROUP", both, func(k int) int {
			if k == 1 {
				return e.Args[i].Value.Position()
			}
			return e.WithinGroup[i].Expr.Position()
		}); err != nil {
			return nil, err
		}
		keys[i].Expr, direct[i] = both[0], both[1]
	}
	markDirect(direct)
	return h.result(name, direct, keys)
}

// hypothetical builds the counts.
type hypothetical struct {
	*exprBinder
	pos    int
	filter expr.Expr
	err    error // of the first step that failed
}

func (h *hypothetical) result(name string, direct []expr.Expr, keys []logical.SortKey) (expr.Expr, error) {
	before := h.precedes(direct, keys, name == "cume_dist")
	one := int64Literal(1)
	var out expr.Expr
	switch name {
	case "rank":
		out = h.fn("+", h.count("count", nil, before), one)
	case "dense_rank":
		args := make([]expr.Expr, len(keys))
		for i, k := range keys {
			args[i] = k.Expr
		}
		out = h.fn("+", h.count("dense_rank", args, before), one)
	case "percent_rank":
		rows := h.count("count", nil, nil)
		share := h.fn("/", h.float(h.count("count", nil, before)), h.float(rows))
		if h.err == nil {
			none := h.fn("=", rows, int64Literal(0))
			out = &expr.Case{Whens: []expr.When{{Cond: none, Then: h.float(int64Literal(0))}}, Else: share, Type: sqltype.Float64}
		}
	case "cume_dist":
		rows := h.count("count", nil, nil)
		out = h.fn("/", h.float(h.fn("+", h.count("count", nil, before), one)), h.float(h.fn("+", rows, one)))
	}
	return out, h.err
}

// precedes tells of a row whether it sorts before the direct arguments or, with
// ties, is their peer.
func (h *hypothetical) precedes(direct []expr.Expr, keys []logical.SortKey, ties bool) expr.Expr {
	var out expr.Expr = boolLiteral(ties)
	for i := len(keys) - 1; i >= 0 && h.err == nil; i-- {
		k, a, op := keys[i], direct[i], "<"
		if k.Desc {
			op = ">"
		}
		less := &expr.Case{
			Whens: []expr.When{
				{Cond: h.fn("is null", k.Expr), Then: &expr.Logic{Args: []expr.Expr{boolLiteral(k.NullsFirst), h.fn("is not null", a)}}},
				{Cond: h.fn("is null", a), Then: boolLiteral(!k.NullsFirst)},
			},
			Else: h.fn(op, k.Expr, a), Type: sqltype.Bool,
		}
		equal := h.fn("is not distinct from", k.Expr, a)
		out = &expr.Logic{Or: true, Args: []expr.Expr{less, &expr.Logic{Args: []expr.Expr{equal, out}}}}
	}
	return out
}

// fn applies a function of the registry.
func (h *hypothetical) fn(name string, args ...expr.Expr) expr.Expr {
	if h.err != nil {
		return nil
	}
	out, err := h.call(name, h.pos, func(int) int { return h.pos }, args...)
	h.err = err
	return out
}

func (h *hypothetical) float(e expr.Expr) expr.Expr {
	if h.err != nil {
		return nil
	}
	return &expr.Cast{Arg: e, Type: sqltype.Float64, Pos: h.pos}
}

// count adds count(*), or the number of distinct args, of the rows that pass the
// call's FILTER and pred.
func (h *hypothetical) count(name string, args []expr.Expr, pred expr.Expr) expr.Expr {
	if h.err != nil {
		return nil
	}
	call, err := h.aggregateCall(name, h.pos, args, func(int) int { return h.pos })
	if err != nil {
		h.err = err
		return nil
	}
	call.Distinct = len(args) > 0
	var conds []expr.Expr
	for _, c := range []expr.Expr{h.filter, pred} {
		if c != nil {
			conds = append(conds, c)
		}
	}
	call.Filter = expr.And(conds)
	out, err := h.aggregateOf(call)
	h.err = err
	return out
}
