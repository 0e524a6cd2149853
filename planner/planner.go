// Package planner turns the syntax tree of a query into a plan of stages.
//
//	ast.Query ─Bind→ logical plan ─optimize→ logical plan ─lower→ physical tree ─cut→ stages
//
// Bind (bind_*.go) resolves names through a Catalog and functions through the
// registry, decides every type as PostgreSQL does, and makes every cast
// explicit; its errors carry a SQLSTATE and a position. Plan substitutes the
// parameters, applies the rules (optimize.go has their list, rule_*.go one
// each), chooses physical operators (lower*.go) and cuts the tree at exchanges
// (stage*.go). A Bound is immutable: a prepared statement is planned again for
// other values of its parameters, and many goroutines may plan one Bound.
package planner

import (
	"context"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/catalog"
	"volley/parser/ast"
	"volley/planner/expr"
	"volley/planner/logical"
	"volley/planner/physical"
	"volley/sqltype"
	"volley/udf"
)

// Catalog finds tables and views for one session. It is used by one goroutine
// at a time.
type Catalog interface {
	// Resolve finds a table or view by [name], [schema, name] or [catalog,
	// schema, name], through the search path. Object.Table and Object.View are
	// both nil when there is none; an error is for everything else.
	Resolve(ctx context.Context, parts []string) (Object, error)
	// File makes a table of files named in FROM 'x.csv', read_csv(…) or
	// read_parquet(…): given.Location is a path or glob, several are separated
	// by newlines. An empty format is decided from the name. Statistics are nil
	// when not known.
	File(ctx context.Context, format string, given catalog.Given) (*catalog.TableDef, *catalog.Stats, error)
	// Names are those of all tables and views, for "did you mean".
	Names(ctx context.Context) []string
	// Functions are those of SQL that go by [name] or [schema, name], the first
	// ones of the search path first.
	Functions(ctx context.Context, parts []string) ([]*Function, error)
}

// Object is a table or a view: exactly one of Table and View is set.
type Object struct {
	Schema string
	Name   string
	OID    uint32 // its number in pg_class; 0 when it has none
	Table  *catalog.TableDef
	// Stats of Table, nil when not known.
	Stats *catalog.Stats
	// View is the view's query; ViewColumns rename its first columns.
	View        *ast.Query
	ViewColumns []string
}

// Evaluator computes an expression without columns and parameters: a result of
// length 1. The coordinator gives one that stands on package exec.
type Evaluator interface {
	Eval(ctx context.Context, e expr.Expr) (arrow.Array, error)
}

// allocator is the Go heap: nothing that planning makes is released by hand.
var allocator = memory.DefaultAllocator

// Planner binds and plans queries. It is safe for concurrent use.
type Planner struct {
	Registry *udf.Registry
	// Evaluator folds constants; nil: only literals are constant.
	Evaluator Evaluator
	// without is the name of a rule that is left out, to see what it does.
	without string
}

// BindOptions are what binding depends on besides the query and the catalog.
type BindOptions struct {
	// ParamTypes are the types the client declared for $1, …; nil or Unknown
	// entries, and parameters beyond the list, are inferred.
	ParamTypes []arrow.DataType
	// TimeZone is the session's, for timestamptz literals; nil is UTC.
	TimeZone *time.Location
	Style    sqltype.Style // of text
	// Catalog has the functions of SQL that an expression bound by itself may
	// call; nil: none. Bind has its own.
	Catalog Catalog
	// Clause is what an expression bound by itself is in, for messages, in the
	// plural: "check constraints"; Table qualifies its columns. With Update or Rows it is
	// what the query's columns are in, if that is not UPDATE.
	Clause, Table string
	// Targets, if not nil, are the column types of an INSERT's target: the
	// query's columns are converted to them as by assignment.
	Targets []arrow.DataType
	// Update: the query's columns are the new values of rows that exist, which
	// have neither aggregates nor window functions.
	Update bool
	// Returning: the query's columns are a RETURNING list.
	Returning bool
	// Condition: the query's only column is a condition; what it is one of, for messages.
	Condition string
	// Rows, if not nil, gives the table whose rows stand for those of FROM, for
	// whose columns it is asked: FROM only says what names mean. It has one column
	// more, the number of the row.
	Rows func(columns *arrow.Schema) *catalog.TableDef
	// With is a WITH list that the query may read from; nil for none.
	With *With
	// Unpadded: values of char(n) stay as they are inside of plans.
	Unpadded bool
	// TargetNames, if not nil, are the names of those columns, for messages.
	TargetNames []string
	// Lazy: a subquery is evaluated only if some row needs it, even where finding
	// that out means computing the rows around it twice.
	Lazy bool
}

// Bound is a query whose names and types are all decided.
type Bound struct {
	Root logical.Node
	// Names are the output columns' names; they need not be unique.
	Names []string
	// Schema has the output columns' types under Names.
	Schema *arrow.Schema
	// Params are the types of $1, …; Inferred are the same, but nil where nothing
	// says what the type is.
	Params, Inferred []arrow.DataType
	// Lazy binds the query once more with the option of that name; nil where that
	// would be the same. The query was bound in the hope that no subquery fails
	// which PostgreSQL would not evaluate, since no row needs it. It is used by one
	// goroutine, as the catalog is.
	Lazy func(ctx context.Context) (*Bound, error)
}

// PlanOptions are what planning depends on besides the query.
type PlanOptions struct {
	// Slots is the number of tasks that can run at once on all workers.
	Slots int
	// Workers is the number of processes the slots belong to.
	Workers int
	// BroadcastBytes is the most an input of a join may weigh, by estimate, to
	// be sent whole to every task of the other side; 0 is a default.
	BroadcastBytes int64
	// KeyFilterRows is how many rows a scan is expected to give at least to get a
	// runtime filter; 0 is the default, negative: no scan gets one.
	KeyFilterRows int64
	// ShipBytes is how much a table in the coordinator may weigh, by estimate, for
	// its rows to be sent to workers with the tasks that read them.
	ShipBytes int64
	// TaskMemory is how many bytes a task may hold; 0: that is not known.
	TaskMemory int64
	// Distributed lets work run outside the root stage.
	Distributed bool
	// Encode puts an EncodeText on top of the distributed part, so that workers
	// format COPY's text; the plan's output is then physical.ChunkSchema.
	Encode *physical.TextFormat
	// Estimates asks for the plan's Estimates.
	Estimates bool
	// Files lists the files of tables that are bound without; nil: they have those that
	// they were last known to have.
	Files FileLister
}
