package ast

// Query is a SELECT, VALUES, TABLE or set operation with its WITH, ORDER BY and
// LIMIT. It is also a statement.
type Query struct {
	Pos
	With      []CTE
	Recursive bool
	Body      Body
	OrderBy   []SortItem
	OrderAll  bool     // ORDER BY ALL
	AllItem   SortItem // its direction, without an expression
	Limit     Expr     // nil for none or LIMIT ALL
	Offset    Expr
	WithTies  bool // FETCH … WITH TIES
	Locks     []Lock
}

// CTE is one WITH item. Materialized is nil when not said.
type CTE struct {
	Pos
	Name         string
	Columns      []string
	Query        *Query
	Materialized *bool
	Search       *Search
	Cycle        *Cycle
}

// Body is what stands between WITH and ORDER BY: Select, SetOp, Values, Query
// (parenthesised, with its own ORDER BY) or, in WITH alone, Change.
type Body interface {
	Position() int
	body()
}

type (
	// Select is one SELECT block. FROM-first queries without SELECT have a Star item.
	Select struct {
		Pos
		Distinct   bool
		DistinctOn []Expr
		Items      []SelectItem
		From       []TableRef // a comma-separated list: cross product
		Where      Expr
		GroupBy    []Expr
		GroupAll   bool // GROUP BY ALL
		GroupDist  bool // GROUP BY DISTINCT
		Having     Expr
		Windows    []Window // Name is the name defined; Base below
		WindowBase []string // WINDOW w AS (base …), by index of Windows
		Qualify    Expr
	}
	// SetOp is UNION, INTERSECT or EXCEPT.
	SetOp struct {
		Pos
		Op          string // "union", "intersect", "except"
		All         bool
		ByName      bool
		Left, Right Body
	}
	// Change is the body of an item of WITH that is INSERT, UPDATE or DELETE; its
	// rows are those of RETURNING.
	Change struct {
		Pos
		Stmt Statement
	}
	// Values is VALUES (…), (…).
	Values struct {
		Pos
		Rows [][]Expr
	}
)

// SelectItem is an output column; Alias is "" when none was given.
type SelectItem struct {
	Expr  Expr
	Alias string
}

// TableRef is an item of FROM. The set of implementations is closed.
type TableRef interface {
	Position() int
	tableRef()
}

// Alias is AS name (columns…); Defs are the column definitions of
// `AS t(a int, b text)`.
type Alias struct {
	Name    string
	Columns []string
	Defs    []TypeName
	// Unlisted: the last column can be named, but neither * nor the whole row has it. No
	// text says so.
	Unlisted bool
}

type (
	// Table is a name, or a quoted file name or glob (FROM 'x.csv': File is set).
	Table struct {
		Pos
		Name   QName
		File   string
		Alias  Alias
		Only   bool
		Sample *Sample
	}
	// TableFunc is f(…) in FROM: read_csv, generate_series, unnest, …; more than
	// one call is ROWS FROM (…).
	TableFunc struct {
		Pos
		Calls      []*Call
		Ordinality bool
		Lateral    bool
		Alias      Alias
		Sample     *Sample
	}
	// Derived is a subquery in FROM.
	Derived struct {
		Pos
		Query   *Query
		Lateral bool
		Alias   Alias
	}
	// Join joins two references. Exactly one of On, Using, Natural is set but for
	// a cross join, which has none.
	Join struct {
		Pos
		Kind        JoinKind
		Natural     bool
		Using       []string
		UsingAlias  string
		On          Expr
		Left, Right TableRef
		Alias       Alias // (a JOIN b) AS x
	}
)

// JoinKind is the kind of a join.
type JoinKind uint8

// Kinds of join.
const (
	Cross JoinKind = iota
	Inner
	Left
	Right
	Full
)

// Sample is TABLESAMPLE method (arg) REPEATABLE (seed).
type Sample struct {
	Pos
	Method string
	Args   []Expr
	Seed   Expr
}

func (*Query) body()  {}
func (*Select) body() {}
func (*SetOp) body()  {}
func (*Values) body() {}
func (*Change) body() {}

func (*Table) tableRef()     {}
func (*TableFunc) tableRef() {}
func (*Derived) tableRef()   {}
func (*Join) tableRef()      {}
