package sqltype

import "strconv"

// AppendBool appends boolean's output form, 't' or 'f'.
func AppendBool(dst []byte, v bool) []byte {
	if v {
		return append(dst, 't')
	}
	return append(dst, 'f')
}

// AppendBoolWord appends what a cast of boolean to text gives, "true" or
// "false".
func AppendBoolWord(dst []byte, v bool) []byte { return strconv.AppendBool(dst, v) }

// AppendInt appends a decimal integer.
func AppendInt(dst []byte, v int64) []byte { return strconv.AppendInt(dst, v, 10) }

const hexDigits = "0123456789abcdef"

// AppendBytea appends bytea's hex form, \x and two digits a byte.
func AppendBytea(dst, v []byte) []byte {
	dst = append(dst, '\\', 'x')
	for _, c := range v {
		dst = append(dst, hexDigits[c>>4], hexDigits[c&15])
	}
	return dst
}

// AppendUUID appends the 8-4-4-4-12 form of 16 bytes.
func AppendUUID(dst, v []byte) []byte {
	for i, c := range v {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			dst = append(dst, '-')
		}
		dst = append(dst, hexDigits[c>>4], hexDigits[c&15])
	}
	return dst
}
