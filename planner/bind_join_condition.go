package planner

import (
	"volley/parser/ast"
	"volley/planner/logical"
)

// joinOn gives the join of two items by a condition. Subqueries in it make the
// join one with a LATERAL subquery:
//
//	L JOIN R ON p       σ p (L × R)
//	L LEFT JOIN R ON p  L LEFT JOIN LATERAL (σ p (R))
//	L RIGHT JOIN R ON p the mirror image of it
//	L FULL JOIN R ON p  the left join, and the rows of R that match none of L
func (s *block) joinOn(j *ast.Join, join *logical.Join, left, right source, sc *scope, f *frame, outer *scope) (logical.Node, error) {
	t := s.newBlock(s.ctes)
	t.scope = sc
	cond, err := t.exprs("JOIN conditions", true).bindCondition(j.On, "JOIN/ON")
	if err != nil {
		return nil, err
	}
	if len(t.slots) == 0 {
		if join.Kind == logical.FullOuter {
			if err := checkFullJoin(cond, left.node.Schema().NumFields(), j.Position()); err != nil {
				return nil, err
			}
		}
		join.On = cond
		return s.dependentJoin(join, f, j.Position())
	}
	switch join.Kind {
	case logical.Inner:
		if t.node, err = s.dependentJoin(join, f, j.Position()); err != nil {
			return nil, err
		}
		if err := t.where(cond); err != nil {
			return nil, err
		}
		return firstColumns(t.node, join.Out.NumFields()), nil
	case logical.LeftOuter:
		return s.outerJoinOn(j, left, right, f, outer)
	case logical.RightOuter:
		if len(f.ids) > 0 {
			return s.dependentJoin(join, f, j.Position())
		}
		return s.mirroredOn(j, join, left, right, outer)
	}
	if len(f.ids) > 0 {
		return s.dependentJoin(join, f, j.Position())
	}
	matched, err := s.outerJoinOn(j, left, right, f, outer)
	if err != nil {
		return nil, err
	}
	marked := source{logical.NewProject(left.node, append(columnsOf(left.node), boolLiteral(true)), append(names(left.node), "matched")), left.scope}
	alone, err := s.mirroredOn(j, logical.NewJoin(logical.RightOuter, marked.node, right.node), marked, right, outer)
	if err != nil {
		return nil, err
	}
	width := left.node.Schema().NumFields()
	columns := columnsOf(alone)
	alone = &logical.Filter{Input: alone, Predicate: test("is null", columns[width])}
	alone = logical.NewProject(alone, append(columns[:width:width], columns[width+1:]...), names(join))
	return &logical.Union{Parts: []logical.Node{matched, alone}, Out: nullableSchema(join.Out)}, nil
}

// mirroredOn is a right join as the left join of the sides swapped.
func (s *block) mirroredOn(j *ast.Join, join *logical.Join, left, right source, outer *scope) (logical.Node, error) {
	node, err := s.outerJoinOn(j, right, left, &frame{binder: s.binder}, outer)
	if err != nil {
		return nil, err
	}
	columns, width := columnsOf(node), right.node.Schema().NumFields()
	return logical.NewProject(node, append(columns[width:len(columns):len(columns)], columns[:width]...), names(join)), nil
}

// outerJoinOn is a left join whose condition has subqueries. f is what the inner
// side refers to already.
func (s *block) outerJoinOn(j *ast.Join, kept, inner source, f *frame, outer *scope) (logical.Node, error) {
	around := s.besides(kept, outer)
	around.parent, around.beside = outer, false // a condition cannot see what stands beside the join
	around.frame = f
	sc := *inner.scope
	sc.parent = around
	t := s.newBlock(s.ctes)
	t.scope, t.node = &sc, inner.node
	cond, err := t.exprs("JOIN conditions", true).bindCondition(j.On, "JOIN/ON")
	if err != nil {
		return nil, err
	}
	if err := t.where(cond); err != nil {
		return nil, err
	}
	node := firstColumns(t.node, inner.node.Schema().NumFields())
	join := logical.NewJoin(logical.LeftOuter, kept.node, node)
	return s.dependentJoin(join, f, j.Position())
}

// firstColumns gives the first n columns of a node.
func firstColumns(n logical.Node, width int) logical.Node {
	if n.Schema().NumFields() == width {
		return n
	}
	exprs := columnsOf(n)
	return logical.NewProject(n, exprs[:width], names(n)[:width])
}
