package sqltype

import "github.com/apache/arrow/go/v15/arrow"

// Context is where a conversion happens; each allows what the one before it
// does, and more.
type Context uint8

const (
	// Implicit is an operand, an argument or a comparison.
	Implicit Context = iota
	// Assignment is a value stored in a column, as by INSERT.
	Assignment
	// Explicit is CAST or ::.
	Explicit
)

// kind is a type in PostgreSQL's eyes: all numeric(p,s) are one kind.
type kind uint8

const (
	kindUnknown kind = iota
	kindBool
	kindInt16
	kindInt32
	kindInt64
	kindNumeric
	kindFloat32
	kindFloat64
	kindText
	kindBytea
	kindDate
	kindTime
	kindTimeTZ
	kindTimestamp
	kindTimestampTZ
	kindInterval
	kindUUID
	kindJSON
	kindJSONB
	kindBit
	kindVarBit
	kindOID
	kindReg
	kindArray
	kindRecord
	kindOther
	kinds
)

func kindOf(t arrow.DataType) kind {
	switch t = Logical(t); t.ID() {
	case arrow.NULL:
		return kindUnknown
	case arrow.BOOL:
		return kindBool
	case arrow.INT8, arrow.UINT8, arrow.INT16:
		return kindInt16
	case arrow.UINT16, arrow.INT32:
		return kindInt32
	case arrow.UINT32, arrow.INT64:
		return kindInt64
	case arrow.UINT64, arrow.DECIMAL128, arrow.DECIMAL256:
		return kindNumeric
	case arrow.FLOAT16, arrow.FLOAT32:
		return kindFloat32
	case arrow.FLOAT64:
		return kindFloat64
	case arrow.STRING, arrow.LARGE_STRING:
		return kindText
	case arrow.BINARY, arrow.LARGE_BINARY, arrow.FIXED_SIZE_BINARY:
		return kindBytea
	case arrow.DATE32, arrow.DATE64:
		return kindDate
	case arrow.TIME32, arrow.TIME64:
		return kindTime
	case arrow.TIMESTAMP:
		if IsTimestampTZ(t) {
			return kindTimestampTZ
		}
		return kindTimestamp
	case arrow.INTERVAL_MONTH_DAY_NANO, arrow.INTERVAL_MONTHS, arrow.INTERVAL_DAY_TIME, arrow.DURATION:
		return kindInterval
	case arrow.LIST, arrow.LARGE_LIST, arrow.FIXED_SIZE_LIST:
		return kindArray
	case arrow.STRUCT:
		return kindRecord
	}
	switch {
	case Equal(t, Numeric):
		return kindNumeric
	case Equal(t, TimeTZ):
		return kindTimeTZ
	case Equal(t, UUID):
		return kindUUID
	case Equal(t, JSON):
		return kindJSON
	case Equal(t, JSONB):
		return kindJSONB
	case Equal(t, Bit):
		return kindBit
	case Equal(t, VarBit):
		return kindVarBit
	case IsOID(t):
		return kindOID
	case IsReg(t):
		return kindReg
	}
	return kindOther
}

