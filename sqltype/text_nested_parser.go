package sqltype

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/sqlerr"
)

// listParser reads {1,2,NULL,"a b"}. All elements are parsed into a builder of
// their own first, so that an error leaves the list's builder as it was.
func listParser(t *arrow.ListType, o TextOptions) TextParser {
	elem := NewTextParser(t.Elem(), o)
	nested := kindOf(t.Elem()) == kindArray
	dims := Dimensions(t)
	return func(b array.Builder, text []byte) error {
		text, err := checkShape(text, dims)
		if err != nil {
			return err
		}
		items, err := splitArray(text, nested)
		if err != nil {
			return err
		}
		if err := checkItems(t.Elem(), elem, items); err != nil {
			return err
		}
		list := b.(*array.ListBuilder)
		list.Append(true)
		values := list.ValueBuilder()
		for _, it := range items {
			if it.null {
				values.AppendNull()
			} else if err := elem(values, it.text); err != nil {
				return err
			}
		}
		return nil
	}
}

// checkItems parses the items into a builder that is thrown away.
func checkItems(t arrow.DataType, parse TextParser, items []item) error {
	trial := array.NewBuilder(memory.DefaultAllocator, t)
	for _, it := range items {
		if it.null {
			continue
		}
		if err := parse(trial, it.text); err != nil {
			return err
		}
	}
	return nil
}

// item is one element of an array or field of a record, unquoted.
type item struct {
	text []byte
	null bool
}

func malformedArray(text []byte, detail string) error {
	return sqlerr.New(sqlerr.InvalidText, "malformed array literal: \"%s\"", text).WithDetail("%s", detail)
}

// splitArray takes an array's text apart. The items of a nested array are its
// inner arrays, braces included.
func splitArray(text []byte, nested bool) ([]item, error) {
	t := trimSpace(text)
	if len(t) == 0 || t[0] != '{' {
		return nil, malformedArray(text, "Array value must start with \"{\" or dimension information.")
	}
	if t[len(t)-1] != '}' {
		return nil, malformedArray(text, "Unexpected end of input.")
	}
	t = trimSpace(t[1 : len(t)-1])
	var items []item
	if len(t) == 0 {
		return items, nil
	}
	for {
		it, rest, detail := arrayItem(t, nested)
		if detail != "" {
			return nil, malformedArray(text, detail)
		}
		items = append(items, it)
		if len(rest) == 0 {
			return items, nil
		}
		t = rest[1:] // a comma
	}
}

// arrayItem reads one element up to a comma or the end.
func arrayItem(t []byte, nested bool) (it item, rest []byte, detail string) {
	for len(t) > 0 && isSpace(t[0]) {
		t = t[1:]
	}
	if nested {
		return innerArray(t)
	}
	quoted, keep := false, 0 // keep: bytes that trailing white space must not lose
	var out []byte
	i := 0
	for ; i < len(t) && t[i] != ','; i++ {
		switch c := t[i]; c {
		case '{', '}':
			return it, nil, "Unexpected \"" + string(c) + "\" character."
		case '"':
			if quoted || len(out) > 0 {
				return it, nil, "Unexpected array element."
			}
			quoted = true
			var ok bool
			if out, i, ok = quotedPart(t, i, out); !ok {
				return it, nil, "Unexpected end of input."
			}
			keep = len(out)
		case '\\':
			if i++; i == len(t) {
				return it, nil, "Unexpected end of input."
			}
			out = append(out, t[i])
			keep = len(out)
		default:
			if quoted && !isSpace(c) {
				return it, nil, "Unexpected array element."
			}
			out = append(out, c)
			if !isSpace(c) {
				keep = len(out)
			}
		}
	}
	out = out[:keep]
	if len(out) == 0 && !quoted {
		return it, nil, "Unexpected \"" + string(t[i:min(i+1, len(t))]) + "\" character."
	}
	return item{text: out, null: !quoted && equalFold(t[:min(i, keep)], "null")}, t[i:], ""
}

