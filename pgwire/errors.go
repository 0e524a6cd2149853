package pgwire

import (
	"context"
	"errors"
	"io"
	"unicode/utf8"

	"github.com/jackc/pgproto3/v2"

	"volley/sqlerr"
)

// fail reports an error of the current statement. sql is the whole text that
// the client sent ("" when unknown) and offset where the statement begins in
// it: positions are counted from the text's start, in characters.
func (c *conn) fail(err error, sql string, offset int) {
	if c.session != nil {
		c.session.Fail()
	}
	c.send(errorResponse("ERROR", err, sql, offset))
}

// fatal reports an error that ends the session.
func (c *conn) fatal(err error) {
	c.send(errorResponse("FATAL", err, "", 0))
	_ = c.flush()
}

func errorResponse(severity string, err error, sql string, offset int) *pgproto3.ErrorResponse {
	e := sqlerr.Find(err)
	m := &pgproto3.ErrorResponse{
		Severity: severity, SeverityUnlocalized: severity,
		Code: e.Code, Message: e.Message, Detail: e.Detail, Hint: e.Hint,
	}
	m.Where = e.Context
	if place := e.Place(); place != "" {
		m.Where = place
		m.Message = e.Message + " (" + place + ")"
	}
	if e.Worker != "" {
		if m.Where != "" {
			m.Where += ", "
		}
		m.Where += "worker " + e.Worker
	}
	if e.Position > 0 {
		at := min(offset+e.Position-1, len(sql))
		m.Position = int32(utf8.RuneCountInString(sql[:at]) + 1)
		if sql == "" {
			m.Position = int32(e.Position)
		}
	}
	return m
}

func noticeResponse(n Notice) *pgproto3.NoticeResponse {
	return &pgproto3.NoticeResponse{
		Severity: n.Severity, SeverityUnlocalized: n.Severity, Code: n.Code, Message: n.Message,
	}
}

// cause gives why a context ended, when err is only that it did.
func cause(ctx context.Context, err error) error {
	if err == nil || ctx.Err() == nil {
		return err
	}
	if why := context.Cause(ctx); why != nil && !errors.Is(why, context.Canceled) {
		return why
	}
	return err
}

func isEOF(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}
