package physical

import (
	"slices"

	"volley/planner/expr"
)

// Rewriting says what becomes of the parts of operators.
type Rewriting struct {
	// Input gives what takes the place of an input.
	Input func(Node) Node
	// Expr gives what takes the place of an expression that computes a value or a
	// condition; Key of one by which rows are ordered, grouped, matched or
	// partitioned. Both keep the type.
	Expr, Key func(expr.Expr) expr.Expr
}

// Node is a copy of n with its inputs and expressions rewritten. n stays as it is.
func (r Rewriting) Node(n Node) Node {
	switch n := n.(type) {
	case *Scan:
		c := *n
		c.Filter = r.optional(n.Filter)
		return &c
	case *Values:
		return &Values{Rows: r.rows(n.Rows), Out: n.Out}
	case *Filter:
		return &Filter{Input: r.Input(n.Input), Predicate: r.Expr(n.Predicate)}
	case *Project:
		return &Project{Input: r.Input(n.Input), Exprs: each(n.Exprs, r.Expr), Names: n.Names}
	case *Aggregate:
		c := *n
		c.Input, c.Keys, c.Aggs, c.Always = r.Input(n.Input), each(n.Keys, r.Key), each(n.Aggs, r.aggregate), r.rows(n.Always)
		return &c
	case *Join:
		c := *n
		c.Left, c.Right = r.Input(n.Left), r.Input(n.Right)
		if n.Whole != nil {
			c.Whole = r.Input(n.Whole)
		}
		c.LeftKeys, c.RightKeys, c.Residual = each(n.LeftKeys, r.Key), each(n.RightKeys, r.Key), r.optional(n.Residual)
		return &c
	case *Sort:
		return &Sort{Input: r.Input(n.Input), Keys: each(n.Keys, r.sortKey), Limit: n.Limit}
	case *Limit:
		c := *n
		c.Input, c.Ties = r.Input(n.Input), each(n.Ties, r.sortKey)
		return &c
	case *Union:
		return &Union{Parts: each(n.Parts, r.Input), Out: n.Out}
	case *ExchangeSource:
		c := *n
		c.Merge = each(n.Merge, r.sortKey)
		return &c
	case *EncodeText:
		return &EncodeText{Input: r.Input(n.Input), Format: n.Format}
	case *Expand:
		return &Expand{Input: r.Input(n.Input), Sets: r.rows(n.Sets), Out: n.Out}
	case *Repeat:
		return &Repeat{Input: r.Input(n.Input), Count: r.Expr(n.Count)}
	}
	return r.laterNode(n)
}

// laterNode is Node for the operators of the query language's later forms.
func (r Rewriting) laterNode(n Node) Node {
	switch n := n.(type) {
	case *Unique:
		return &Unique{Input: r.Input(n.Input), Keys: each(n.Keys, r.sortKey)}
	case *Sample:
		c := *n
		c.Input = r.Input(n.Input)
		return &c
	case *Window:
		c := *n
		c.Input, c.PartitionBy, c.OrderBy, c.Calls = r.Input(n.Input), each(n.PartitionBy, r.Key), each(n.OrderBy, r.sortKey), each(n.Calls, r.windowCall)
		return &c
	case *LimitBy:
		return &LimitBy{Input: r.Input(n.Input), Keys: each(n.Keys, r.Key), Count: r.optional(n.Count), Offset: r.optional(n.Offset)}
	case *PartitionTopN:
		c := *n
		c.Input, c.Keys, c.Order = r.Input(n.Input), each(n.Keys, r.Key), each(n.Order, r.sortKey)
		return &c
	case *Spool:
		c := *n
		if n.Input != nil {
			c.Input = r.Input(n.Input)
		}
		return &c
	case *Recursive:
		c := *n
		c.Initial, c.Step = r.Input(n.Initial), r.Input(n.Step)
		return &c
	case *ProjectSet:
		c := *n
		c.Input, c.Calls = r.Input(n.Input), each(n.Calls, r.setCall)
		return &c
	case *KeyFilter:
		c := *n
		c.Input, c.From = r.Input(n.Input), r.Input(n.From)
		return &c
	}
	return n // WorkingTable has nothing to rewrite
}

// Output is a stage's output with its keys rewritten.
func (r Rewriting) Output(p Partitioning) Partitioning {
	p.Keys = each(p.Keys, r.Key)
	return p
}

// each is a list with f of every element; nil stays nil.
func each[T any](list []T, f func(T) T) []T {
	out := slices.Clone(list)
	for i := range out {
		out[i] = f(out[i])
	}
	return out
}

func (r Rewriting) rows(rows [][]expr.Expr) [][]expr.Expr {
	return each(rows, func(row []expr.Expr) []expr.Expr { return each(row, r.Expr) })
}

func (r Rewriting) optional(e expr.Expr) expr.Expr {
	if e == nil {
		return nil
	}
	return r.Expr(e)
}

func (r Rewriting) sortKey(k SortKey) SortKey {
	k.Expr = r.Key(k.Expr)
	return k
}

func (r Rewriting) aggregate(a AggCall) AggCall {
	a.Args, a.Filter, a.OrderBy = each(a.Args, r.Expr), r.optional(a.Filter), each(a.OrderBy, r.sortKey)
	return a
}

func (r Rewriting) setCall(c SetCall) SetCall {
	c.Args = each(c.Args, r.Expr)
	return c
}

func (r Rewriting) windowCall(c WindowCall) WindowCall {
	c.Args, c.Filter = each(c.Args, r.Expr), r.optional(c.Filter)
	c.Frame.Start.Offset, c.Frame.End.Offset = r.optional(c.Frame.Start.Offset), r.optional(c.Frame.End.Offset)
	return c
}
