package planner

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/parser/ast"
	"volley/planner/logical"
	"volley/sqlerr"
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
	if c == nil || err != nil || !c.function.Set && !c.function.Record {
		return src, false, err
	}
	pos := f.Position()
	if c.function.Record != (len(f.Alias.Defs) > 0) {
		what := "a column definition list is only allowed for functions returning \"record\""
		if c.function.Record {
			what = "a column definition list is required for functions returning \"record\""
		}
		return src, true, sqlerr.At(pos, sqlerr.SyntaxError, "%s", what)
	}
	for _, v := range c.values {
		if hasSubquery(v) || c.function.Strict && !isLiteral(v) {
			if !c.function.Record {
				return src, false, nil // it is one of the calls of bindFunctions
			}
			return src, true, unsupported(pos, "this argument of a function of records is")
		}
	}
	if len(f.Calls) > 1 || f.Ordinality {
		if !c.function.Record {
			return src, false, nil
		}
		return src, true, unsupported(pos, "WITH ORDINALITY or ROWS FROM of a function of records is")
	}
	if err := s.enterFunction(c.function, pos); err != nil {
		return src, true, err
	}
	defer s.leaveFunction()
	rel, err := s.bindQuery(c.function.Body, c.function.scope(c.values), nil, true)
	declared, alias := c.function, f.Alias
	if c.function.Record && err == nil {
		declared, err = s.declaredRecord(c.function, f)
		alias.Defs, alias.Columns = nil, nil
		if !c.function.Set {
			rel.node = &logical.Limit{Input: rel.node, Count: int64Literal(1)}
		}
	}
	if err == nil {
		rel, err = s.returned(declared, rel, pos)
	}
	if err != nil {
		return src, true, s.atCall(err, c.function, pos)
	}
	if c.function.Strict {
		cond := strict(boolLiteral(true), c.values)
		rel.node = &logical.Filter{Input: rel.node, Predicate: cond}
	}
	name := functionName(call)
	if len(declared.Columns) == 0 {
		rel.names = []string{name}
		if f.Alias.Name != "" {
			rel.names = []string{f.Alias.Name}
		}
	}
	src, err = aliasedSource(rel, "", name, alias, outer, pos)
	return src, true, err
}

// declaredRecord is a function of records with the columns of a column
// definition list.
func (s *block) declaredRecord(f *Function, ref *ast.TableFunc) (*Function, error) {
	out := *f
	out.of, out.Columns = f.declared(), nil
	for i, d := range ref.Alias.Defs {
		t, err := s.resolveType(d, ref.Position())
		if err != nil {
			return nil, err
		}
		out.Columns = append(out.Columns, arrow.Field{Name: ref.Alias.Columns[i], Type: t, Nullable: true})
	}
	return &out, nil
}
