// Package cast converts Arrow arrays from one SQL type to another, as
// PostgreSQL's explicit casts do: everything that sqltype.CanCast allows.
//
// A conversion is resolved once for a pair of types and then runs over whole
// arrays in typed loops. The failure of a row is a *udf.RowError that holds
// PostgreSQL's error, or makes that row NULL with Options.Try.
package cast

import (
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/exec/kernel"
	"volley/sqlerr"
	"volley/sqltype"
	"volley/udf"
)

// Options are what a cast depends on besides its types.
type Options struct {
	TimeZone *time.Location // the session's; nil is UTC
	Style    sqltype.Style  // of text
	Now      time.Time      // what 'now' is; zero: the clock's time
	Try      bool           // NULL instead of an error
	// Length > 0 cuts text to that many characters (varchar(n)) and bit varying to
	// that many bits; bit is made as long. Pad drops trailing blanks (char(n)).
	Length int
	Pad    bool
	// Bounded gives the nearest timestamp for a moment beyond their range.
	Bounded bool
	// Names finds objects for regclass and its like; nil: only their numbers.
	Names sqltype.ObjectNames
	// Canceled tells whether the statement was cancelled; nil: it never is.
	Canceled func() bool
}

// Func converts an array of the type it was made for, NULL to NULL. It is safe
// for concurrent use.
type Func func(a arrow.Array) (arrow.Array, error)

// New resolves a cast; 42846 when there is none.
func New(from, to arrow.DataType, o Options) (Func, error) {
	if d, ok := from.(*arrow.DictionaryType); ok {
		inner, err := New(d.ValueType, to, o)
		if err != nil {
			return nil, err
		}
		return OverDictionary(inner), nil
	}
	f := resolve(from, sqltype.Logical(to), o)
	if f == nil {
		return nil, sqlerr.New(sqlerr.CannotCoerce, "cannot cast type %s to %s", sqltype.Name(from), sqltype.Name(to))
	}
	return f, nil
}

// resolve is nil when there is no such cast.
func resolve(from, to arrow.DataType, o Options) Func {
	switch {
	case from.ID() == arrow.NULL:
		return func(a arrow.Array) (arrow.Array, error) { return kernel.Nulls(to, a.Len()), nil }
	case sqltype.IsString(to):
		return toText(from, o)
	case sqltype.Equal(from, to) && o.Length == 0:
		return func(a arrow.Array) (arrow.Array, error) { return a, nil }
	case sqltype.IsBits(to):
		return toBits(from, to, o)
	case sqltype.IsString(from):
		return fromText(to, o)
	case sqltype.IsBits(from):
		return fromBits(to, o)
	}
	switch {
	case sqltype.IsOID(from):
		return fromOID(to, o)
	case sqltype.IsReg(from):
		return fromReg(to, o)
	case sqltype.IsOID(to), sqltype.IsReg(to):
		return toOID(from, to, o)
	case sqltype.IsNumeric(to):
		return toNumber(from, to, o)
	case to.ID() == arrow.BOOL:
		return toBool(from, o)
	case sqltype.IsTemporal(to):
		return toTemporal(from, to, o)
	}
	switch t := to.(type) {
	case *arrow.ListType:
		return toList(from, t, o)
	case *arrow.StructType:
		return toStruct(from, t, o)
	}
	if sqltype.IsJSON(from) && sqltype.IsJSON(to) {
		return throughText(from, to, o)
	}
	return nil
}

// Safe tells whether a cast can never fail for any value.
func Safe(from, to arrow.DataType) bool {
	from, to = sqltype.Logical(from), sqltype.Logical(to)
	switch {
	case from.ID() == arrow.NULL, sqltype.IsString(to), sqltype.Equal(from, to):
		return true
	case sqltype.IsInteger(from):
		return sqltype.IsFloat(to) || sqltype.IsUnconstrainedNumeric(to) ||
			sqltype.IsInteger(to) && width(to) >= width(from)
	case from.ID() == arrow.FLOAT32:
		return to.ID() == arrow.FLOAT64
	}
	return false
}

func width(t arrow.DataType) int { return t.(arrow.FixedWidthDataType).BitWidth() }

// OverDictionary lets f, made for a plain type, take dictionary arrays too. It
// converts the values of the dictionary once; when one of them
// fails, perhaps one that no row refers to, the rows are converted instead.
func OverDictionary(f Func) Func {
	return func(a arrow.Array) (arrow.Array, error) {
		d, ok := a.(*array.Dictionary)
		if !ok {
			return f(a)
		}
		if d.Dictionary().Len() <= d.Len() {
			if values, err := f(d.Dictionary()); err == nil {
				return kernel.Take(values, kernel.DictRows(d))
			}
		}
		plain, err := kernel.Decode(a)
		if err != nil {
			return nil, err
		}
		return f(plain)
	}
}

// outcome collects the rows that are NULL while a loop runs.
type outcome struct {
	try   bool
	n     int
	valid kernel.Words // nil while no row is NULL
}

func newOutcome(a arrow.Array, o Options) outcome {
	return outcome{try: o.Try, n: a.Len(), valid: kernel.Valid(a)}
}

func (r *outcome) isNull(i int) bool { return r.valid != nil && !r.valid.Get(i) }

func (r *outcome) setNull(i int) {
	if r.valid == nil {
		r.valid = kernel.Ones(r.n)
	}
	r.valid.Clear(i)
}

// failed makes row i NULL under Try, and is its error otherwise.
func (r *outcome) failed(i int, err error) error {
	if !r.try {
		return &udf.RowError{Row: i, Err: err}
	}
	r.setNull(i)
	return nil
}

// fixed is the cast between fixed-width types by a function of one value.
func fixed[S, D any](to arrow.DataType, o Options, f func(S) (D, error)) Func {
	return func(a arrow.Array) (arrow.Array, error) {
		src := kernel.Values[S](a)
		return rows(a, to, o, func(i int) (D, error) { return f(src[i]) })
	}
}

// rows is the loop over the rows that are not NULL, by number.
func rows[D any](a arrow.Array, to arrow.DataType, o Options, f func(int) (D, error)) (arrow.Array, error) {
	dst := make([]D, a.Len())
	r := newOutcome(a, o)
	for i := range dst {
		if r.isNull(i) {
			continue
		}
		v, err := f(i)
		if err != nil {
			if err = r.failed(i, err); err != nil {
				return nil, err
			}
			continue
		}
		dst[i] = v
	}
	return kernel.FromValues(to, dst, r.valid), nil
}

// total is the loop of a conversion that cannot fail; NULL rows convert to
// anything.
func total[S, D any](to arrow.DataType, f func(dst []D, src []S)) Func {
	return func(a arrow.Array) (arrow.Array, error) {
		src := kernel.Values[S](a)
		dst := make([]D, a.Len())
		f(dst, src)
		return kernel.FromValues(to, dst, kernel.Valid(a)), nil
	}
}
