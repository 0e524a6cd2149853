package sqltype

import (
	"strconv"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"
)

// Name is PostgreSQL's format_type name of t, as error messages and DESCRIBE
// show it: "integer", "numeric(10,2)", "timestamp without time zone",
// "bigint[]". A dictionary has its values' name; Arrow types no SQL type maps to
// have the name of the SQL type they are read as.
func Name(t arrow.DataType) string {
	switch t.ID() {
	case arrow.BOOL:
		return "boolean"
	case arrow.INT8, arrow.UINT8, arrow.INT16:
		return "smallint"
	case arrow.UINT16, arrow.INT32:
		return "integer"
	case arrow.UINT32, arrow.INT64:
		return "bigint"
	case arrow.UINT64:
		return "numeric(20,0)"
	case arrow.FLOAT16, arrow.FLOAT32:
		return "real"
	case arrow.FLOAT64:
		return "double precision"
	case arrow.DECIMAL128, arrow.DECIMAL256:
		d := t.(arrow.DecimalType)
		return "numeric(" + strconv.Itoa(int(d.GetPrecision())) + "," + strconv.Itoa(int(d.GetScale())) + ")"
	case arrow.STRING, arrow.LARGE_STRING:
		return "text"
	case arrow.BINARY, arrow.LARGE_BINARY, arrow.FIXED_SIZE_BINARY:
		return "bytea"
	case arrow.DATE32, arrow.DATE64:
		return "date"
	case arrow.TIME32, arrow.TIME64:
		return "time without time zone"
	case arrow.TIMESTAMP:
		if t.(*arrow.TimestampType).TimeZone != "" {
			return "timestamp with time zone"
		}
		return "timestamp without time zone"
	case arrow.INTERVAL_MONTH_DAY_NANO, arrow.INTERVAL_MONTHS, arrow.INTERVAL_DAY_TIME, arrow.DURATION:
		return "interval"
	case arrow.LIST, arrow.LARGE_LIST, arrow.FIXED_SIZE_LIST:
		return arrayName(t.(arrow.ListLikeType).Elem())
	case arrow.STRUCT:
		return "record"
	case arrow.NULL:
		return "unknown"
	case arrow.DICTIONARY:
		return Name(t.(*arrow.DictionaryType).ValueType)
	case arrow.EXTENSION:
		return extensionName(t.(arrow.ExtensionType))
	}
	return t.Name()
}

// arrayName is the name of an array; PostgreSQL shows any number of dimensions
// as one.
func arrayName(elem arrow.DataType) string {
	if l, ok := elem.(arrow.ListLikeType); ok && elem.ID() != arrow.MAP {
		return arrayName(l.Elem())
	}
	return Name(elem) + "[]"
}

func extensionName(t arrow.ExtensionType) string {
	switch t.ExtensionName() {
	case "volley.numeric":
		return "numeric"
	case "volley.uuid":
		return "uuid"
	case "volley.json":
		return "json"
	case "volley.timetz":
		return "time with time zone"
	case "volley.jsonb":
		return "jsonb"
	case "volley.varbit":
		return "bit varying"
	}
	if name, ok := strings.CutPrefix(t.ExtensionName(), "volley."); ok {
		return name // oid, regclass and its like
	}
	return Name(t.StorageType())
}
