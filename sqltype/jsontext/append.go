package jsontext

const hexDigits = "0123456789abcdef"

// Append appends v as jsonb prints it.
func (v *Value) Append(dst []byte) []byte {
	switch v.Kind {
	case Null:
		return append(dst, "null"...)
	case String:
		return AppendString(dst, v.Text)
	case Number:
		return append(dst, v.Text...)
	case Bool:
		if v.Bool {
			return append(dst, "true"...)
		}
		return append(dst, "false"...)
	case Array:
		dst = append(dst, '[')
		for i := range v.Items {
			if i > 0 {
				dst = append(dst, ", "...)
			}
			dst = v.Items[i].Append(dst)
		}
		return append(dst, ']')
	}
	dst = append(dst, '{')
	for i := range v.Members {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		dst = append(AppendString(dst, v.Members[i].Key), ": "...)
		dst = v.Members[i].Value.Append(dst)
	}
	return append(dst, '}')
}

// AppendCompact appends v without white space, as functions of json do.
func (v *Value) AppendCompact(dst []byte) []byte {
	switch v.Kind {
	case Array:
		dst = append(dst, '[')
		for i := range v.Items {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = v.Items[i].AppendCompact(dst)
		}
		return append(dst, ']')
	case Object:
		dst = append(dst, '{')
		for i := range v.Members {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(AppendString(dst, v.Members[i].Key), ':')
			dst = v.Members[i].Value.AppendCompact(dst)
		}
		return append(dst, '}')
	}
	return v.Append(dst)
}

// AppendPretty appends v with four blanks for each level of depth.
func (v *Value) AppendPretty(dst []byte, depth int) []byte {
	switch v.Kind {
	case Array:
		dst = append(dst, '[')
		for i := range v.Items {
			dst = separate(dst, i, depth+1)
			dst = v.Items[i].AppendPretty(dst, depth+1)
		}
		return append(newLine(dst, depth), ']')
	case Object:
		dst = append(dst, '{')
		for i := range v.Members {
			dst = separate(dst, i, depth+1)
			dst = append(AppendString(dst, v.Members[i].Key), ": "...)
			dst = v.Members[i].Value.AppendPretty(dst, depth+1)
		}
		return append(newLine(dst, depth), '}')
	}
	return v.Append(dst)
}

func separate(dst []byte, i, depth int) []byte {
	if i > 0 {
		dst = append(dst, ',')
	}
	return newLine(dst, depth)
}

func newLine(dst []byte, depth int) []byte {
	dst = append(dst, '\n')
	for range depth {
		dst = append(dst, "    "...)
	}
	return dst
}

// AppendString appends s as a JSON string with PostgreSQL's escapes.
func AppendString[S []byte | string](dst []byte, s S) []byte {
	dst = append(dst, '"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c >= ' ':
			dst = append(dst, c)
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
		default:
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	return append(dst, '"')
}
