package kernel

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
)

// Scatter puts the rows of several arrays of one type into one array: the k-th
// of all rows at place[k]. place has each number below its length once.
func Scatter(parts []arrow.Array, place []int32) (arrow.Array, error) {
	if width := scatterWidth(parts); width > 0 {
		return array.MakeFromData(newData(parts[0].DataType(), len(place), nil, []*memory.Buffer{scatterFixed(parts, width, place)}, nil)), nil
	}
	all, err := Concat(parts)
	if err != nil {
		return nil, err
	}
	rows := make([]int32, len(place))
	for k, at := range place {
		rows[at] = int32(k)
	}
	return Take(all, rows)
}

// scatterWidth is the number of bytes of values that can be moved one by one, or
// 0: the arrays have NULL, or values of another form.
func scatterWidth(parts []arrow.Array) int {
	for _, p := range parts {
		if p.NullN() > 0 {
			return 0
		}
	}
	switch t := storage(parts[0].DataType()).(type) {
	case *arrow.BooleanType, *arrow.DictionaryType, *arrow.StructType, *arrow.FixedSizeListType:
		return 0
	case arrow.FixedWidthDataType:
		switch w := t.BitWidth() / 8; w {
		case 1, 2, 4, 8, 16:
			return w
		}
	}
	return 0
}

func scatterFixed(parts []arrow.Array, width int, place []int32) *memory.Buffer {
	switch width {
	case 1:
		return scatterValues[uint8](parts, place)
	case 2:
		return scatterValues[uint16](parts, place)
	case 4:
		return scatterValues[uint32](parts, place)
	case 8:
		return scatterValues[uint64](parts, place)
	}
	return scatterValues[bytes16](parts, place)
}

func scatterValues[T any](parts []arrow.Array, place []int32) *memory.Buffer {
	out := Raw[T](len(place))
	for _, p := range parts {
		values := Values[T](p)
		for i, at := range place[:len(values)] {
			out[at] = values[i]
		}
		place = place[len(values):]
	}
	return bufferOf(out)
}
