package ast

// Statement is one SQL statement. The set of implementations is closed.
type Statement interface {
	Position() int
	stmt()
}

// Option is a name = value of WITH (…), OPTIONS (…), COPY (…) or EXPLAIN (…);
// Value is nil when only the name was given. Lists, as in columns = {'a': 'int'}
// or force_quote (a, b), are an Array or a StructLit.
type Option struct {
	Pos
	Name  string // lower case
	Value Expr
}

type (
	// Explain is EXPLAIN [ANALYZE] [(options)] statement.
	Explain struct {
		Pos
		Analyze bool
		Verbose bool
		Options []Option
		Stmt    Statement
	}
	// Copy is COPY table|(query) TO|FROM file|STDOUT|STDIN.
	Copy struct {
		Pos
		Table   QName     // or
		Query   *Query    // or
		Change  Statement // INSERT, UPDATE or DELETE
		Columns []string
		From    bool
		File    string // "" with Std
		Std     bool   // STDIN or STDOUT
		Options []Option
		Where   Expr // nil: all rows
	}
	// CreateExternalTable is CREATE EXTERNAL TABLE … STORED AS … LOCATION ….
	CreateExternalTable struct {
		Pos
		Name        QName
		IfNotExists bool
		OrReplace   bool
		Columns     []ColumnDef
		StoredAs    string // upper case: CSV, PARQUET
		Location    string
		PartitionBy []ColumnDef // Type may be empty
		Options     []Option
	}
	// CreateTable is CREATE [TEMP] TABLE name (…) [AS query].
	CreateTable struct {
		Pos
		Name        QName
		IfNotExists bool
		OrReplace   bool
		Temp        bool
		Columns     []ColumnDef
		Constraints []Constraint
		Likes       []TableLike
		As          *Query   // or
		Execute     *Execute // AS EXECUTE
		WithNoData  bool
		// Materialized is the text of As where it is CREATE MATERIALIZED VIEW.
		Materialized string
		Into         bool // written as SELECT … INTO
	}
	// CreateView is CREATE [OR REPLACE] [TEMP] VIEW name [(columns)] AS query.
	// Text is the query's own SQL text, for storing it.
	CreateView struct {
		Pos
		Name        QName
		IfNotExists bool
		OrReplace   bool
		Temp        bool
		Columns     []string
		CheckOption string // "local", "cascaded" or ""
		Options     []Option
		Query       *Query
		Text        string
	}
	// Refresh is REFRESH MATERIALIZED VIEW.
	Refresh struct {
		Pos
		Name       QName
		WithNoData bool
	}
	// CreateIndex is CREATE [UNIQUE] INDEX.
	CreateIndex struct {
		Pos
		Name        string
		Table       QName
		Unique      bool
		IfNotExists bool
		Columns     []IndexItem
		Where       Expr // nil for none
		WhereText   string
		// NullsNotDistinct is as in Constraint.
		NullsNotDistinct bool
	}
	// IndexItem is a column of an index, or an expression: Text is its SQL, without the
	// collation that Expr has.
	IndexItem struct {
		Pos
		Expr       Expr
		Text       string
		Desc       bool
		NullsFirst *bool // nil where not said
	}
	// SetConstraints is SET CONSTRAINTS ALL|name, … DEFERRED|IMMEDIATE; no Names are
	// all.
	SetConstraints struct {
		Pos
		Names    []QName
		Deferred bool
	}
	// CreateSchema is CREATE SCHEMA.
	CreateSchema struct {
		Pos
		Name        string
		IfNotExists bool
	}
	// CreateFunction is CREATE FUNCTION … LANGUAGE sql AS '…', RETURN expr or
	// BEGIN ATOMIC query; END.
	CreateFunction struct {
		Pos
		Name       QName
		OrReplace  bool
		Args       []ColumnDef
		Variadic   bool        // the last of Args is VARIADIC
		Out        []ColumnDef // OUT and INOUT
		Returns    TypeName    // Name is "" where nothing was said, or of Table
		SetOf      bool        // RETURNS SETOF or TABLE
		Table      []ColumnDef // RETURNS TABLE (…)
		Language   string
		Body       string // AS '…'
		BodyPos    int
		HasBody    bool
		Query      *Query // the body of RETURN and BEGIN ATOMIC
		Text       string // the statement as it was written
		Volatility string // "immutable", "stable", "volatile" or ""
		Strict     bool
		Cost       float64
	}
	// Drop is DROP TABLE|VIEW|INDEX|SCHEMA|FUNCTION.
	Drop struct {
		Pos
		Kind     string // lower case
		Names    []QName
		Args     [][]ColumnDef // of functions, by index of Names; nil where not said
		IfExists bool
		Cascade  bool
	}
	// Insert is INSERT INTO … query|VALUES|DEFAULT VALUES.
	Insert struct {
		Pos
		With       *Query // the WITH list before it; nil for none
		Table      QName
		Alias      string
		Columns    []Target
		Overriding string // "system", "user" or ""
		Query      *Query // nil: DEFAULT VALUES
		OnConflict string // "", "nothing", "update"
		// ConflictItems, with ConflictWhere, or ConflictConstraint say which unique
		// constraints ON CONFLICT is about; without either it is about all of them.
		ConflictItems      []IndexItem
		ConflictWhere      Expr // nil for none
		ConflictConstraint string
		// Set and Where are those of DO UPDATE.
		Set       []Assignment
		Where     Expr
		Returning []SelectItem
	}
	// Update is UPDATE … SET … [FROM …] [WHERE …].
	Update struct {
		Pos
		With      *Query
		Table     QName
		Alias     string
		Set       []Assignment
		From      []TableRef
		Where     Expr
		Returning []SelectItem
	}
	// Delete is DELETE FROM … [USING …] [WHERE …].
	Delete struct {
		Pos
		With      *Query
		Table     QName
		Alias     string
		Using     []TableRef
		Where     Expr
		Returning []SelectItem
	}
	// Merge is MERGE INTO … USING … ON … WHEN ….
	Merge struct {
		Pos
		With  *Query
		Table QName
		Alias string
		Using TableRef
		On    Expr
		Whens []MergeWhen
	}
	// Truncate is TRUNCATE TABLE.
	Truncate struct {
		Pos
		Names   []QName
		Restart bool // RESTART IDENTITY
	}
	// Set is SET [SESSION|LOCAL] name = value; Values nil is DEFAULT.
	Set struct {
		Pos
		Name   string
		Values []string
		Local  bool
	}
	// Show is SHOW name, SHOW ALL, SHOW TABLES ("tables"), SHOW COLUMNS FROM t is Describe.
	Show struct {
		Pos
		Name string
	}
	// Reset is RESET name or RESET ALL ("all").
	Reset struct {
		Pos
		Name string
	}
	// Describe is DESCRIBE table, DESCRIBE query; Summarize is SUMMARIZE.
	Describe struct {
		Pos
		Summarize bool
		Query     *Query // DESCRIBE t is DESCRIBE (FROM t)
	}
	// Transaction is BEGIN, START TRANSACTION, COMMIT, END, ROLLBACK, ABORT,
	// SAVEPOINT, RELEASE, ROLLBACK TO.
	Transaction struct {
		Pos
		Kind  string // "begin", "commit", "rollback", "savepoint", "release", "rollback to"
		Name  string // of the savepoint
		Chain bool   // AND CHAIN: another one begins at once
		Start bool   // "begin": it is written START TRANSACTION
		Modes TransactionModes
	}
	// SetTransaction is SET TRANSACTION modes, or SET SESSION CHARACTERISTICS AS
	// TRANSACTION modes.
	SetTransaction struct {
		Pos
		Session bool
		Modes   TransactionModes
	}
	// Prepare is PREPARE name (types) AS statement.
	Prepare struct {
		Pos
		Name  string
		Types []TypeName
		Stmt  Statement
		Text  string
	}
	// Execute is EXECUTE name (args).
	Execute struct {
		Pos
		Name string
		Args []Expr
	}
	// Deallocate is DEALLOCATE name|ALL ("" is all).
	Deallocate struct {
		Pos
		Name string
	}
	// DeclareCursor is DECLARE name CURSOR FOR query.
	DeclareCursor struct {
		Pos
		Name        string
		Query       *Query
		Hold        bool
		Scroll      bool
		NoScroll    bool
		Insensitive bool
	}
	// Fetch is FETCH or MOVE. Count is a number of rows, MaxInt64 for all of
	// them, or the place of one.
	Fetch struct {
		Pos
		Cursor    string
		Direction Direction
		Count     int64
		Move      bool
	}
	// CloseCursor is CLOSE name|ALL ("" is all).
	CloseCursor struct {
		Pos
		Name string
	}
	// Analyze is ANALYZE [(options)] [VERBOSE] [table [(columns)], …]; without a
	// table it is about all.
	Analyze struct {
		Pos
		Verbose bool
		Options []Option
		Tables  []AnalyzedTable
	}
	// Discard is DISCARD ALL|PLANS|….
	Discard struct {
		Pos
		What string
	}
	// NoOp is a statement that is accepted and does nothing here: LISTEN,
	// COMMENT ON, GRANT, VACUUM, …; Tag is its command tag.
	NoOp struct {
		Pos
		Tag string
	}
)

