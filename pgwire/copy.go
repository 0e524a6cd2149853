package pgwire

import (
	"context"
	"errors"
	"io"

	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/jackc/pgproto3/v2"

	"volley/sqlerr"
)

// copyOut sends the chunks of COPY … TO STDOUT, one CopyData message each.
func (c *conn) copyOut(ctx context.Context, res Result) error {
	if b, ok := res.(BinaryResult); ok && b.CopyBinary() {
		return c.copyOutBinary(ctx, res)
	}
	c.send(&pgproto3.CopyOutResponse{ColumnFormatCodes: make([]uint16, res.CopyOut())})
	for {
		rec, err := res.Next(ctx)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		chunks, ok := rec.Column(0).(*array.Binary)
		if !ok {
			return sqlerr.New(sqlerr.InternalError, "COPY data is %s, not bytea", rec.Column(0).DataType())
		}
		for i := range chunks.Len() {
			c.send(&pgproto3.CopyData{Data: chunks.Value(i)})
			if err := c.flushFull(ctx); err != nil {
				return err
			}
		}
	}
	c.send(&pgproto3.CopyDone{})
	c.complete(res)
	return nil
}

// copyIn hands the client's data for COPY … FROM STDIN to the backend. After an
// error the rest of the data is skipped by the message loop.
func (c *conn) copyIn(ctx context.Context, res Result) error {
	in := res.CopyIn()
	format := &pgproto3.CopyInResponse{ColumnFormatCodes: make([]uint16, in.Columns())}
	write, end := func(p []byte) error { _, err := in.Write(p); return err }, func() error { return nil }
	if b, ok := in.(BinaryCopyIn); ok && b.BinaryTypes() != nil {
		rows := newBinaryRows(b)
		write, end = rows.feed, rows.end
		format.OverallFormat = 1
		for i := range format.ColumnFormatCodes {
			format.ColumnFormatCodes[i] = 1
		}
	}
	c.send(format)
	if err := c.flush(); err != nil {
		return err
	}
	defer c.interruptible(ctx)() // the client may have paused
	for {
		msg, err := c.next()
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		if err != nil {
			in.Abort(err)
			return err
		}
		switch m := msg.(type) {
		case *pgproto3.CopyData:
			if err := write(m.Data); err != nil {
				in.Abort(err)
				return err
			}
		case *pgproto3.CopyDone:
			if err := end(); err != nil {
				in.Abort(err)
				return err
			}
			if err := in.Done(); err != nil {
				return err
			}
			if _, err := res.Next(ctx); err != nil && !errors.Is(err, io.EOF) {
				return err
			}
			c.complete(res)
			return nil
		case *pgproto3.CopyFail:
			err := sqlerr.New(sqlerr.QueryCanceled, "COPY from stdin failed: %s", m.Message)
			in.Abort(err)
			return err
		case *pgproto3.Flush, *pgproto3.Sync:
		default:
			err := sqlerr.New(sqlerr.ProtocolViolation, "unexpected message %T during COPY from stdin", msg)
			in.Abort(err)
			return err
		}
	}
}
