package sqltype

import (
	"strings"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqlerr"
)

// typeNames maps every accepted name, in lower case, to its type: PostgreSQL's
// SQL and internal names first, then the names other engines use for the same.
var typeNames = map[string]arrow.DataType{
	"bool": Bool, "boolean": Bool,
	"int2": Int16, "smallint": Int16,
	"int4": Int32, "int": Int32, "integer": Int32,
	"int8": Int64, "bigint": Int64,
	"float4": Float32, "real": Float32,
	"float8": Float64, "double precision": Float64,
	"numeric": Numeric, "decimal": Numeric, "dec": Numeric,
	"text": Text, "varchar": Text, "character varying": Text, "char varying": Text,
	"char": Text, "character": Text, "bpchar": Text, "name": Text,
	"national character": Text, "national char": Text, "nchar": Text,
	"national character varying": Text, "national char varying": Text,
	"bytea": Bytea,
	"date":  Date,
	"time":  Time, "time without time zone": Time,
	"timetz": TimeTZ, "time with time zone": TimeTZ,
	"timestamp": Timestamp, "timestamp without time zone": Timestamp,
	"timestamptz": TimestampTZ, "timestamp with time zone": TimestampTZ,
	"interval": Interval,
	"uuid":     UUID, "json": JSON, "jsonb": JSONB, "jsonpath": JSONPath,
	"bit": Bit, "varbit": VarBit, "bit varying": VarBit,
	"unknown": Unknown,
	"record":  arrow.StructOf(),
	"oid":     OID, "regclass": Regclass, "regtype": Regtype, "regproc": Regproc,
	"regprocedure": Regprocedure, "regoper": Regoper, "regoperator": Regoperator,
	"regnamespace": Regnamespace, "regrole": Regrole, "regcollation": Regcollation,
	"regconfig": Regconfig, "regdictionary": Regdictionary,
	"xid": OID, "cid": OID, "sql_identifier": Text, "character_data": Text, "yes_or_no": Text,
	"cardinal_number": Int32, "time_stamp": TimestampTZ, "aclitem": Text, "pg_node_tree": Text,

	"tinyint": Int16, "int1": Int16, "utinyint": Int16, "usmallint": Int32, "uinteger": Int64,
	"short": Int16, "signed": Int32, "long": Int64, "logical": Bool,
	"ubigint": Decimal(20, 0), "hugeint": Decimal(38, 0), "uhugeint": Numeric,
	"double": Float64, "string": Text, "datetime": Timestamp,
	"blob": Bytea, "binary": Bytea, "varbinary": Bytea,
}

// Resolve finds the type of a name as written after :: or in a column
// definition, with its modifiers ("numeric", [10 2]) and the number of array
// dimensions. A schema prefix pg_catalog. is ignored. The length of varchar(n)
// and char(n) and the precision of temporal types are checked, but are no part
// of the type: a cast applies them. An unknown name is 42704.
func Resolve(name string, mods []int32, arrayDims int) (arrow.DataType, error) {
	key := strings.TrimPrefix(strings.TrimPrefix(strings.ToLower(strings.TrimSpace(name)), "pg_catalog."), "information_schema.")
	for strings.HasSuffix(key, "[]") {
		key = strings.TrimSpace(key[:len(key)-2])
		arrayDims++
	}
	if elem, ok := strings.CutPrefix(key, "_"); ok && typeNames[elem] != nil {
		key = elem // _int4 is PostgreSQL's internal name of integer[]
		arrayDims++
	}
	t, err := resolveScalar(name, key, mods)
	if err != nil {
		return nil, err
	}
	if arrayDims > 6 {
		return nil, sqlerr.New(sqlerr.ProgramLimitExceeded, "number of array dimensions (%d) exceeds the maximum allowed (6)", arrayDims)
	}
	for range arrayDims {
		t = arrow.ListOf(t)
	}
	return t, nil
}

