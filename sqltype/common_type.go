package sqltype

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqlerr"
)

// CommonType is the type to which the branches of UNION, CASE, COALESCE, VALUES
// and ARRAY are converted: PostgreSQL's select_common_type. Unknown branches do
// not count; when all are unknown the result is text. numeric(p,s) of equal
// scale give the largest precision; of different scales, or with integers, they
// give Numeric, in which each value keeps its scale. 42804 "types a and b cannot
// be matched", to which the caller adds the construct (see CommonTypeIn).
func CommonType(ts []arrow.DataType) (arrow.DataType, error) { return CommonTypeIn("", ts) }

// CommonTypeIn is CommonType with the construct's name, such as "UNION", "CASE"
// or "COALESCE", before the message of its error.
func CommonTypeIn(construct string, ts []arrow.DataType) (arrow.DataType, error) {
	var common arrow.DataType
	for _, t := range ts {
		t = Logical(t)
		switch {
		case kindOf(t) == kindUnknown:
		case common == nil || Equal(common, t):
			common = t
		case kindOf(common) == kindOf(t):
			merged, ok := mergeSameKind(common, t)
			if !ok {
				return nil, mismatch(construct, common, t)
			}
			common = merged
		default:
			var err error
			if common, err = widerType(construct, common, t); err != nil {
				return nil, err
			}
		}
	}
	if common == nil {
		return Text, nil
	}
	for _, t := range ts {
		if !CanCast(t, common, Implicit) {
			return nil, sqlerr.New(sqlerr.CannotCoerce, "%scould not convert type %s to %s", spaced(construct), Name(t), Name(common))
		}
	}
	return common, nil
}

// Unmodified is t where values of any precision and scale have room: numeric for
// numeric(p,s), also as the element of arrays.
func Unmodified(t arrow.DataType) arrow.DataType {
	switch {
	case IsDecimal(t):
		return Numeric
	case Dimensions(t) > 0 && IsDecimal(ElementType(t)):
		return ArrayOf(Numeric, Dimensions(t))
	}
	return t
}

// widerType picks between two kinds of one category: PostgreSQL takes the new
// one if the present one is not preferred and converts to it implicitly and not
// the other way round.
func widerType(construct string, common, t arrow.DataType) (arrow.DataType, error) {
	if Category(common) != Category(t) {
		return nil, mismatch(construct, common, t)
	}
	if !IsPreferred(common) && CanCast(common, t, Implicit) && !CanCast(t, common, Implicit) {
		common, t = t, common
	}
	if IsDecimal(common) && kindOf(t) != kindNumeric {
		return Numeric, nil // integers keep scale 0 beside the decimals' own
	}
	return common, nil
}

// mergeSameKind unifies types PostgreSQL tells apart by their modifier only, or
// by the Arrow type that carries them.
func mergeSameKind(a, b arrow.DataType) (arrow.DataType, bool) {
	switch kindOf(a) {
	case kindNumeric:
		x, ok1 := a.(*arrow.Decimal128Type)
		y, ok2 := b.(*arrow.Decimal128Type)
		if ok1 && ok2 && x.Scale == y.Scale {
			return Decimal(max(x.Precision, y.Precision), x.Scale), true
		}
		return Numeric, true
	case kindArray:
		elem, err := CommonType([]arrow.DataType{ElementType(a), ElementType(b)})
		if err != nil {
			return nil, false
		}
		return ArrayOf(elem, max(Dimensions(a), Dimensions(b))), true
	case kindRecord:
		return mergeRecords(a.(*arrow.StructType), b.(*arrow.StructType))
	case kindOther:
		return nil, false
	}
	return canonical(a), true
}

func mergeRecords(a, b *arrow.StructType) (arrow.DataType, bool) {
	if a.NumFields() != b.NumFields() {
		return nil, false
	}
	fields := make([]arrow.Field, a.NumFields())
	for i, f := range a.Fields() {
		t, err := CommonType([]arrow.DataType{f.Type, b.Field(i).Type})
		if err != nil {
			return nil, false
		}
		fields[i] = arrow.Field{Name: f.Name, Type: t, Nullable: true}
	}
	return arrow.StructOf(fields...), true
}

// canonical is the Arrow type of this package for the kind of t.
func canonical(t arrow.DataType) arrow.DataType {
	switch kindOf(t) {
	case kindInt16:
		return Int16
	case kindInt32:
		return Int32
	case kindInt64:
		return Int64
	case kindFloat32:
		return Float32
	case kindText:
		return Text
	case kindBytea:
		return Bytea
	case kindDate:
		return Date
	case kindTime:
		return Time
	case kindTimestamp:
		return Timestamp
	case kindTimestampTZ:
		return TimestampTZ
	case kindInterval:
		return Interval
	}
	return t
}

func mismatch(construct string, a, b arrow.DataType) error {
	return sqlerr.New(sqlerr.DatatypeMismatch, "%stypes %s and %s cannot be matched", spaced(construct), bareName(a), bareName(b))
}

// bareName is Name without a modifier, as PostgreSQL's messages about two types
// have it.
func bareName(t arrow.DataType) string {
	if kindOf(t) == kindNumeric {
		return "numeric"
	}
	return Name(t)
}

func spaced(construct string) string {
	if construct == "" {
		return ""
	}
	return construct + " "
}
