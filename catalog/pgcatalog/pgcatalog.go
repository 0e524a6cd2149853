// Package pgcatalog shows a database as PostgreSQL's catalogs do: the tables and
// views of pg_catalog and information_schema, and the functions that read them
// (format_type, pg_get_indexdef, …), so that clients of PostgreSQL find their
// way.
//
//	coordinator ── makes ──► Database: what exists, as plain data
//	                             │
//	SELECT … FROM pg_class ──────┤ Format fills the columns that are asked for
//	'trips'::regclass, … ────────┘ names and functions look things up
//
// relations.tsv has every catalog with its columns as PostgreSQL 15 has them;
// those that Volley has nothing for are empty. types.tsv has the types. Numbers
// of objects come from Numbers and are the same as long as the process runs.
// The tables are read in the coordinator only, through the session of the
// context (udf.SessionOf), which must be a Session.
package pgcatalog

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/catalog"
	"volley/udf"
)

// Session is what gives a Database to who reads the catalogs.
type Session interface {
	udf.Session
	// Database is the database as the session's current statement sees it.
	Database() *Database
}

// Database is what the catalogs show. It is immutable.
type Database struct {
	Name, User string
	Schemas    []string // those that users made, and public
	Relations  []*Relation
	Functions  []Function
	SearchPath []string // schemas in which names are looked for, in order
	Version    string   // of the server, as version() says it
	Registry   *udf.Registry
	Numbers    *Numbers
	Settings   func() []Setting
	Activity   func() []Activity
	Prepared   func() []PreparedStatement
	Comments   map[Object]string

	index index
}

// Object is what a comment is about: the catalog that it is in, its number, and
// the column's number or 0.
type Object struct {
	Class, OID uint32
	Column     int
}

// Kind of a relation, as pg_class.relkind has it.
type Kind byte

// Kinds of relation.
const (
	Table    Kind = 'r'
	View     Kind = 'v'
	Sequence Kind = 'S'
	Index    Kind = 'i'
)

// Relation is a table, view or sequence.
type Relation struct {
	OID          uint32
	Schema, Name string
	Kind         Kind
	Temp         bool
	Columns      []Column
	Keys         []Key
	Checks       []Check
	ForeignKeys  []ForeignKey
	Query        string // of a view
	Rows         int64  // −1 when not known
	Bytes        int64
	OwnedBy      *Column // of a sequence
	Sequence     *SequenceState
	System       bool // a catalog
	// Analyzed gives the statistics of the last ANALYZE, of Columns in order, or nil
	// when they are not good any more; it may be nil.
	Analyzed func() *catalog.Stats
}

// SequenceState is what a sequence gives, and what it gave last.
type SequenceState struct {
	Start, Increment, Min, Max int64
	Cycle                      bool
	Last                       int64
	Called                     bool
}

// Column is a column. Type is PostgreSQL's type by number, Mod its modifier or
// −1.
type Column struct {
	Name      string
	Type      uint32
	Mod       int32
	NotNull   bool
	Default   string // SQL, "" for none
	Identity  byte   // 'a' always, 'd' by default, 0 for none
	Generated bool   // Default is the expression of a stored generated column
}

// Key is an index and, when Constraint, the primary key or unique constraint
// that it is of.
type Key struct {
	OID, ConstraintOID uint32
	Name               string
	Columns            []int // ordinals; −1 for the next of Exprs
	Exprs              []KeyExpr
	Where              string  // SQL of the condition of the rows it has, "" for all
	Options            []int16 // by column: 1 for DESC, plus 2 for NULLS FIRST; nil for none
	Unique, Primary    bool
	Constraint         bool
	// Deferrable: it is checked at a statement's end, or, where it is Deferred, by
	// default at the transaction's.
	Deferrable, Deferred bool
	NullsNotDistinct     bool
}

// KeyExpr is an expression of an index: its SQL, in parentheses unless it is a call, and the
// column of the index.
type KeyExpr struct {
	Text   string
	Column Column
}

// Check is a CHECK constraint.
type Check struct {
	OID  uint32
	Name string
	Text string // SQL of the condition
}

// ForeignKey is a foreign key, which is known but not enforced.
type ForeignKey struct {
	OID        uint32
	Name       string
	Columns    []int
	Table      *Relation
	RefColumns []int
}

// Setting is a row of pg_settings.
type Setting struct {
	Name, Value, Default, Unit, Category, Description string
	ReadOnly                                          bool
}

// Activity is a row of pg_stat_activity.
type Activity struct {
	PID         int32
	User        string
	Application string
	Query       string
	State       string
	Started     arrow.Timestamp // µs
	QueryStart  arrow.Timestamp
}

// PreparedStatement is a row of pg_prepared_statements.
type PreparedStatement struct {
	Name, Text   string
	Prepared     arrow.Timestamp // µs
	Types        []uint32        // of the parameters
	FromSQL      bool            // by PREPARE, not by the protocol
	GenericPlans int64           // executions with a plan for any values
	CustomPlans  int64           // executions with a plan of their own
}

// Numbers of the schemas and catalogs that are the same everywhere.
const (
	schemaCatalog     = 11
	schemaToast       = 99
	schemaPublic      = 2200
	schemaInformation = 13000
	classClass        = 1259
	classConstraint   = 2606
	classAttrdef      = 2604
	classProc         = 1255
	classType         = 1247
	classNamespace    = 2615
	classDatabase     = 1262
	superuser         = 10
	database          = 16384
	heap              = 2
	btree             = 403
)
