// Package expr is the bound expression: types resolved, casts explicit, columns
// by ordinal. It is plain data, printable and serialisable; package exec turns
// it into kernels.
//
// Ownership: an Expr is immutable once built and may be shared between plans
// and goroutines.
package expr

import (
	"fmt"

	"github.com/apache/arrow/go/v15/arrow"
)

// Expr is a bound scalar expression over the columns of one input. The set of
// implementations is closed: Column, Literal, Param, Call, Cast, Logic, Case,
// Coalesce and In.
type Expr interface {
	fmt.Stringer
	// DataType is the Arrow type of the result (see package sqltype).
	DataType() arrow.DataType
	// Children are the direct operands, in order.
	Children() []Expr
	// WithChildren is a copy with other operands, as many as Children gives.
	WithChildren([]Expr) Expr
	expr()
}

// Column is the Index-th column of the input, from 0. Name is for people only.
type Column struct {
	Index int
	Name  string
	Type  arrow.DataType
}

// Literal is a constant: Value has length 1 and may be null.
type Literal struct {
	Value arrow.Array
}

// Param is the value of $Index (from 1); it is replaced by a Literal before a
// plan is executed.
type Param struct {
	Index int
	Type  arrow.DataType
}

// Call applies a function of the registry (package udf) to arguments whose
// types are exactly those of one of its signatures. Operators are functions by
// their PostgreSQL names: "+", "=", "<>", "||", "~", "not", "is null",
// "is distinct from", "like", …. Pos is the byte offset in the SQL text, or −1.
type Call struct {
	Func string
	Args []Expr
	Type arrow.DataType
	Pos  int
}

// Cast converts Arg to Type; Try gives NULL where the conversion fails.
// VarcharLen > 0 is the length of an explicit cast to varchar(n), char(n), bit(n)
// or bit varying(n). Bounded makes the nearest timestamp of a moment beyond their
// range, so that it can be compared.
type Cast struct {
	Arg        Expr
	Type       arrow.DataType
	Try        bool
	VarcharLen int32
	Pad        bool // char(n)
	Bounded    bool
	Pos        int
}

// Logic is AND or OR over two or more operands, three-valued, evaluated from
// left to right on the rows not yet decided.
type Logic struct {
	Or   bool
	Args []Expr
}

// Case is the searched CASE: arms are evaluated only on rows that reach them.
// Else is never nil (a null Literal when there was none).
type Case struct {
	Whens []When
	Else  Expr
	Type  arrow.DataType
}

// When is one arm of a Case.
type When struct{ Cond, Then Expr }

// Coalesce is the first operand that is not null, evaluated lazily.
type Coalesce struct {
	Args []Expr
	Type arrow.DataType
}

// In is Arg [NOT] IN (List) with Literals of Arg's own type, hashed when long.
type In struct {
	Arg     Expr
	List    []Expr
	Negated bool
}
