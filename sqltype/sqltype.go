// Package sqltype names SQL's types. A SQL type is an Arrow type; there is no
// second type system. This package gives the Arrow type of each SQL type, the
// PostgreSQL name of each Arrow type, and PostgreSQL's text form of values in
// both directions (parse and append), which CSV, casts, literals, the wire and
// the shell all share.
//
//	SQL                     Arrow
//	boolean                 Boolean
//	smallint/integer/bigint Int16/Int32/Int64
//	real/double precision   Float32/Float64
//	numeric(p,s), p ≤ 38    Decimal128(p,s)
//	numeric                 extension volley.numeric over Binary: each value has its own scale
//	text, varchar, char     Utf8
//	bytea                   Binary
//	date                    Date32
//	time                    Time64[µs]
//	timetz                  extension volley.timetz over Int64
//	timestamp               Timestamp[µs]
//	timestamptz             Timestamp[µs, UTC]
//	interval                MonthDayNano
//	T[]                     List<T>
//	row                     Struct
//	uuid                    extension volley.uuid over FixedSizeBinary(16)
//	bit(n), bit varying(n)  extensions volley.bit and volley.varbit over Utf8, a character a bit
//	json, jsonb             extensions volley.json and volley.jsonb over Utf8
//	oid                     extension volley.oid over Int64
//	regclass and its like   extensions volley.regclass, … over Binary: oid and name
//	unknown (NULL, 'text')  Null
//
// Infinity: a date, timestamp or timestamptz of 'infinity' and '-infinity' is
// the largest and the smallest integer of its Arrow type.
//
// An unconstrained numeric needs its own representation because PostgreSQL
// keeps a display scale per value (avg, division, CASE over mixed scales) and
// up to 131072 digits; Decimal128 has one scale a column and 38 digits.
//
// Everything that runs once per value appends to or reads from a []byte and
// does not allocate. Errors are of package sqlerr with PostgreSQL's SQLSTATE and
// wording. All functions are safe for concurrent use.
package sqltype

import "github.com/apache/arrow/go/v15/arrow"

// The Arrow types of SQL's unparameterised types.
var (
	Bool        arrow.DataType = arrow.FixedWidthTypes.Boolean
	Int16       arrow.DataType = arrow.PrimitiveTypes.Int16
	Int32       arrow.DataType = arrow.PrimitiveTypes.Int32
	Int64       arrow.DataType = arrow.PrimitiveTypes.Int64
	Float32     arrow.DataType = arrow.PrimitiveTypes.Float32
	Float64     arrow.DataType = arrow.PrimitiveTypes.Float64
	Text        arrow.DataType = arrow.BinaryTypes.String
	Bytea       arrow.DataType = arrow.BinaryTypes.Binary
	Date        arrow.DataType = arrow.FixedWidthTypes.Date32
	Time        arrow.DataType = arrow.FixedWidthTypes.Time64us
	Timestamp   arrow.DataType = &arrow.TimestampType{Unit: arrow.Microsecond}
	TimestampTZ arrow.DataType = &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}
	Interval    arrow.DataType = arrow.FixedWidthTypes.MonthDayNanoInterval
	// Unknown is the type of NULL and of a quoted literal before the binder has
	// found its type from the context.
	Unknown arrow.DataType = arrow.Null
)

// Decimal is numeric(precision, scale) with precision ≤ 38.
// There is one value only of each.
func Decimal(precision, scale int32) arrow.DataType {
	if 0 <= scale && scale <= precision && precision <= MaxDecimalPrecision {
		return decimals[precision*(precision+1)/2+scale]
	}
	return &arrow.Decimal128Type{Precision: precision, Scale: scale}
}

// decimals are the types numeric(p, s), p ≥ s ≥ 0, in order.
var decimals = func() (out []arrow.DataType) {
	for p := int32(0); p <= MaxDecimalPrecision; p++ {
		for s := int32(0); s <= p; s++ {
			out = append(out, &arrow.Decimal128Type{Precision: p, Scale: s})
		}
	}
	return out
}()
