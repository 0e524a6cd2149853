// Package jsontext reads and writes JSON texts as PostgreSQL's json and jsonb
// do: the same errors, the same order of object keys, the same white space.
//
//	lexer.go    tokens, and the messages about bad ones
//	check.go    is a text valid JSON?
//	scan.go     find a member or an element in a valid text, without parsing it
//	value.go    a text as a tree
//	append.go   a tree as text: as jsonb prints it, or indented
//	order.go    how jsonb values compare; containment
//	path.go     get, set, insert and delete by a path of keys
//
// A value of jsonb is kept as its normalised text: keys unique and sorted by
// length and then by bytes, ", " between items and ": " behind keys, numbers as
// numeric prints them. So a read of one member is a scan of that text.
//
// Nothing here keeps or changes the texts it is given; strings of a Value may
// alias the text it was parsed from. All functions are safe for concurrent use.
package jsontext

import "volley/sqlerr"

// maxDepth bounds the nesting of arrays and objects.
const maxDepth = 5000

func tooDeep() error {
	return sqlerr.New(sqlerr.StatementTooComplex, "stack depth limit exceeded").
		WithHint("JSON may be nested %d levels deep.", maxDepth)
}

func invalid(detail string, args ...any) error {
	return sqlerr.New(sqlerr.InvalidText, "invalid input syntax for type json").WithDetail(detail, args...)
}