// quotedPart appends what stands between the quote t[i] and its partner, and
// gives the partner's index.
func quotedPart(t []byte, i int, out []byte) ([]byte, int, bool) {
	for i++; i < len(t) && t[i] != '"'; i++ {
		if t[i] == '\\' {
			if i++; i == len(t) {
				return out, i, false
			}
		}
		out = append(out, t[i])
	}
	return out, i, i < len(t)
}

// innerArray reads a whole {…} up to a comma or the end.
func innerArray(t []byte) (it item, rest []byte, detail string) {
	depth, i := 0, 0
	for ; i < len(t); i++ {
		switch t[i] {
		case '{':
			depth++
		case '}':
			depth--
		case '\\':
			i++
		case '"':
			var ok bool
			if _, i, ok = quotedPart(t, i, nil); !ok {
				return it, nil, "Unexpected end of input."
			}
		}
		if depth == 0 {
			break
		}
	}
	if depth != 0 || i >= len(t) || t[0] != '{' {
		return it, nil, "Unexpected array element."
	}
	rest = t[i+1:]
	for len(rest) > 0 && isSpace(rest[0]) {
		rest = rest[1:]
	}
	if len(rest) > 0 && rest[0] != ',' {
		return it, nil, "Unexpected array element."
	}
	return item{text: t[:i+1]}, rest, ""
}

// recordParser reads (1,"a b",); an empty field is null.
func recordParser(t *arrow.StructType, o TextOptions) TextParser {
	fields := make([]TextParser, t.NumFields())
	for i, f := range t.Fields() {
		fields[i] = NewTextParser(f.Type, o)
	}
	return func(b array.Builder, text []byte) error {
		items, err := splitRecord(text, len(fields))
		if err != nil {
			return err
		}
		for i, it := range items {
			if err := checkItems(t.Field(i).Type, fields[i], []item{it}); err != nil {
				return err
			}
		}
		s := b.(*array.StructBuilder)
		s.Append(true)
		for i, it := range items {
			if it.null {
				s.FieldBuilder(i).AppendNull()
			} else if err := fields[i](s.FieldBuilder(i), it.text); err != nil {
				return err
			}
		}
		return nil
	}
}

func malformedRecord(text []byte, detail string) error {
	return sqlerr.New(sqlerr.InvalidText, "malformed record literal: \"%s\"", text).WithDetail("%s", detail)
}

func splitRecord(text []byte, n int) ([]item, error) {
	t := trimSpace(text)
	if len(t) == 0 || t[0] != '(' {
		return nil, malformedRecord(text, "Missing left parenthesis.")
	}
	t = t[1:]
	items := make([]item, 0, n)
	for {
		it, i, ok := recordItem(t)
		if !ok {
			return nil, malformedRecord(text, "Unexpected end of input.")
		}
		if n > 0 {
			items = append(items, it)
		}
		end := t[i] == ')'
		t = t[i+1:]
		if end {
			break
		}
	}
	switch {
	case len(t) > 0:
		return nil, malformedRecord(text, "Junk after right parenthesis.")
	case len(items) < n:
		return nil, malformedRecord(text, "Too few columns.")
	case len(items) > n:
		return nil, malformedRecord(text, "Too many columns.")
	}
	return items, nil
}

// recordItem reads one field up to the comma or parenthesis at index end.
func recordItem(t []byte) (it item, end int, ok bool) {
	quoted, inQuotes := false, false
	for i := 0; i < len(t); i++ {
		c := t[i]
		switch {
		case c == '\\':
			if i++; i == len(t) {
				return it, 0, false
			}
			it.text = append(it.text, t[i])
		case c == '"' && inQuotes && i+1 < len(t) && t[i+1] == '"':
			it.text = append(it.text, '"')
			i++
		case c == '"':
			quoted, inQuotes = true, !inQuotes
		case !inQuotes && (c == ',' || c == ')'):
			it.null = !quoted && len(it.text) == 0
			return it, i, true
		default:
			it.text = append(it.text, c)
		}
	}
	return it, 0, false
}
