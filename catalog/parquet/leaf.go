package parquet

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/parquet"
	"github.com/apache/arrow/go/v15/parquet/schema"

	"volley/sqltype"
)

// leaf is a column of values: its physical type and annotation in the file, and
// the SQL type and conversion they are read by.
type leaf struct {
	index    int // among the leaves of the schema
	descr    *schema.Column
	physical parquet.Type
	width    int // bytes of a value of a fixed width, 0 otherwise
	typ      arrow.DataType
	conv     conversion
	scale    int64 // factor or divisor of scaled conversions
	// short is how Decimals may be encoded whose digits are integers in the file.
	short *sqltype.ShortDecimalType
}

// conversion is how physical values become those of the SQL type.
type conversion uint8

const (
	asIs         conversion = iota // the same bytes
	int32ToInt16                   // the low bits, sign-extended
	uint8ToInt16
	uint16ToInt32
	uint32ToInt64
	uint64ToDecimal
	intToDecimal    // int32 and int64
	bytesToDecimal  // big-endian two's complement, ≤ 38 digits
	bytesToNumeric  // the same, more digits
	multiply        // integers → µs, by leaf.scale
	divide          // ns → µs, by leaf.scale, towards −∞
	int96ToMicros   // nanoseconds of the day, Julian day
	halfToFloat     // IEEE 754 half precision
	bytesToInterval // months, days, milliseconds
	bytesToUUID
	bytesToText // checked to be UTF-8
	bytesToBytea
)

func newLeaf(p *schema.PrimitiveNode, s *schema.Schema) *leaf {
	index := s.ColumnIndexByNode(p)
	l := &leaf{index: index, descr: s.Column(index), physical: p.PhysicalType()}
	logical := p.LogicalType()
	switch p.PhysicalType() {
	case parquet.Types.Boolean:
		l.typ = sqltype.Bool
	case parquet.Types.Int32:
		l.width = 4
		l.annotateInt32(logical)
	case parquet.Types.Int64:
		l.width = 8
		l.annotateInt64(logical)
	case parquet.Types.Int96:
		l.width = 12
		l.typ, l.conv = sqltype.Timestamp, int96ToMicros
	case parquet.Types.Float:
		l.width, l.typ = 4, sqltype.Float32
	case parquet.Types.Double:
		l.width, l.typ = 8, sqltype.Float64
	case parquet.Types.FixedLenByteArray:
		l.width = p.TypeLength()
		l.annotateFixed(logical)
	default:
		l.annotateBytes(logical)
	}
	return l
}

func (l *leaf) annotateInt32(logical schema.LogicalType) {
	l.typ = sqltype.Int32
	switch t := logical.(type) {
	case *schema.IntLogicalType:
		switch {
		case t.BitWidth() == 8 && !t.IsSigned():
			l.typ, l.conv = sqltype.Int16, uint8ToInt16
		case t.BitWidth() == 16 && !t.IsSigned():
			l.conv = uint16ToInt32
		case t.BitWidth() == 32 && !t.IsSigned():
			l.typ, l.conv = sqltype.Int64, uint32ToInt64
		case t.BitWidth() < 32:
			l.typ, l.conv = sqltype.Int16, int32ToInt16
		}
	case schema.DateLogicalType:
		l.typ = sqltype.Date
	case *schema.TimeLogicalType:
		l.typ, l.conv, l.scale = sqltype.Time, multiply, 1000
	case *schema.DecimalLogicalType:
		l.decimal(t, intToDecimal)
	}
}

func (l *leaf) annotateInt64(logical schema.LogicalType) {
	l.typ = sqltype.Int64
	switch t := logical.(type) {
	case *schema.IntLogicalType:
		if !t.IsSigned() {
			l.typ, l.conv = sqltype.Decimal(20, 0), uint64ToDecimal
		}
	case *schema.TimeLogicalType:
		l.typ = sqltype.Time
		l.micros(t.TimeUnit())
	case *schema.TimestampLogicalType:
		l.typ = sqltype.Timestamp
		// The old annotations say nothing of time zones.
		if t.IsAdjustedToUTC() && !t.IsFromConvertedType() {
			l.typ = sqltype.TimestampTZ
		}
		l.micros(t.TimeUnit())
	case *schema.DecimalLogicalType:
		l.decimal(t, intToDecimal)
	}
}

// micros sets the conversion of a unit of time to microseconds.
func (l *leaf) micros(unit schema.TimeUnitType) {
	switch unit {
	case schema.TimeUnitMillis:
		l.conv, l.scale = multiply, 1000
	case schema.TimeUnitNanos:
		l.conv, l.scale = divide, 1000
	}
}

func (l *leaf) annotateFixed(logical schema.LogicalType) {
	l.typ, l.conv = sqltype.Bytea, bytesToBytea
	switch t := logical.(type) {
	case *schema.DecimalLogicalType:
		l.decimal(t, bytesToDecimal)
	case schema.UUIDLogicalType:
		if l.width == 16 {
			l.typ, l.conv = sqltype.UUID, bytesToUUID
		}
	case schema.IntervalLogicalType:
		if l.width == 12 {
			l.typ, l.conv = sqltype.Interval, bytesToInterval
		}
	case schema.Float16LogicalType:
		if l.width == 2 {
			l.typ, l.conv = sqltype.Float32, halfToFloat
		}
	}
}

func (l *leaf) annotateBytes(logical schema.LogicalType) {
	l.typ, l.conv = sqltype.Bytea, bytesToBytea
	switch t := logical.(type) {
	case schema.StringLogicalType, schema.EnumLogicalType, schema.JSONLogicalType:
		l.typ, l.conv = sqltype.Text, bytesToText
	case *schema.DecimalLogicalType:
		l.decimal(t, bytesToDecimal)
	}
}

func (l *leaf) decimal(t *schema.DecimalLogicalType, conv conversion) {
	if t.Precision() > sqltype.MaxDecimalPrecision {
		l.typ, l.conv = sqltype.Numeric, bytesToNumeric
		l.scale = int64(t.Scale())
		return
	}
	l.typ, l.conv = sqltype.Decimal(t.Precision(), t.Scale()), conv
	if conv == intToDecimal {
		l.short = sqltype.NewShortDecimal(l.typ.(*arrow.Decimal128Type))
	}
}

// asText gives l read as text where it has no annotation: some writers leave
// it out (the option binary_as_string).
func (l *leaf) asText() *leaf {
	if l.physical != parquet.Types.ByteArray || l.conv != bytesToBytea || !l.descr.LogicalType().IsNone() {
		return l
	}
	c := *l
	c.typ, c.conv = sqltype.Text, bytesToText
	return &c
}
