package coordinator

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/catalog/memtable"
	"volley/coordinator/sched"
	"volley/sqltype"
)

// Notice is a message beside a result. Severity is NOTICE or WARNING.
type Notice struct {
	Severity, Code, Message string
}

// Result is a running statement. Next gives the next batch and io.EOF at the
// end, after which Tag is the command tag. Close is idempotent and cancels what
// still runs. A result is used by one goroutine.
type Result struct {
	ctx     context.Context // of the statement, with its timeout
	schema  *arrow.Schema
	next    func(ctx context.Context) (arrow.Record, error)
	close   func(err error)
	tag     func(rows int64) string
	copyOut int
	// copyBinary: the records are rows, which the client gets in binary format.
	copyBinary bool
	copyIn     CopyIn // nil but for COPY … FROM STDIN
	notices    []Notice
	late       func() []Notice // those of queries that have ended since; nil: none
	query      *sched.Query    // nil for what did not run as a query

	rows int64
	once sync.Once
	err  error
}

// Context ends when the statement is cancelled, by its caller or by its timeout, and
// when the result is at its end or closed.
func (r *Result) Context() context.Context { return r.ctx }

// Schema is the result's columns; nil for a statement without rows.
func (r *Result) Schema() *arrow.Schema { return r.schema }

// Pause says that the next rows are asked for whenever the client likes.
func (r *Result) Pause() {
	if r.query != nil {
		r.query.Pause()
	}
}

// CopyOut is the number of columns of COPY … TO STDOUT, whose records are
// chunks of text (physical.ChunkSchema); 0 for other statements.
func (r *Result) CopyOut() int { return r.copyOut }

// CopyBinary tells whether the result is COPY … TO STDOUT (FORMAT binary): then
// its records are the rows themselves.
func (r *Result) CopyBinary() bool { return r.copyBinary }

// Notices are the messages so far.
func (r *Result) Notices() []Notice {
	if r.late != nil {
		r.notices = append(r.notices, r.late()...)
	}
	return r.notices
}

// Tag is the command tag, "SELECT 3"; valid at the end.
func (r *Result) Tag() string { return r.tag(r.rows) }

// Next gives the next batch, io.EOF at the end.
func (r *Result) Next(ctx context.Context) (arrow.Record, error) {
	if r.err != nil {
		return nil, r.err
	}
	rec, err := r.next(ctx)
	if err != nil {
		r.err = err
		if err == io.EOF {
			r.finish(nil)
		} else {
			r.finish(err)
		}
		return nil, err
	}
	r.rows += rec.NumRows()
	return rec, nil
}

// Close ends the statement.
func (r *Result) Close() error {
	if r.err == nil {
		r.err = io.ErrClosedPipe
	}
	r.finish(nil)
	return nil
}

func (r *Result) finish(err error) {
	r.once.Do(func() {
		if r.close != nil {
			r.close(err)
		}
	})
}

// command is the result of a statement without rows.
func command(tag string, notices ...*Notice) *Result {
	r := &Result{
		next: func(context.Context) (arrow.Record, error) { return nil, io.EOF },
		tag:  func(int64) string { return tag },
	}
	for _, n := range notices {
		if n != nil {
			r.notices = append(r.notices, *n)
		}
	}
	return r
}

// records is the result of a statement whose rows are at hand.
func records(schema *arrow.Schema, tag string, recs ...arrow.Record) *Result {
	return &Result{
		schema: schema,
		next: func(context.Context) (arrow.Record, error) {
			if len(recs) == 0 {
				return nil, io.EOF
			}
			rec := recs[0]
			recs = recs[1:]
			return rec, nil
		},
		tag: func(n int64) string { return strings.Replace(tag, "%d", fmt.Sprint(n), 1) },
	}
}

// heldRecords is records of rows that are held.
func heldRecords(schema *arrow.Schema, tag string, rows *memtable.Snapshot) *Result {
	out := records(schema, tag)
	next := rows.Next()
	out.next = func(context.Context) (arrow.Record, error) { return next() }
	return out
}

// textSchema is a schema of nullable text columns.
func textSchema(names ...string) *arrow.Schema {
	fields := make([]arrow.Field, len(names))
	for i, n := range names {
		fields[i] = arrow.Field{Name: n, Type: sqltype.Text, Nullable: true}
	}
	return arrow.NewSchema(fields, nil)
}

// textRecord makes a record of text columns from rows.
func textRecord(schema *arrow.Schema, rows [][]string) arrow.Record {
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	for _, row := range rows {
		for i, v := range row {
			b.Field(i).(*array.StringBuilder).Append(v)
		}
	}
	return b.NewRecord()
}

// textRows is a result of text columns.
func textRows(tag string, schema *arrow.Schema, rows [][]string) *Result {
	if len(rows) == 0 {
		return records(schema, tag)
	}
	return records(schema, tag, textRecord(schema, rows))
}

// CopyIn takes the data of COPY … FROM STDIN: Write in pieces of any size, then
// Done or Abort, then Next gives io.EOF and Tag is the command tag.
type CopyIn interface {
	Columns() int
	Write(p []byte) (int, error)
	Done() error
	Abort(reason error)
}

// CopyIn is where the data of COPY … FROM STDIN goes; nil for other statements.
func (r *Result) CopyIn() CopyIn { return r.copyIn }
