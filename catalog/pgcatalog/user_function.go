package pgcatalog

import "strings"

// Function is a function that users made in SQL.
type Function struct {
	OID          uint32
	Schema, Name string
	Params       []Parameter
	Columns      []Parameter // of RETURNS TABLE
	Variadic     bool        // the last parameter
	Returns      uint32      // type; of one row where Set
	Set          bool
	Strict       bool
	Volatile     byte   // pg_proc.provolatile
	Body         string // AS '…'; "" for others
	SQL          string // the statement that made it
}

// Parameter is one of a function; Name is "" where it has none.
type Parameter struct {
	Name string
	Type uint32
}

// made is a user's function as a routine.
func (f *Function) made() routine {
	r := routine{
		oid: f.OID, name: f.Name, kind: 'f', returns: f.Returns, strict: f.Strict, volatile: f.Volatile, user: true, of: f,
	}
	for _, p := range f.Params {
		r.args = append(r.args, p.Type)
	}
	if f.Variadic {
		if t := types().byOID[r.args[len(r.args)-1]]; t != nil {
			r.variadic = t.elem
		}
	}
	return r
}

// arguments is pg_get_function_arguments.
func (f *Function) arguments() string {
	parts := make([]string, len(f.Params))
	for i, p := range f.Params {
		if f.Variadic && i == len(f.Params)-1 {
			parts[i] = "VARIADIC "
		}
		if p.Name != "" {
			parts[i] += QuoteIdent(p.Name) + " "
		}
		parts[i] += FormatType(p.Type, noModifier)
	}
	return strings.Join(parts, ", ")
}

// result is pg_get_function_result.
func (f *Function) result() string {
	if len(f.Columns) > 0 {
		parts := make([]string, len(f.Columns))
		for i, c := range f.Columns {
			parts[i] = QuoteIdent(c.Name) + " " + FormatType(c.Type, noModifier)
		}
		return "TABLE(" + strings.Join(parts, ", ") + ")"
	}
	if f.Set {
		return "SETOF " + FormatType(f.Returns, noModifier)
	}
	return FormatType(f.Returns, noModifier)
}

// definition is pg_get_functiondef: PostgreSQL's form where the body is a text,
// else the statement as it was written.
func (f *Function) definition() string {
	if f.Body == "" {
		return f.SQL
	}
	s := "CREATE OR REPLACE FUNCTION " + QuoteIdent(f.Schema) + "." + QuoteIdent(f.Name) + "(" + f.arguments() + ")\n RETURNS " +
		f.result() + "\n LANGUAGE sql\n"
	flags := map[byte]string{'i': " IMMUTABLE", 's': " STABLE"}[f.Volatile]
	if f.Strict {
		flags += " STRICT"
	}
	if flags != "" {
		s += flags + "\n"
	}
	quote := "$function$"
	for strings.Contains(f.Body, quote) {
		quote = quote[:len(quote)-1] + "x$"
	}
	return s + "AS " + quote + f.Body + quote + "\n"
}

// names are the parameters' names; nil when none has one.
func (f *Function) names() []string {
	out, named := make([]string, len(f.Params)), false
	for i, p := range f.Params {
		out[i], named = p.Name, named || p.Name != ""
	}
	if !named {
		return nil
	}
	return out
}
