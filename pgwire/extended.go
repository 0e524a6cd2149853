package pgwire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/jackc/pgproto3/v2"

	"volley/sqlerr"
)

// statement is a prepared statement; prepared is nil for an empty query.
type statement struct {
	sql      string
	prepared Prepared
	given    []uint32 // types of parameters that the client chose; 0: not chosen
}

// portal is a bound statement. Execution starts at the first Execute; with a row
// limit it is suspended in the middle of a record.
type portal struct {
	stmt    *statement
	params  []arrow.Array
	formats []int16

	res    Result
	enc    *rowEncoder
	rec    arrow.Record // not yet sent from row on
	row    int
	done   bool
	cancel context.CancelCauseFunc // ends ctx; nil: it has not begun, or is over
	ctx    context.Context
	sent   int64 // rows, over all Executes
}

// extended serves one message of the extended protocol. An error it gives is
// reported by the caller, who then skips to the next Sync.
func (c *conn) extended(msg pgproto3.FrontendMessage) (err error) {
	defer c.contain(&err, fmt.Sprintf("%T", msg))
	switch m := msg.(type) {
	case *pgproto3.Parse:
		return c.parse(m)
	case *pgproto3.Bind:
		return c.bind(m)
	case *pgproto3.Describe:
		return c.describe(m)
	case *pgproto3.Execute:
		return c.execute(m)
	case *pgproto3.Close:
		switch m.ObjectType {
		case 'S':
			delete(c.prepared, m.Name)
			c.session.Forget(m.Name)
		case 'P':
			c.closePortal(m.Name)
		default:
			return sqlerr.New(sqlerr.ProtocolViolation, "invalid CLOSE message subtype %d", m.ObjectType)
		}
		c.send(&pgproto3.CloseComplete{})
		return nil
	case *pgproto3.Flush:
		return c.flush()
	case *pgproto3.FunctionCall:
		return sqlerr.New(sqlerr.FeatureNotSupported, "the function call protocol is not supported")
	}
	return sqlerr.New(sqlerr.ProtocolViolation, "unexpected message %T", msg)
}

// parse serves Parse. Positions of its errors refer to m.Query.
func (c *conn) parse(m *pgproto3.Parse) error {
	if m.Name != "" && c.statement(m.Name) != nil {
		return sqlerr.New(sqlerr.DuplicatePrepared, "prepared statement %q already exists", m.Name)
	}
	st := &statement{sql: m.Query, given: m.ParameterOIDs}
	ctx, done := c.statementContext()
	defer done()
	texts, offsets, err := c.session.Split(ctx, m.Query)
	if err != nil {
		return positioned(cause(ctx, err), m.Query, 0)
	}
	if len(texts) > 1 {
		return sqlerr.New(sqlerr.SyntaxError, "cannot insert multiple commands into a prepared statement")
	}
	if len(texts) == 1 {
		params := make([]arrow.DataType, len(m.ParameterOIDs))
		for i, oid := range m.ParameterOIDs {
			params[i] = oidType(oid)
		}
		if st.prepared, err = c.session.Prepare(ctx, texts[0], params); err != nil {
			return positioned(cause(ctx, err), m.Query, offsets[0])
		}
	}
	if m.Name != "" && st.prepared != nil {
		if err := c.session.Keep(m.Name, st.prepared); err != nil {
			return err
		}
	}
	c.prepared[m.Name] = st
	c.send(&pgproto3.ParseComplete{})
	return nil
}

// statement is the prepared statement of a name, "" for the one without; nil for none.
// SQL may have made it, or may have done away with it.
func (c *conn) statement(name string) *statement {
	st := c.prepared[name]
	if name == "" || st != nil && st.prepared == nil {
		return st
	}
	p, sql := c.session.Named(name)
	switch {
	case p == nil:
		delete(c.prepared, name)
		return nil
	case st == nil || st.prepared != p:
		st = &statement{sql: sql, prepared: p}
		c.prepared[name] = st
	}
	return st
}

// positioned moves an error's position, which counts bytes from a statement's
// start, to characters from the start of the whole text.
func positioned(err error, sql string, offset int) error {
	e := *sqlerr.Find(err)
	if e.Position > 0 {
		e.Position = int(errorResponse("", err, sql, offset).Position)
	}
	e.Cause = err
	return &e
}

