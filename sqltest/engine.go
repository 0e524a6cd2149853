package sqltest

import (
	"context"

	"volley/sqlerr"
)

// Engine is something that runs SQL: Volley in this process, Volley with worker
// processes, or any server that speaks PostgreSQL's protocol.
type Engine interface {
	// Labels are what skipif and onlyif know the engine by.
	Labels() []string
	// Open gives a database for one file, empty if the engine can make one.
	Open(ctx context.Context) (Database, error)
	Close() error
}

// Database is the database of one file.
type Database interface {
	// Connect opens a session; sessions see one another's tables.
	Connect(ctx context.Context) (Session, error)
	Name() string
	Close() error
}

// Session runs statements one at a time.
type Session interface {
	Run(ctx context.Context, sql string) (*Result, error)
	Close() error
}

// Result is a finished statement's result, in PostgreSQL's text form.
type Result struct {
	Columns []string // names
	Rows    [][]Value
	// Booleans are the columns of type boolean.
	Booleans []bool
	Affected int64
}

// Value is one value's text; Null values have none.
type Value struct {
	Text string
	Null bool
}

// describe gives the message and SQLSTATE of an engine's error.
func describe(err error) (message, state string) {
	e := sqlerr.Find(err)
	return e.Error(), e.Code
}
