package udf

import (
	"context"
	"io"
	"iter"
	"reflect"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqlerr"
)

// TableN registers a table function of N arguments. fn gives the rows of one
// call to yield until that returns false, because no more are wanted. A row is a
// Value, or a struct whose exported fields are Values: these are the columns,
// under their names in lower case or those of a tag `sql:"name"`. Calls with a
// NULL argument have no rows, unless that parameter is a Null. Like ScalarN, it
// panics if the function cannot be registered.
//
//	udf.Table1("words", func(text string, yield func(string) bool) error {
//		for _, w := range strings.Fields(text) {
//			if !yield(w) {
//				break
//			}
//		}
//		return nil
//	})
//
// Rows are pulled in batches while fn waits in yield, so it may give any number
// of them.

// Table0 registers a table function of 0 arguments.
func Table0[R any](name string, fn func(yield func(R) bool) error, opts ...Option) {
	registerTable(name, opts, nil, func([]Arg) func(int, func(R) bool) error {
		return func(_ int, yield func(R) bool) error { return fn(yield) }
	})
}

// Table1 registers a table function of 1 argument.
func Table1[A Value, R any](name string, fn func(a A, yield func(R) bool) error, opts ...Option) {
	registerTable(name, opts, []param{paramOf[A]()}, func(args []Arg) func(int, func(R) bool) error {
		a := decode[A](args[0])
		return func(i int, yield func(R) bool) error { return fn(a.At(i), yield) }
	})
}

// Table2 registers a table function of 2 arguments.
func Table2[A, B Value, R any](name string, fn func(a A, b B, yield func(R) bool) error, opts ...Option) {
	registerTable(name, opts, []param{paramOf[A](), paramOf[B]()}, func(args []Arg) func(int, func(R) bool) error {
		a, b := decode[A](args[0]), decode[B](args[1])
		return func(i int, yield func(R) bool) error { return fn(a.At(i), b.At(i), yield) }
	})
}

// Table3 registers a table function of 3 arguments.
func Table3[A, B, C Value, R any](name string, fn func(a A, b B, c C, yield func(R) bool) error, opts ...Option) {
	registerTable(name, opts, []param{paramOf[A](), paramOf[B](), paramOf[C]()}, func(args []Arg) func(int, func(R) bool) error {
		a, b, c := decode[A](args[0]), decode[B](args[1]), decode[C](args[2])
		return func(i int, yield func(R) bool) error { return fn(a.At(i), b.At(i), c.At(i), yield) }
	})
}

// registerTable registers a function whose calls of a batch are made by bind.
func registerTable[R any](name string, opts []Option, params []param, bind func(args []Arg) func(call int, yield func(R) bool) error) {
	d := define(opts)
	types, _, nullCall := split(params)
	columns, err := columnsOf[R]()
	must(err)
	_, types, err = d.declared(columns[0].field.Type, types)
	must(err)
	fields := make([]arrow.Field, len(columns))
	for i, c := range columns {
		fields[i] = c.field
	}
	must(d.registry.RegisterTable(&Table{
		Name: strings.ToLower(name), Params: types, Returns: fields,
		Volatility: d.volatility, NullCall: nullCall, Doc: d.doc, User: true,
		Open: func(_ *Context, args []Arg, _ []arrow.Field, n int) (TableRows, error) {
			return newTypedRows(n, columns, bind(args)), nil
		},
	}))
}

// typedColumn is a column of a Go row type.
type typedColumn struct {
	field arrow.Field
	index []int // of the struct's field; nil: the row is the value
}

// columnsOf are the columns of a Go row type.
func columnsOf[R any]() ([]typedColumn, error) {
	t := reflect.TypeFor[R]()
	if st := sqlTypeOfGo(t); st != nil {
		return []typedColumn{{field: arrow.Field{Type: st, Nullable: true}}}, nil
	}
	if t.Kind() != reflect.Struct {
		return nil, sqlerr.New(sqlerr.InvalidParameterValue, "%s is no row: neither a udf.Value nor a struct of them", t)
	}
	var out []typedColumn
	for _, f := range reflect.VisibleFields(t) {
		if !f.IsExported() || f.Anonymous {
			continue
		}
		name := f.Tag.Get("sql")
		if name == "" {
			name = strings.ToLower(f.Name)
		}
		st := sqlTypeOfGo(f.Type)
		if st == nil {
			return nil, sqlerr.New(sqlerr.InvalidParameterValue, "field %s of %s is no udf.Value", f.Name, t)
		}
		out = append(out, typedColumn{arrow.Field{Name: name, Type: st, Nullable: true}, f.Index})
	}
	if len(out) == 0 {
		return nil, sqlerr.New(sqlerr.InvalidParameterValue, "%s has no exported fields", t)
	}
	return out, nil
}

// typedRows runs the calls one after the other in a coroutine that stops at each
// full batch.
type typedRows[R any] struct {
	columns []typedColumn
	limit   int // rows of a batch
	next    func() (typedBatch[R], bool)
	stop    func()
}

type typedBatch[R any] struct {
	calls []int32
	rows  []R
	err   error
}

func newTypedRows[R any](n int, columns []typedColumn, call func(int, func(R) bool) error) *typedRows[R] {
	t := &typedRows[R]{columns: columns, limit: 1024}
	t.next, t.stop = iter.Pull(func(yield func(typedBatch[R]) bool) {
		var b typedBatch[R]
		for i := range n {
			going := true
			err := call(i, func(row R) bool {
				b.calls, b.rows = append(b.calls, int32(i)), append(b.rows, row)
				if len(b.rows) >= t.limit {
					going = yield(b)
					b = typedBatch[R]{}
				}
				return going
			})
			switch {
			case !going:
				return
			case err != nil:
				yield(typedBatch[R]{err: &RowError{Row: i, Err: err}})
				return
			}
		}
		if len(b.rows) > 0 {
			yield(b)
		}
	})
	return t
}

func (t *typedRows[R]) Next(ctx context.Context, limit int) (TableBatch, error) {
	if err := ctx.Err(); err != nil {
		return TableBatch{}, err
	}
	t.limit = limit
	b, ok := t.next()
	switch {
	case !ok:
		return TableBatch{}, io.EOF
	case b.err != nil:
		return TableBatch{}, b.err
	}
	out := TableBatch{Calls: b.calls}
	for _, c := range t.columns {
		a, err := encodeGo(c, reflect.ValueOf(b.rows))
		if err != nil {
			return TableBatch{}, err
		}
		out.Columns = append(out.Columns, a)
	}
	return out, nil
}

// Close ends the calls that have not come to their end.
func (t *typedRows[R]) Close() error {
	t.stop()
	return nil
}
