package pgcatalog

import (
	"errors"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/sqlerr"
	"volley/sqltype"
	"volley/udf"
)

// Register adds the functions that read the catalogs, or tell of the session
// and the server. The error names those that r has already.
func Register(r *udf.Registry) error {
	f := &registrar{registry: r}
	for _, family := range []func(*registrar){
		registerDefinitions, registerDescriptions, registerVisibility, registerPrivileges, registerSizes,
		registerNames, registerTypes, registerSession, registerLocks, registerSequences, registerTables,
	} {
		family(f)
	}
	return errors.Join(f.errs...)
}

type registrar struct {
	registry *udf.Registry
	errs     []error
}

// Short names of types, for signatures.
var (
	tBool  = sqltype.Bool
	tInt4  = sqltype.Int32
	tInt8  = sqltype.Int64
	tText  = sqltype.Text
	tOID   = sqltype.OID
	tClass = sqltype.Regclass
)

func params(t ...arrow.DataType) []arrow.DataType { return t }

// call is one row's arguments, none of which is NULL.
type call struct {
	ctx  *udf.Context
	db   *Database // nil outside of a session
	args []udf.Arg
	row  int
}

func (c *call) at(i int) (arrow.Array, int) {
	if a := c.args[i]; !a.Const {
		return a.Array, c.row
	}
	return c.args[i].Array, 0
}

func (c *call) len() int { return len(c.args) }

func (c *call) text(i int) string {
	a, row := c.at(i)
	if s, ok := a.(*array.String); ok {
		return s.Value(row)
	}
	return a.ValueStr(row)
}

func (c *call) oid(i int) uint32 {
	switch a, row := c.at(i); a := a.(type) {
	case *sqltype.OIDArray:
		return a.Value(row)
	case *sqltype.RegArray:
		return a.OID(row)
	case *array.Int64:
		return uint32(a.Value(row))
	}
	return 0
}

func (c *call) integer(i int) int64 {
	switch a, row := c.at(i); a := a.(type) {
	case *array.Int32:
		return int64(a.Value(row))
	case *array.Int64:
		return a.Value(row)
	case *array.Int16:
		return int64(a.Value(row))
	}
	return 0
}

func (c *call) boolean(i int) bool {
	a, row := c.at(i)
	b, ok := a.(*array.Boolean)
	return ok && b.Value(row)
}

// add registers a strict function of the session whose result is f's, of a type
// that rows.add takes for column type t; nil is NULL.
func (r *registrar) add(name string, args []arrow.DataType, t arrow.DataType, f func(c *call) (any, error)) {
	r.addAs(udf.Scalar{Name: name, Params: args, Returns: t, Volatility: udf.Stable}, f)
}

func (r *registrar) addAs(s udf.Scalar, f func(c *call) (any, error)) {
	t, volatile := s.Returns, s.Volatility == udf.Volatile
	s.Session = true
	s.Batch = func(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
		c := &call{ctx: ctx, args: args}
		if s, ok := ctx.Session.(Session); ok {
			c.db = s.Database()
		}
		if allConstant(args) && !volatile {
			n = 1
		}
		b := array.NewBuilder(memory.DefaultAllocator, t)
		for c.row = range n {
			if c.anyNull() {
				b.AppendNull()
				continue
			}
			v, err := f(c)
			if err != nil {
				return nil, &udf.RowError{Row: c.row, Err: err}
			}
			if v == nil {
				b.AppendNull()
				continue
			}
			appendValue(b, v)
		}
		return b.NewArray(), nil
	}
	if err := r.registry.RegisterScalar(&s); err != nil {
		r.errs = append(r.errs, err)
	}
}

func allConstant(args []udf.Arg) bool {
	for _, a := range args {
		if !a.Const {
			return false
		}
	}
	return true
}

func (c *call) anyNull() bool {
	for i := range c.args {
		if a, row := c.at(i); a.IsNull(row) {
			return true
		}
	}
	return false
}

// database is the session's, an error outside of one.
func (c *call) database() (*Database, error) {
	if c.db == nil {
		return nil, sqlerr.New(sqlerr.FeatureNotSupported, "the catalogs cannot be read here")
	}
	return c.db, nil
}

// about registers a function of the database.
func (r *registrar) about(name string, args []arrow.DataType, t arrow.DataType, f func(db *Database, c *call) (any, error)) {
	r.add(name, args, t, func(c *call) (any, error) {
		db, err := c.database()
		if err != nil {
			return nil, err
		}
		return f(db, c)
	})
}

// constant registers overloads that always give the same.
func (r *registrar) constant(name string, t arrow.DataType, v any, overloads ...[]arrow.DataType) {
	for _, args := range overloads {
		r.add(name, args, t, func(*call) (any, error) { return v, nil })
	}
}
