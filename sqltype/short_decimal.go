package sqltype

import (
	"fmt"
	"reflect"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/decimal128"
)

// ShortDecimalType is an encoding of Decimal128 values that fit in 64 bits: their
// digits as Int64. As dictionary arrays do, arrays of it go from a scan to
// operators that take encoded columns, under a schema that says Decimal128; no
// plan, file or wire has it.
type ShortDecimalType struct {
	arrow.ExtensionBase
	// Of is the type of the values.
	Of *arrow.Decimal128Type
}

// NewShortDecimal is the encoding of values of t.
func NewShortDecimal(t *arrow.Decimal128Type) *ShortDecimalType {
	return &ShortDecimalType{ExtensionBase: arrow.ExtensionBase{Storage: Int64}, Of: t}
}

// ShortDecimalArray is an array of type ShortDecimalType.
type ShortDecimalArray struct{ array.ExtensionArrayBase }

// Values are the digits of all rows; of NULL rows they are anything.
func (a *ShortDecimalArray) Values() []int64 { return a.Storage().(*array.Int64).Int64Values() }

// ValueStr is the text of row i.
func (a *ShortDecimalArray) ValueStr(i int) string {
	if a.IsNull(i) {
		return array.NullValueStr
	}
	return decimal128.FromI64(a.Values()[i]).ToString(a.DataType().(*ShortDecimalType).Of.Scale)
}

// ArrayType is that of ShortDecimalArray.
func (*ShortDecimalType) ArrayType() reflect.Type { return reflect.TypeFor[ShortDecimalArray]() }

// ExtensionName is not registered: the type does not travel.
func (*ShortDecimalType) ExtensionName() string { return "volley.short_decimal" }

// ExtensionEquals compares precision and scale.
func (t *ShortDecimalType) ExtensionEquals(o arrow.ExtensionType) bool {
	s, ok := o.(*ShortDecimalType)
	return ok && s.Of.Precision == t.Of.Precision && s.Of.Scale == t.Of.Scale
}

// Serialize gives nothing.
func (*ShortDecimalType) Serialize() string { return "" }

// Deserialize fails.
func (t *ShortDecimalType) Deserialize(arrow.DataType, string) (arrow.ExtensionType, error) {
	return nil, fmt.Errorf("%s does not travel", t)
}

func (t *ShortDecimalType) String() string { return fmt.Sprintf("short %s", t.Of) }