// AnalyzedTable is a table of ANALYZE, and its columns; none are all.
type AnalyzedTable struct {
	Name    QName
	Columns []string
}

// TableLike is LIKE table INCLUDING … in CREATE TABLE. Before is the number of
// columns written before it; Including has what it takes besides names, types
// and NOT NULL, in lower case.
type TableLike struct {
	Pos
	Table     QName
	Before    int
	Including map[string]bool
}

// ColumnDef is a column of CREATE TABLE or an argument of CREATE FUNCTION.
type ColumnDef struct {
	Pos
	Name        string
	Type        TypeName
	Collation   QName // of COLLATE; without parts: none
	NotNull     bool
	PrimaryKey  bool
	Default     Expr
	DefaultText string // SQL text of Default
	// Constraints are its keys, without columns, and checks.
	Constraints []Constraint
	// Identity is "always" or "by default" of GENERATED … AS IDENTITY, "" for
	// none; Sequence are its options.
	Identity string
	Sequence SequenceOptions
	// Generated is the expression of GENERATED ALWAYS AS (…) STORED.
	Generated     Expr
	GeneratedText string
}

// Constraint is a table constraint: Kind is "primary key", "unique", "check"
// or "foreign key".
type Constraint struct {
	Pos
	Name    string
	Kind    string
	Columns []string
	Check   Expr
	Text    string
	// Deferrable: it is checked at a statement's end, or, where Deferred (INITIALLY
	// DEFERRED) or SET CONSTRAINTS says so, at the transaction's.
	Deferrable, Deferred bool
	// NullsNotDistinct: NULLs of a unique constraint are equal.
	NullsNotDistinct bool
}

