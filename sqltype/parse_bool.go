package sqltype

// ParseBool reads PostgreSQL's boolean input: unique prefixes of true, false,
// yes, no, on, off, and 1 and 0, in any case, between white space. 22P02
// otherwise.
func ParseBool(b []byte) (bool, error) {
	t := trimSpace(b)
	if len(t) == 0 {
		return false, invalidInput("boolean", b)
	}
	switch t[0] | 0x20 {
	case 't':
		if isPrefixFold(t, "true") {
			return true, nil
		}
	case 'f':
		if isPrefixFold(t, "false") {
			return false, nil
		}
	case 'y':
		if isPrefixFold(t, "yes") {
			return true, nil
		}
	case 'n':
		if isPrefixFold(t, "no") {
			return false, nil
		}
	case 'o':
		if len(t) > 1 && isPrefixFold(t, "on") {
			return true, nil
		}
		if len(t) > 1 && isPrefixFold(t, "off") {
			return false, nil
		}
	case '0', '1': // both have the bit 0x20 set already
		if len(t) == 1 && (t[0] == '0' || t[0] == '1') {
			return t[0] == '1', nil
		}
	}
	return false, invalidInput("boolean", b)
}

// isPrefixFold tells whether t, in any case, is a prefix of word.
func isPrefixFold(t []byte, word string) bool {
	return len(t) <= len(word) && equalFold(t, word[:len(t)])
}
