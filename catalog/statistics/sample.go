package statistics

import (
	"math"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/kernel"
)

// maxValue is from how many bytes on a value is too long to be a common one or a
// bound, PostgreSQL's WIDTH_THRESHOLD. Such values count as different ones.
const maxValue = 1024

// Sample is what a sample of a table's rows has in one column.
type Sample struct {
	// Blocks are the values, NULLs included. Within a block they are those of
	// neighbouring rows, in order; Random says that they are not.
	Blocks []arrow.Array
	Random bool
	// Rows is how many rows the table has.
	Rows float64
	// Distinct is how many values the column has, where that is known; 0: not.
	Distinct float64

	// of the first blocks, in which only the values are left that can be told apart
	seen    int
	present float64 // not NULL
	wide    float64 // left out for their length
	bytes   float64 // of all
}

// Add adds a block. It gives the bytes that the sample keeps of it: long values, and
// those of types without an order, are only counted.
func (s *Sample) Add(block arrow.Array) (bytes int64, err error) {
	s.Blocks = append(s.Blocks, block)
	if err := s.count(); err != nil {
		return 0, err
	}
	return kernel.Bytes(s.Blocks[len(s.Blocks)-1]), nil
}

// count looks at the blocks that have come since.
func (s *Sample) count() error {
	for ; s.seen < len(s.Blocks); s.seen++ {
		values, err := kernel.Decode(s.Blocks[s.seen])
		if err != nil {
			return err
		}
		s.present += float64(values.Len() - values.NullN())
		if values.Len() > values.NullN() {
			s.bytes += width(values)
		}
		if s.Blocks[s.seen], err = s.narrow(values); err != nil {
			return err
		}
	}
	return nil
}

// narrow has NULL for what cannot be told apart.
func (s *Sample) narrow(values arrow.Array) (arrow.Array, error) {
	if values.Len() == 0 {
		return values, nil
	}
	if pointsOf(kernel.Slice(values, 0, 1)) == nil {
		return kernel.Nulls(values.DataType(), values.Len()), nil
	}
	switch values.DataType().(type) {
	case *arrow.StringType, *arrow.BinaryType:
	default:
		return values, nil
	}
	offsets, _ := kernel.Offsets(values)
	var rows []int32 // nil: none is too long
	for i := range values.Len() {
		if offsets[i+1]-offsets[i] <= maxValue || values.IsNull(i) {
			continue
		}
		if rows == nil {
			rows = make([]int32, values.Len())
			for j := range rows {
				rows[j] = int32(j)
			}
		}
		rows[i] = -1
		s.wide++
	}
	if rows == nil {
		return values, nil
	}
	return kernel.Take(values, rows)
}

// width is how many bytes all values take together.
func width(values arrow.Array) float64 {
	switch t := values.DataType().(type) {
	case *arrow.StringType, *arrow.BinaryType:
		offsets, _ := kernel.Offsets(values)
		return float64(offsets[len(offsets)-1] - offsets[0])
	case arrow.FixedWidthDataType:
		return math.Ceil(float64(t.BitWidth())/8) * float64(values.Len()-values.NullN())
	}
	return float64(kernel.Bytes(values))
}
