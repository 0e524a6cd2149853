package sqltype

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
)

// listEncoder writes {1,2,NULL,"a b"}; the elements of a list of lists have
// their own braces and no quotes.
func listEncoder(t arrow.ListLikeType, o TextOptions) TextEncoder {
	elem := NewTextEncoder(t.Elem(), o)
	nested := kindOf(t.Elem()) == kindArray
	return func(dst []byte, a arrow.Array, row int) []byte {
		list := a.(array.ListLike)
		from, to := list.ValueOffsets(row)
		values := list.ListValues()
		dst = append(dst, '{')
		for i := int(from); i < int(to); i++ {
			if i > int(from) {
				dst = append(dst, ',')
			}
			if values.IsNull(i) {
				dst = append(dst, "NULL"...)
				continue
			}
			start := len(dst)
			dst = elem(dst, values, i)
			if !nested && arrayNeedsQuotes(dst[start:]) {
				dst = quoteFrom(dst, start, '\\')
			}
		}
		return append(dst, '}')
	}
}

// arrayNeedsQuotes tells whether an array's element would not read back as
// itself without quotes.
func arrayNeedsQuotes(b []byte) bool {
	if len(b) == 0 || equalFold(b, "null") {
		return true
	}
	for _, c := range b {
		if c == '"' || c == '\\' || c == '{' || c == '}' || c == ',' || isSpace(c) {
			return true
		}
	}
	return false
}

// recordEncoder writes (1,"a b",); a null field is nothing at all.
func recordEncoder(t *arrow.StructType, o TextOptions) TextEncoder {
	fields := make([]TextEncoder, t.NumFields())
	for i, f := range t.Fields() {
		fields[i] = NewTextEncoder(f.Type, o)
	}
	return func(dst []byte, a arrow.Array, row int) []byte {
		s := a.(*array.Struct)
		dst = append(dst, '(')
		for i, field := range fields {
			if i > 0 {
				dst = append(dst, ',')
			}
			values := s.Field(i)
			if values.IsNull(row) {
				continue
			}
			start := len(dst)
			dst = field(dst, values, row)
			if recordNeedsQuotes(dst[start:]) {
				dst = quoteFrom(dst, start, '"')
			}
		}
		return append(dst, ')')
	}
}

func recordNeedsQuotes(b []byte) bool {
	for _, c := range b {
		if c == '"' || c == '\\' || c == '(' || c == ')' || c == ',' || isSpace(c) {
			return true
		}
	}
	return len(b) == 0
}

// quoteFrom puts dst[start:] in double quotes. A quote in it is escaped by
// quoteEscape (arrays: a backslash, records: another quote), a backslash by a
// backslash.
func quoteFrom(dst []byte, start int, quoteEscape byte) []byte {
	extra := 2
	for _, c := range dst[start:] {
		if c == '"' || c == '\\' {
			extra++
		}
	}
	from := len(dst) - 1
	for range extra {
		dst = append(dst, '"')
	}
	to := len(dst) - 2 // the last byte is the closing quote
	for ; from >= start; from-- {
		c := dst[from]
		dst[to] = c
		to--
		switch c {
		case '"':
			dst[to] = quoteEscape
			to--
		case '\\':
			dst[to] = '\\'
			to--
		}
	}
	dst[start] = '"'
	return dst
}
