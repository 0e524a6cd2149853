package planner

import (
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

// bindFunctions binds f(…), ROWS FROM (…) and WITH ORDINALITY. With left, the
// items of FROM before it, the arguments may refer to these: then the source has
// left's columns too, and lateral is true.
func (s *block) bindFunctions(f *ast.TableFunc, left *source, outerJoin bool, outer *scope) (src source, lateral bool, err error) {
	if f.Sample != nil {
		return src, false, sqlerr.At(f.Sample.Position(), sqlerr.WrongObjectType, "TABLESAMPLE clause can only be applied to tables and materialized views")
	}
	base := source{&logical.Values{Rows: [][]expr.Expr{{}}, Out: arrow.NewSchema(nil, nil)}, newScope(outer)}
	if left != nil {
		base = *left
	}
	node, calls, err := s.bindFunctionCalls(f, base)
	if err != nil {
		return src, false, err
	}
	width := base.node.Schema().NumFields()
	if left != nil && !usesInput(calls, width) && node == base.node {
		return s.bindFunctions(f, nil, outerJoin, outer)
	}
	set := logical.NewProjectSet(node, calls, f.Ordinality)
	set.Keep = set.Keep[:width]
	set.WithSchema()
	sc, err := s.functionScope(f, set, width, outer)
	if err != nil {
		return src, false, err
	}
	if left == nil {
		return source{set, sc}, false, nil
	}
	if outerJoin {
		sc.setNullable()
	}
	if sc, err = left.scope.merge(sc, 0, f.Position()); err != nil {
		return src, false, err
	}
	return source{set, sc}, true, nil
}

// usesInput tells whether calls refer to the first columns of their input.
func usesInput(calls []logical.SetCall, width int) bool {
	used := false
	for _, c := range calls {
		for _, a := range c.Args {
			expr.EachColumn(a, func(c *expr.Column) { used = used || c.Index < width })
		}
	}
	return used
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
	if err := onlyAggregates(c, name); err != nil {
		return nil, err
	}
	if !x.p.Registry.IsTable(name) {
		value, err := x.bindCall(c)
		if err == nil {
			value, err = x.resolveUnknown(value, c.Position())
		}
		if err != nil {
			return nil, err
		}
		columns := []arrow.Field{{Type: value.DataType(), Nullable: true}}
		if t, ok := value.DataType().(*arrow.StructType); ok {
			columns = t.Fields()
		}
		return []logical.SetCall{{Func: oneRow, Args: []expr.Expr{value}, Columns: columns, Pos: c.Position()}}, nil
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

// crossedWithFunctions is left, table functions: for each row of left if they
// refer to it, a cross product otherwise.
func (s *block) crossedWithFunctions(left source, f *ast.TableFunc, outer *scope) (source, error) {
	src, lateral, err := s.bindFunctions(f, &left, false, outer)
	if err != nil || lateral {
		return src, err
	}
	return crossed(left, src, f.Position())
}

// joinFunctions is left JOIN f(left.x): done is false when the functions do not
// refer to left, which is a join like others of right.
func (s *block) joinFunctions(j *ast.Join, left source, f *ast.TableFunc, outer *scope) (src, right source, done bool, err error) {
	src, lateral, err := s.bindFunctions(f, &left, j.Kind == ast.Left, outer)
	if err != nil || !lateral {
		return source{}, src, false, err
	}
	switch {
	case j.Natural || len(j.Using) > 0:
		return src, src, true, unsupported(j.Position(), "USING with a function of the left side's columns is")
	case j.Kind == ast.Right || j.Kind == ast.Full:
		return src, src, true, sqlerr.At(f.Position(), "42P10", "invalid reference to FROM-clause entry").
			WithDetail("The combining JOIN type must be INNER or LEFT for a LATERAL reference.")
	case j.On == nil:
		return src, src, true, nil
	}
	x := &exprBinder{binder: s.binder, scope: src.scope, clause: "JOIN conditions"}
	on, err := x.bindCondition(j.On, "JOIN/ON")
	if err != nil {
		return src, src, true, err
	}
	if j.Kind != ast.Left {
		src.node = &logical.Filter{Input: src.node, Predicate: on}
		return src, src, true, nil
	}
	if v, known := truth(on); !known || !v {
		return src, src, true, unsupported(j.On.Position(), "LEFT JOIN with a function of the left side's columns on another condition than TRUE is")
	}
	set := *src.node.(*logical.ProjectSet)
	set.Outer = true
	src.node = &set
	return src, src, true, nil
}
