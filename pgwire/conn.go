package pgwire

import (
	"context"
	"errors"
	"fmt"
	"net"
	"runtime/debug"
	"sort"
	"sync"
	"time"

	"github.com/jackc/pgproto3/v2"

	"volley/sqlerr"
)

// watchAfter is how long a statement runs before the connection is watched for
// a client that goes away; short statements do not pay for it.
const watchAfter = 50 * time.Millisecond

// conn is one connection. Its own goroutine uses everything but the fields
// under mu, which cancel requests and Shutdown use too.
type conn struct {
	server  *Server
	nc      net.Conn
	secure  bool
	reader  *chunkReader
	backend *pgproto3.Backend
	session Session
	ctx     context.Context // ends with the server
	pid     uint32
	secret  uint32

	out      []byte     // encoded messages not yet written
	writing  chan error // gets the outcome of a write that a cancelled statement left; nil: none
	writeErr error

	prepared map[string]*statement
	portals  map[string]*portal

	mu       sync.Mutex
	cancel   context.CancelCauseFunc // of the statement that runs now
	watching chan struct{}           // closed when the watcher of the connection is done; nil: none
	reading  bool                    // the session waits for a message
	draining bool
}

func newConn(s *Server, nc net.Conn) *conn {
	c := &conn{server: s, ctx: s.ctx, prepared: map[string]*statement{}, portals: map[string]*portal{}}
	c.setTransport(nc)
	return c
}

func (c *conn) setTransport(nc net.Conn) {
	c.nc = nc
	c.reader = newChunkReader(nc)
	c.backend = pgproto3.NewBackend(c.reader, nc)
}

// welcome reports the settings and the key for cancel requests.
func (c *conn) welcome() error {
	c.reader.limit = maxMessageBytes
	c.parameterStatus(c.session.Settings())
	c.send(&pgproto3.BackendKeyData{ProcessID: c.pid, SecretKey: c.secret})
	return c.ready()
}

func (c *conn) parameterStatus(settings map[string]string) {
	names := make([]string, 0, len(settings))
	for name := range settings {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		c.send(&pgproto3.ParameterStatus{Name: name, Value: settings[name]})
	}
}

// loop serves messages until the client leaves or breaks the protocol. After an
// error in the extended protocol, messages are skipped until Sync.
func (c *conn) loop() {
	defer c.closePortals()
	skipping := false
	for {
		msg, err := c.next()
		if err != nil {
			if errors.Is(err, errShutdown) || sqlerr.Code(err) == sqlerr.ProtocolViolation {
				c.fatal(err)
			}
			return
		}
		switch m := msg.(type) {
		case *pgproto3.Terminate:
			return
		case *pgproto3.Query:
			skipping = false
			c.simpleQuery(m.String)
			err = c.ready()
		case *pgproto3.Sync:
			skipping = false
			if c.session.TxStatus() == 'I' {
				c.closePortals()
			}
			err = c.ready()
		case *pgproto3.CopyData, *pgproto3.CopyDone, *pgproto3.CopyFail:
			// left over from a COPY that failed: ignored, as the protocol says
		default:
			if skipping {
				continue
			}
			if fault := c.extended(msg); fault != nil {
				c.fail(fault, "", 0)
				skipping = true
			}
		}
		if err != nil || c.writeErr != nil {
			return
		}
	}
}

