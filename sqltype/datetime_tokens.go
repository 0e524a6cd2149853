package sqltype

import "bytes"

// tokenKind is what a token of a date/time text looks like; what it means is
// decided by the tokens around it.
type tokenKind uint8

const (
	tokenNumber  tokenKind = iota // digits, perhaps with a point
	tokenDate                     // digits and delimiters, or letters with punctuation: a zone's name, too
	tokenTime                     // digits with colons
	tokenWord                     // letters
	tokenSpecial                  // a sign and letters
	tokenOffset                   // a sign and digits, with ':', '.' and '-'
)

// dateToken is a token, in lower case; its text is a part of the tokens' buffer.
type dateToken struct {
	kind       tokenKind
	start, end uint16
}

const (
	maxDateTokens = 25
	// maxDateText and maxIntervalText are how long the tokens of a text may be
	// together, with one byte more for each.
	maxDateText     = 153
	maxIntervalText = 256
)

// dateTokens are the tokens of one text; the zero value is ready for use.
type dateTokens struct {
	buf    [maxIntervalText]byte
	used   int
	limit  int
	tokens [maxDateTokens]dateToken
	n      int
}

// split cuts a text into tokens as all date/time types do; false when it has
// none of their forms. White space and punctuation only separate tokens.
func (d *dateTokens) split(t []byte, limit int) bool {
	d.limit = limit
	for len(t) > 0 {
		c := t[0]
		if isSpace(c) {
			t = t[1:]
			continue
		}
		var kind tokenKind
		start := d.used
		switch {
		case d.n == maxDateTokens:
			return false
		case isDigit(c):
			kind, t = d.number(t)
		case c == '.':
			kind, t = tokenNumber, d.take(d.copy(t, 1), isDigit)
		case isLetter(c):
			kind, t = d.word(t, start)
		case c == '+' || c == '-':
			t = d.copy(t, 1)
			for len(t) > 0 && isSpace(t[0]) {
				t = t[1:]
			}
			switch {
			case len(t) > 0 && isDigit(t[0]):
				kind, t = tokenOffset, d.take(t, func(c byte) bool { return isDigit(c) || c == ':' || c == '.' || c == '-' })
			case len(t) > 0 && isLetter(t[0]):
				kind, t = tokenSpecial, d.take(t, isLetter)
			default:
				return false
			}
		case c > ' ' && c < 0x7f:
			t = t[1:]
			continue
		default:
			return false
		}
		if d.used+1 > d.limit {
			return false
		}
		d.tokens[d.n] = dateToken{kind, uint16(start), uint16(d.used)}
		d.n++
		d.limit--
	}
	return true
}

// text is that of token i.
func (d *dateTokens) text(i int) []byte { return d.buf[d.tokens[i].start:d.tokens[i].end] }

// number reads a token that starts with a digit: a time, a date whose second
// part may be a month's name, or a number.
func (d *dateTokens) number(t []byte) (tokenKind, []byte) {
	t = d.take(t, isDigit)
	if len(t) == 0 {
		return tokenNumber, t
	}
	switch delim := t[0]; delim {
	case ':':
		return tokenTime, d.take(t, func(c byte) bool { return isDigit(c) || c == ':' || c == '.' })
	case '-', '/', '.':
		t = d.copy(t, 1)
		if len(t) == 0 || !isDigit(t[0]) {
			return tokenDate, d.takeWith(t, delim, isAlphanumeric)
		}
		kind := tokenDate
		if delim == '.' {
			kind = tokenNumber
		}
		if t = d.take(t, isDigit); len(t) > 0 && t[0] == delim {
			return tokenDate, d.takeWith(t, delim, isDigit)
		}
		return kind, t
	}
	return tokenNumber, t
}

// word reads a token that starts with a letter. Punctuation after it makes it a
// date or a zone's name; so do digits and '+', unless it is a keyword.
func (d *dateTokens) word(t []byte, start int) (tokenKind, []byte) {
	t = d.take(t, isLetter)
	if len(t) == 0 {
		return tokenWord, t
	}
	switch c := t[0]; {
	case c == '-' || c == '/' || c == '.':
	case c == '+' || isDigit(c):
		if _, ok := keywordOf(d.buf[start:d.used]); ok {
			return tokenWord, t
		}
	default:
		return tokenWord, t
	}
	return tokenDate, d.take(t, func(c byte) bool {
		return isDigit(c) || isLetter(c) || bytes.IndexByte([]byte("+-/_.:"), c) >= 0
	})
}

// take copies the bytes at the start of t that are of a class.
func (d *dateTokens) take(t []byte, class func(byte) bool) []byte {
	n := 0
	for n < len(t) && class(t[n]) {
		n++
	}
	return d.copy(t, n)
}

// takeWith is take for a class and one byte more.
func (d *dateTokens) takeWith(t []byte, also byte, class func(byte) bool) []byte {
	n := 0
	for n < len(t) && (t[n] == also || class(t[n])) {
		n++
	}
	return d.copy(t, n)
}

// copy adds n bytes in lower case to the token being read. Too long a text fills
// the buffer, which split notices.
func (d *dateTokens) copy(t []byte, n int) []byte {
	for _, c := range t[:n] {
		if d.used == d.limit {
			break
		}
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		d.buf[d.used] = c
		d.used++
	}
	return t[n:]
}

func isDigit(c byte) bool  { return c >= '0' && c <= '9' }
func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

func isAlphanumeric(c byte) bool { return isDigit(c) || isLetter(c) }
