package coordinator

import (
	"context"
	"errors"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/catalog/memtable"
	"volley/catalog/objstore"
	"volley/parser"
	"volley/parser/ast"
	"volley/planner"
	"volley/planner/physical"
	"volley/sqlerr"
	"volley/sqltype"
	"volley/udf"
)

// Session is one client's session. It is used by one goroutine at a time; only
// contexts are cancelled from outside.
type Session struct {
	c        *Coordinator
	user     string
	database string
	settings *settings
	tx       transaction
	started  time.Time // of the transaction or statement: now()
	stated   time.Time // of the statement
	prepared preparedStatements
	syntax   syntax
	running  context.Context // of the current statement
	files    []fileUse       // that what is being bound reads
	meanings *meanings       // of its names; nil: nothing is being bound
	text     string          // of it, and of the views that it reads
	notices  []Notice        // of queries that ended, not taken by a result yet

	writes       *memtable.Tx // of the statement or transaction block; nil for none
	savepoints   []savepoint
	fresh        map[string]int // tables that the block made or truncated, by origin: the number of savepoints then
	cursors      map[string]*cursor
	declared     int              // cursors so far
	kept         int              // those of them that were declared before the block
	temp         string           // schema of the temporary tables; "" before the first
	currvals     map[string]int64 // by sequence: the number it gave to the session last
	lastSequence string           // the sequence that gave one last
	path         knownPath
	catalogCache catalogCache
	peeking      bool         // what is bound is not run, and waits for nobody
	observed     *observation // of EXPLAIN ANALYZE; nil: nobody asks
	random       *rand.Rand   // of the last setseed; nil: none
}

// SessionOptions are what is known when a session begins. Settings are those
// of the client's start-up message; unknown ones are errors.
type SessionOptions struct {
	User, Database string
	Settings       map[string]string
}

// NewSession begins a session.
func (c *Coordinator) NewSession(opt SessionOptions) (*Session, error) {
	s := &Session{
		c: c, user: opt.User, database: opt.Database, settings: newSettings(),
		tx: transaction{status: 'I'}, cursors: map[string]*cursor{},
	}
	s.settings.defaults["session_authorization"] = opt.User
	s.settings.defaults[listingMaxAge] = strconv.FormatInt(c.cfg.ListingMaxAge.Milliseconds(), 10)
	for name, v := range opt.Settings {
		if name == "options" || name == "replication" {
			continue
		}
		if err := s.settings.set(name, v, false); err != nil {
			return nil, err
		}
	}
	for name, v := range s.settings.values { // what RESET goes back to
		s.settings.defaults[name] = v
	}
	clear(s.settings.values)
	clear(s.settings.changed)
	return s, nil
}

// Close ends the session.
func (s *Session) Close() error {
	s.forgetPrepared()
	s.closeCursors(func(*cursor) bool { return true })
	_ = s.endWrites(context.Background(), false) // only a commit can fail
	if s.temp != "" {
		s.c.tables.DropSchema(s.temp)
	}
	return nil
}

// Split cuts a text into its statements.
func (s *Session) Split(ctx context.Context, sql string) ([]parser.Piece, error) {
	ctx, cancel := s.timeout(ctx, 0)
	defer cancel()
	pieces, err := within(ctx, sql, s.settings.dialect().Split)
	return pieces, timedOut(ctx, err)
}

// TxStatus is 'I' idle, 'T' in a transaction block, 'E' in a failed one.
func (s *Session) TxStatus() byte { return s.tx.status }

// Fail says that the current statement failed.
func (s *Session) Fail() { s.tx.fail() }

// Settings are the values that clients are told at start.
func (s *Session) Settings() map[string]string { return s.settings.reported(false) }

// Changed are those of them that changed since the last call.
func (s *Session) Changed() map[string]string {
	if len(s.settings.changed) == 0 {
		return nil
	}
	return s.settings.reported(true)
}

// Text is how the session writes values as text.
func (s *Session) Text() sqltype.TextOptions {
	return sqltype.TextOptions{TimeZone: s.settings.location, Style: s.settings.style()}
}

// Prepared is a statement that has been parsed and bound.
type Prepared struct {
	binding
	s     *Session
	sql   string
	stmt  ast.Statement
	given []arrow.DataType
	named bool // by PREPARE, which is no part of running it
	origin
	// padded are the parameters that PREPARE has declared as char(n).
	padded []bool
	runs   int
	begun  bool // its names need not mean the same any more
	uses   planUse
	// lookups are what EXPLAIN's statement asked of remote stores before it ran.
	lookups *objstore.Meter
	spent   time.Duration // on preparing it; counts for statement_timeout of its first run
	// unseen: nobody has been told its columns before it ran.
	unseen bool
}