// next gives the next message. Nothing is left unwritten while it waits only
// when the client asked for it (Sync, Flush, Query), as the protocol has it.
func (c *conn) next() (pgproto3.FrontendMessage, error) {
	c.mu.Lock()
	watching, draining := c.watching, c.draining
	c.reading = true // from here on nobody else may
	c.mu.Unlock()
	if watching != nil {
		if draining {
			_ = c.nc.SetReadDeadline(time.Now())
		}
		<-watching
		c.mu.Lock()
		c.watching = nil
		draining = c.draining
		c.mu.Unlock()
	}
	var msg pgproto3.FrontendMessage
	var err error
	if !draining {
		msg, err = c.receive()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reading = false
	if draining || err != nil && (c.draining || c.ctx.Err() != nil) {
		return nil, errShutdown
	}
	return msg, err
}

// interruptible makes next fail as soon as ctx ends, until the function that it gives
// is called. A message that has come in part is read on afterwards.
func (c *conn) interruptible(ctx context.Context) (end func()) {
	over := make(chan struct{})
	unwatch := context.AfterFunc(ctx, func() {
		defer close(over)
		_ = c.nc.SetReadDeadline(time.Now())
	})
	return func() {
		if !unwatch() {
			<-over
			_ = c.nc.SetReadDeadline(time.Time{}) // a session that is to end does so before it reads
		}
	}
}

// receive reads one message; what pgproto3 makes of malformed ones, panics
// included, is a protocol violation.
func (c *conn) receive() (msg pgproto3.FrontendMessage, err error) {
	defer func() {
		if r := recover(); r != nil {
			msg, err = nil, sqlerr.New(sqlerr.ProtocolViolation, "invalid message format")
		}
	}()
	msg, err = c.backend.Receive()
	if err == nil {
		return msg, nil
	}
	var ne net.Error
	if sqlerr.Code(err) != sqlerr.InternalError || errors.As(err, &ne) || isEOF(err) {
		return nil, err
	}
	return nil, sqlerr.Wrap(err, sqlerr.ProtocolViolation, "invalid message")
}

// drain asks the session to end when its statement has finished.
func (c *conn) drain() {
	c.mu.Lock()
	c.draining = true
	idle := c.cancel == nil
	c.mu.Unlock()
	if idle {
		_ = c.nc.SetReadDeadline(time.Now())
	}
}

// statementContext makes the context of one statement and begins to run it. The
// function it gives must be called when the statement is over.
func (c *conn) statementContext() (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(c.ctx)
	pause := c.begin(ctx, cancel)
	return ctx, func() {
		pause()
		cancel(nil)
	}
}

// begin says that a statement runs from now on: a cancel request, the client's
// leaving and the server's end cancel it. The function it gives must be called
// before the next message is read, since watching for the client reads too.
func (c *conn) begin(ctx context.Context, cancel context.CancelCauseFunc) (pause func()) {
	running := true
	var watch *time.Timer
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cancel = cancel
	watch = time.AfterFunc(watchAfter, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if !running || ctx.Err() != nil || c.watching != nil {
			return
		}
		if c.reading { // COPY FROM STDIN: who reads sees for himself
			watch.Reset(watchAfter)
			return
		}
		c.watching = make(chan struct{})
		go c.watch(c.watching, cancel)
	})
	return func() {
		watch.Stop()
		c.mu.Lock()
		running, c.cancel = false, nil
		c.mu.Unlock()
	}
}

// watch waits for the client's next byte; a connection that breaks instead
// cancels the statement.
func (c *conn) watch(done chan struct{}, cancel context.CancelCauseFunc) {
	defer close(done)
	if _, err := c.reader.r.Peek(1); err != nil {
		cancel(sqlerr.Wrap(err, sqlerr.ConnectionFailure, "connection to client lost"))
	}
}

// contain makes a panic below a message the error of its statement.
func (c *conn) contain(err *error, what string) {
	if r := recover(); r != nil {
		c.server.cfg.Log.Error("panic in a statement", "statement", what, "panic", fmt.Sprint(r), "stack", string(debug.Stack()))
		*err = sqlerr.Panic(r)
	}
}

func (c *conn) cancelStatement(reason error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cancel != nil {
		c.cancel(reason)
	}
}

// ready reports changed settings and the transaction status, and flushes.
func (c *conn) ready() error {
	if changed := c.session.Changed(); len(changed) > 0 {
		c.parameterStatus(changed)
	}
	c.send(&pgproto3.ReadyForQuery{TxStatus: c.session.TxStatus()})
	return c.flush()
}
