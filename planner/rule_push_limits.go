package planner

import (
	"math"

	"volley/planner/logical"
)

// pushLimits tells scans below a constant LIMIT how many rows they need give at
// most, through projections and unions.
func pushLimits(o *optimizer, n logical.Node) logical.Node {
	return o.transform(n, func(n logical.Node) logical.Node {
		l, ok := n.(*logical.Limit)
		if !ok {
			return n
		}
		count, ok := constantCount(l.Count)
		if !ok || count < 0 {
			return n
		}
		if l.Offset != nil {
			offset, ok := constantCount(l.Offset)
			if !ok || offset < 0 || count > math.MaxInt64-offset {
				return n
			}
			count += offset
		}
		return l.WithInputs([]logical.Node{limited(l.Input, count)})
	})
}

// limited is n of which only the first count rows are wanted.
func limited(n logical.Node, count int64) logical.Node {
	switch n := n.(type) {
	case *logical.Project:
		return n.WithInputs([]logical.Node{limited(n.Input, count)})
	case *logical.Union:
		parts := make([]logical.Node, len(n.Parts))
		for i, p := range n.Parts {
			parts[i] = limited(p, count)
		}
		return n.WithInputs(parts)
	case *logical.Scan:
		if n.Filter != nil || count == 0 || n.Limit > 0 && n.Limit <= count {
			return n
		}
		c := *n
		c.Limit = count
		return &c
	}
	return n
}
