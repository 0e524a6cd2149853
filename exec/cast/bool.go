package cast

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/exec/kernel"
	"volley/sqlerr"
	"volley/sqltype"
)

// toBool is the cast of integer and jsonb to boolean, or nil.
func toBool(from arrow.DataType, o Options) Func {
	switch {
	case from.ID() == arrow.INT32:
		return func(a arrow.Array) (arrow.Array, error) {
			set := make(kernel.Words, (a.Len()+63)/64)
			for i, v := range kernel.Values[int32](a) {
				if v != 0 {
					set.Set(i)
				}
			}
			return kernel.AndValid(kernel.Bools(set, a.Len()), kernel.Valid(a)), nil
		}
	case sqltype.Equal(from, sqltype.JSONB):
		return fromJSONBool(o)
	}
	return nil
}

// fromJSONBool takes JSON true and false.
func fromJSONBool(o Options) Func {
	return func(a arrow.Array) (arrow.Array, error) {
		text := a.(*sqltype.JSONArray)
		set := make(kernel.Words, (a.Len()+63)/64)
		r := newOutcome(a, o)
		for i := range a.Len() {
			if r.isNull(i) {
				continue
			}
			switch text.Value(i) {
			case "true":
				set.Set(i)
			case "false":
			default:
				if err := r.failed(i, jsonKind(text.Value(i), "boolean")); err != nil {
					return nil, err
				}
			}
		}
		return kernel.AndValid(kernel.Bools(set, a.Len()), r.valid), nil
	}
}

// fromJSONNumber takes JSON numbers.
func fromJSONNumber(to arrow.DataType, o Options) Func {
	viaNumeric := toNumber(sqltype.Numeric, to, o)
	if sqltype.IsUnconstrainedNumeric(to) {
		viaNumeric = func(a arrow.Array) (arrow.Array, error) { return a, nil }
	}
	return func(a arrow.Array) (arrow.Array, error) {
		nums, err := jsonNumbers(a, sqltype.Name(to), o)
		if err != nil {
			return nil, err
		}
		return viaNumeric(nums)
	}
}

func jsonNumbers(a arrow.Array, name string, o Options) (arrow.Array, error) {
	b := sqltype.NewNumericBuilder(a.Len())
	offsets, data := kernel.Offsets(a.(array.ExtensionArray).Storage())
	r := newOutcome(a, o)
	for i := range a.Len() {
		text := data[offsets[i]:offsets[i+1]]
		if r.isNull(i) {
			b.AppendNull()
			continue
		}
		n, err := sqltype.ParseNum(text)
		if err != nil {
			if err := r.failed(i, jsonKind(stringOf(text), name)); err != nil {
				return nil, err
			}
			b.AppendNull()
			continue
		}
		b.Append(n)
	}
	return b.NewArray(), nil
}

func jsonKind(text, to string) error {
	kind := "numeric"
	switch {
	case text == "":
	case text[0] == '{':
		kind = "object"
	case text[0] == '[':
		kind = "array"
	case text[0] == '"':
		kind = "string"
	case text == "null":
		kind = "null"
	case text == "true" || text == "false":
		kind = "boolean"
	}
	return sqlerr.New(sqlerr.InvalidParameterValue, "cannot cast jsonb %s to type %s", kind, to)
}
