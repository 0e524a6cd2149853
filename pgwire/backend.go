// Package pgwire speaks the PostgreSQL frontend/backend protocol, version 3
// (PostgreSQL documentation, chapter 55), over the Backend interface that it
// declares. It knows Arrow, types and errors, and nothing of the engine.
package pgwire

import (
	"context"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqltype"
)

// Backend makes sessions. It is safe for concurrent use.
type Backend interface {
	// Open starts a session for a user who has been authenticated.
	Open(ctx context.Context, start Startup) (Session, error)
}

// Startup is what a client said when it connected.
type Startup struct {
	User, Database, Application string
	Remote                      string            // address of the client
	Settings                    map[string]string // other start-up parameters
}

// Session is one connection's session, used by one goroutine at a time; only
// contexts are cancelled from outside.
type Session interface {
	// Split cuts a text into statements without running anything.
	Split(ctx context.Context, sql string) ([]string, []int, error) // texts and their byte offsets
	// Prepare parses and binds one statement; params are the types that the
	// client gave (nil entries: to be inferred).
	Prepare(ctx context.Context, sql string, params []arrow.DataType) (Prepared, error)
	// Query runs one statement without parameters.
	Query(ctx context.Context, sql string) (Result, error)
	// Keep gives a prepared statement a name, by which SQL knows it too.
	Keep(name string, p Prepared) error
	// Named is the statement of a name, by Keep or by SQL, and its text; nil: there is
	// none, perhaps no more. It is comparable.
	Named(name string) (p Prepared, sql string)
	// Forget takes a name away and tells whether there was a statement of it.
	Forget(name string) bool
	// TxStatus is 'I' idle, 'T' in a transaction, 'E' in a failed one.
	TxStatus() byte
	// Fail tells the session that the current statement failed, also when
	// pgwire itself found the fault.
	Fail()
	// Settings are the values reported at start (server_version,
	// client_encoding, DateStyle, TimeZone, …); Changed gives those of them
	// that changed since the last call.
	Settings() map[string]string
	Changed() map[string]string
	// Text is how the settings of now write and read values as text.
	Text() sqltype.TextOptions
	Close() error
}

// Prepared is a bound statement.
type Prepared interface {
	// Params are the parameter types, all known.
	Params() []arrow.DataType
	// Columns is the result's schema, nil for a statement without rows.
	Columns() *arrow.Schema
	// Run starts it with one array of length 1 for each parameter.
	Run(ctx context.Context, params []arrow.Array) (Result, error)
}

// Result is a running statement. Next gives io.EOF at the end; then Tag is the
// command tag ("SELECT 3"). Close is idempotent and cancels what still runs.
type Result interface {
	// Context ends with the one that the statement was started with, and when the
	// session cancels the statement itself, as a timeout does. Close may end it.
	Context() context.Context
	Schema() *arrow.Schema // nil: no rows
	Next(ctx context.Context) (arrow.Record, error)
	Tag() string
	// CopyOut: the records are chunks of COPY data (one bytea column) for
	// COPY … TO STDOUT with so many columns; 0 for ordinary results.
	CopyOut() int
	// CopyIn is not nil for COPY … FROM STDIN: pgwire writes the client's data
	// into it, then asks Next for io.EOF and Tag.
	CopyIn() CopyIn
	Notices() []Notice
	// Pause: the rest is asked for when the client likes, perhaps never.
	Pause()
	Close() error
}

// CopyIn takes the data of COPY FROM STDIN. Done ends it; Abort gives it up.
type CopyIn interface {
	Columns() int
	Write(p []byte) (int, error)
	Done() error
	Abort(reason error)
}

// Notice is a message beside the result. Severity is NOTICE or WARNING.
type Notice struct {
	Severity, Code, Message string
}
