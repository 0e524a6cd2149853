package ast

// Expr is an expression. The set of implementations is closed.
type Expr interface {
	Position() int
	expr()
}

// LiteralKind says how a literal was written.
type LiteralKind uint8

// Kinds of literal.
const (
	Null    LiteralKind = iota // NULL
	Boolean                    // TRUE, FALSE: Text is "true" or "false"
	Integer                    // 42: Text has digits only (0x, 0o, 0b and _ resolved); may exceed 64 bits
	Decimal                    // 1.5, .5, 1e10: Text as written
	String                     // 'x', E'x', $$x$$: Text is the value, type unknown until bound
	Bits                       // B'101' or X'1F': Text is the bits, "0" and "1"
	Default                    // DEFAULT, in VALUES of an INSERT
)

// Expression nodes.
type (
	// Literal is a constant as written.
	Literal struct {
		Pos
		Kind LiteralKind
		Text string
	}
	// TypedLiteral is `date '2015-01-01'`, `interval '1' day`.
	TypedLiteral struct {
		Pos
		Type TypeName
		Text string
	}
	// Param is $1, $2, …; Index is from 1.
	Param struct {
		Pos
		Index int
	}
	// Column is a reference: [column], [table, column] or [schema, table, column].
	Column struct {
		Pos
		Parts []string
	}
	// Star is `*` or `t.*` where a list of columns may stand, with DuckDB's
	// EXCLUDE, REPLACE and COLUMNS('regex') (Pattern).
	Star struct {
		Pos
		Table   []string // qualifier, or nil
		Exclude []string
		Replace []SelectItem // every item has an Alias
		Pattern string       // COLUMNS('…'), else ""
		Columns bool         // COLUMNS(…), which may stand within an expression
	}
	// Unary is a prefix operator: "-", "+", "~", "@", "|/", "||/", "!!", or "not".
	Unary struct {
		Pos
		Op  string
		Arg Expr
	}
	// Binary is an infix operator: arithmetic, comparison, "||", "~", "->>",
	// "and", "or", …; Schema is that of OPERATOR(schema.op). "!=" is "<>".
	Binary struct {
		Pos
		Op          string
		Schema      string
		Left, Right Expr
	}
	// Like is [NOT] LIKE, ILIKE or SIMILAR TO; Escape may be nil.
	Like struct {
		Pos
		Op     string // "like", "ilike", "similar"
		Not    bool
		Arg    Expr
		Match  Expr
		Escape Expr
	}
	// Between is [NOT] BETWEEN [SYMMETRIC].
	Between struct {
		Pos
		Not, Symmetric bool
		Arg, Low, High Expr
	}
	// In is [NOT] IN (list) or [NOT] IN (query); exactly one of List, Query is set.
	In struct {
		Pos
		Not   bool
		Arg   Expr
		List  []Expr
		Query *Query
	}
	// Is is IS [NOT] NULL | TRUE | FALSE | UNKNOWN | DOCUMENT | NORMALIZED.
	Is struct {
		Pos
		Not  bool
		Arg  Expr
		What string // "null", "true", "false", "unknown", …
	}
	// IsDistinct is IS [NOT] DISTINCT FROM.
	IsDistinct struct {
		Pos
		Not         bool
		Left, Right Expr
	}
	// Quantified is `x op ANY|ALL (array or query)`.
	Quantified struct {
		Pos
		Op    string
		All   bool
		Left  Expr
		Array Expr
		Query *Query
	}
	// Case is CASE [arg] WHEN … THEN … ELSE … END.
	Case struct {
		Pos
		Arg   Expr // nil for the searched form
		Whens []When
		Else  Expr // nil for none
	}
	// Cast is CAST(x AS t), x::t; Try is DuckDB's TRY_CAST.
	Cast struct {
		Pos
		Arg  Expr
		Type TypeName
		Try  bool
	}
	// Call is a function call with everything that may follow it. Special forms
	// with a syntax of their own are calls too, by PostgreSQL's function names:
	// EXTRACT(f FROM x) is extract('f', x), SUBSTRING(a FROM b FOR c) is
	// substring(a, b, c), POSITION(a IN b) is position(b, a), TRIM is btrim/ltrim/rtrim,
	// OVERLAY is overlay, x AT TIME ZONE z is timezone(z, x), CURRENT_DATE is
	// current_date(), NULLIF/COALESCE/GREATEST/LEAST by those names.
	Call struct {
		Pos
		Name        QName
		Args        []Arg
		Star        bool // count(*)
		Distinct    bool
		Variadic    bool // last argument is VARIADIC
		OrderBy     []SortItem
		WithinGroup []SortItem
		Filter      Expr
		Over        *Window // nil when not a window call
		IgnoreNulls bool
	}
	// Subquery is a scalar subquery, EXISTS (query), or ARRAY(query).
	Subquery struct {
		Pos
		Kind  SubqueryKind
		Query *Query
	}
	// RowColumn is column Index (from 0) of a subquery of Count columns: one of
	// the values of UPDATE … SET (a, b) = (SELECT …). It is never written.
	RowColumn struct {
		Pos
		Query        *Subquery
		Index, Count int
	}
	// Row is ROW(…) or (a, b, …).
	Row struct {
		Pos
		Items []Expr
	}
	// Array is ARRAY[…].
	Array struct {
		Pos
		Items []Expr
	}
	// AssignPart is Base, the value of a column, with another part: that at Part, as in
	// Target, is Value. No text says so.
	AssignPart struct {
		Pos
		Column      string
		Base, Value Expr
		Part        Expr
	}
	// Subscript is x[i] or x[lo:hi] (Slice; either bound may be nil).
	Subscript struct {
		Pos
		Arg       Expr
		Slice     bool
		Low, High Expr // for x[i], Low is i
	}
	// Field is (x).f; an empty Name is (x).*.
	Field struct {
		Pos
		Arg  Expr
		Name string
	}
	// Collate is x COLLATE "c".
	Collate struct {
		Pos
		Arg  Expr
		Name QName
	}
	// Grouping is an element of GROUP BY that is not a plain expression.
	Grouping struct {
		Pos
		Kind GroupingKind
		Sets []Expr // Row for a parenthesised list; Grouping may nest in GROUPING SETS
	}
)

