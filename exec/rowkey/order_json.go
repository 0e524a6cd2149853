package rowkey

import (
	"encoding/binary"

	"volley/sqltype"
	"volley/sqltype/jsontext"
)

// appendOrderedJSON appends bytes that sort as jsonb values do (see
// jsontext.Compare): the kind, the number of items of containers, the parts.
func appendOrderedJSON(dst, text []byte) []byte {
	v, err := jsontext.Parse(text)
	switch {
	case err != nil: // values of type jsonb are valid
		return appendEscaped(dst, text)
	case v.Kind == jsontext.Array && len(v.Items) == 0:
		return append(dst, 0)
	}
	return appendOrderedPart(dst, &v)
}

func appendOrderedPart(dst []byte, v *jsontext.Value) []byte {
	dst = append(dst, byte(v.Kind)+1)
	switch v.Kind {
	case jsontext.String:
		return appendEscaped(dst, []byte(v.Text))
	case jsontext.Number:
		n, err := sqltype.ParseNum([]byte(v.Text))
		if err != nil {
			return appendEscaped(dst, []byte(v.Text))
		}
		return appendOrderedNum(dst, n)
	case jsontext.Bool:
		if v.Bool {
			return append(dst, 1)
		}
		return append(dst, 0)
	case jsontext.Array:
		dst = binary.BigEndian.AppendUint32(dst, uint32(len(v.Items)))
		for i := range v.Items {
			dst = appendOrderedPart(dst, &v.Items[i])
		}
	case jsontext.Object:
		dst = binary.BigEndian.AppendUint32(dst, uint32(len(v.Members)))
		for i := range v.Members {
			dst = appendEscaped(dst, []byte(v.Members[i].Key))
			dst = appendOrderedPart(dst, &v.Members[i].Value)
		}
	}
	return dst
}
