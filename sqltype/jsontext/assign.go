package jsontext

import (
	"slices"
	"strconv"

	"volley/sqlerr"
)

// maxItems is PostgreSQL's limit.
const maxItems = 33554431

// Assign puts a value at the end of a path, none of whose steps is NULL, as an assignment
// to subscripts does: what the path lacks is made, arrays where its steps are numbers, with
// nulls before the position. Containers on the way are copied, the rest is shared with v.
func Assign(v Value, path []Step, with Value) (Value, error) { return assign(v, path, 0, with) }

func assign(v Value, path []Step, at int, with Value) (_ Value, err error) {
	if at == len(path) {
		return with, nil
	}
	switch v.Kind {
	case Object:
		i, found := v.find(path[at].Key)
		if !found {
			with, err = missing(path[at+1:], with)
			v.Members = slices.Insert(slices.Clone(v.Members), i, Field{path[at].Key, with})
			return v, err
		}
		v.Members = slices.Clone(v.Members)
		v.Members[i].Value, err = assign(v.Members[i].Value, path, at+1, with)
		return v, err
	case Array:
		n, err := strconv.ParseInt(path[at].Key, 10, 32)
		if err != nil {
			return v, sqlerr.New(sqlerr.InvalidText, "path element at position %d is not an integer: \"%s\"", at+1, path[at].Key)
		}
		size := int64(len(v.Items))
		if n < -size {
			return v, sqlerr.New(sqlerr.InvalidParameterValue, "path element at position %d is out of range: %d", at+1, n)
		}
		if n < 0 {
			n += size
		}
		v.Items = slices.Clone(v.Items)
		if n >= size {
			with, err = missing(path[at+1:], with)
			if err == nil {
				v.Items, err = padded(v.Items, n, with)
			}
			return v, err
		}
		v.Items[n], err = assign(v.Items[n], path, at+1, with)
		return v, err
	}
	return v, sqlerr.New(sqlerr.InvalidParameterValue, "cannot replace existing key").
		WithDetail("The path assumes key is a composite object, but it is a scalar value.")
}

// missing is what a path makes where there is nothing.
func missing(path []Step, with Value) (_ Value, err error) {
	for _, step := range slices.Backward(path) {
		n, bad := strconv.ParseInt(step.Key, 10, 32)
		if bad != nil {
			with = Value{Kind: Object, Members: []Field{{step.Key, with}}}
			continue
		}
		items, err := padded(nil, n, with)
		if err != nil {
			return with, err
		}
		with = Value{Kind: Array, Items: items}
	}
	return with, nil
}

// padded are items with a value at position n, which is behind all of them.
func padded(items []Value, n int64, with Value) ([]Value, error) {
	if n >= maxItems {
		return nil, sqlerr.New(sqlerr.ProgramLimitExceeded, "number of jsonb array elements exceeds the maximum allowed (%d)", maxItems)
	}
	for int64(len(items)) < n {
		items = append(items, Value{Kind: Null})
	}
	return append(items, with), nil
}
