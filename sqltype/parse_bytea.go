package sqltype

import (
	"unicode/utf8"

	"volley/sqlerr"
)

// ParseBytea appends the bytes of PostgreSQL's bytea input, \x and hexadecimal
// digits or the escape form, to dst. 22023 for bad hexadecimal digits, 22P02 for
// a bad escape.
func ParseBytea(dst, b []byte) ([]byte, error) {
	if len(b) >= 2 && b[0] == '\\' && b[1] == 'x' {
		return parseHex(dst, b[2:])
	}
	for i := 0; i < len(b); i++ {
		switch {
		case b[i] != '\\':
			dst = append(dst, b[i])
		case i+1 < len(b) && b[i+1] == '\\':
			dst = append(dst, '\\')
			i++
		case i+3 < len(b) && b[i+1] >= '0' && b[i+1] <= '3' && isOctal(b[i+2]) && isOctal(b[i+3]):
			dst = append(dst, (b[i+1]-'0')<<6|(b[i+2]-'0')<<3|(b[i+3]-'0'))
			i += 3
		default:
			return dst, sqlerr.New(sqlerr.InvalidText, "invalid input syntax for type bytea")
		}
	}
	return dst, nil
}

func isOctal(c byte) bool { return c >= '0' && c <= '7' }

// parseHex reads pairs of digits, with white space between pairs.
func parseHex(dst, b []byte) ([]byte, error) {
	for i := 0; i < len(b); i++ {
		if isSpace(b[i]) && b[i] != '\v' && b[i] != '\f' {
			continue
		}
		hi, ok := hexValue(b[i])
		if !ok {
			return dst, badHexDigit(b[i:])
		}
		if i++; i == len(b) {
			return dst, sqlerr.New(sqlerr.InvalidParameterValue, "invalid hexadecimal data: odd number of digits")
		}
		lo, ok := hexValue(b[i])
		if !ok {
			return dst, badHexDigit(b[i:])
		}
		dst = append(dst, hi<<4|lo)
	}
	return dst, nil
}

func hexValue(c byte) (byte, bool) {
	switch {
	case c >= '0' && c <= '9':
		return c - '0', true
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10, true
	}
	return 0, false
}

func badHexDigit(b []byte) error {
	_, n := utf8.DecodeRune(b)
	return sqlerr.New(sqlerr.InvalidParameterValue, "invalid hexadecimal digit: \"%s\"", b[:n])
}

// ParseUUID reads 32 hexadecimal digits, in braces or not, with hyphens after
// any group of four. 22P02 otherwise.
func ParseUUID(b []byte) (id [16]byte, err error) {
	t := b
	if len(t) >= 2 && t[0] == '{' && t[len(t)-1] == '}' {
		t = t[1 : len(t)-1]
	}
	for i := range id {
		if len(t) < 2 {
			return id, invalidInput("uuid", b)
		}
		hi, ok1 := hexValue(t[0])
		lo, ok2 := hexValue(t[1])
		if !ok1 || !ok2 {
			return id, invalidInput("uuid", b)
		}
		id[i] = hi<<4 | lo
		t = t[2:]
		if i%2 == 1 && i < 15 && len(t) > 0 && t[0] == '-' {
			t = t[1:]
		}
	}
	if len(t) > 0 {
		return id, invalidInput("uuid", b)
	}
	return id, nil
}
