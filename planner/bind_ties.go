package planner

import (
	"volley/parser/ast"
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