// binding is what a statement was bound to. It is replaced as a whole when that has
// changed.
type binding struct {
	params    []arrow.DataType
	columns   *arrow.Schema
	bound     *planner.Bound // of queries
	volatile  bool           // it may have effects
	explained *Prepared      // of EXPLAIN
	mutation  *mutation      // of INSERT, UPDATE and DELETE
	change    ast.Statement  // the part that changes data, itself or by its WITH list; nil for none
	with      *withPlan      // of change
	version   uint64         // of the catalog that bound was made with
	files     []fileUse      // that it reads, which are looked for anew by each execution
	meanings  *meanings      // of its names
	path      []string       // the search path that it was bound with
	at        time.Time
	aged      bool // by a listing that was made before
	plans     planCache
	parts     map[*planner.Bound]*Prepared // queries of change besides query()
}

// SQL is the statement's text.
func (p *Prepared) SQL() string { return p.sql }

// Params are the types of $1, $2, ….
func (p *Prepared) Params() []arrow.DataType { return p.params }

// Columns is the result's schema, nil for a statement without rows.
func (p *Prepared) Columns() *arrow.Schema { return p.columns }

// Prepare parses and binds one statement. params are types known beforehand;
// nil ones are inferred.
func (s *Session) Prepare(ctx context.Context, sql string, params []arrow.DataType) (*Prepared, error) {
	began := time.Now()
	ctx, cancel := s.timeout(ctx, 0)
	defer cancel()
	stmt, err := s.syntax.parse(ctx, sql, s.settings.dialect())
	if err != nil {
		s.tx.fail()
		return nil, timedOut(ctx, err)
	}
	p, err := s.prepareStatement(ctx, stmt, sql, params)
	if err != nil {
		s.tx.fail()
		return nil, timedOut(ctx, err)
	}
	p.spent = time.Since(began)
	return p, nil
}

func (s *Session) prepareStatement(ctx context.Context, stmt ast.Statement, sql string, params []arrow.DataType) (*Prepared, error) {
	if err := s.tx.check(stmt); err != nil {
		return nil, err
	}
	s.touchNow()
	p := &Prepared{s: s, sql: sql, stmt: stmt, given: params, origin: origin{text: sql, since: s.started}}
	ctx, age := s.aging(ctx, stmt)
	err := p.bind(ctx)
	if age.outdated(s.c, err) {
		err = p.bind(ctx)
	}
	if err != nil {
		if holds, waited := presumptionOf(ctx).holds(ctx); waited == nil && !holds {
			err = p.bind(ctx)
		}
	}
	return p, err
}

// bindNow is bind, as names are while it goes on.
func (p *Prepared) bindNow(ctx context.Context) error {
	s, outer := p.s, p.s.meanings
	p.version, p.path = s.c.version(), s.searchPath()
	p.meanings = &meanings{}
	s.files, s.text, s.meanings = nil, p.sql, p.meanings
	defer func() {
		p.files, p.at, s.meanings = s.files, time.Now(), outer
		outer.include(p.meanings)
		if a := listingAgeOf(ctx); a != nil {
			p.aged = a.taken
		}
	}()
	if _, query := p.stmt.(*ast.Query); !query {
		ctx = presumeNothing(ctx)
	}
	if st, ok := p.stmt.(*ast.Explain); ok {
		if err := p.bindExplained(ctx, st); err != nil {
			return err
		}
		o, err := newExplainOptions(st)
		p.columns = o.schema()
		return err
	}
	q := queryOf(p.stmt)
	var err error
	if st, ok := p.stmt.(*ast.Copy); ok {
		if q, err = s.copyQuery(st); err != nil {
			return err
		}
	}
	if p.change, err = changeIn(p.stmt, q); err != nil {
		return err
	}
	if p.change != nil {
		if err := p.bindChange(presumeNothing(ctx)); err != nil {
			return err
		}
	} else if q != nil {
		b, err := s.bindQuery(ctx, q, p.given)
		if err != nil {
			return err
		}
		if d, ok := p.stmt.(*ast.Describe); ok && d.Summarize {
			if b, err = s.bindSummary(ctx, q, b, p.given); err != nil {
				return err
			}
		}
		p.bound, p.params, p.volatile = b, b.Params, s.planner().Volatile(b)
	}
	if st, ok := p.stmt.(*ast.CreateTable); ok && st.Execute != nil {
		if err := s.bindExecuted(ctx, p, st.Execute); err != nil {
			return err
		}
	}
	p.columns, err = s.columnsOf(p)
	return err
}

