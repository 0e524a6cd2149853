package parquet

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/parquet"
	"github.com/apache/arrow/go/v15/parquet/schema"

	"volley/sqlerr"
	"volley/sqltype"
)

// The decimal that numerics without a precision are written as: 20 digits
// before the point and 18 after it hold what averages and quotients give.
const (
	numericPrecision = 38
	numericScale     = 18
)

// writeNode is a node of the schema being written and how its arrays are taken
// apart.
type writeNode struct {
	name     string
	typ      arrow.DataType // of the arrays, extensions and dictionaries included
	children []*writeNode   // of a list its element, of a struct its fields
	field    int            // which field of its parent it is
	leaf     leafType       // of leaves
}

func (n *writeNode) isList() bool { return n.typ.ID() == arrow.LIST }

// newWriteNode makes the optional node of a field.
func newWriteNode(name string, t arrow.DataType) (*writeNode, error) {
	n := &writeNode{name: name, typ: t}
	switch t := t.(type) {
	case *arrow.DictionaryType:
		value, err := newWriteNode(name, t.ValueType)
		if err != nil {
			return nil, err
		}
		n.leaf = value.leaf
		return n, nil
	case *arrow.ListType:
		element, err := newWriteNode("element", t.Elem())
		if err != nil {
			return nil, err
		}
		n.children = []*writeNode{element}
		return n, nil
	case *arrow.StructType:
		if t.NumFields() == 0 {
			return nil, sqlerr.New(sqlerr.FeatureNotSupported, "a row without fields cannot be written to Parquet")
		}
		for i, f := range t.Fields() {
			child, err := newWriteNode(f.Name, f.Type)
			if err != nil {
				return nil, err
			}
			child.field = i
			n.children = append(n.children, child)
		}
		return n, nil
	}
	leaf, ok := leafTypeOf(t)
	if !ok {
		return nil, sqlerr.New(sqlerr.FeatureNotSupported, "type %s cannot be written to Parquet", sqltype.Name(t)).
			WithHint("Cast column \"%s\" to text.", name)
	}
	n.leaf = leaf
	return n, nil
}

// leafType is how values of a type are stored.
type leafType struct {
	physical parquet.Type
	logical  schema.LogicalType
	length   int // of fixed-length byte arrays; −1 otherwise
	write    leafWriter
}

func leafTypeOf(t arrow.DataType) (leafType, bool) {
	types := parquet.Types
	none := schema.NoLogicalType{}
	switch {
	case sqltype.IsUnconstrainedNumeric(t):
		return leafType{types.FixedLenByteArray, schema.NewDecimalLogicalType(numericPrecision, numericScale), 16, writeNumerics}, true
	case sqltype.IsJSON(t):
		return leafType{types.ByteArray, schema.JSONLogicalType{}, -1, writeBytes}, true
	case sqltype.IsBits(t):
		return leafType{types.ByteArray, schema.StringLogicalType{}, -1, writeBytes}, true
	case sqltype.Equal(t, sqltype.UUID):
		return leafType{types.FixedLenByteArray, schema.UUIDLogicalType{}, 16, writeUUIDs}, true
	}
	switch t := t.(type) {
	case *arrow.BooleanType:
		return leafType{types.Boolean, none, -1, writeBools}, true
	case *arrow.Int8Type:
		return leafType{types.Int32, schema.NewIntLogicalType(8, true), -1, writeAsInt32[int8]}, true
	case *arrow.Int16Type:
		return leafType{types.Int32, schema.NewIntLogicalType(16, true), -1, writeAsInt32[int16]}, true
	case *arrow.Int32Type:
		return leafType{types.Int32, none, -1, writeAsInt32[int32]}, true
	case *arrow.Int64Type:
		return leafType{types.Int64, none, -1, writePlain[int64]}, true
	case *arrow.Float32Type:
		return leafType{types.Float, none, -1, writePlain[float32]}, true
	case *arrow.Float64Type:
		return leafType{types.Double, none, -1, writePlain[float64]}, true
	case *arrow.StringType, *arrow.NullType:
		return leafType{types.ByteArray, schema.StringLogicalType{}, -1, writeBytes}, true
	case *arrow.BinaryType:
		return leafType{types.ByteArray, none, -1, writeBytes}, true
	case *arrow.Date32Type:
		return leafType{types.Int32, schema.DateLogicalType{}, -1, writeAsInt32[int32]}, true
	case *arrow.Time64Type:
		return leafType{types.Int64, schema.NewTimeLogicalType(false, schema.TimeUnitMicros), -1, writePlain[int64]}, t.Unit == arrow.Microsecond
	case *arrow.TimestampType:
		logical := schema.NewTimestampLogicalType(t.TimeZone != "", schema.TimeUnitMicros)
		return leafType{types.Int64, logical, -1, writePlain[int64]}, t.Unit == arrow.Microsecond
	case *arrow.Decimal128Type:
		return decimalLeaf(t)
	case *arrow.MonthDayNanoIntervalType:
		return leafType{types.FixedLenByteArray, schema.IntervalLogicalType{}, 12, writeIntervals}, true
	}
	return leafType{}, false
}

// decimalLeaf stores a decimal in the smallest type that holds its digits.
func decimalLeaf(t *arrow.Decimal128Type) (leafType, bool) {
	logical := schema.NewDecimalLogicalType(t.Precision, t.Scale)
	switch {
	case t.Scale < 0 || t.Scale > t.Precision: // the format has no such decimals
		return leafType{}, false
	case t.Precision <= 9:
		return leafType{parquet.Types.Int32, logical, -1, writeDecimalsAsInt32}, true
	case t.Precision <= 18:
		return leafType{parquet.Types.Int64, logical, -1, writeDecimalsAsInt64}, true
	}
	return leafType{parquet.Types.FixedLenByteArray, logical, 16, writeDecimals}, true
}

// leafPaths appends the path to each leaf below n.
func (n *writeNode) leafPaths(above []*writeNode, to [][]*writeNode) [][]*writeNode {
	path := append(above[:len(above):len(above)], n)
	if len(n.children) == 0 {
		return append(to, path)
	}
	for _, c := range n.children {
		to = c.leafPaths(path, to)
	}
	return to
}
