package sqltype

import (
	"bytes"
	"cmp"
	"encoding/json"
	"io"
	"slices"
	"strings"

	"volley/sqlerr"
)

// maxJSONDepth bounds the nesting of arrays and objects.
const maxJSONDepth = 5000

// CheckJSON tells whether text is valid JSON: nil, or 22P02.
func CheckJSON(text []byte) error {
	if !json.Valid(text) {
		return badJSON()
	}
	return nil
}

func badJSON() error {
	return sqlerr.New(sqlerr.InvalidText, "invalid input syntax for type json")
}

// AppendJSONB appends the normalised form of a JSON text: object keys unique
// (the last one wins), sorted by length and then by bytes; numbers as numeric
// prints them. 22P02 for bad JSON.
func AppendJSONB(dst, text []byte) ([]byte, error) {
	if err := CheckJSON(text); err != nil {
		return dst, err
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	dst, err := appendJSONValue(dst, d, 0)
	if err != nil {
		return dst, err
	}
	if _, err := d.Token(); err != io.EOF {
		return dst, badJSON()
	}
	return dst, nil
}

func appendJSONValue(dst []byte, d *json.Decoder, depth int) ([]byte, error) {
	token, err := d.Token()
	if err != nil {
		return dst, sqlerr.Wrap(err, sqlerr.InvalidText, "invalid input syntax for type json")
	}
	if depth > maxJSONDepth {
		return dst, sqlerr.New(sqlerr.StatementTooComplex, "JSON is nested too deeply")
	}
	switch v := token.(type) {
	case nil:
		return append(dst, "null"...), nil
	case bool:
		return AppendBoolWord(dst, v), nil
	case json.Number:
		n, err := ParseNum([]byte(v))
		return n.AppendText(dst), err
	case string:
		return AppendJSONString(dst, v), nil
	case json.Delim:
		if v == '[' {
			return appendJSONArray(dst, d, depth)
		}
	}
	return appendJSONObject(dst, d, depth)
}

func appendJSONArray(dst []byte, d *json.Decoder, depth int) ([]byte, error) {
	dst = append(dst, '[')
	for i := 0; d.More(); i++ {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		var err error
		if dst, err = appendJSONValue(dst, d, depth+1); err != nil {
			return dst, err
		}
	}
	_, err := d.Token()
	return append(dst, ']'), err
}

func appendJSONObject(dst []byte, d *json.Decoder, depth int) ([]byte, error) {
	type member struct {
		key   string
		value []byte
	}
	var members []member
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return dst, err
		}
		value, err := appendJSONValue(nil, d, depth+1)
		if err != nil {
			return dst, err
		}
		members = append(members, member{key.(string), value})
	}
	if _, err := d.Token(); err != nil {
		return dst, err
	}
	slices.SortStableFunc(members, func(a, b member) int {
		return cmp.Or(cmp.Compare(len(a.key), len(b.key)), strings.Compare(a.key, b.key))
	})
	dst = append(dst, '{')
	first := true
	for i, m := range members {
		if i+1 < len(members) && members[i+1].key == m.key {
			continue
		}
		if !first {
			dst = append(dst, ", "...)
		}
		first = false
		dst = append(AppendJSONString(dst, m.key), ": "...)
		dst = append(dst, m.value...)
	}
	return append(dst, '}'), nil
}

// AppendJSONString appends s as a JSON string with PostgreSQL's escapes.
func AppendJSONString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c == '\b':
			dst = append(dst, '\\', 'b')
		case c == '\f':
			dst = append(dst, '\\', 'f')
		case c == '\n':
			dst = append(dst, '\\', 'n')
		case c == '\r':
			dst = append(dst, '\\', 'r')
		case c == '\t':
			dst = append(dst, '\\', 't')
		case c < 0x20:
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		default:
			dst = append(dst, c)
		}
	}
	return append(dst, '"')
}
