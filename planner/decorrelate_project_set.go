package planner

import (
	"volley/planner/logical"
)

// pushProjectSet calls the functions for each row of the domain.
func (u *unnesting) pushProjectSet(n *logical.ProjectSet) (logical.Node, error) {
	in, err := u.push(n.Input)
	if err != nil {
		return nil, err
	}
	set := *n
	set.Input = in
	set.Keep = append([]int(nil), n.Keep...)
	for i := range u.width {
		set.Keep = append(set.Keep, in.Schema().NumFields()-u.width+i)
	}
	set.Calls = append([]logical.SetCall(nil), n.Calls...)
	for i, c := range set.Calls {
		set.Calls[i].Args = u.innerAll(c.Args, in)
	}
	set.WithSchema()
	// The domain's columns go last.
	all, names := columnsOf(&set), names(&set)
	own := len(n.Keep)
	exprs := append(all[:own:own], all[own+u.width:]...)
	exprs = append(exprs, all[own:own+u.width]...)
	order := append(names[:own:own], names[own+u.width:]...)
	order = append(order, names[own:own+u.width]...)
	return logical.NewProject(&set, exprs, order), nil
}
