package eval

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/kernel"
	"volley/planner/expr"
	"volley/udf"
)

// caseNode evaluates each arm on the rows that reach it.
type caseNode struct {
	conds, thens []node
	otherwise    node
	typ          arrow.DataType
}

func (env *Env) compileCase(e *expr.Case) (node, error) {
	c := &caseNode{typ: e.Type}
	for _, w := range e.Whens {
		cond, err := env.compile(w.Cond)
		if err != nil {
			return nil, err
		}
		then, err := env.compile(w.Then)
		if err != nil {
			return nil, err
		}
		c.conds, c.thens = append(c.conds, cond), append(c.thens, then)
	}
	var err error
	c.otherwise, err = env.compile(e.Else)
	return c, err
}

func (c *caseNode) eval(b *Batch) (udf.Arg, error) {
	var parts []part
	var left []int32 // rows that no arm has taken; nil: all
	for i, cond := range c.conds {
		sub := b.sub(left)
		t, err := truth(cond, sub)
		if err != nil {
			return udf.Arg{}, sub.PlaceRow(err)
		}
		taken := t.True.Count()
		if taken == 0 {
			continue
		}
		hit := through(left, t.True.Rows())
		if taken == b.n {
			hit = nil
		}
		if parts, err = appendPart(parts, c.thens[i], b, hit); err != nil {
			return udf.Arg{}, err
		}
		if taken == sub.n {
			return assemble(parts, b.n, c.typ)
		}
		left = through(left, t.True.Not(sub.n).Rows())
	}
	parts, err := appendPart(parts, c.otherwise, b, left)
	if err != nil {
		return udf.Arg{}, err
	}
	return assemble(parts, b.n, c.typ)
}

// sub is the given rows of b, or b itself for nil.
func (b *Batch) sub(rows []int32) *Batch {
	if rows == nil {
		return b
	}
	return b.Select(rows)
}

// through gives rows of a selection as rows of what it was selected from.
func through(selection, rows []int32) []int32 {
	if selection == nil {
		return rows
	}
	for i, r := range rows {
		rows[i] = selection[r]
	}
	return rows
}

// appendPart evaluates n on some rows of b (nil: all).
func appendPart(parts []part, n node, b *Batch, rows []int32) ([]part, error) {
	sub := b.sub(rows)
	a, err := n.eval(sub)
	if err != nil {
		return nil, sub.PlaceRow(err)
	}
	if a.Array, err = sub.Decode(a.Array); err != nil {
		return nil, err
	}
	return append(parts, part{rows: rows, arg: a}), nil
}

// coalesceNode evaluates each operand on the rows that are NULL so far.
type coalesceNode struct {
	args []node
	typ  arrow.DataType
}

func (c *coalesceNode) eval(b *Batch) (udf.Arg, error) {
	var parts []part
	var left []int32
	for i, arg := range c.args {
		sub := b.sub(left)
		a, err := arg.eval(sub)
		if err != nil {
			return udf.Arg{}, sub.PlaceRow(err)
		}
		if a.Array, err = sub.Decode(a.Array); err != nil {
			return udf.Arg{}, err
		}
		valid := validRows(a, sub.n)
		if valid == nil || i == len(c.args)-1 {
			parts = append(parts, part{rows: left, arg: a})
			return assemble(parts, b.n, c.typ)
		}
		if valid.Count() == 0 {
			continue
		}
		rows := valid.Rows()
		if !a.Const {
			if a.Array, err = kernel.Take(a.Array, rows); err != nil {
				return udf.Arg{}, err
			}
		}
		missing := valid.Not(sub.n).Rows()
		parts = append(parts, part{rows: through(left, rows), arg: a})
		left = through(left, missing)
	}
	return assemble(parts, b.n, c.typ)
}

// validRows is nil when no row is NULL.
func validRows(a udf.Arg, n int) kernel.Words {
	if !a.Const {
		return kernel.Valid(a.Array)
	}
	if kernel.IsNull(a.Array, 0) {
		return make(kernel.Words, (n+63)/64)
	}
	return nil
}
