package planner

import (
	"context"

	"volley/planner/logical"
	"volley/sqlerr"
)

// stopSteps is after how many small steps the context is looked at.
const stopSteps = 256

// stopped tells whether the statement has been cancelled. Rules that take long
// then return what they have, at once, and Plan gives the error.
func (o *optimizer) stopped() bool { return o.ctx != nil && o.ctx.Err() != nil }

// stopError is why planning stops, nil while it may go on.
func stopError(ctx context.Context) error {
	if ctx == nil || ctx.Err() == nil {
		return nil
	}
	return sqlerr.New(sqlerr.QueryCanceled, "canceling statement due to user request")
}

// transform is logical.Transform that ends early, with the tree as it was, when
// the statement is cancelled.
func (o *optimizer) transform(n logical.Node, f func(logical.Node) logical.Node) logical.Node {
	if o.stopped() {
		return n
	}
	in := n.Inputs()
	var out []logical.Node
	for i, c := range in {
		x := o.transform(c, f)
		if x != c && out == nil {
			out = append([]logical.Node(nil), in...)
		}
		if out != nil {
			out[i] = x
		}
	}
	switch {
	case o.stopped():
		return n
	case out != nil:
		n = n.WithInputs(out)
	}
	return f(n)
}
