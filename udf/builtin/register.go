package builtin

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqltype"
	"volley/udf"
	"volley/udf/vector"
)

// Short names of the types, for tables of signatures.
var (
	tBool        = sqltype.Bool
	tInt2        = sqltype.Int16
	tInt4        = sqltype.Int32
	tInt8        = sqltype.Int64
	tFloat4      = sqltype.Float32
	tFloat8      = sqltype.Float64
	tNumeric     = sqltype.Numeric
	tText        = sqltype.Text
	tBytea       = sqltype.Bytea
	tBit         = sqltype.Bit
	tVarbit      = sqltype.VarBit
	tDate        = sqltype.Date
	tTime        = sqltype.Time
	tTimetz      = sqltype.TimeTZ
	tTimestamp   = sqltype.Timestamp
	tTimestamptz = sqltype.TimestampTZ
	tInterval    = sqltype.Interval
	tAny         arrow.DataType
)

type (
	batchFunc  = func(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error)
	returnFunc = func(args []arrow.DataType) (arrow.DataType, error)
)

// registrar collects the errors of registration.
type registrar struct {
	registry *udf.Registry
	errs     []error
}

func types(t ...arrow.DataType) []arrow.DataType { return t }

// strict adds an immutable overload that is NULL when an argument is.
func (b *registrar) strict(name string, params []arrow.DataType, returns arrow.DataType, f batchFunc) {
	b.scalar(udf.Scalar{Name: name, Params: params, Returns: returns, Batch: f})
}

// total is strict for a function that does not fail, whatever its arguments.
func (b *registrar) total(name string, params []arrow.DataType, returns arrow.DataType, f batchFunc) {
	b.scalar(udf.Scalar{Name: name, Params: params, Returns: returns, Batch: f, Total: true})
}

// scalar adds any overload; a strict one's Batch never sees a constant NULL,
// and sees n = 1 when all its arguments are constants.
func (b *registrar) scalar(s udf.Scalar) {
	if s.Batch != nil {
		s.Batch = withConstants(&s, s.Batch)
	}
	if s.Doc == "" {
		s.Doc = descriptions[s.Name]
	}
	if err := b.registry.RegisterScalar(&s); err != nil {
		b.errs = append(b.errs, err)
	}
}

// resolveAs adds a rule: an operator for params is the one for args.
func (b *registrar) resolveAs(name string, params, args []arrow.DataType, returns arrow.DataType) {
	b.scalar(udf.Scalar{
		Name: name, Params: params, Returns: returns,
		ArgsFor: func([]arrow.DataType) ([]arrow.DataType, error) { return args, nil },
	})
}

func (b *registrar) table(t udf.Table) {
	if t.Doc == "" {
		t.Doc = descriptions[t.Name]
	}
	if err := b.registry.RegisterTable(&t); err != nil {
		b.errs = append(b.errs, err)
	}
}

func (b *registrar) aggregate(a udf.Aggregate) {
	if a.Doc == "" {
		a.Doc = descriptions[a.Name]
	}
	if err := b.registry.RegisterAggregate(&a); err != nil {
		b.errs = append(b.errs, err)
	}
}

func withConstants(s *udf.Scalar, f batchFunc) batchFunc {
	nullCall, volatile := s.NullCall, s.Volatility == udf.Volatile
	returns, returnFor := s.Returns, s.ReturnFor
	return func(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
		constants, null := 0, false
		for _, a := range args {
			if a.Const {
				constants++
				null = null || a.Array.IsNull(0)
			}
		}
		if constants == len(args) && constants > 0 && !volatile {
			n = 1
		}
		if !null || nullCall {
			return f(ctx, args, n)
		}
		t := returns
		if returnFor != nil {
			var err error
			if t, err = returnFor(argTypes(args)); err != nil {
				return nil, err
			}
		}
		return vector.Nulls(t, n), nil
	}
}

func argTypes(args []udf.Arg) []arrow.DataType {
	out := make([]arrow.DataType, len(args))
	for i, a := range args {
		out[i] = a.Array.DataType()
	}
	return out
}

// valid is the rows in which no argument is NULL; constants are not NULL here.
func valid(args []udf.Arg, n int) vector.Validity {
	var v vector.Validity
	for _, a := range args {
		if !a.Const {
			v = v.And(a.Array, n)
		}
	}
	return v
}

// firstError is the error of the first valid row for which check fails, nil
// when none does: then what a kernel noted happened in NULL rows only.
func firstError(v vector.Validity, n int, check func(i int) error) error {
	for i := range n {
		if !v.Valid(i) {
			continue
		}
		if err := check(i); err != nil {
			return &udf.RowError{Row: i, Err: err}
		}
	}
	return nil
}
