package udf

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqlerr"
	"volley/sqltype"
)

// Polymorphic entries of Scalar.Params, as in PostgreSQL: the arguments given
// for the AnyX of one call have one element type; those for the CompatibleX are
// cast to a common one. Arrays may have any number of dimensions.
var (
	AnyElement      arrow.DataType = &polymorphic{name: "anyelement"}
	AnyArray        arrow.DataType = &polymorphic{name: "anyarray", array: true}
	AnyNonArray     arrow.DataType = &polymorphic{name: "anynonarray", nonArray: true}
	AnyRecord       arrow.DataType = &polymorphic{name: "record", record: true}
	Compatible      arrow.DataType = &polymorphic{name: "anycompatible", compatible: true}
	CompatibleArray arrow.DataType = &polymorphic{name: "anycompatiblearray", compatible: true, array: true}
)

// ArraysOf gives the parameter type of arrays with elements of one type and any
// number of dimensions; Batch sees them as they are.
func ArraysOf(elem arrow.DataType) arrow.DataType {
	return &polymorphic{name: sqltype.Name(elem) + "[]", array: true, of: elem}
}

// polymorphic is a type that stands in parameter lists only.
type polymorphic struct {
	arrow.NullType
	name                                string
	array, nonArray, record, compatible bool
	of                                  arrow.DataType // elements, where they are fixed
}

// Name is PostgreSQL's name of the pseudo-type.
func (p *polymorphic) Name() string { return p.name }

// String is the name.
func (p *polymorphic) String() string { return p.name }

func asPolymorphic(t arrow.DataType) *polymorphic {
	p, _ := t.(*polymorphic)
	return p
}

// takes tells whether an argument of type t may be given, others aside.
func (p *polymorphic) takes(t arrow.DataType) bool {
	switch {
	case isUnknown(t):
		return true
	case p.of != nil:
		return isArray(t) && coercible(elementOf(t), p.of)
	case p.array:
		return isArray(t)
	case p.nonArray:
		return !isArray(t)
	case p.record:
		return t.ID() == arrow.STRUCT
	}
	return true
}

func isArray(t arrow.DataType) bool { return t.ID() == arrow.LIST }

// elementOf is the type of an array's elements, below all its dimensions.
func elementOf(t arrow.DataType) arrow.DataType {
	for t.ID() == arrow.LIST {
		t = t.(*arrow.ListType).Elem()
	}
	return t
}

// withElement is the array type t with other elements.
func withElement(t, elem arrow.DataType) arrow.DataType {
	if t.ID() != arrow.LIST {
		return elem
	}
	return arrow.ListOf(withElement(t.(*arrow.ListType).Elem(), elem))
}

// isPolymorphic tells whether a signature has polymorphic parameters.
func (s signatureOf) isPolymorphic() bool {
	for _, p := range s.params {
		if asPolymorphic(p) != nil {
			return true
		}
	}
	return false
}

// element is the element type that the polymorphic arguments share; nil when
// all are unknown. ok is false when they have none in common. Unknown arguments beside
// others may have more digits than a numeric(p,s) has room for.
func (s signatureOf) element(args []arrow.DataType) (elem arrow.DataType, ok bool) {
	arrays, compatible := false, false
	for i := range args {
		if p := asPolymorphic(s.param(i)); p != nil && p.of == nil {
			arrays, compatible = arrays || p.array, compatible || p.compatible
		}
	}
	var list []arrow.DataType
	unknown := false
	for i, t := range args {
		p := asPolymorphic(s.param(i))
		if p == nil || p.nonArray || p.record || p.of != nil {
			continue
		}
		if isUnknown(t) {
			unknown = true
			continue
		}
		if !p.takes(t) || arrays && !p.array && isArray(t) {
			return nil, false
		}
		if p.array {
			t = elementOf(t)
		}
		if len(list) > 0 && !compatible && !sqltype.SameType(list[0], t) {
			return nil, false
		}
		list = append(list, t)
	}
	if len(list) == 0 {
		return nil, true
	}
	elem, err := sqltype.CommonType(list)
	if unknown && err == nil {
		elem = sqltype.Unmodified(elem)
	}
	return elem, err == nil
}

// polymorphicArgs replaces the polymorphic parameters among out by the types
// the arguments get.
func (s signatureOf) polymorphicArgs(args, out []arrow.DataType) error {
	if !s.isPolymorphic() {
		return nil
	}
	elem, _ := s.element(args)
	for i, t := range args {
		p := asPolymorphic(s.param(i))
		switch {
		case p == nil:
			continue
		case p.of != nil:
			out[i] = sqltype.ArrayOf(p.of, max(1, sqltype.Dimensions(t)))
			continue
		case p.record && isUnknown(t):
			out[i] = recordAmong(args)
			continue
		case p.nonArray && isUnknown(t):
			out[i] = sqltype.Text
			continue
		case p.nonArray || p.record:
			out[i] = t
			continue
		case elem == nil && p.compatible:
			elem = sqltype.Text
		case elem == nil:
			return sqlerr.New(sqlerr.DatatypeMismatch, "could not determine polymorphic type because input has type unknown")
		}
		switch {
		case p.array && isUnknown(t):
			out[i] = arrow.ListOf(elem)
		case p.array:
			out[i] = withElement(t, elem)
		default:
			out[i] = elem
		}
	}
	return nil
}

// recordAmong is the first row type of a call's arguments: a NULL beside it is
// a NULL row.
func recordAmong(args []arrow.DataType) arrow.DataType {
	for _, t := range args {
		if t.ID() == arrow.STRUCT {
			return t
		}
	}
	return arrow.StructOf()
}
