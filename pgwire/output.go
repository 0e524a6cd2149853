package pgwire

import (
	"context"

	"github.com/jackc/pgproto3/v2"

	"volley/sqlerr"
)

// flushBytes is how much output is gathered before it is written.
const flushBytes = 64 << 10

// keepBytes is how large an output buffer may be to be used again.
const keepBytes = 1 << 20

// send encodes a message into the output buffer.
func (c *conn) send(m pgproto3.BackendMessage) {
	var err error
	if c.out, err = m.Encode(c.out); err != nil {
		c.writeErr = err
	}
}

// flush writes the output buffer, however long the client takes to read it.
func (c *conn) flush() error {
	c.join()
	if c.writeErr == nil && len(c.out) > 0 {
		_, c.writeErr = c.nc.Write(c.out)
	}
	c.recycle(c.out)
	return c.writeErr
}

// join waits for the end of a write that goes on.
func (c *conn) join() {
	if c.writing != nil {
		err := <-c.writing
		c.writing = nil
		if c.writeErr == nil {
			c.writeErr = err
		}
	}
}

// recycle makes a buffer that has been written the output buffer.
func (c *conn) recycle(buf []byte) {
	if c.out = buf[:0]; cap(buf) > keepBytes {
		c.out = nil
	}
}

// flushFull writes the output buffer of a statement once it is full. It gives why ctx
// has ended when it has: a client that does not read must not keep a cancelled
// statement alive. What is being written then goes on, and what follows waits for it.
func (c *conn) flushFull(ctx context.Context) error {
	if len(c.out) < flushBytes {
		return nil
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	c.join()
	if c.writeErr == nil {
		buf, done := c.out, make(chan error, 1)
		c.out, c.writing = nil, done
		go func() {
			_, err := c.nc.Write(buf)
			done <- err
		}()
		select {
		case c.writeErr = <-done:
			c.writing = nil
			c.recycle(buf)
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	if c.writeErr != nil {
		return sqlerr.Wrap(c.writeErr, sqlerr.ConnectionFailure, "connection to client lost")
	}
	return nil
}
