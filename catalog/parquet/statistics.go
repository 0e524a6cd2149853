package parquet

import (
	"math"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/apache/arrow/go/v15/parquet"
	"github.com/apache/arrow/go/v15/parquet/metadata"
	"github.com/apache/arrow/go/v15/parquet/schema"
)

// bounds are what a row group's statistics say about a column. min and max
// bound its values, which need not reach them: long strings are cut. They have
// length 1 and the column's SQL type, or are nil when not known.
type bounds struct {
	min, max arrow.Array
	rows     int64
	nulls    int64 // −1 when not known
}

// columnBounds gives the statistics of a column that is a leaf. What cannot be
// trusted is left out.
func (f *footer) columnBounds(group int, c *column) bounds {
	l := c.leaf
	b := bounds{rows: f.groups[group].rows, nulls: -1}
	m := f.meta.RowGroups[group].Columns[l.index].MetaData
	s := m.Statistics
	if s == nil {
		return b
	}
	if s.NullCount != nil && *s.NullCount >= 0 && *s.NullCount <= m.NumValues {
		b.nulls = *s.NullCount
	}
	lo, hi := s.MinValue, s.MaxValue
	if l.descr.ColumnOrder() != parquet.ColumnOrders.TypeDefinedOrder || lo == nil && hi == nil {
		// The deprecated fields were compared as signed by some writers and as
		// unsigned by others, so only types for which both are the same count.
		if lo, hi = s.Min, s.Max; !l.signedOrder() {
			lo, hi = nil, nil
		}
	}
	encoded := metadata.EncodedStatistics{HasMin: lo != nil, Min: lo, HasMax: hi != nil, Max: hi}
	if !f.meta.WriterVersion().HasCorrectStatistics(l.physical, l.descr.LogicalType(), encoded, l.descr.SortOrder()) ||
		l.descr.SortOrder() == schema.SortUNKNOWN {
		return b
	}
	b.min, b.max = l.bound(lo), l.bound(hi)
	return b
}

// signedOrder tells whether a leaf's order is that of its physical type.
func (l *leaf) signedOrder() bool {
	switch l.physical {
	case parquet.Types.ByteArray, parquet.Types.FixedLenByteArray, parquet.Types.Int96:
		return false
	}
	return l.descr.SortOrder() == schema.SortSIGNED
}

// bound makes an array of length 1 of the plain encoding of a value, or nil
// when it is not one.
func (l *leaf) bound(plain []byte) arrow.Array {
	if plain == nil || l.width > 0 && len(plain) != l.width || l.typ == nil {
		return nil
	}
	v := physicalValues{n: 1}
	switch l.physical {
	case parquet.Types.Boolean:
		if len(plain) != 1 {
			return nil
		}
		v.fixed = plain
	case parquet.Types.ByteArray:
		t := arrow.DataType(arrow.BinaryTypes.Binary)
		if l.conv == bytesToText {
			t = arrow.BinaryTypes.String
		}
		offsets := []int32{0, int32(len(plain))}
		v.binary = array.MakeFromData(array.NewData(t, 1,
			[]*memory.Buffer{nil, memory.NewBufferBytes(bytesOf(offsets)), memory.NewBufferBytes(plain)}, nil, 0, 0))
	case parquet.Types.FixedLenByteArray:
		v.binary = array.MakeFromData(array.NewData(&arrow.FixedSizeBinaryType{ByteWidth: l.width}, 1,
			[]*memory.Buffer{nil, memory.NewBufferBytes(plain)}, nil, 0, 0))
	default:
		// Values are viewed as integers, which must be aligned.
		aligned := make([]int64, (len(plain)+7)/8)
		copy(bytesOf(aligned), plain)
		v.fixed = bytesOf(aligned)[:len(plain)]
	}
	a, err := l.convert(v)
	if err != nil {
		if text, ok := v.binary.(*array.String); ok {
			return text // cut within a character, but a bound all the same
		}
		return nil
	}
	switch a := a.(type) {
	case *array.Float32:
		if math.IsNaN(float64(a.Value(0))) {
			return nil
		}
	case *array.Float64:
		if math.IsNaN(a.Value(0)) {
			return nil
		}
	}
	return a
}
