package coordinator

import (
	"context"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/catalog"
	"volley/catalog/memtable"
	"volley/parser"
	"volley/parser/ast"
	"volley/planner"
	"volley/sqlerr"
	"volley/sqltype"
	"volley/udf"
)

// invalidFunction is 42P13, invalid_function_definition.
const invalidFunction = "42P13"

// createFunction runs CREATE FUNCTION; the body is bound once, so that a wrong
// one is refused here.
func (s *Session) createFunction(ctx context.Context, st *ast.CreateFunction) (*Result, error) {
	schema, name, err := s.targetOf(st.Name)
	if err != nil {
		return nil, err
	}
	f, err := functionOf(st, s.rowTypes(ctx))
	if err != nil {
		return nil, err
	}
	kept := &catalog.Function{Schema: schema, Name: name, Signature: signatureOf(f), SQL: st.Text}
	for _, old := range s.objects().Functions(schema, name) {
		if old.Signature == kept.Signature && st.OrReplace {
			if err := s.replaceable(old, f); err != nil {
				return nil, sqlerr.Find(err).WithPos(st.Name.Position())
			}
			kept.Comment = old.Comment
		}
	}
	if err := s.checkBody(ctx, st, f); err != nil {
		return nil, err
	}
	err = s.write(ctx, func(ctx context.Context, tx *memtable.Tx) error { return s.putFunction(ctx, tx, kept, st.OrReplace) })
	if err != nil {
		return nil, sqlerr.Find(err).WithPos(st.Name.Position())
	}
	return command("CREATE FUNCTION"), nil
}

// checkBody binds the body. Positions in the text of AS '…' mean nothing in the
// statement, so errors have that of the text.
func (s *Session) checkBody(ctx context.Context, st *ast.CreateFunction, f *planner.Function) error {
	err := s.planner().CheckFunction(ctx, f, &names{s: s}, planner.BindOptions{TimeZone: s.settings.location})
	if err == nil || st.Query != nil {
		return err
	}
	e := *sqlerr.Find(err)
	e.Position = 0
	return e.WithPos(st.BodyPos)
}

// replaceable refuses to replace a function by one that is called differently.
func (s *Session) replaceable(old *catalog.Function, f *planner.Function) error {
	was, err := s.c.parseFunction(old, s.rowTypes(context.Background()))
	if err != nil {
		return err
	}
	hint := "Use DROP FUNCTION " + old.Name + "(" + old.Signature + ") first."
	if was.Set != f.Set || was.Record != f.Record || len(was.Columns) != len(f.Columns) || (was.Returns == nil) != (f.Returns == nil) ||
		was.Returns != nil && !sqltype.Equal(was.Returns, f.Returns) {
		return sqlerr.New(invalidFunction, "cannot change return type of existing function").WithHint("%s", hint)
	}
	for i, p := range was.Params {
		if p.Name != "" && p.Name != f.Params[i].Name {
			return sqlerr.New(invalidFunction, "cannot change name of input parameter %q", p.Name).WithHint("%s", hint)
		}
		if p.Default != nil && f.Params[i].Default == nil {
			return sqlerr.New(invalidFunction, "cannot remove parameter defaults from existing function").WithHint("%s", hint)
		}
	}
	return nil
}

// functionOf is what the planner has to know of a function.
func functionOf(st *ast.CreateFunction, rows rowTypes) (*planner.Function, error) {
	f := &planner.Function{Name: st.Name.Parts[len(st.Name.Parts)-1], Set: st.SetOf, Strict: st.Strict}
	fail := func(message string) error { return sqlerr.At(st.Position(), invalidFunction, "%s", message) }
	switch {
	case st.Language == "" && st.Query == nil:
		return nil, fail("no language specified")
	case st.Language != "sql" && st.Language != "":
		switch st.Language {
		case "plpgsql", "c", "internal":
			return nil, sqlerr.At(st.Position(), sqlerr.FeatureNotSupported, "functions in language %s are not supported", st.Language)
		}
		return nil, sqlerr.At(st.Position(), sqlerr.UndefinedObject, "language %q does not exist", st.Language)
	case !st.HasBody:
		return nil, fail("no function body specified")
	case st.Returns.Name == "" && len(st.Table) == 0 && len(st.Out) == 0:
		return nil, fail("function result type must be specified")
	}
	var err error
	if f.Params, err = functionParams(st.Args, rows); err != nil {
		return nil, err
	}
	for _, c := range st.Table {
		t, err := parameterType(c.Type, rows)
		if err != nil {
			return nil, err
		}
		for _, p := range f.Params {
			if p.Name == c.Name {
				return nil, sqlerr.At(c.Position(), invalidFunction, "parameter name %q used more than once", c.Name)
			}
		}
		f.Columns = append(f.Columns, arrow.Field{Name: c.Name, Type: t, Nullable: true})
	}
	if err := functionResult(f, st, rows); err != nil {
		return nil, err
	}
	f.Variadic = st.Variadic
	if last := len(f.Params) - 1; st.Variadic && sqltype.Dimensions(f.Params[last].Type) == 0 && !udf.IsArrayParam(f.Params[last].Type) {
		return nil, fail("VARIADIC parameter must be an array")
	}
	f.Body = st.Query
	if f.Body == nil {
		f.Body, err = parseBody(st, f)
	}
	return f, err
}