// SubqueryKind says what a subquery expression gives.
type SubqueryKind uint8

// Kinds of subquery expression.
const (
	Scalar SubqueryKind = iota
	Exists
	ArrayOf
)

// GroupingKind is the kind of a grouping element.
type GroupingKind uint8

// Kinds of grouping element. EmptySet is ().
const (
	GroupingSets GroupingKind = iota
	Rollup
	Cube
	EmptySet
)

// Arg is an argument of a call; Name is set for `name => value`.
type Arg struct {
	Name  string
	Value Expr
}

// When is one arm of a CASE.
type When struct{ Cond, Then Expr }

// SortItem is an item of ORDER BY.
type SortItem struct {
	Expr       Expr
	Desc       bool
	NullsFirst *bool  // nil: PostgreSQL's default (last when ascending, first when descending)
	Using      string // USING <, else ""
}

// Window is a window definition: OVER (…), OVER name, or in the WINDOW clause.
type Window struct {
	Pos
	Name        string // OVER w: only Name is set; OVER (w …): the base window
	Ref         bool   // OVER w, without parentheses
	PartitionBy []Expr
	OrderBy     []SortItem
	Frame       *Frame
}

// Frame is a window frame. Unit is "rows", "range" or "groups"; Exclude is "",
// "current row", "group" or "ties".
type Frame struct {
	Pos
	Unit       string
	Start, End Bound
	Exclude    string
}

// Bound is a frame bound: Kind is "unbounded preceding", "preceding",
// "current row", "following" or "unbounded following".
type Bound struct {
	Kind   string
	Offset Expr
}

func (*Literal) expr()      {}
func (*TypedLiteral) expr() {}
func (*Param) expr()        {}
func (*Column) expr()       {}
func (*Star) expr()         {}
func (*Unary) expr()        {}
func (*Binary) expr()       {}
func (*Like) expr()         {}
func (*Between) expr()      {}
func (*In) expr()           {}
func (*Is) expr()           {}
func (*IsDistinct) expr()   {}
func (*Quantified) expr()   {}
func (*Case) expr()         {}
func (*Cast) expr()         {}
func (*Call) expr()         {}
func (*Subquery) expr()     {}
func (*Row) expr()          {}
func (*RowColumn) expr()    {}
func (*Array) expr()        {}
func (*Subscript) expr()    {}
func (*AssignPart) expr()   {}
func (*Field) expr()        {}
func (*Collate) expr()      {}
func (*Grouping) expr()     {}
