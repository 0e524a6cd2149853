package planner

import (
	"volley/parser/ast"
	"volley/planner/logical"
)

// bindUserFunction binds a set-returning function of SQL in FROM: its body as a
// LATERAL subquery. ok is false for other items.
func (s *block) bindUserFunction(f *ast.TableFunc, outer *scope) (src source, ok bool, err error) {
	call := f.Calls[0]
	around := s.newBlock(s.ctes)
	base := newScope(outer)
	if s.lateral != nil {
		base = newScope(s.lateral)
	}
	around.scope, around.node, around.base = base, emptyRow(), emptyRow()
	if s.cat == nil {
		return src, false, nil
	}
	if known, err := s.cat.Functions(s.ctx, call.Name.Parts); err != nil || len(known) == 0 {
		return src, false, err
	}
	x := around.exprs(functionsInFrom, true)
	c, err := x.userCall(call, functionName(call))
	if c == nil || err != nil || !c.function.Set {
		return src, false, err
	}
	pos := f.Position()
	for _, v := range c.values {
		if hasSubquery(v) || c.function.Strict && !isLiteral(v) {
			return src, true, unsupported(pos, "this argument of a set-returning function in FROM is")
		}
	}
	if len(f.Calls) > 1 || f.Ordinality {
		return src, true, unsupported(pos, "WITH ORDINALITY or ROWS FROM of a function of SQL is")
	}
	if err := s.enterFunction(c.function, pos); err != nil {
		return src, true, err
	}
	defer s.leaveFunction()
	rel, err := s.bindQuery(c.function.Body, c.function.scope(c.values), nil, true)
	if err == nil {
		rel, err = s.returned(c.function, rel, pos)
	}
	if err != nil {
		return src, true, s.atCall(err, c.function, pos)
	}
	if c.function.Strict {
		cond := strict(boolLiteral(true), c.values)
		rel.node = &logical.Filter{Input: rel.node, Predicate: cond}
	}
	name := functionName(call)
	if len(c.function.Columns) == 0 {
		rel.names = []string{name}
		if f.Alias.Name != "" {
			rel.names = []string{f.Alias.Name}
		}
	}
	src, err = aliasedSource(rel, "", name, f.Alias, outer, pos)
	return src, true, err
}
