package planner

import (
	"volley/planner/expr"
	"volley/planner/logical"
)

// pushWindow makes the domain's columns part of the partitions.
func (u *unnesting) pushWindow(n *logical.Window) (logical.Node, error) {
	in, err := u.inOrder(n.Input, true)
	if err != nil {
		return nil, err
	}
	domain, dnames := u.columns(in)
	calls := make([]logical.WindowCall, len(n.Calls))
	for i, c := range n.Calls {
		calls[i] = c.Map(func(e expr.Expr) expr.Expr { return u.inner(e, in) })
	}
	w := logical.NewWindow(in, append(u.innerAll(n.PartitionBy, in), domain...), u.innerKeys(n.OrderBy, in), calls)
	columns, width := columnsOf(w), n.Input.Schema().NumFields()
	exprs := append([]expr.Expr(nil), columns[:width]...)
	exprs = append(append(exprs, columns[width+u.width:]...), columns[width:width+u.width]...)
	return logical.NewProject(w, exprs, append(names(n), dnames...)), nil
}
