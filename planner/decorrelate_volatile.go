package planner

import (
	"math/rand/v2"
	"slices"

	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/planner/expr"
	"volley/planner/logical"
	"volley/planner/physical"
	"volley/sqltype"
	"volley/udf"
)

// volatile tells whether an expression may be something else the next time.
func (b *binder) volatile(e expr.Expr) bool {
	return (&optimizer{ctx: b.ctx, p: b.p}).volatility(e) == udf.Volatile
}

// numbered adds the number of each row. A subquery with volatile expressions is
// computed for each row of the block, not once for equal ones: its domain has
// the number too.
func numbered(n logical.Node, pos int) (logical.Node, expr.Expr) {
	call := logical.WindowCall{Func: "row_number", Type: sqltype.Int64, Frame: expr.DefaultFrame(), Pos: pos}
	w := logical.NewWindow(n, nil, nil, []logical.WindowCall{call})
	return w, columnsOf(w)[n.Schema().NumFields()]
}

// joinNumbered is dependentJoin for a right side with volatile expressions.
func (f *frame) joinNumbered(j *logical.Join, pos int) (logical.Node, error) {
	width := j.Left.Schema().NumFields()
	left, number := numbered(j.Left, pos)
	left, err := f.computedOnce(left, pos)
	if err != nil {
		return nil, err
	}
	n := logical.NewJoin(j.Kind, left, j.Right)
	n.LeftKeys, n.RightKeys, n.NullEqual = j.LeftKeys, j.RightKeys, j.NullEqual
	n.On = expr.MapColumns(orTrue(j.On), func(c *expr.Column) expr.Expr {
		if c.Index < width || c.Index >= outerBase {
			return c
		}
		return &expr.Column{Index: c.Index + 1, Name: c.Name, Type: c.Type}
	})
	return f.joinDomain(n, append(f.exprs[:len(f.exprs):len(f.exprs)], number), j.Out.NumFields(), pos)
}

func orTrue(e expr.Expr) expr.Expr {
	if e == nil {
		return boolLiteral(true)
	}
	return e
}

// pushShared computes a shared plan once with the domain, for all its readers.
func (u *unnesting) pushShared(n *logical.CTE) (logical.Node, error) {
	if c := u.shared[n.Shared]; c != nil {
		return c, nil
	}
	plan, err := u.inOrder(n.Shared.Plan, true)
	if err != nil {
		return nil, err
	}
	if u.shared == nil {
		u.shared = map[*logical.Shared]*logical.CTE{}
	}
	c := &logical.CTE{Shared: &logical.Shared{Name: n.Shared.Name, Plan: plan, Mode: n.Shared.Mode, Outer: refersOut(plan)}}
	u.shared[n.Shared] = c
	return c, nil
}

func float64Literal(v float64) *expr.Literal {
	b := array.NewFloat64Builder(allocator)
	b.Append(v)
	return &expr.Literal{Value: b.NewArray()}
}

// sampledFunc tells of a row, by its number, whether a sample has it.
const sampledFunc = "sampled"

// pushSample numbers the rows and keeps them by chance, for each row of the
// domain by the arguments it has there.
func (u *unnesting) pushSample(n *logical.Sample) (logical.Node, error) {
	rows, number := numbered(n.Input, n.Pos)
	in, err := u.push(rows)
	if err != nil {
		return nil, err
	}
	seed, block := n.Seed, int64(1)
	if seed == nil {
		seed = float64Literal(rand.Float64())
	}
	if n.System {
		block = physical.SampleBlock
	}
	call := &expr.Call{
		Func: sampledFunc, Type: sqltype.Bool, Pos: n.Pos,
		Args: []expr.Expr{number, u.inner(n.Percent, in), u.inner(seed, in), int64Literal(block)},
	}
	width := n.Input.Schema().NumFields()
	columns, list := columnsOf(in), names(in)
	filtered := &logical.Filter{Input: in, Predicate: call}
	return logical.NewProject(filtered, slices.Concat(columns[:width], columns[width+1:]), slices.Concat(list[:width], list[width+1:])), nil
}
