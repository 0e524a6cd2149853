package jsontext

import (
	"slices"
	"strconv"

	"volley/sqlerr"
)

// Lookup follows a path of keys and array positions through a valid text; ok is
// false when it leads nowhere.
func Lookup(text []byte, path []string) (value []byte, ok bool) {
	value = text
	for _, step := range path {
		switch value[skipSpace(value, 0)] {
		case '{':
			value, ok = Member(value, step)
		case '[':
			n, err := strconv.Atoi(step)
			if err != nil {
				return nil, false
			}
			value, ok = Element(value, n)
		default:
			return nil, false
		}
		if !ok {
			return nil, false
		}
	}
	return value, true
}

// Change is what Set, Insert and Delete do at the end of a path.
type Change uint8

// The changes.
const (
	Replace      Change = iota // only what exists
	Upsert                     // also what does not (jsonb_set's create_if_missing)
	InsertBefore               // jsonb_insert
	InsertAfter                // jsonb_insert with insert_after
	Delete                     // #-
)

// Step is an element of a path: a key or a position, or NULL, which is an error
// where a change comes to it.
type Step struct {
	Key  string
	Null bool
}

// Apply makes a change at the end of a path. Containers on the way are copied,
// the rest is shared with v.
func Apply(v Value, path []Step, c Change, with Value) (Value, error) {
	if len(path) == 0 || (c == Delete || c == Replace) && len(v.Members)+len(v.Items) == 0 {
		return v, nil
	}
	return apply(v, path, 0, c, with)
}

func apply(v Value, path []Step, at int, c Change, with Value) (Value, error) {
	if path[at].Null {
		return v, sqlerr.New(sqlerr.NullNotAllowed, "path element at position %d is null", at+1)
	}
	switch v.Kind {
	case Object:
		return applyMember(v, path, at, c, with)
	case Array:
		return applyItem(v, path, at, c, with)
	}
	return v, nil
}

func applyMember(v Value, path []Step, at int, c Change, with Value) (Value, error) {
	key, last := path[at].Key, at == len(path)-1
	i, found := v.find(key)
	switch {
	case !found && (!last || c == Replace || c == Delete):
		return v, nil
	case !found:
		v.Members = slices.Insert(slices.Clone(v.Members), i, Field{key, with})
		return v, nil
	case last && (c == InsertBefore || c == InsertAfter):
		return v, sqlerr.New(sqlerr.InvalidParameterValue, "cannot replace existing key").
			WithHint("Try using the function jsonb_set to replace key value.")
	case last && c == Delete:
		v.Members = slices.Delete(slices.Clone(v.Members), i, i+1)
		return v, nil
	}
	v.Members = slices.Clone(v.Members)
	if last {
		v.Members[i].Value = with
		return v, nil
	}
	var err error
	v.Members[i].Value, err = apply(v.Members[i].Value, path, at+1, c, with)
	return v, err
}

func applyItem(v Value, path []Step, at int, c Change, with Value) (Value, error) {
	n, err := strconv.ParseInt(path[at].Key, 10, 32)
	if err != nil {
		return v, sqlerr.New(sqlerr.InvalidText, "path element at position %d is not an integer: \"%s\"", at+1, path[at].Key)
	}
	last, size := at == len(path)-1, int64(len(v.Items))
	beyond := false
	if n < 0 {
		if n += size; n < 0 {
			n, beyond = 0, true
		}
	} else if n >= size {
		n, beyond = size, true
	}
	switch {
	case !last && beyond, beyond && (c == Replace || c == Delete):
		return v, nil
	case beyond, last && c == InsertBefore:
		v.Items = slices.Insert(slices.Clone(v.Items), int(n), with)
		return v, nil
	case last && c == InsertAfter:
		v.Items = slices.Insert(slices.Clone(v.Items), int(n)+1, with)
		return v, nil
	case last && c == Delete:
		v.Items = slices.Delete(slices.Clone(v.Items), int(n), int(n)+1)
		return v, nil
	}
	v.Items = slices.Clone(v.Items)
	if last {
		v.Items[n] = with
		return v, nil
	}
	v.Items[n], err = apply(v.Items[n], path, at+1, c, with)
	return v, err
}

// Concat is a || b: the members of two objects, or else the elements of both,
// where what is no array counts as an array of one element.
func Concat(a, b Value) Value {
	if a.Kind == Object && b.Kind == Object {
		a.Members = Unique(append(slices.Clone(a.Members), b.Members...))
		return a
	}
	return Value{Kind: Array, Items: append(elements(a), elements(b)...)}
}

func elements(v Value) []Value {
	if v.Kind == Array {
		return slices.Clone(v.Items)
	}
	return []Value{v}
}

// StripNulls removes members that are null, at every depth.
func StripNulls(v Value) Value {
	switch v.Kind {
	case Array:
		items := make([]Value, len(v.Items))
		for i, item := range v.Items {
			items[i] = StripNulls(item)
		}
		v.Items = items
	case Object:
		var members []Field
		for _, m := range v.Members {
			if m.Value.Kind != Null {
				members = append(members, Field{m.Key, StripNulls(m.Value)})
			}
		}
		v.Members = members
	}
	return v
}
