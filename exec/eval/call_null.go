package eval

import (
	"volley/exec/kernel"
	"volley/planner/expr"
	"volley/udf"
)

// steady tells whether an expression is the same for all rows, however often it
// is evaluated.
func (env *Env) steady(e expr.Expr) bool {
	same := true
	expr.Walk(e, func(e expr.Expr) bool {
		switch e := e.(type) {
		case *expr.Column:
			same = false
		case *expr.Call:
			fn, err := env.function(e)
			same = same && err == nil && fn.Volatility != udf.Volatile
		}
		return same
	})
	return same
}

// Repeatable tells whether computing an expression once more gives the same: it
// has no volatile function, and no user's, whose calls are counted.
func (env *Env) Repeatable(e expr.Expr) bool {
	same := true
	expr.Walk(e, func(e expr.Expr) bool {
		if call, ok := e.(*expr.Call); ok {
			fn, err := env.function(call)
			same = same && err == nil && fn.Volatility != udf.Volatile && !fn.User
		}
		return same
	})
	return same
}

// fixedNull tells whether an argument without columns is NULL, and with it the
// result; all of these are evaluated.
func (c *callNode) fixedNull(b *Batch) (bool, error) {
	null := false
	for _, i := range c.fixed {
		v, err := c.args[i].eval(b)
		if err != nil {
			return false, err
		}
		null = null || v.Const && kernel.IsNull(v.Array, 0)
	}
	if null {
		c.constant = kernel.Nulls(c.typ, 1)
	}
	c.fixed = nil // they stay what they are
	return null, nil
}
