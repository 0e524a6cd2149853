package udf

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqltype"
)

// PolymorphicType is the type of a name such as anyelement; nil for others.
func PolymorphicType(name string) arrow.DataType {
	switch name {
	case "anyelement":
		return AnyElement
	case "anyarray":
		return AnyArray
	case "anynonarray":
		return AnyNonArray
	case "anycompatible", "anycompatiblenonarray":
		return Compatible
	case "anycompatiblearray":
		return CompatibleArray
	}
	return nil
}

// IsPolymorphic tells whether t stands for types that a call decides.
func IsPolymorphic(t arrow.DataType) bool { return t != nil && asPolymorphic(t) != nil }

// Instantiate gives the types that the parameters of a call have for arguments
// of types args, and the element type that decides them. The error is 42804.
func Instantiate(params, args []arrow.DataType) (types []arrow.DataType, elem arrow.DataType, err error) {
	s := signatureOf{params: params}
	if types, err = coerced(s, args); err != nil {
		return nil, nil, err
	}
	if elem, _ = s.element(args); elem != nil {
		return types, elem, nil
	}
	for i, p := range params {
		if asPolymorphic(p) != nil { // of literals only
			return types, elementOf(types[i]), nil
		}
	}
	return types, nil, nil
}

// Instance is what a polymorphic type stands for where elem is decided; t itself
// if it is no such type.
func Instance(t, elem arrow.DataType) arrow.DataType {
	switch p := asPolymorphic(t); {
	case p == nil || elem == nil:
		return t
	case p.array:
		return sqltype.ArrayOf(elem, 1)
	}
	return elem
}

// IsArrayParam tells whether t stands for arrays.
func IsArrayParam(t arrow.DataType) bool {
	p := asPolymorphic(t)
	return p != nil && p.array
}
