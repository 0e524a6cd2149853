package sqltype

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
)

// NumericBuilder builds a *NumericArray from Num values. Append does not
// allocate beyond the growth of the array's buffers.
type NumericBuilder struct {
	*array.BinaryBuilder
	scratch []byte
}

// NewNumericBuilder makes an empty builder with room for n values.
func NewNumericBuilder(n int) *NumericBuilder {
	b := &NumericBuilder{
		BinaryBuilder: array.NewBinaryBuilder(memory.DefaultAllocator, arrow.BinaryTypes.Binary),
		scratch:       make([]byte, 0, 32),
	}
	b.Reserve(n)
	return b
}

// Append adds a value.
func (b *NumericBuilder) Append(n Num) {
	b.scratch = AppendNum(b.scratch[:0], n)
	b.BinaryBuilder.Append(b.scratch)
}

// AppendBytes adds a value that is encoded already.
func (b *NumericBuilder) AppendBytes(enc []byte) { b.BinaryBuilder.Append(enc) }

// NewNumericArray makes the array and resets the builder.
func (b *NumericBuilder) NewNumericArray() *NumericArray {
	storage := b.BinaryBuilder.NewBinaryArray()
	return array.NewExtensionArrayWithStorage(Numeric.(arrow.ExtensionType), storage).(*NumericArray)
}

// NewArray makes the array and resets the builder.
func (b *NumericBuilder) NewArray() arrow.Array { return b.NewNumericArray() }

// Type is Numeric.
func (b *NumericBuilder) Type() arrow.DataType { return Numeric }

// AppendNumeric appends n to the storage of an extension builder, as made by
// array.NewBuilder for a column of type Numeric.
func AppendNumeric(b *array.ExtensionBuilder, n Num) {
	var scratch [40]byte
	b.StorageBuilder().(*array.BinaryBuilder).Append(AppendNum(scratch[:0], n))
}
