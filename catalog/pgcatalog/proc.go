package pgcatalog

import (
	"slices"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/udf"
)

func init() {
	fillers["pg_catalog.pg_proc"] = fillProc
	fillers["pg_catalog.pg_operator"] = fillOperator
	fillers["pg_catalog.pg_aggregate"] = fillAggregate
}

// routine is a function, aggregate or operator of the registry.
type routine struct {
	oid      uint32
	name     string
	kind     byte // prokind
	args     []uint32
	variadic uint32
	returns  uint32
	strict   bool
	volatile byte
	user     bool
	of       *Function // made in SQL
}

// Types of parameters that take anything.
const (
	oidAny        = 2276
	oidAnyElement = 2283
)

// registered are the functions of types, then those of the registry, each
// signature once.
func (db *Database) registered() []routine {
	t := types()
	out := make([]routine, 0, 2000)
	for name, oid := range t.routines {
		out = append(out, routine{oid: oid, name: name, kind: 'f', args: []uint32{2281}, returns: 2281, strict: true, volatile: 'i'})
	}
	slices.SortFunc(out, func(a, b routine) int { return int(a.oid) - int(b.oid) })
	for i := range db.Functions {
		out = append(out, db.Functions[i].made())
	}
	if db.Registry == nil {
		return out
	}
	seen := map[string]bool{}
	add := func(r routine, params []arrow.DataType, variadic bool) {
		key := r.name
		for _, p := range params {
			oid := parameter(p)
			r.args = append(r.args, oid)
			key += "," + string(rune(oid))
		}
		if variadic && len(r.args) > 0 {
			r.variadic = r.args[len(r.args)-1]
		}
		if seen[key] {
			return
		}
		seen[key] = true
		r.oid = firstRoutine + uint32(len(out)-len(db.Functions))
		out = append(out, r)
	}
	for _, s := range db.Registry.Scalars() {
		add(routine{name: s.Name, kind: 'f', returns: result(s.Returns), strict: !s.NullCall, volatile: s.Volatility.String()[0], user: s.User}, s.Params, s.Variadic)
	}
	for _, a := range db.Registry.Aggregates() {
		add(routine{name: a.Name, kind: 'a', returns: result(a.Returns), volatile: 'i', user: a.User}, a.Params, a.Variadic)
	}
	return out
}

func parameter(t arrow.DataType) uint32 {
	if t == nil {
		return oidAny
	}
	if t == udf.Decimal {
		return oidNumeric
	}
	oid, _ := TypeOf(t)
	return oid
}

func result(t arrow.DataType) uint32 {
	if t == nil {
		return oidAnyElement
	}
	return parameter(t)
}

// isOperator tells whether a name of the registry is an operator's.
func isOperator(name string) bool {
	return strings.Trim(name, "+-*/<>=~!@#%^&|`?") == ""
}

// isFunction tells whether a name of the registry is one that people call.
func isFunction(name string) bool { return !isOperator(name) && !strings.Contains(name, " ") }

// schema is where a routine is.
func (r *routine) schema() string {
	switch {
	case r.of != nil:
		return r.of.Schema
	case r.user:
		return "public"
	}
	return CatalogSchema
}

// arguments is pg_get_function_arguments.
func (r *routine) arguments() string {
	if r.of != nil {
		return r.of.arguments()
	}
	parts := make([]string, len(r.args))
	for i, a := range r.args {
		parts[i] = FormatType(a, noModifier)
		if r.variadic != 0 && i == len(r.args)-1 {
			parts[i] = "VARIADIC " + parts[i] + "[]"
			if a == oidAny {
				parts[i] = `VARIADIC "any"`
			}
		}
	}
	if r.kind == 'a' && len(parts) == 0 {
		return "*"
	}
	return strings.Join(parts, ", ")
}

func fillProc(db *Database, r *rows) {
	for _, p := range db.find().routines {
		if !isFunction(p.name) {
			continue
		}
		language := 12
		source, arguments := p.name, any(nil)
		switch {
		case p.of != nil:
			language, source = 14, p.of.Body
			if names := p.of.names(); names != nil {
				arguments = names
			}
		case p.user:
			language = 13
		}
		r.add(values{
			"oid": p.oid, "proname": p.name, "pronamespace": db.schemaOID(p.schema()), "proowner": superuser, "prolang": language, "procost": 1,
			"provariadic": p.variadic, "prokind": p.kind, "proisstrict": p.strict, "provolatile": p.volatile, "proparallel": "s",
			"pronargs": len(p.args), "prorettype": p.returns, "proargtypes": p.args, "prosrc": source, "proretset": p.of != nil && p.of.Set, "proargnames": arguments,
		})
	}
}

func fillOperator(db *Database, r *rows) {
	for _, p := range db.find().routines {
		if !isOperator(p.name) || len(p.args) == 0 || len(p.args) > 2 {
			continue
		}
		kind, left := "b", p.args[0]
		if len(p.args) == 1 {
			kind, left = "l", 0
		}
		r.add(values{
			"oid": p.oid, "oprname": p.name, "oprnamespace": schemaCatalog, "oprowner": superuser, "oprkind": kind,
			"oprleft": left, "oprright": p.args[len(p.args)-1], "oprresult": p.returns, "oprcode": reg{p.oid, p.name},
			"oprcanhash": p.name == "=", "oprcanmerge": p.name == "=",
		})
	}
}

func fillAggregate(db *Database, r *rows) {
	for _, p := range db.find().routines {
		if p.kind == 'a' {
			r.add(values{"aggfnoid": reg{p.oid, p.name}, "aggkind": "n", "aggtranstype": p.returns, "aggfinalmodify": "r", "aggmfinalmodify": "r"})
		}
	}
}
