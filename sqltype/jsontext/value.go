package jsontext

import (
	"slices"
	"strings"
)

// Value is a JSON value as a tree.
type Value struct {
	Kind    Kind
	Bool    bool
	Text    string  // a string's characters; a number as it was written
	Items   []Value // of an array
	Members []Field // of an object, sorted, keys unique, unless it was parsed by ParseOrdered
}

// Field is a member of an object.

type Field struct {
	Key   string
	Value Value
}

// Parse reads a text as jsonb does: keys unique, the last one wins.
func Parse(text []byte) (Value, error) { return parse(nil, text, true) }

// ParseUntil is Parse that ends, with 57014, soon after canceled, which may be nil, has
// begun to hold.
func ParseUntil(canceled func() bool, text []byte) (Value, error) { return parse(canceled, text, true) }

// ParseOrdered reads a text as json does, members as they stand.
func ParseOrdered(text []byte) (Value, error) { return parse(nil, text, false) }

func parse(canceled func() bool, text []byte, unique bool) (Value, error) {
	p := treeParser{lexer: lexer{text: text, strict: true, canceled: canceled}, unique: unique}
	if err := p.next(); err != nil {
		return Value{}, err
	}
	v, err := p.value(0)
	if err == nil && p.kind != tokEnd {
		err = p.unexpected("end of input")
	}
	return v, err
}

type treeParser struct {
	lexer
	unique bool
}

// value reads a value and the token behind it.
func (p *treeParser) value(depth int) (Value, error) {
	v := Value{}
	switch p.kind {
	case tokString:
		v.Kind, v.Text = String, p.unquoted()
	case tokNumber:
		v.Kind, v.Text = Number, string(p.text[p.start:p.pos])
	case tokTrue:
		v.Kind, v.Bool = Bool, true
	case tokFalse:
		v.Kind = Bool
	case tokNull:
	case tokArray, tokObject:
		if depth >= maxDepth {
			return v, tooDeep()
		}
		if p.kind == tokArray {
			return p.array(depth + 1)
		}
		return p.object(depth + 1)
	default:
		return v, p.unexpected("JSON value")
	}
	return v, p.next()
}

func (p *treeParser) unquoted() string {
	if !p.escaped {
		return string(p.text[p.start+1 : p.pos-1])
	}
	return string(AppendUnquoted(nil, p.text[p.start:p.pos]))
}

func (p *treeParser) array(depth int) (Value, error) {
	v := Value{Kind: Array}
	if err := p.next(); err != nil {
		return v, err
	}
	if p.kind == tokArrayEnd {
		return v, p.next()
	}
	if !p.startsValue() {
		return v, p.unexpected("array element or \"]\"")
	}
	for {
		item, err := p.value(depth)
		if err != nil {
			return v, err
		}
		v.Items = append(v.Items, item)
		switch p.kind {
		case tokArrayEnd:
			return v, p.next()
		case tokComma:
			if err := p.next(); err != nil {
				return v, err
			}
		default:
			return v, p.unexpected("\",\" or \"]\"")
		}
	}
}

func (p *treeParser) object(depth int) (Value, error) {
	v := Value{Kind: Object}
	if err := p.next(); err != nil {
		return v, err
	}
	for wanted := "string or \"}\""; ; wanted = "string" {
		if p.kind == tokObjectEnd && len(v.Members) == 0 {
			return v, p.next()
		}
		name := ""
		if p.kind == tokString {
			name = p.unquoted()
		}
		if err := p.key(wanted); err != nil {
			return v, err
		}
		item, err := p.value(depth)
		if err != nil {
			return v, err
		}
		v.Members = append(v.Members, Field{name, item})
		switch p.kind {
		case tokObjectEnd:
			if p.unique {
				v.Members = Unique(v.Members)
			}
			return v, p.next()
		case tokComma:
			if err := p.next(); err != nil {
				return v, err
			}
		default:
			return v, p.unexpected("\",\" or \"}\"")
		}
	}
}

// CompareKeys orders keys as jsonb keeps them: by length, then by bytes.
func CompareKeys(a, b string) int {
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	return strings.Compare(a, b)
}

// Unique sorts members and keeps the last of those with equal keys.
func Unique(members []Field) []Field {
	slices.SortStableFunc(members, func(a, b Field) int { return CompareKeys(a.Key, b.Key) })
	kept := members[:0]
	for i, m := range members {
		if i+1 < len(members) && members[i+1].Key == m.Key {
			continue
		}
		kept = append(kept, m)
	}
	return kept
}

// find is where a key is or would be.
func (v *Value) find(key string) (int, bool) {
	return slices.BinarySearchFunc(v.Members, key, func(m Field, k string) int { return CompareKeys(m.Key, k) })
}

// Get is a member's value; v must be an object with sorted members.
func (v *Value) Get(key string) (*Value, bool) {
	if i, ok := v.find(key); ok {
		return &v.Members[i].Value, true
	}
	return nil, false
}

// StringValue is a JSON string.
func StringValue(s string) Value { return Value{Kind: String, Text: s} }
