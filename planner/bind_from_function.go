package planner

import (
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/parser/ast"
	"volley/planner/expr"
	"volley/planner/logical"
	"volley/sqlerr"
)

// functionsInFrom is PostgreSQL's name of where arguments in FROM stand.
const functionsInFrom = "functions in FROM"

// oneRow is the table function that gives its argument back, by which a scalar
// function stands in FROM.
const oneRow = "single row"

// isFunctionRef tells whether an item of FROM is a call that reads no files.
func isFunctionRef(ref ast.TableRef) (*ast.TableFunc, bool) {
	f, ok := ref.(*ast.TableFunc)
	if !ok {
		return nil, false
	}
	_, file := fileFormats[functionName(f.Calls[0])]
	return f, !file
}

func functionName(c *ast.Call) string { return c.Name.Parts[len(c.Name.Parts)-1] }

// bindFunctions binds f(…), ROWS FROM (…) and WITH ORDINALITY. Arguments may
// refer to the items of FROM before it, as in LATERAL subqueries.
func (s *block) bindFunctions(f *ast.TableFunc, outer *scope) (src source, err error) {
	if f.Sample != nil {
		return src, sqlerr.At(f.Sample.Position(), sqlerr.WrongObjectType, "TABLESAMPLE clause can only be applied to tables and materialized views")
	}
	around := outer
	if s.lateral != nil {
		around = s.lateral
	}
	node, calls, err := s.bindFunctionCalls(f, source{emptyRow(), newScope(around)})
	if err != nil {
		return src, err
	}
	set := logical.NewProjectSet(node, calls, f.Ordinality)
	set.Keep = nil
	set.WithSchema()
	sc, err := s.functionScope(f, set, 0, outer)
	return source{set, sc}, err
}

// bindFunctionCalls binds the calls over the columns of base; node is base with
// the columns of subqueries in arguments.
func (s *block) bindFunctionCalls(f *ast.TableFunc, base source) (logical.Node, []logical.SetCall, error) {
	around := s.newBlock(s.ctes)
	around.scope, around.node, around.base = base.scope, base.node, base.node
	x := around.exprs(functionsInFrom, true)
	var calls []logical.SetCall
	for _, c := range f.Calls {
		list, err := x.bindFunctionCall(c)
		if err != nil {
			return nil, nil, err
		}
		calls = append(calls, list...)
	}
	if len(f.Alias.Defs) > 0 || len(calls[0].Columns) == 0 {
		if err := s.defineColumns(f, calls); err != nil {
			return nil, nil, err
		}
	}
	for i, c := range calls {
		args, err := around.placeAll(c.Args)
		if err != nil {
			return nil, nil, err
		}
		calls[i].Args = args
	}
	return around.node, calls, nil
}

// bindFunctionCall binds one call; unnest of several arrays is as many calls.
func (x *exprBinder) bindFunctionCall(c *ast.Call) ([]logical.SetCall, error) {
	name := functionName(c)
	if slices.ContainsFunc(c.Args, func(a ast.Arg) bool { return a.Name != "" }) {
		var err error
		if c, err = x.positional(c, name); err != nil {
			return nil, err
		}
	}
	if err := onlyAggregates(c, name); err != nil {
		return nil, err
	}
	if call, ok, err := x.bindPopulateAs(c, name); ok || err != nil {
		return []logical.SetCall{call}, err
	}
	if call, ok, err := x.userRows(c); ok || err != nil {
		return []logical.SetCall{call}, err
	}
	if !x.p.Registry.IsTable(name) {
		value, err := x.bindCall(c)
		if err == nil {
			value, err = x.resolveUnknown(value, c.Position())
		}
		if err != nil {
			return nil, err
		}
		columns := []arrow.Field{{Name: x.resultName(c), Type: value.DataType(), Nullable: true}}
		if t, ok := value.DataType().(*arrow.StructType); ok {
			columns = t.Fields()
		}
		return []logical.SetCall{{Func: oneRow, Args: []expr.Expr{value}, Columns: columns, Pos: c.Position()}}, nil
	}
	var err error
	if slices.ContainsFunc(c.Args, func(a ast.Arg) bool { return a.Name != "" }) {
		if c, err = x.positional(c, name); err != nil {
			return nil, err
		}
	}
	args, err := x.bindArgs(c)
	if err != nil {
		return nil, err
	}
	if name != "unnest" || len(args) < 2 {
		call, err := x.setCall(name, c, args)
		return []logical.SetCall{call}, err
	}
	calls := make([]logical.SetCall, len(args))
	for i, a := range args {
		if calls[i], err = x.setCall(name, &ast.Call{Pos: c.Pos, Name: c.Name, Args: c.Args[i : i+1]}, []expr.Expr{a}); err != nil {
			return nil, err
		}
	}
	return calls, nil
}

// defineColumns gives the function its columns by AS t(a integer, …).
func (s *block) defineColumns(f *ast.TableFunc, calls []logical.SetCall) error {
	switch {
	case len(calls) > 1:
		return unsupported(f.Position(), "a column definition list with several functions is")
	case len(calls[0].Columns) > 0 && isPopulate(calls[0].Func):
		return s.matchColumns(f, calls[0].Columns)
	case len(calls[0].Columns) > 0:
		return sqlerr.At(f.Position(), sqlerr.SyntaxError, "a column definition list is only allowed for functions returning \"record\"")
	case len(f.Alias.Defs) == 0:
		return sqlerr.At(f.Position(), sqlerr.SyntaxError, "a column definition list is required for functions returning \"record\"")
	}
	for i, d := range f.Alias.Defs {
		t, err := s.resolveType(d, f.Position())
		if err != nil {
			return err
		}
		calls[0].Columns = append(calls[0].Columns, arrow.Field{Name: f.Alias.Columns[i], Type: t, Nullable: true})
	}
	return nil
}

// functionScope names the columns of a ProjectSet from ordinal at on: those of
// one scalar function by the alias, those of several by the functions.
func (s *block) functionScope(f *ast.TableFunc, set *logical.ProjectSet, at int, outer *scope) (*scope, error) {
	table := f.Alias.Name
	if table == "" && len(f.Calls) == 1 {
		table = functionName(f.Calls[0])
	}
	var names []string
	k := 0
	for _, c := range set.Calls {
		for _, col := range c.Columns {
			name := col.Name
			switch {
			case name != "":
			case len(set.Calls) == 1 && f.Alias.Name != "":
				name = f.Alias.Name
			case len(f.Calls) == len(set.Calls):
				name = functionName(f.Calls[k])
			default:
				name = functionName(f.Calls[0])
			}
			names = append(names, name)
		}
		k++
	}
	if f.Ordinality {
		names = append(names, "ordinality")
	}
	names, err := renamed(table, names, f.Alias.Columns, f.Position())
	if err != nil {
		return nil, err
	}
	sc := newScope(outer)
	if table != "" {
		sc.tables = append(sc.tables, namedTable(table, len(set.Calls) == 1 && !f.Ordinality && set.Calls[0].Columns[0].Name == "" && set.Calls[0].Func != oneRow))
	}
	for i, name := range names {
		sc.add(column{table: table, name: name, index: at + i, typ: set.Out.Field(at + i).Type, row: len(names) == 1})
	}
	return sc, nil
}

func namedTable(name string, scalar bool) table { return table{name: name, scalar: scalar} }
