package builtin

import "bytes"

// cut makes pieces of a pattern between its %, if it has nothing else that is not
// a byte: the first piece is a prefix, the last one a suffix, and those between
// stand in this order. Pieces may be empty.
func (m *likeMatcher) cut() {
	m.shape, m.pieces = inOrder, append(m.pieces[:0], nil)
	for _, t := range m.tokens {
		switch t.kind {
		case oneByte:
			last := &m.pieces[len(m.pieces)-1]
			*last = append(*last, t.b)
		case anyString:
			m.pieces = append(m.pieces, nil)
		default:
			m.shape = general
			return
		}
	}
}

// matchPieces takes each piece where it first is: a later place of one leaves less
// for those that follow. A piece is found at the bounds of characters only, since
// both texts are whole characters.
func (m *likeMatcher) matchPieces(s []byte) bool {
	first, last := m.pieces[0], m.pieces[len(m.pieces)-1]
	if len(s) < len(first)+len(last) || !bytes.HasPrefix(s, first) || !bytes.HasSuffix(s, last) {
		return false
	}
	s = s[len(first) : len(s)-len(last)]
	for _, p := range m.pieces[1 : len(m.pieces)-1] {
		at := bytes.Index(s, p)
		if at < 0 {
			return false
		}
		s = s[at+len(p):]
	}
	return true
}