// queryOf gives the query inside a statement that is bound beforehand.
func queryOf(stmt ast.Statement) *ast.Query {
	switch st := stmt.(type) {
	case *ast.Query:
		return st
	case *ast.Describe:
		return st.Query
	case *ast.DeclareCursor:
		return st.Query
	case *ast.CreateTable:
		return st.As
	}
	return nil
}

// Run starts the statement with one array of length 1 for each parameter.
func (p *Prepared) Run(ctx context.Context, params []arrow.Array) (*Result, error) {
	s := p.s
	ctx, cancel := s.timeout(ctx, p.spent)
	p.spent = 0
	ctx, age := s.aging(ctx, p.stmt)
	age.taken = age.taken || p.aged
	res, err := p.run(ctx, params)
	if err != nil {
		cancel()
		s.tx.fail()
		return nil, timedOut(ctx, age.explain(s.c, err))
	}
	res.ctx = ctx
	ends := res.close
	res.close = func(err error) {
		if ends != nil {
			ends(err)
		}
		cancel()
	}
	next := res.next
	res.next = func(ctx context.Context) (arrow.Record, error) {
		rec, err := next(ctx)
		if err != nil && !errors.Is(err, errEnd) {
			s.tx.fail()
			err = age.explain(s.c, err)
		}
		return rec, err
	}
	return res, nil
}

func (p *Prepared) run(ctx context.Context, params []arrow.Array) (*Result, error) {
	s := p.s
	if err := s.tx.check(p.stmt); err != nil {
		return nil, err
	}
	s.touchNow()
	p.ran()
	if !p.reads() {
		return p.attempt(presumeNothing(ctx), params)
	}
	ctx, presumed, end := presume(ctx)
	defer end()
	res, err := p.attempt(ctx, params)
	holds, waited := presumed.holds(ctx)
	if holds && !listingAgeOf(ctx).outdated(s.c, err) {
		return res, err
	}
	if res != nil {
		_ = res.Close()
	}
	if waited != nil {
		return nil, waited
	}
	p.lookAgain()
	return p.attempt(ctx, params)
}

// begin is attempt, as names are while it goes on.
func (p *Prepared) begin(ctx context.Context, params []arrow.Array) (*Result, error) {
	s := p.s
	p.begun = false
	if err := p.renew(ctx); err != nil {
		return nil, err
	}
	if p.reads() && p.volatile {
		holds, err := presumptionOf(ctx).holds(ctx)
		if err == nil && !holds {
			p.lookAgain()
			err = p.renew(ctx)
		}
		if err != nil {
			return nil, err
		}
	}
	if len(params) != len(p.params) {
		return nil, sqlerr.New(sqlerr.ProtocolViolation, "%d parameters given, %d needed", len(params), len(p.params))
	}
	res, err := s.execute(ctx, p, params)
	if !errors.Is(err, errOtherColumns) {
		return res, err
	}
	p.lookAgain()
	if err := p.renew(ctx); err != nil {
		return nil, err
	}
	return s.execute(ctx, p, params)
}

// Query prepares and runs one statement without parameters.
func (s *Session) Query(ctx context.Context, sql string) (*Result, error) {
	ctx, _, end := presume(ctx)
	defer end()
	p, err := s.Prepare(ctx, sql, nil)
	if err != nil {
		return nil, err
	}
	p.unseen = true
	if len(p.params) > 0 {
		s.tx.fail()
		return nil, sqlerr.New(sqlerr.UndefinedParameter, "there is no parameter $%d", len(p.params))
	}
	return p.Run(ctx, nil)
}

// touchNow fixes statement_timestamp() for a statement, and now() for it or for a whole
// transaction block.
func (s *Session) touchNow() {
	s.stated = s.c.cfg.Clock()
	if s.tx.status == 'I' || s.started.IsZero() {
		s.started = s.stated
	}
}

// physicalSession is what execution needs to know of the session.
func (s *Session) physicalSession() physical.Session {
	zone, _ := s.settings.get("timezone")
	return physical.Session{
		TimeZone: zone, Style: s.settings.style(), Now: s.started.UnixMicro(), Statement: s.stated.UnixMicro(), User: s.user, Database: s.database,
		BatchRows: int(s.settings.integer("volley.batch_rows")), MemoryLimit: s.settings.integer("volley.memory"),
		SplitBytes: s.settings.integer("volley.split_bytes"), Seed: s.seed(),
	}
}

// functionContext is the same for functions that are evaluated while planning.
func (s *Session) functionContext() *udf.Context {
	return &udf.Context{
		TimeZone: s.settings.location, Style: s.settings.style(), Now: s.started, Statement: s.stated, User: s.user, Database: s.database, Schema: "public", Session: sessionHandle{s},
		Done: s.done(), Random: s.random,
	}
}
