// Package jsonpath reads and prints the SQL/JSON path language: the values of
// PostgreSQL's type jsonpath.
//
//	text ──Parse──► Path (a tree of chains of Items) ──String──► normalised text
//
// What a path finds in a document is computed by whoever has the functions for
// that (package udf/builtin).
package jsonpath

import "math"

// Path is a parsed jsonpath.
type Path struct {
	Strict bool // structural errors count
	Root   *Item
}

// Kind is what an Item does.
type Kind uint8

// The kinds of Items. Operands stand in Left and Right.
const (
	Null      Kind = iota
	String         // Text
	Number         // Text, as numeric prints it
	Bool           // Bool
	Variable       // Text is its name
	Root           // $
	Current        // @
	Last           // last
	And            // && and the other predicates up to Exists
	Or             // ||
	Not            // !
	IsUnknown      // (Left) is unknown
	Equal
	NotEqual
	Less
	Greater
	LessEqual
	GreaterEqual
	StartsWith
	LikeRegex // Text is the pattern, Flags its flags
	Exists
	Add
	Sub
	Mul
	Div
	Mod
	Plus       // unary
	Minus      // unary
	AnyArray   // [*]
	AnyKey     // .*
	IndexArray // [Subscripts]
	Any        // .**{First to Last}
	Key        // .Text
	Filter     // ?(Left)
	Type
	Size
	Abs
	Floor
	Ceiling
	Double
	DateTime // Left is its template, or nil
	KeyValue
)

// LastLevel is the bound "last" of Any.
const LastLevel = math.MaxUint32

// Item is a step of a path, an operator or a constant. Next is applied to each
// of its results.
type Item struct {
	Kind        Kind
	Text        string
	Flags       string
	Bool        bool
	Left, Right *Item
	Subscripts  []Subscript
	First, Last uint32
	Next        *Item
}

// Subscript is an index, or a range if To is not nil.
type Subscript struct{ From, To *Item }

// Predicate tells whether an item, its Next aside, is true, false or unknown.
func (k Kind) Predicate() bool { return k >= And && k <= Exists }

// Operator is how an operator or method is called, in paths and messages.
func (k Kind) Operator() string { return names[k] }

var names = map[Kind]string{
	And: "&&", Or: "||", Equal: "==", NotEqual: "!=", Less: "<", Greater: ">", LessEqual: "<=", GreaterEqual: ">=",
	StartsWith: "starts with", Add: "+", Sub: "-", Mul: "*", Div: "/", Mod: "%", Plus: "+", Minus: "-",
	Type: "type", Size: "size", Abs: "abs", Floor: "floor", Ceiling: "ceiling", Double: "double",
	DateTime: "datetime", KeyValue: "keyvalue",
}
