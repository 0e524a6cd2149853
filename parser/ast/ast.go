// Package ast is the syntax tree of Volley's SQL, in PostgreSQL's terms. The
// parser package makes it; the binder (package planner) reads it. Nodes are
// plain data. Every node that can be wrong has Pos, its byte offset (from 0) in
// the SQL text that was given to the parser.
//
// Three sealed families: Statement (stmt.go), Query and TableRef (query.go) and
// Expr (expr.go).
package ast

// Pos is a byte offset, from 0, in the SQL text of the whole input.
type Pos int

// Position gives the offset itself; embedding Pos makes a node positioned.
func (p Pos) Position() int { return int(p) }

// Name is an identifier as PostgreSQL sees it: unquoted ones are folded to
// lower case already.
type Name struct {
	Pos
	Text string
}

// QName is a possibly qualified name: [catalog, schema, table] or a part of it.
type QName struct {
	Pos
	Parts []string
}

// TypeName is a type as written: numeric(10,2), character varying(3), int[].
// Name is PostgreSQL's short internal name where there is one (int4, float8,
// bool, varchar, timestamptz, …) or the name as written, lower case.
type TypeName struct {
	Pos
	Name  string
	Mods  []int32 // (10,2) → 10, 2
	Array int     // number of array dimensions
	// Fields is the qualifier of an interval type ("year to month"), else "".
	Fields string
}
