// Package coordinator runs SQL: it keeps sessions, turns statements into plans
// and plans into results.
//
//	text ─parser→ statement ─planner→ stages ─sched→ tasks on workers
//	                              └ root stage: runs here, read by the client
//
// A Coordinator is one server's shared state (catalog, formats, scheduler); a
// Session is one client's (settings, transaction status, prepared statements).
// Queries go through query.go; statements that are not queries have a file
// each. The scheduler is package sched below it. Nothing here knows the
// PostgreSQL protocol: package app adapts a Session to pgwire.
package coordinator

import (
	"context"
	"log/slog"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/catalog"
	"volley/catalog/memtable"
	"volley/catalog/objstore"
	"volley/catalog/pgcatalog"
	"volley/coordinator/sched"
	"volley/exec/eval"
	"volley/planner"
	"volley/planner/expr"
	"volley/udf"
)

// Config is what a Coordinator works with. Store and Formats are the same that
// its workers have; where several coordinators share them, Formats has
// memtable.New() before the first is made.
type Config struct {
	Catalog   *catalog.Catalog
	Store     objstore.Store
	Formats   map[string]catalog.Format
	Registry  *udf.Registry
	Scheduler *sched.Scheduler
	// Tables are the managed ones; nil: they end with the coordinator. It closes them.
	Tables *memtable.Store
	Log    *slog.Logger
	Clock  func() time.Time // nil: time.Now
	// ListingMaxAge is how old a listing of remote files may be that statements take for what
	// is there now, where their sessions set nothing else; 0: they list.
	ListingMaxAge time.Duration
}

// Coordinator is the shared state of all sessions. It is safe for concurrent use.
type Coordinator struct {
	cfg        Config
	queries    atomic.Uint64 // numbers of queries
	epoch      string        // begins every query's id, so that they differ between runs
	files      fileTables
	statistics fileStatistics
	tables     *memtable.Store
	rules      sync.Map      // *tableRules by memtable.Table.ID
	functions  sync.Map      // *planner.Function by *catalog.Function
	views      sync.Map      // *viewText by *catalog.Object
	temps      atomic.Uint64 // numbers of schemas of temporary tables
	numbers    pgcatalog.Numbers
}

// coordinators numbers those of this process, which may share a scheduler.
var coordinators atomic.Uint64

// New makes a coordinator.
func New(cfg Config) *Coordinator {
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	format, ok := cfg.Formats[memtable.FormatName].(*memtable.Format)
	if !ok {
		format = memtable.New()
		cfg.Formats[format.Name()] = format
	}
	if _, ok := cfg.Formats[pgcatalog.FormatName]; !ok {
		cfg.Formats[pgcatalog.FormatName] = pgcatalog.Format{}
	}
	tables := cfg.Tables
	if tables == nil {
		tables = format.NewStore()
	}
	for _, o := range cfg.Catalog.As(nil).List() {
		tables.Reserve(o.Schema, o.Name)
	}
	return &Coordinator{cfg: cfg, tables: tables, epoch: strconv.FormatInt(cfg.Clock().UnixMilli(), 36) + strconv.FormatUint(coordinators.Add(1), 36)}
}

// Close drops the managed tables from memory.
func (c *Coordinator) Close() error { return c.tables.Close() }

// version changes whenever a table or view is made or dropped.
func (c *Coordinator) version() uint64 { return c.cfg.Catalog.Version() + c.tables.Version() }

// nextID gives a new query's id.
func (c *Coordinator) nextID() string {
	return c.epoch + "-" + strconv.FormatUint(c.queries.Add(1), 10)
}

// evaluator folds constants for the planner in the surroundings of a session.
type evaluator struct{ s *Session }

// Eval computes an expression without columns.
func (e evaluator) Eval(_ context.Context, x expr.Expr) (arrow.Array, error) {
	env := &eval.Env{Registry: e.s.c.cfg.Registry, Context: e.s.functionContext()}
	program, err := env.Compile(x)
	if err != nil {
		return nil, err
	}
	return program.Array(eval.Columns(nil, 1))
}

// EvalRows computes an expression over rows.
func (e evaluator) EvalRows(x expr.Expr, columns []arrow.Array, rows int) (arrow.Array, error) {
	env := &eval.Env{Registry: e.s.c.cfg.Registry, Context: e.s.functionContext()}
	program, err := env.Compile(x)
	if err != nil {
		return nil, err
	}
	return program.Array(eval.Columns(columns, rows))
}

// planner makes the planner of a session.
func (s *Session) planner() *planner.Planner {
	return &planner.Planner{Registry: s.c.cfg.Registry, Evaluator: evaluator{s}}
}
