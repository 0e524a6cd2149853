package parquet

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/parquet"
	"github.com/apache/arrow/go/v15/parquet/schema"
)

// Repetitions of the format.
const (
	repetitionOptional = 1
	repetitionRepeated = 2
)

// Converted types of the format, which old readers know instead of logical ones.
const (
	convertedUTF8            = 0
	convertedList            = 3
	convertedDecimal         = 5
	convertedDate            = 6
	convertedTimestampMicros = 10
	convertedInt8            = 15
	convertedInt16           = 16
	convertedJSON            = 19
	convertedInterval        = 21
)

// countElements is how many elements of the schema a node takes.
func (n *writeNode) countElements() int {
	count := 1
	if n.isList() {
		count++
	}
	for _, c := range n.children {
		count += c.countElements()
	}
	return count
}

// writeElements writes the elements of the schema of a node, in pre-order. A
// list has a repeated group between itself and its element.
func (n *writeNode) writeElements(w *thriftWriter) {
	switch {
	case n.isList():
		writeGroup(w, n.name, repetitionOptional, 1, true)
		writeGroup(w, "list", repetitionRepeated, 1, false)
	case n.typ.ID() == arrow.STRUCT:
		writeGroup(w, n.name, repetitionOptional, len(n.children), false)
	default:
		n.writeLeafElement(w)
	}
	for _, c := range n.children {
		c.writeElements(w)
	}
}

func writeGroup(w *thriftWriter, name string, repetition int32, children int, list bool) {
	w.begin()
	w.i32(3, repetition)
	w.text(4, name)
	w.i32(5, int32(children))
	if list {
		w.i32(6, convertedList)
		w.structure(10)
		w.empty(3)
		w.end()
	}
	w.end()
}

func (n *writeNode) writeLeafElement(w *thriftWriter) {
	w.begin()
	w.i32(1, int32(n.leaf.physical))
	if n.leaf.physical == parquet.Types.FixedLenByteArray {
		w.i32(2, int32(n.leaf.length))
	}
	w.i32(3, repetitionOptional)
	w.text(4, n.name)
	switch t := n.leaf.logical.(type) {
	case schema.StringLogicalType:
		writeAnnotation(w, convertedUTF8, 1)
	case schema.DateLogicalType:
		writeAnnotation(w, convertedDate, 6)
	case schema.JSONLogicalType:
		writeAnnotation(w, convertedJSON, 12)
	case schema.UUIDLogicalType:
		writeAnnotation(w, -1, 14)
	case schema.IntervalLogicalType:
		w.i32(6, convertedInterval)
	case *schema.DecimalLogicalType:
		w.i32(6, convertedDecimal)
		w.i32(7, t.Scale())
		w.i32(8, t.Precision())
		w.structure(10)
		w.structure(5)
		w.i32(1, t.Scale())
		w.i32(2, t.Precision())
		w.end()
		w.end()
	case *schema.IntLogicalType:
		converted := int32(convertedInt16)
		if t.BitWidth() == 8 {
			converted = convertedInt8
		}
		w.i32(6, converted)
		w.structure(10)
		w.structure(10)
		w.i8(1, byte(t.BitWidth()))
		w.boolean(2, t.IsSigned())
		w.end()
		w.end()
	case *schema.TimeLogicalType:
		writeMicros(w, -1, 7, t.IsAdjustedToUTC())
	case *schema.TimestampLogicalType:
		converted := int32(-1) // of old readers, which take it as adjusted
		if t.IsAdjustedToUTC() {
			converted = convertedTimestampMicros
		}
		writeMicros(w, converted, 8, t.IsAdjustedToUTC())
	}
	w.end()
}

// writeAnnotation writes a converted type, unless it is −1, and a logical one
// without parameters.
func writeAnnotation(w *thriftWriter, converted int32, logical int16) {
	if converted >= 0 {
		w.i32(6, converted)
	}
	w.structure(10)
	w.empty(logical)
	w.end()
}

// writeMicros writes a time or a timestamp of microseconds.
func writeMicros(w *thriftWriter, converted int32, logical int16, utc bool) {
	if converted >= 0 {
		w.i32(6, converted)
	}
	w.structure(10)
	w.structure(logical)
	w.boolean(1, utc)
	w.structure(2)
	w.empty(2)
	w.end()
	w.end()
	w.end()
}