// parseBody reads the text of AS '…'.
func parseBody(st *ast.CreateFunction, f *planner.Function) (*ast.Query, error) {
	stmts, err := parser.Parse(st.Body)
	if err != nil {
		e := *sqlerr.Find(err)
		e.Position = 0
		return nil, e.WithPos(st.BodyPos)
	}
	var last *ast.Query
	for _, stmt := range stmts {
		q, ok := stmt.(*ast.Query)
		if !ok {
			return nil, sqlerr.At(st.BodyPos, sqlerr.FeatureNotSupported, "%s in a function is not supported", statementName(stmt))
		}
		last = q // what queries before it give is not seen
	}
	if last != nil {
		return last, nil
	}
	declared := "void"
	if f.Returns != nil {
		declared = sqltype.Name(f.Returns)
	}
	return nil, sqlerr.At(st.BodyPos, invalidFunction, "return type mismatch in function declared to return %s", declared).
		WithDetail("Function's final statement must be SELECT or INSERT/UPDATE/DELETE RETURNING.")
}

// functionParams are the parameters of their declarations.
func functionParams(args []ast.ColumnDef, rows rowTypes) ([]planner.FunctionParam, error) {
	out := make([]planner.FunctionParam, len(args))
	seen := map[string]bool{}
	for i, a := range args {
		t, err := parameterType(a.Type, rows)
		if err != nil {
			return nil, err
		}
		switch {
		case a.Name != "" && seen[a.Name]:
			return nil, sqlerr.At(a.Position(), invalidFunction, "parameter name %q used more than once", a.Name)
		case i > 0 && a.Default == nil && args[i-1].Default != nil:
			return nil, sqlerr.At(a.Position(), invalidFunction, "input parameters after one with a default value must also have defaults")
		}
		seen[a.Name] = true
		out[i] = planner.FunctionParam{Name: a.Name, Type: t, Default: a.Default}
	}
	return out, nil
}

// parameterType is a declared type without its modifiers, which functions ignore.
func parameterType(t ast.TypeName, rows rowTypes) (arrow.DataType, error) {
	if p := udf.PolymorphicType(t.Name); p != nil && t.Array == 0 {
		return p, nil
	}
	out, err := sqltype.Resolve(t.Name, nil, t.Array)
	if err != nil {
		if row := rows(t); row != nil {
			return row, nil
		}
		return nil, sqlerr.Find(err).WithPos(t.Position())
	}
	return out, nil
}

// signatureOf are the types by which overloads differ.
func signatureOf(f *planner.Function) string {
	list := make([]string, len(f.Params))
	for i, p := range f.Params {
		list[i] = sqltype.Name(p.Type)
		if udf.IsPolymorphic(p.Type) {
			list[i] = p.Type.Name()
		}
	}
	return strings.Join(list, ", ")
}

// parseFunction reads a stored function; each is read once.
func (c *Coordinator) parseFunction(kept *catalog.Function, rows rowTypes) (*planner.Function, error) {
	if f, ok := c.functions.Load(kept); ok {
		return f.(*planner.Function), nil
	}
	stmt, err := parser.ParseOne(kept.SQL)
	if err != nil {
		return nil, sqlerr.Wrap(err, sqlerr.InternalError, "function %q", kept.Name)
	}
	st, ok := stmt.(*ast.CreateFunction)
	if !ok {
		return nil, sqlerr.New(sqlerr.InternalError, "function %q is not a function", kept.Name)
	}
	ofTables := false
	f, err := functionOf(st, func(t ast.TypeName) arrow.DataType {
		ofTables = true // and so is what they are of now
		return rows(t)
	})
	if err != nil || ofTables {
		return f, err
	}
	known, _ := c.functions.LoadOrStore(kept, f)
	return known.(*planner.Function), nil
}

// Functions are those of SQL by a name; of those with the same parameters, the
// first one of the search path.
func (n *names) Functions(ctx context.Context, parts []string) ([]*planner.Function, error) {
	var out []*planner.Function
	seen := map[string]bool{}
	for _, schema := range n.s.schemas(ast.QName{Parts: parts}) {
		for _, kept := range n.s.overloads(schema, parts[len(parts)-1]) {
			if seen[kept.Signature] {
				continue
			}
			seen[kept.Signature] = true
			f, err := n.s.c.parseFunction(kept, n.s.rowTypes(ctx))
			if err != nil {
				return nil, err
			}
			out = append(out, f)
		}
	}
	return out, nil
}
