package udf

import (
	"context"
	"errors"
	"io"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/sqlerr"
	"volley/udf/vector"
)

// Call starts n calls, leaving out those with a NULL argument unless the
// function takes them.
func (t *Table) Call(ctx *Context, args []Arg, columns []arrow.Field, n int) (TableRows, error) {
	if t.NullCall {
		return t.Open(ctx, args, columns, n)
	}
	var rows []int32 // the calls that take place, when not all do
	valid := vector.Validity{}
	for _, a := range args {
		switch {
		case !a.Const:
			valid = valid.And(a.Array, n)
		case a.Array.IsNull(0):
			return noRows{}, nil
		}
	}
	if valid.Nulls == 0 {
		return t.Open(ctx, args, columns, n)
	}
	for i := range n {
		if valid.Valid(i) {
			rows = append(rows, int32(i))
		}
	}
	given := make([]Arg, len(args))
	for i, a := range args {
		if !a.Const {
			taken, err := vector.Take(a.Array, rows)
			if err != nil {
				return nil, err
			}
			a.Array = taken
		}
		given[i] = a
	}
	inner, err := t.Open(ctx, given, columns, len(rows))
	return &someCalls{inner, rows}, renumbered(err, rows)
}

// noRows is no calls.
type noRows struct{}

func (noRows) Next(context.Context, int) (TableBatch, error) { return TableBatch{}, io.EOF }

// someCalls gives the rows of some of the calls under their own numbers.
type someCalls struct {
	inner TableRows
	rows  []int32
}

func (s *someCalls) Next(ctx context.Context, limit int) (TableBatch, error) {
	b, err := s.inner.Next(ctx, limit)
	if err != nil {
		return b, renumbered(err, s.rows)
	}
	calls := make([]int32, len(b.Calls))
	for i, c := range b.Calls {
		calls[i] = s.rows[c]
	}
	b.Calls = calls
	return b, nil
}

// Close ends the calls.
func (s *someCalls) Close() error { return closeRows(s.inner) }

func closeRows(rows TableRows) error {
	if c, ok := rows.(io.Closer); ok {
		return c.Close()
	}
	return nil
}

// renumbered is an error of the i-th of some rows as one of rows[i].
func renumbered(err error, rows []int32) error {
	if e := (*RowError)(nil); errors.As(err, &e) && e.Row < len(rows) {
		return &RowError{Row: int(rows[e.Row]), Err: e.Err}
	}
	return err
}

// guardedTable turns panics of a user's table function into errors (38000).
func guardedTable(t *Table, open func(*Context, []Arg, []arrow.Field, int) (TableRows, error)) func(*Context, []Arg, []arrow.Field, int) (TableRows, error) {
	return func(ctx *Context, args []Arg, columns []arrow.Field, n int) (rows TableRows, err error) {
		defer func() {
			if p := recover(); p != nil {
				rows, err = nil, panicked(t.String(), p)
			}
		}()
		rows, err = open(ctx, args, columns, n)
		return &guardedRows{t, rows}, err
	}
}

type guardedRows struct {
	t    *Table
	rows TableRows
}

func (g *guardedRows) Next(ctx context.Context, limit int) (b TableBatch, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = panicked(g.t.String(), p)
		}
	}()
	b, err = g.rows.Next(ctx, limit)
	if row := (*RowError)(nil); errors.As(err, &row) {
		if known := (*sqlerr.Error)(nil); !errors.As(row.Err, &known) {
			err = &RowError{Row: row.Row, Err: sqlerr.Wrap(row.Err, sqlerr.ExternalRoutine, "function %s failed", g.t.Name)}
		}
	}
	return b, err
}

// Close ends the calls.
func (g *guardedRows) Close() error { return closeRows(g.rows) }

// EachCall gives the rows of calls that are computed one by one: next appends
// the rows of call i to the builders and gives their number.
func EachCall(n int, columns []arrow.Field, next func(i int, to []array.Builder) (int, error)) TableRows {
	return &eachCall{n: n, columns: columns, next: next}
}

type eachCall struct {
	n, at   int
	columns []arrow.Field
	next    func(i int, to []array.Builder) (int, error)
	ready   TableBatch // rows not given yet
}

func (e *eachCall) Next(ctx context.Context, limit int) (TableBatch, error) {
	if len(e.ready.Calls) == 0 {
		if err := e.fill(ctx, limit); err != nil {
			return TableBatch{}, err
		}
	}
	if len(e.ready.Calls) <= limit {
		out := e.ready
		e.ready = TableBatch{}
		return out, nil
	}
	out := TableBatch{Calls: e.ready.Calls[:limit]}
	rest := TableBatch{Calls: e.ready.Calls[limit:]}
	for _, c := range e.ready.Columns {
		out.Columns = append(out.Columns, array.NewSlice(c, 0, int64(limit)))
		rest.Columns = append(rest.Columns, array.NewSlice(c, int64(limit), int64(c.Len())))
	}
	e.ready = rest
	return out, nil
}

// fill computes calls until there are limit rows.
func (e *eachCall) fill(ctx context.Context, limit int) error {
	to := make([]array.Builder, len(e.columns))
	for i, f := range e.columns {
		to[i] = array.NewBuilder(memory.DefaultAllocator, f.Type)
	}
	var calls []int32
	for ; e.at < e.n && len(calls) < limit; e.at++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		rows, err := e.next(e.at, to)
		if err != nil {
			return &RowError{Row: e.at, Err: err}
		}
		for range rows {
			calls = append(calls, int32(e.at))
		}
	}
	if len(calls) == 0 {
		return io.EOF
	}
	e.ready = TableBatch{Calls: calls}
	for _, b := range to {
		e.ready.Columns = append(e.ready.Columns, b.NewArray())
	}
	return nil
}
