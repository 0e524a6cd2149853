package coordinator

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/catalog/memtable"
	"volley/parser/ast"
	"volley/planner/physical"
	"volley/sqlerr"
	"volley/udf"
)

// cursor is a query that FETCH reads, forward and back. It sees the tables as
// they were when it was declared. Rows that were read are kept for going back,
// as many as maxCursorRows.
//
// pos is the current row, from 1: 0 is before the first row, and the one after
// the last row is after it.
type cursor struct {
	name     string
	number   int // of its declaration in the session
	result   *Result
	cancel   context.CancelFunc
	hold     bool // it outlives the transaction, once that has committed
	noScroll bool

	pos     int64
	batches []arrow.Record
	first   int64 // number of rows before batches
	read    int64 // number of rows read, those of batches included
	ended   bool
}

// maxCursorRows is how many rows a cursor keeps for going back.
const maxCursorRows = 1 << 20

// CursorSchema is what a cursor gives; ok is false when there is none of that
// name.
func (s *Session) CursorSchema(name string) (schema *arrow.Schema, ok bool) {
	if c := s.cursors[name]; c != nil {
		return c.result.Schema(), true
	}
	return nil, false
}

// declareCursor runs DECLARE.
func (s *Session) declareCursor(ctx context.Context, p *Prepared, st *ast.DeclareCursor, params []arrow.Array) (*Result, error) {
	if s.tx.status == 'I' && !st.Hold {
		return nil, sqlerr.New(sqlerr.NoActiveTransaction, "DECLARE CURSOR can only be used in transaction blocks")
	}
	if s.cursors[st.Name] != nil {
		return nil, sqlerr.New(sqlerr.DuplicateCursor, "cursor %q already exists", st.Name)
	}
	locks, err := checkLockingCursor(st)
	if err != nil {
		return nil, err
	}
	e := s.execution(p, params, nil)
	plan, err := e.first(ctx)
	if err != nil {
		return nil, err
	}
	// the query goes on after this statement
	life, cancel := context.WithCancel(context.WithoutCancel(ctx))
	unlink := context.AfterFunc(ctx, cancel) // until it has begun
	result, err := s.stream(udf.WithSession(memtable.WithView(life, s.view()), sessionHandle{s}), cancel, p, e, plan)
	if !unlink() {
		if err == nil {
			_ = result.Close()
			err = sqlerr.New(sqlerr.QueryCanceled, "canceling statement due to user request")
		}
		return nil, timedOut(ctx, err)
	}
	if err != nil {
		return nil, err
	}
	result.Pause()
	s.declared++
	s.cursors[st.Name] = &cursor{
		name: st.Name, number: s.declared, result: result, cancel: cancel, hold: st.Hold, noScroll: st.NoScroll || locks || !st.Scroll && samples(plan),
	}
	return command("DECLARE CURSOR"), nil
}

// checkLockingCursor tells whether a cursor's query locks rows; such a cursor
// goes forward only.
func checkLockingCursor(st *ast.DeclareCursor) (bool, error) {
	sel, ok := st.Query.Body.(*ast.Select)
	if !ok || len(sel.From) == 0 || len(st.Query.Locks) == 0 {
		return false, nil
	}
	strength := st.Query.Locks[0].Strength
	switch {
	case st.Hold:
		return true, sqlerr.New(sqlerr.FeatureNotSupported, "DECLARE CURSOR WITH HOLD ... FOR %s is not supported", strength).
			WithDetail("Holdable cursors must be READ ONLY.")
	case st.Scroll:
		return true, sqlerr.New(sqlerr.FeatureNotSupported, "DECLARE SCROLL CURSOR ... FOR %s is not supported", strength).
			WithDetail("Scrollable cursors must be READ ONLY.")
	case st.Insensitive:
		return true, sqlerr.New(sqlerr.InvalidCursorDefinition, "DECLARE INSENSITIVE CURSOR ... FOR %s is not valid", strength).
			WithDetail("Insensitive cursors must be READ ONLY.")
	}
	return true, nil
}

// samples tells whether a plan has a TABLESAMPLE, which only SCROLL makes
// readable backward.
func samples(p *physical.Plan) bool {
	var in func(physical.Node) bool
	in = func(n physical.Node) bool {
		_, found := n.(*physical.Sample)
		return found || slices.ContainsFunc(n.Inputs(), in)
	}
	return slices.ContainsFunc(p.Stages, func(s *physical.Stage) bool { return in(s.Root) })
}

// findCursor gives the cursor of a name.
func (s *Session) findCursor(name string) (*cursor, error) {
	if c := s.cursors[name]; c != nil {
		return c, nil
	}
	return nil, sqlerr.New(sqlerr.InvalidCursorName, "cursor %q does not exist", name)
}

// fetch runs FETCH and MOVE.
func (s *Session) fetch(ctx context.Context, st *ast.Fetch) (*Result, error) {
	c, err := s.findCursor(st.Cursor)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, c.cancel)
	defer stop()
	rows, err := c.fetch(ctx, st.Direction, st.Count)
	if err != nil {
		return nil, err
	}
	if st.Move {
		n := int64(0)
		for _, rec := range rows {
			n += rec.NumRows()
		}
		return command(fmt.Sprintf("MOVE %d", n)), nil
	}
	return records(c.result.schema, "FETCH %d", rows...), nil
}