// Target is a column that a statement gives values, or a part of it: Part is a chain of
// Subscript and Field whose innermost operand stands for the column; nil for all of it.
type Target struct {
	Pos
	Name string
	Part Expr
}

// Targets are whole columns.
func Targets(pos Pos, names []string) []Target {
	out := make([]Target, len(names))
	for i, name := range names {
		out[i] = Target{Pos: pos, Name: name}
	}
	return out
}

// Assignment is column = value in UPDATE; several columns with one Row or
// Subquery value are (a, b) = (…).
type Assignment struct {
	Pos
	Columns  []Target
	Multiple bool // written (a, …) =
	Value    Expr
}

// MergeWhen is WHEN [NOT] MATCHED [AND Cond] THEN …: Action is "update" with Set,
// "insert" with Columns, Overriding and Values, "delete" or "nothing".
type MergeWhen struct {
	Pos
	Matched    bool
	Cond       Expr // nil: always
	Action     string
	Set        []Assignment
	Columns    []Target
	Overriding string // as in Insert
	Values     []Expr // nil: DEFAULT VALUES
}

// StructLit is {'k': v, …}, DuckDB's struct literal, allowed as an option value.
type StructLit struct {
	Pos
	Keys   []string
	Values []Expr
}

func (*StructLit) expr() {}

func (*Query) stmt()               {}
func (*Explain) stmt()             {}
func (*Copy) stmt()                {}
func (*CreateExternalTable) stmt() {}
func (*CreateTable) stmt()         {}
func (*CreateView) stmt()          {}
func (*CreateIndex) stmt()         {}
func (*CreateSchema) stmt()        {}
func (*SetConstraints) stmt()      {}
func (*CreateFunction) stmt()      {}
func (*Drop) stmt()                {}
func (*Insert) stmt()              {}
func (*Update) stmt()              {}
func (*Delete) stmt()              {}
func (*Merge) stmt()               {}
func (*Truncate) stmt()            {}
func (*Set) stmt()                 {}
func (*Show) stmt()                {}
func (*Reset) stmt()               {}
func (*Describe) stmt()            {}
func (*Transaction) stmt()         {}
func (*Prepare) stmt()             {}
func (*Execute) stmt()             {}
func (*Deallocate) stmt()          {}
func (*DeclareCursor) stmt()       {}
func (*Refresh) stmt()             {}
func (*Fetch) stmt()               {}
func (*CloseCursor) stmt()         {}
func (*Analyze) stmt()             {}
func (*Discard) stmt()             {}
func (*NoOp) stmt()                {}