func (c *conn) bind(m *pgproto3.Bind) error {
	st := c.statement(m.PreparedStatement)
	if st == nil {
		if m.PreparedStatement == "" {
			return sqlerr.New(sqlerr.InvalidStatementName, "unnamed prepared statement does not exist")
		}
		return sqlerr.New(sqlerr.InvalidStatementName, "prepared statement %q does not exist", m.PreparedStatement)
	}
	if m.DestinationPortal != "" && c.portals[m.DestinationPortal] != nil {
		return sqlerr.New(sqlerr.DuplicateCursor, "portal %q already exists", m.DestinationPortal)
	}
	p := &portal{stmt: st, formats: append([]int16(nil), m.ResultFormatCodes...)}
	if st.prepared != nil {
		types := st.prepared.Params()
		if len(m.Parameters) != len(types) {
			return sqlerr.New(sqlerr.ProtocolViolation, "bind message supplies %d parameters, but prepared statement %q requires %d",
				len(m.Parameters), m.PreparedStatement, len(types))
		}
		for i, v := range m.Parameters {
			isBinary, err := formatOf(m.ParameterFormatCodes, i, len(m.Parameters))
			if err != nil {
				return err
			}
			a, err := decodeParam(types[i], v, isBinary, c.session.Text())
			if err != nil {
				return fmt.Errorf("parameter $%d: %w", i+1, err)
			}
			p.params = append(p.params, a)
		}
		if schema := st.prepared.Columns(); schema != nil {
			var err error
			if p.enc, err = newRowEncoder(schema, p.formats, c.session.Text()); err != nil {
				return err
			}
		}
	}
	c.closePortal(m.DestinationPortal)
	c.portals[m.DestinationPortal] = p
	c.send(&pgproto3.BindComplete{})
	return nil
}

func (c *conn) describe(m *pgproto3.Describe) error {
	var st *statement
	var formats []int16
	switch m.ObjectType {
	case 'S':
		if st = c.statement(m.Name); st == nil {
			return sqlerr.New(sqlerr.InvalidStatementName, "prepared statement %q does not exist", m.Name)
		}
		desc := &pgproto3.ParameterDescription{}
		if st.prepared != nil {
			for i, t := range st.prepared.Params() {
				oid, _, _ := typeOID(t)
				if i < len(st.given) && oidType(st.given[i]) != nil {
					oid = st.given[i] // varchar stays varchar though its values are those of text
				}
				desc.ParameterOIDs = append(desc.ParameterOIDs, oid)
			}
		}
		c.send(desc)
	case 'P':
		p := c.portals[m.Name]
		if p == nil && c.cursorColumns(m.Name) {
			return nil
		}
		if p == nil {
			return sqlerr.New(sqlerr.InvalidCursorName, "portal %q does not exist", m.Name)
		}
		st, formats = p.stmt, p.formats
	default:
		return sqlerr.New(sqlerr.ProtocolViolation, "invalid DESCRIBE message subtype %d", m.ObjectType)
	}
	if st.prepared == nil || st.prepared.Columns() == nil {
		c.send(&pgproto3.NoData{})
		return nil
	}
	c.send(rowDescription(st.prepared.Columns(), formats))
	return nil
}

func (c *conn) execute(m *pgproto3.Execute) error {
	p := c.portals[m.Portal]
	if p == nil {
		return sqlerr.New(sqlerr.InvalidCursorName, "portal %q does not exist", m.Portal)
	}
	if p.stmt.prepared == nil {
		c.send(&pgproto3.EmptyQueryResponse{})
		return nil
	}
	err := c.runPortal(p, int64(m.MaxRows))
	if err == nil {
		return nil
	}
	err = cause(p.ctx, err)
	c.closePortal(m.Portal)
	return positioned(err, p.stmt.sql, 0)
}

// runPortal sends at most limit rows (0: all) of a portal.
func (c *conn) runPortal(p *portal, limit int64) error {
	if p.ctx == nil {
		p.ctx, p.cancel = context.WithCancelCause(c.ctx)
	}
	defer c.begin(p.ctx, p.cancel)()
	if p.res == nil {
		var err error
		if p.res, err = p.stmt.prepared.Run(p.ctx, p.params); err != nil {
			return err
		}
		if p.res.CopyIn() != nil {
			p.done = true
			return c.copyIn(p.res.Context(), p.res)
		}
		if p.res.CopyOut() > 0 {
			p.done = true
			return c.copyOut(p.res.Context(), p.res)
		}
	}
	if limit <= 0 {
		limit = math.MaxInt64
	}
	life := p.res.Context()
	for !p.done {
		if p.rec == nil {
			rec, err := p.res.Next(life)
			if errors.Is(err, io.EOF) {
				p.done = true
				break
			}
			if err != nil {
				return err
			}
			p.rec, p.row = rec, 0
		}
		n := min(limit, p.rec.NumRows()-int64(p.row))
		if p.enc != nil {
			if err := c.sendRecord(life, p.enc, p.rec, p.row, p.row+int(n)); err != nil {
				return err
			}
		}
		p.row, p.sent, limit = p.row+int(n), p.sent+n, limit-n
		if int64(p.row) == p.rec.NumRows() {
			p.rec = nil
		}
		if limit == 0 {
			p.res.Pause()
			c.send(&pgproto3.PortalSuspended{})
			return nil
		}
	}
	c.complete(p.res)
	c.finishPortal(p)
	return nil
}

// finishPortal frees what a portal holds; it stays open and is at its end.
func (c *conn) finishPortal(p *portal) {
	if p.cancel != nil {
		p.cancel(nil)
		p.cancel = nil
	}
	if p.res != nil {
		_ = p.res.Close()
	}
	p.rec, p.done = nil, true
}

func (c *conn) closePortal(name string) {
	if p := c.portals[name]; p != nil {
		c.finishPortal(p)
		delete(c.portals, name)
	}
}

func (c *conn) closePortals() {
	for name := range c.portals {
		c.closePortal(name)
	}
}