// closeCursors ends the cursors that which selects.
func (s *Session) closeCursors(which func(*cursor) bool) {
	for name, c := range s.cursors {
		if which(c) {
			_ = c.result.Close()
			c.cancel()
			delete(s.cursors, name)
		}
	}
}

// closeCursor runs CLOSE.
func (s *Session) closeCursor(st *ast.CloseCursor) (*Result, error) {
	if st.Name == "" {
		s.closeCursors(func(*cursor) bool { return true })
		return command("CLOSE CURSOR ALL"), nil
	}
	c, err := s.findCursor(st.Name)
	if err != nil {
		return nil, err
	}
	s.closeCursors(func(other *cursor) bool { return other == c })
	return command("CLOSE CURSOR"), nil
}

// fetch moves the cursor and gives the rows on its way.
func (c *cursor) fetch(ctx context.Context, d ast.Direction, n int64) ([]arrow.Record, error) {
	switch d {
	case ast.Backward:
		if n == 0 {
			return c.row(ctx, c.pos)
		}
		return c.along(ctx, -n)
	case ast.Absolute:
		if n < 0 { // counted from the end
			if err := c.reach(ctx, math.MaxInt64); err != nil {
				return nil, err
			}
			n = max(0, c.read+1+n)
		}
		return c.row(ctx, n)
	case ast.Relative:
		return c.row(ctx, max(0, c.pos+n))
	}
	if n == 0 {
		return c.row(ctx, c.pos)
	}
	return c.along(ctx, n)
}

// along passes n rows, backward if n is negative.
func (c *cursor) along(ctx context.Context, n int64) ([]arrow.Record, error) {
	from := c.pos
	if n > 0 {
		to := from + n
		if to < from { // ALL
			to = math.MaxInt64
		}
		if err := c.reach(ctx, to); err != nil {
			return nil, err
		}
		rows, err := c.between(from+1, min(to, c.read))
		c.pos = min(to, c.read+1)
		return rows, err
	}
	if err := c.mayGoBack(); err != nil {
		return nil, err
	}
	to := max(0, from+n)
	if n == -math.MaxInt64 {
		to = 0
	}
	rows, err := c.between(max(1, to), from-1)
	if err != nil {
		return nil, err
	}
	c.pos = to
	return reversed(rows), nil
}

// row moves to a row and gives it.
func (c *cursor) row(ctx context.Context, at int64) ([]arrow.Record, error) {
	if at <= c.pos && at > 0 || at < c.pos {
		if err := c.mayGoBack(); err != nil {
			return nil, err
		}
	}
	if err := c.reach(ctx, at); err != nil {
		return nil, err
	}
	c.pos = min(at, c.read+1)
	if c.pos == 0 || c.pos > c.read {
		return nil, nil
	}
	return c.between(c.pos, c.pos)
}

func (c *cursor) mayGoBack() error {
	if c.noScroll {
		return sqlerr.New(sqlerr.ObjectNotInState, "cursor can only scan forward").
			WithHint("Declare it with SCROLL option to enable backward scan.")
	}
	return nil
}

// reach reads until row number to is there, or the end.
func (c *cursor) reach(ctx context.Context, to int64) error {
	for c.read < to && !c.ended {
		rec, err := c.result.Next(ctx)
		switch {
		case errors.Is(err, io.EOF):
			c.ended = true
		case err != nil:
			return elsewhere(err)
		default:
			c.batches = append(c.batches, rec)
			c.read += rec.NumRows()
			c.forget()
		}
	}
	return nil
}

// forget drops batches that are too far back.
func (c *cursor) forget() {
	for len(c.batches) > 1 {
		n := c.batches[0].NumRows()
		passed := c.first+n <= c.pos
		if !passed || !c.noScroll && c.read-c.first-n < maxCursorRows {
			return
		}
		c.batches[0] = nil
		c.batches = c.batches[1:]
		c.first += n
	}
}

// between gives the rows numbered from to to, which have been read.
func (c *cursor) between(from, to int64) (out []arrow.Record, err error) {
	if from <= to && from <= c.first {
		return nil, sqlerr.New(sqlerr.OutOfMemory, "cursor %q has kept its last %d rows only", c.name, c.read-c.first)
	}
	start := c.first
	for _, rec := range c.batches {
		end := start + rec.NumRows()
		a, b := max(from-1, start), min(to, end)
		if a < b {
			out = append(out, rec.NewSlice(a-start, b-start))
		}
		start = end
	}
	return out, nil
}

// reversed gives the rows in the opposite order.
func reversed(batches []arrow.Record) (out []arrow.Record) {
	for i := len(batches) - 1; i >= 0; i-- {
		for row := batches[i].NumRows() - 1; row >= 0; row-- {
			out = append(out, batches[i].NewSlice(row, row+1))
		}
	}
	return out
}

// followCursors closes the cursors that end with what a transaction statement
// ends.
func (s *Session) followCursors(st *ast.Transaction, failed bool) {
	commit := st.Kind == "commit" && !failed
	switch {
	case commit:
		s.closeCursors(func(c *cursor) bool { return !c.hold })
		s.kept = s.declared
	case st.Kind == "commit" || st.Kind == "rollback":
		s.closeCursors(func(c *cursor) bool { return !c.hold || c.number > s.kept })
	case st.Kind == "rollback to":
		if i := s.findSavepoint(st.Name); i < len(s.savepoints) {
			s.closeCursors(func(c *cursor) bool { return c.number > s.savepoints[i].declared })
		}
	}
}
