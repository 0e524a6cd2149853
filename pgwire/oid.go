package pgwire

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqltype"
)

// Object identifiers of PostgreSQL's types (pg_type.dat).
const (
	oidBool        = 16
	oidBytea       = 17
	oidChar        = 18
	oidName        = 19
	oidInt8        = 20
	oidInt2        = 21
	oidInt4        = 23
	oidText        = 25
	oidOid         = 26
	oidFloat4      = 700
	oidFloat8      = 701
	oidUnknown     = 705
	oidBpchar      = 1042
	oidVarchar     = 1043
	oidDate        = 1082
	oidTime        = 1083
	oidTimestamp   = 1114
	oidTimestampTZ = 1184
	oidInterval    = 1186
	oidBit         = 1560
	oidVarbit      = 1562
	oidNumeric     = 1700
	oidRecord      = 2249
	oidRecordArray = 2287
)

// arrayOID maps an element's OID to its array's.
var arrayOID = map[uint32]uint32{
	oidBool: 1000, oidBytea: 1001, oidInt2: 1005, oidInt4: 1007, oidText: 1009,
	oidInt8: 1016, oidFloat4: 1021, oidFloat8: 1022, oidTimestamp: 1115,
	oidDate: 1182, oidTime: 1183, oidTimestampTZ: 1185, oidInterval: 1187,
	oidNumeric: 1231, oidRecord: oidRecordArray, oidOid: 1028, 2950: 2951, 1266: 1270, 114: 199, 3802: 3807, 4072: 4073,
	oidBit: 1561, oidVarbit: 1563, 24: 1008, 2205: 2210, 2206: 2211,
}

// namedOID are the types that have their own OID but not their own Arrow
// storage, by sqltype's name.
var namedOID = map[string]uint32{
	"uuid": 2950, "time with time zone": 1266, "json": 114, "jsonb": 3802, "jsonpath": 4072, "oid": oidOid, "bit": oidBit, "bit varying": oidVarbit,
	"regproc": 24, "regprocedure": 2202, "regoper": 2203, "regoperator": 2204, "regclass": 2205,
	"regtype": 2206, "regnamespace": 4089, "regrole": 4096, "regcollation": 4191,
	"regconfig": 3734, "regdictionary": 3769,
}

// typeOID gives the OID, the size in bytes (−1: variable) and the type modifier
// that a RowDescription reports for a type.
func typeOID(t arrow.DataType) (oid uint32, size int16, mod int32) {
	if sqltype.Equal(t, sqltype.Numeric) {
		return oidNumeric, -1, -1
	}
	switch t := t.(type) {
	case *arrow.BooleanType:
		return oidBool, 1, -1
	case *arrow.Int16Type:
		return oidInt2, 2, -1
	case *arrow.Int32Type:
		return oidInt4, 4, -1
	case *arrow.Int64Type:
		return oidInt8, 8, -1
	case *arrow.Float32Type:
		return oidFloat4, 4, -1
	case *arrow.Float64Type:
		return oidFloat8, 8, -1
	case *arrow.BinaryType:
		return oidBytea, -1, -1
	case *arrow.Date32Type:
		return oidDate, 4, -1
	case *arrow.Time64Type:
		return oidTime, 8, -1
	case *arrow.TimestampType:
		if t.TimeZone != "" {
			return oidTimestampTZ, 8, -1
		}
		return oidTimestamp, 8, -1
	case *arrow.MonthDayNanoIntervalType:
		return oidInterval, 16, -1
	case *arrow.Decimal128Type:
		return oidNumeric, -1, t.Precision<<16 | t.Scale + 4
	case *arrow.StructType:
		return oidRecord, -1, -1
	case *arrow.DictionaryType:
		return typeOID(t.ValueType)
	case *arrow.ListType:
		elem, _, _ := typeOID(sqltype.ElementType(t))
		if a, ok := arrayOID[elem]; ok {
			return a, -1, -1
		}
		return arrayOID[oidText], -1, -1
	}
	if oid, ok := namedOID[sqltype.Name(t)]; ok {
		if oid == oidOid || sqltype.IsReg(t) {
			return oid, 4, -1
		}
		return oid, -1, -1
	}
	return oidText, -1, -1
}

// oidType gives the type of a parameter's OID; nil leaves it to the binder.
func oidType(oid uint32) arrow.DataType {
	switch oid {
	case oidBool:
		return sqltype.Bool
	case oidBytea:
		return sqltype.Bytea
	case oidInt2:
		return sqltype.Int16
	case oidInt4:
		return sqltype.Int32
	case oidInt8:
		return sqltype.Int64
	case oidOid:
		return sqltype.OID
	case oidFloat4:
		return sqltype.Float32
	case oidFloat8:
		return sqltype.Float64
	case oidText, oidVarchar, oidBpchar, oidName, oidChar:
		return sqltype.Text
	case oidDate:
		return sqltype.Date
	case oidTime:
		return sqltype.Time
	case oidTimestamp:
		return sqltype.Timestamp
	case oidTimestampTZ:
		return sqltype.TimestampTZ
	case oidInterval:
		return sqltype.Interval
	case oidNumeric:
		return sqltype.Numeric
	}
	for name, o := range namedOID {
		if t, err := sqltype.Resolve(name, nil, 0); o == oid && err == nil && !sqltype.IsReg(t) {
			return t
		}
	}
	for elem, a := range arrayOID {
		if a == oid && elem != oidRecord {
			return arrow.ListOf(oidType(elem))
		}
	}
	return nil
}
