package sqltype

import "github.com/apache/arrow/go/v15/arrow"

// PostgreSQL's type categories (pg_type.typcategory).
const (
	CategoryArray     = 'A'
	CategoryBitString = 'V'
	CategoryBoolean   = 'B'
	CategoryComposite = 'C'
	CategoryDateTime  = 'D'
	CategoryNumeric   = 'N'
	CategoryPseudo    = 'P'
	CategoryString    = 'S'
	CategoryTimespan  = 'T'
	CategoryUser      = 'U'
	CategoryUnknown   = 'X'
)

// Equal tells whether a and b are the same type. The names of list elements,
// nullability and metadata do not matter; precision, scale and the presence of a
// time zone do.
func Equal(a, b arrow.DataType) bool {
	if a == b {
		return true
	}
	if a == nil || b == nil || a.ID() != b.ID() {
		return false
	}
	switch x := a.(type) {
	case *arrow.TimestampType:
		y := b.(*arrow.TimestampType)
		return x.Unit == y.Unit && (x.TimeZone == "") == (y.TimeZone == "")
	case *arrow.ListType:
		return Equal(x.Elem(), b.(*arrow.ListType).Elem())
	case *arrow.DictionaryType:
		y := b.(*arrow.DictionaryType)
		return Equal(x.IndexType, y.IndexType) && Equal(x.ValueType, y.ValueType)
	case *arrow.StructType:
		y := b.(*arrow.StructType)
		if x.NumFields() != y.NumFields() {
			return false
		}
		for i, f := range x.Fields() {
			if g := y.Field(i); f.Name != g.Name || !Equal(f.Type, g.Type) {
				return false
			}
		}
		return true
	}
	return arrow.TypeEqual(a, b)
}

// Logical is the type of the values: that of a dictionary's values, t otherwise.
func Logical(t arrow.DataType) arrow.DataType {
	if d, ok := t.(*arrow.DictionaryType); ok {
		return Logical(d.ValueType)
	}
	return t
}

// Category is PostgreSQL's typcategory of t.
func Category(t arrow.DataType) byte {
	t = Logical(t)
	switch {
	case t.ID() == arrow.BOOL:
		return CategoryBoolean
	case IsNumeric(t):
		return CategoryNumeric
	case IsString(t):
		return CategoryString
	case Equal(t, TimeTZ):
		return CategoryDateTime
	case IsOID(t), IsReg(t):
		return CategoryNumeric
	case IsBits(t):
		return CategoryBitString
	}
	switch t.ID() {
	case arrow.DATE32, arrow.DATE64, arrow.TIME32, arrow.TIME64, arrow.TIMESTAMP:
		return CategoryDateTime
	case arrow.INTERVAL_MONTH_DAY_NANO, arrow.INTERVAL_MONTHS, arrow.INTERVAL_DAY_TIME, arrow.DURATION:
		return CategoryTimespan
	case arrow.LIST, arrow.LARGE_LIST, arrow.FIXED_SIZE_LIST:
		return CategoryArray
	case arrow.STRUCT:
		return CategoryPseudo // record; a named composite would be 'C'
	case arrow.NULL:
		return CategoryUnknown
	}
	return CategoryUser
}

// IsPreferred tells whether t is its category's preferred type, to which
// PostgreSQL resolves an ambiguity.
func IsPreferred(t arrow.DataType) bool {
	t = Logical(t)
	switch t.ID() {
	case arrow.BOOL, arrow.FLOAT64, arrow.STRING, arrow.LARGE_STRING, arrow.INTERVAL_MONTH_DAY_NANO:
		return true
	case arrow.TIMESTAMP:
		return t.(*arrow.TimestampType).TimeZone != ""
	}
	return IsOID(t) || Equal(t, VarBit)
}

// IsInteger tells whether t is a smallint, integer or bigint (of any Arrow
// width and sign).
func IsInteger(t arrow.DataType) bool { return arrow.IsInteger(Logical(t).ID()) }

// IsFloat tells whether t is real or double precision.
func IsFloat(t arrow.DataType) bool { return arrow.IsFloating(Logical(t).ID()) }

// IsDecimal tells whether t is numeric(p,s), kept as Decimal128.
func IsDecimal(t arrow.DataType) bool { return Logical(t).ID() == arrow.DECIMAL128 }

// IsUnconstrainedNumeric tells whether t is Numeric.
func IsUnconstrainedNumeric(t arrow.DataType) bool {
	e, ok := Logical(t).(arrow.ExtensionType)
	return ok && e.ExtensionName() == "volley.numeric"
}

// IsNumeric tells whether t is a number of any kind.
func IsNumeric(t arrow.DataType) bool {
	t = Logical(t)
	return arrow.IsInteger(t.ID()) || arrow.IsFloating(t.ID()) || arrow.IsDecimal(t.ID()) || IsUnconstrainedNumeric(t)
}

// IsString tells whether t is text.
func IsString(t arrow.DataType) bool {
	id := Logical(t).ID()
	return id == arrow.STRING || id == arrow.LARGE_STRING
}

// IsTemporal tells whether t is a date, time, timestamp or interval.
func IsTemporal(t arrow.DataType) bool {
	c := Category(t)
	return c == CategoryDateTime || c == CategoryTimespan
}

// IsTimestampTZ tells whether t is timestamp with time zone.
func IsTimestampTZ(t arrow.DataType) bool {
	ts, ok := Logical(t).(*arrow.TimestampType)
	return ok && ts.TimeZone != ""
}
