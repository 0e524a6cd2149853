package udf

import (
	"context"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqlerr"
)

// Table is one overload of a table function: each call gives any number of
// rows. It stands in FROM, where its arguments may refer to items before it, or
// in a select list.
type Table struct {
	Name     string // lower case
	Params   []arrow.DataType
	Variadic bool
	// Returns are the columns; ReturnFor, if set, computes them from the
	// argument types instead. A single column without a name is a scalar result,
	// which takes the name of the function or its alias. None at all are those
	// of a column definition list, which the call must have then.
	Returns    []arrow.Field
	ReturnFor  func(args []arrow.DataType) ([]arrow.Field, error)
	Volatility Volatility
	// NullCall: the function is called with NULL arguments; otherwise such a
	// call has no rows.
	NullCall bool
	// Rows is how many rows a call is expected to give; 0: not known.
	Rows float64
	// Open starts n calls, whose arguments are the rows of args. columns are
	// those of the result.
	Open func(ctx *Context, args []Arg, columns []arrow.Field, n int) (TableRows, error)
	Doc  string
	User bool
}

// TableRows are the rows of several calls, given in the order of the calls. It
// is used by one goroutine, and may be left before its end; if it is an
// io.Closer, it is closed then.
type TableRows interface {
	// Next gives some rows, limit at most and one at least, and io.EOF after the
	// last. The failure of a call is a *RowError with its number.
	Next(ctx context.Context, limit int) (TableBatch, error)
}

// TableBatch is rows of a table function: row i belongs to call Calls[i], which
// ascend, and has row i of Columns.
type TableBatch struct {
	Calls   []int32
	Columns []arrow.Array
}

// String is name(type, …), for messages.
func (t *Table) String() string { return signature(t.Name, t.Params, t.Variadic) }

// columnNames is name type, … of the result.
func (t *Table) columnNames() string {
	names := make([]string, len(t.Returns))
	for i, f := range t.Returns {
		names[i] = f.Name + " " + typeName(f.Type)
	}
	return strings.Join(names, ", ")
}

// RegisterTable adds an overload, with the errors of RegisterScalar.
func (r *Registry) RegisterTable(t *Table) error {
	if t.Name == "" || t.Open == nil || t.Variadic && len(t.Params) == 0 {
		return sqlerr.New(sqlerr.SyntaxError, "table function %s is incomplete", t)
	}
	if t.User {
		t.Open = guardedTable(t, t.Open)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.checkNew(t.Name, t.Params, t.Variadic, false); err != nil {
		return err
	}
	r.tables[t.Name] = append(r.tables[t.Name], t)
	return nil
}

func (r *Registry) tablesNamed(name string) []*Table {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.tables[name]
}

// IsTable tells whether name is a table function's.
func (r *Registry) IsTable(name string) bool { return len(r.tablesNamed(name)) > 0 }

// Tables are all table functions, by name, then signature.
func (r *Registry) Tables() []*Table {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return sorted(r.tables)
}

// ResolvedTable is the outcome of resolving a call of a table function.
type ResolvedTable struct {
	Func    *Table
	Args    []arrow.DataType
	Columns []arrow.Field
}

// ResolveTable chooses the overload of a table function as ResolveScalar does.
func (r *Registry) ResolveTable(name string, args []arrow.DataType) (ResolvedTable, error) {
	list := r.tablesNamed(name)
	best, err := r.choose(name, args, len(list), func(i int) signatureOf { return signatureOf{list[i].Params, list[i].Variadic} })
	if err != nil {
		return ResolvedTable{}, err
	}
	t := list[best]
	out, err := coerced(signatureOf{t.Params, t.Variadic}, args)
	if err != nil {
		return ResolvedTable{}, err
	}
	columns := t.Returns
	if t.ReturnFor != nil {
		if columns, err = t.ReturnFor(out); err != nil {
			return ResolvedTable{}, err
		}
	}
	return ResolvedTable{Func: t, Args: out, Columns: columns}, nil
}

// FindTable finds the overload for exactly args, as ResolveTable gave them.
func (r *Registry) FindTable(name string, args []arrow.DataType) (*Table, error) {
	var loose *Table
	for _, t := range r.tablesNamed(name) {
		sig := signatureOf{t.Params, t.Variadic}
		switch {
		case !sig.accepts(args):
		case sig.exact(args):
			return t, nil
		default:
			loose = t
		}
	}
	if loose != nil {
		return loose, nil
	}
	return nil, r.undefined(name, args)
}
