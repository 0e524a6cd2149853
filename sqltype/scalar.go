package sqltype

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
)

// Scalar is an array of length 1 with the value of a PostgreSQL text, such as a
// literal's. Times without a zone are UTC; see ScalarIn.
func Scalar(t arrow.DataType, text string) (arrow.Array, error) {
	return ScalarIn(t, text, TextOptions{})
}

// ScalarIn is Scalar in a session's time zone.
func ScalarIn(t arrow.DataType, text string, o TextOptions) (arrow.Array, error) {
	b := array.NewBuilder(memory.DefaultAllocator, t)
	if err := NewTextParser(t, o)(b, []byte(text)); err != nil {
		return nil, err
	}
	return b.NewArray(), nil
}

// NullArray is an array of n nulls of type t.
func NullArray(t arrow.DataType, n int) arrow.Array {
	return array.MakeArrayOfNull(memory.DefaultAllocator, t, n)
}

// NumericScalar is an array of length 1 with n.
func NumericScalar(n Num) arrow.Array {
	b := NewNumericBuilder(1)
	b.Append(n)
	return b.NewArray()
}
