package eval

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/exec/kernel"
	"volley/sqltype"
	"volley/udf"
)

// shortCall computes a function's udf.Scalar.Short.
type shortCall struct {
	typ    *sqltype.ShortDecimalType // of results
	keep   bool                      // whoever asks takes short Decimals
	args   []udf.Digits
	tables []digitTable
	picked [][]int64 // scratch, by argument
	// failures in vain: values that are too long come again
	failures int
}

// maxShortFailures is after how many batches that were not short no more are
// tried.
const maxShortFailures = 8

// digitTable is the digits of the last dictionary of an argument.
type digitTable struct {
	of     arrow.ArrayData
	digits []int64 // nil: one is too long, or NULL
}

func newShortCall(fn *udf.Scalar, t arrow.DataType, args int) *shortCall {
	d, ok := t.(*arrow.Decimal128Type)
	if fn.Short == nil || !ok {
		return nil
	}
	return &shortCall{
		typ: sqltype.NewShortDecimal(d), args: make([]udf.Digits, args),
		tables: make([]digitTable, args), picked: make([][]int64, args),
	}
}

// call computes n rows; nil where no argument is encoded, or a value is not
// short.
func (s *shortCall) call(fn *udf.Scalar, values []udf.Arg, n int) arrow.Array {
	encoded := false
	for _, v := range values {
		encoded = encoded || !v.Const && kernel.Encoded(v.Array.DataType())
	}
	if !encoded || s.failures > maxShortFailures {
		return nil
	}
	var valid kernel.Words // nil: all rows
	for i, v := range values {
		digits := s.digits(i, v, n)
		if digits == nil {
			s.failures++
			return nil
		}
		s.args[i] = udf.Digits{Values: digits, Const: v.Const, Scale: scaleOf(v.Array.DataType())}
		if !v.Const {
			valid = both(valid, kernel.Valid(v.Array))
		}
	}
	dst := kernel.Raw[int64](n)
	if !fn.Short(dst, s.args) {
		s.failures++
		return nil
	}
	var bits *memory.Buffer
	if valid != nil {
		bits = valid.Buffer()
	}
	return kernel.ShortDecimals(s.typ, dst, bits)
}

// digits are those of argument i, nil if a value is not short.
func (s *shortCall) digits(i int, v udf.Arg, n int) []int64 {
	d, ok := v.Array.(*array.Dictionary)
	if !ok {
		return kernel.DigitsOf(v.Array)
	}
	t := &s.tables[i]
	if values := d.Dictionary(); t.of != values.Data() {
		*t = digitTable{of: values.Data()}
		if values.NullN() == 0 {
			t.digits = kernel.DigitsOf(values)
		}
	}
	if t.digits == nil {
		return nil
	}
	if cap(s.picked[i]) < n {
		s.picked[i] = make([]int64, n)
	}
	out := s.picked[i][:n]
	kernel.PickDigits(out, t.digits, d)
	return out
}

// scaleOf is that of Decimals, encoded or not.
func scaleOf(t arrow.DataType) int32 {
	switch t := t.(type) {
	case *arrow.DictionaryType:
		return scaleOf(t.ValueType)
	case *sqltype.ShortDecimalType:
		return t.Of.Scale
	case *arrow.Decimal128Type:
		return t.Scale
	}
	return 0
}

// both is the rows valid in a and in b, nil standing for all.
func both(a, b kernel.Words) kernel.Words {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	a.And(b)
	return a
}

// rawColumn is a column as it came, short Decimals too.
type rawColumn int

func (c rawColumn) eval(b *Batch) (udf.Arg, error) {
	a, err := b.Column(int(c))
	return udf.Arg{Array: a}, err
}

// takeShort makes a node give short Decimals where it has them.
func takeShort(n node) node {
	switch n := n.(type) {
	case column:
		return rawColumn(n)
	case *callNode:
		if n.short != nil {
			n.short.keep = true
		}
	}
	return n
}

// KeepShort makes the program give short Decimals where it has them.
func (p *Program) KeepShort() { p.root = takeShort(p.root) }
