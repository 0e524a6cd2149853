package planner

import (
	"volley/parser/ast"
	"volley/planner/expr"
	"volley/planner/logical"
	"volley/sqlerr"
)

// withTies gives a limit the order of its input, below the projection that
// drops columns which are only sorted by.
func withTies(rel relation, limit *logical.Limit, q *ast.Query) (relation, error) {
	if len(q.OrderBy) == 0 && !q.OrderAll {
		return rel, sqlerr.At(q.Limit.Position(), sqlerr.SyntaxError, "WITH TIES cannot be specified without ORDER BY clause")
	}
	project, hidden := rel.node.(*logical.Project)
	if hidden {
		limit.Input = project.Input
	}
	switch n := limit.Input.(type) {
	case *logical.Sort:
		limit.Ties = n.Keys
	case *logical.DistinctOn:
		limit.Ties = n.Keys
	}
	if hidden {
		return relation{project.WithInputs([]logical.Node{limit}), rel.names}, nil
	}
	return relation{limit, rel.names}, nil
}

// tiesBySubquery is a limit with ties whose counts are known when the query
// runs.
func (s *block) tiesBySubquery(rel relation, q *ast.Query, count, offset expr.Expr) (relation, error) {
	limit := &logical.Limit{Input: rel.node}
	tied, err := withTies(rel, limit, q)
	if err != nil {
		return rel, err
	}
	s.node = limit.Input
	if count, err = s.place(count); err != nil {
		return rel, err
	}
	if offset != nil {
		if offset, err = s.place(offset); err != nil {
			return rel, err
		}
	}
	kept := tiesByRank(s.node, nil, limit.Ties, count, offset, q.Limit.Position())
	var out logical.Node = &logical.Sort{Input: firstColumns(kept, limit.Input.Schema().NumFields()), Keys: limit.Ties}
	if p, hidden := tied.node.(*logical.Project); hidden {
		out = p.WithInputs([]logical.Node{out})
	}
	return relation{out, rel.names}, nil
}
