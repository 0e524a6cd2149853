package planner

import (
	"context"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/parser/ast"
	"volley/planner/expr"
	"volley/sqlerr"
	"volley/sqltype"
)

// Function is a function whose body is a query. A call is bound as its body,
// with the arguments in the places of the parameters.
type Function struct {
	Name   string
	Params []FunctionParam
	// Returns is the type of the result; nil is void, and a function with Columns.
	Returns arrow.DataType
	// Set: the rows of the body are the result. Columns are those of RETURNS
	// TABLE.
	Set     bool
	Columns []arrow.Field
	// Result is the name of the one OUT parameter that Returns is of, or "".
	Result string
	// Record: the body's columns are those of the result.
	Record   bool
	Variadic bool // the last parameter, an array, takes the arguments from there on
	Body     *ast.Query
	Strict   bool // NULL where an argument is

	of *Function // that this one is of, with types decided by a call
}

// FunctionParam is a parameter; Name is "" where it has none, Default nil.
type FunctionParam struct {
	Name    string
	Type    arrow.DataType
	Default ast.Expr
}

// CheckFunction binds a function's body and defaults, and checks that they have
// the types that the function declares: 42P13 where they have not.
func (p *Planner) CheckFunction(ctx context.Context, f *Function, cat Catalog, opts BindOptions) error {
	b := &binder{ctx: ctx, p: p, cat: withFunction{cat, f}, opts: opts, chars: charLengths{}}
	for _, param := range f.Params {
		if param.Default == nil {
			continue
		}
		x := &exprBinder{binder: b, scope: newScope(nil), clause: "DEFAULT expressions"}
		v, err := x.bind(param.Default)
		if err != nil {
			return err
		}
		if _, err := b.coerce(v, param.Type, sqltype.Assignment, param.Default.Position()); err != nil {
			return err
		}
	}
	if f.polymorphic() {
		return nil // its types are known when it is called
	}
	values := make([]expr.Expr, len(f.Params))
	for i, param := range f.Params {
		values[i] = nullOf(param.Type)
	}
	b.calling = []*Function{f}
	rel, err := b.bindQuery(f.Body, f.scope(values), nil, true)
	if err != nil {
		return err
	}
	_, err = b.returned(f, rel, f.Body.Position())
	return err
}

// withFunction is a catalog with a function that is not yet in it.
type withFunction struct {
	Catalog
	function *Function
}

// Functions are those that go by a name.
func (c withFunction) Functions(ctx context.Context, parts []string) ([]*Function, error) {
	known, err := c.Catalog.Functions(ctx, parts)
	if parts[len(parts)-1] == c.function.Name {
		known = append([]*Function{c.function}, known...)
	}
	return known, err
}

// scope is that of the parameters.
func (f *Function) scope(values []expr.Expr) *scope {
	sc := newScope(nil)
	sc.params = values
	for i, p := range f.Params {
		if p.Name != "" {
			sc.add(column{table: f.Name, name: p.Name, typ: p.Type, value: values[i]})
		}
	}
	sc.tables = []table{{name: f.Name}}
	return sc
}

// mismatch is the error of a body that gives something else than declared.
func (f *Function) mismatch(pos int, detail string, args ...any) error {
	declared := "record"
	switch {
	case f.Returns != nil:
		declared = typeName(f.Returns)
	case len(f.Columns) == 0 && !f.Record:
		declared = "void"
	}
	return sqlerr.At(pos, "42P13", "return type mismatch in function declared to return %s", declared).WithDetail(detail, args...)
}