// casts is pg_cast for the kinds here: the least context in which a value of
// the first kind becomes one of the second. Conversions to and from text go
// through the text form and are not listed.
var casts = func() (m [kinds][kinds]uint8) {
	add := func(c Context, from kind, to ...kind) {
		for _, t := range to {
			m[from][t] = uint8(c) + 1 // 0 is "no cast"
		}
	}
	add(Implicit, kindInt16, kindInt32, kindInt64, kindNumeric, kindFloat32, kindFloat64)
	add(Implicit, kindInt32, kindInt64, kindNumeric, kindFloat32, kindFloat64)
	add(Implicit, kindInt64, kindNumeric, kindFloat32, kindFloat64)
	add(Implicit, kindNumeric, kindFloat32, kindFloat64)
	add(Implicit, kindFloat32, kindFloat64)
	add(Assignment, kindInt32, kindInt16)
	add(Assignment, kindInt64, kindInt16, kindInt32)
	add(Assignment, kindNumeric, kindInt16, kindInt32, kindInt64)
	add(Assignment, kindFloat32, kindInt16, kindInt32, kindInt64, kindNumeric)
	add(Assignment, kindFloat64, kindInt16, kindInt32, kindInt64, kindNumeric, kindFloat32)
	add(Explicit, kindBool, kindInt32)
	add(Explicit, kindInt32, kindBool)
	add(Implicit, kindDate, kindTimestamp, kindTimestampTZ)
	add(Implicit, kindTimestamp, kindTimestampTZ)
	add(Implicit, kindTime, kindInterval, kindTimeTZ)
	add(Assignment, kindTimeTZ, kindTime)
	add(Assignment, kindTimestampTZ, kindTimeTZ)
	add(Assignment, kindTimestamp, kindDate, kindTime)
	add(Assignment, kindTimestampTZ, kindDate, kindTime, kindTimestamp)
	add(Assignment, kindInterval, kindTime)
	add(Assignment, kindJSON, kindJSONB)
	add(Assignment, kindJSONB, kindJSON)
	add(Implicit, kindBit, kindVarBit)
	add(Implicit, kindVarBit, kindBit)
	add(Explicit, kindInt32, kindBit)
	add(Explicit, kindInt64, kindBit)
	add(Explicit, kindBit, kindInt32, kindInt64)
	add(Implicit, kindInt16, kindOID, kindReg)
	add(Implicit, kindInt32, kindOID, kindReg)
	add(Implicit, kindInt64, kindOID, kindReg)
	add(Implicit, kindOID, kindInt64, kindReg)
	add(Assignment, kindOID, kindInt32)
	add(Implicit, kindReg, kindOID)
	add(Assignment, kindReg, kindInt32, kindInt64)
	add(Explicit, kindJSONB, kindBool, kindInt16, kindInt32, kindInt64, kindNumeric, kindFloat32, kindFloat64)
	return m
}()

// SameType tells whether PostgreSQL takes a and b for the same type: modifiers,
// as of numeric(p,s), and the number of an array's dimensions do not count.
func SameType(a, b arrow.DataType) bool {
	x, y := kindOf(a), kindOf(b)
	switch {
	case x != y:
		return false
	case x == kindArray:
		return SameType(ElementType(a), ElementType(b))
	case x == kindRecord || x == kindOther:
		return Equal(Logical(a), Logical(b))
	}
	return true
}

// ElementType is the type of an array's elements, below all its dimensions; t
// itself when it is no array.
func ElementType(t arrow.DataType) arrow.DataType {
	for kindOf(t) == kindArray {
		t = Logical(t).(arrow.ListLikeType).Elem()
	}
	return t
}

// Dimensions is how many dimensions arrays of type t have, 0 when it is none.
func Dimensions(t arrow.DataType) int {
	n := 0
	for ; kindOf(t) == kindArray; n++ {
		t = Logical(t).(arrow.ListLikeType).Elem()
	}
	return n
}

// ArrayOf is the type of arrays with so many dimensions.
func ArrayOf(elem arrow.DataType, dims int) arrow.DataType {
	for range dims {
		elem = arrow.ListOf(elem)
	}
	return elem
}

// CanCast tells whether PostgreSQL converts from one type to the other in the
// given context. Types that differ only in precision and scale convert in any.
// A conversion that is allowed may still fail for a value.
func CanCast(from, to arrow.DataType, ctx Context) bool {
	f, t := kindOf(from), kindOf(to)
	switch {
	case f == kindUnknown:
		return true
	case f == kindArray && t == kindArray:
		return CanCast(ElementType(from), ElementType(to), ctx)
	case f == kindRecord && t == kindRecord:
		return canCastRecord(Logical(from).(*arrow.StructType), Logical(to).(*arrow.StructType), ctx)
	case f == t:
		return f != kindOther && f != kindReg || Equal(Logical(from), Logical(to))
	case t == kindUnknown:
		return false
	case t == kindText:
		return ctx >= Assignment
	case f == kindText:
		return ctx == Explicit || Equal(Logical(to), Regclass)
	}
	c := casts[f][t]
	return c != 0 && uint8(ctx)+1 >= c
}

func canCastRecord(from, to *arrow.StructType, ctx Context) bool {
	if from.NumFields() != to.NumFields() {
		return to.NumFields() == 0 // record without a row type
	}
	for i, f := range from.Fields() {
		if !CanCast(f.Type, to.Field(i).Type, ctx) {
			return false
		}
	}
	return true
}