func resolveScalar(name, key string, mods []int32) (arrow.DataType, error) {
	switch {
	case key == "float":
		return resolveFloat(mods)
	case len(mods) == 0:
		if t := typeNames[key]; t != nil {
			return t, nil
		}
		return nil, sqlerr.New(sqlerr.UndefinedObject, "type \"%s\" does not exist", name)
	}
	t := typeNames[key]
	if t == nil {
		return nil, sqlerr.New(sqlerr.UndefinedObject, "type \"%s\" does not exist", name)
	}
	switch {
	case Equal(t, Numeric):
		return resolveNumeric(mods)
	case t.ID() == arrow.STRING:
		return t, checkLength(key, mods)
	case Equal(t, Bit):
		return t, checkBitLength("bit", mods)
	case Equal(t, VarBit):
		return t, checkBitLength("varbit", mods)
	case t.ID() == arrow.TIMESTAMP, t.ID() == arrow.TIME64, Equal(t, TimeTZ), t.ID() == arrow.INTERVAL_MONTH_DAY_NANO:
		return t, checkSubsecond(Name(t), mods)
	}
	return nil, sqlerr.New(sqlerr.SyntaxError, "type modifier is not allowed for type \"%s\"", name)
}

// resolveFloat is float(p), p in binary digits.
func resolveFloat(mods []int32) (arrow.DataType, error) {
	switch {
	case len(mods) == 0:
		return Float64, nil
	case len(mods) > 1:
		return nil, sqlerr.New(sqlerr.SyntaxError, "type modifier is not allowed for type \"float\"")
	case mods[0] < 1:
		return nil, sqlerr.New(sqlerr.InvalidParameterValue, "precision for type float must be at least 1 bit")
	case mods[0] <= 24:
		return Float32, nil
	case mods[0] <= 53:
		return Float64, nil
	}
	return nil, sqlerr.New(sqlerr.InvalidParameterValue, "precision for type float must be less than 54 bits")
}

func resolveNumeric(mods []int32) (arrow.DataType, error) {
	p, s := mods[0], int32(0)
	if len(mods) > 2 {
		return nil, sqlerr.New(sqlerr.InvalidParameterValue, "invalid NUMERIC type modifier")
	}
	if len(mods) == 2 {
		s = mods[1]
	}
	if p < 1 || p > 1000 {
		return nil, sqlerr.New(sqlerr.InvalidParameterValue, "NUMERIC precision %d must be between 1 and 1000", p)
	}
	if s < -1000 || s > 1000 {
		return nil, sqlerr.New(sqlerr.InvalidParameterValue, "NUMERIC scale %d must be between -1000 and 1000", s)
	}
	if p > MaxDecimalPrecision || s < 0 || s > p {
		return Numeric, nil
	}
	return Decimal(p, s), nil
}

func checkLength(key string, mods []int32) error {
	name := "char"
	if strings.Contains(key, "var") {
		name = "varchar"
	}
	switch {
	case len(mods) > 1:
		return sqlerr.New(sqlerr.InvalidParameterValue, "invalid type modifier")
	case key == "text" || key == "string" || key == "name":
		if key == "string" {
			return nil
		}
		return sqlerr.New(sqlerr.SyntaxError, "type modifier is not allowed for type \"%s\"", key)
	case mods[0] < 1:
		return sqlerr.New(sqlerr.InvalidParameterValue, "length for type %s must be at least 1", name)
	case mods[0] > 10485760:
		return sqlerr.New(sqlerr.InvalidParameterValue, "length for type %s cannot exceed 10485760", name)
	}
	return nil
}

func checkSubsecond(name string, mods []int32) error {
	if len(mods) > 1 {
		return sqlerr.New(sqlerr.InvalidParameterValue, "invalid type modifier")
	}
	if mods[0] < 0 {
		return sqlerr.New(sqlerr.InvalidParameterValue, "%s(%d) precision must not be negative", name, mods[0])
	}
	return nil
}
