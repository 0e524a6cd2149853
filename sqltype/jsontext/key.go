package jsontext

import "bytes"

// AppendKey appends bytes that are equal for equal jsonb values, given in their
// normalised form: numbers lose the zeros at the end of their fractions, which
// are all that equal values can differ in.
func AppendKey(dst, text []byte) []byte {
	for {
		dot := fraction(text)
		if dot < 0 {
			return append(dst, text...)
		}
		end := dot + 1
		for end < len(text) && text[end] >= '0' && text[end] <= '9' {
			end++
		}
		dst = append(dst, bytes.TrimSuffix(bytes.TrimRight(text[:end], "0"), []byte{'.'})...)
		text = text[end:]
	}
}

// fraction is where the first decimal point outside of strings stands, or −1.
func fraction(text []byte) int {
	if bytes.IndexByte(text, '.') < 0 {
		return -1
	}
	for p := 0; p < len(text); p++ {
		switch text[p] {
		case '"':
			p = skipString(text, p) - 1
		case '.':
			return p
		}
	}
	return -1
}
