package jsontext

// Check tells whether text is valid JSON: nil, or 22P02 with what is wrong.
func Check(text []byte) error { return CheckUntil(nil, text) }

// CheckUntil is Check that ends, with 57014, soon after canceled, which may be nil, has
// begun to hold.
func CheckUntil(canceled func() bool, text []byte) error {
	l := lexer{text: text, canceled: canceled}
	if err := l.next(); err != nil {
		return err
	}
	if err := l.checkValue(0); err != nil {
		return err
	}
	if l.kind != tokEnd {
		return l.unexpected("end of input")
	}
	return nil
}

// checkValue reads a value, whose first token is the present one, and the token
// behind it.
func (l *lexer) checkValue(depth int) error {
	switch l.kind {
	case tokString, tokNumber, tokTrue, tokFalse, tokNull:
		return l.next()
	case tokObject, tokArray:
		if depth >= maxDepth {
			return tooDeep()
		}
		if l.kind == tokArray {
			return l.checkArray(depth + 1)
		}
		return l.checkObject(depth + 1)
	}
	return l.unexpected("JSON value")
}

func (l *lexer) checkArray(depth int) error {
	if err := l.next(); err != nil {
		return err
	}
	if l.kind == tokArrayEnd {
		return l.next()
	}
	for first := true; ; first = false {
		if first && !l.startsValue() {
			return l.unexpected("array element or \"]\"")
		}
		if err := l.checkValue(depth); err != nil {
			return err
		}
		switch l.kind {
		case tokArrayEnd:
			return l.next()
		case tokComma:
			if err := l.next(); err != nil {
				return err
			}
		default:
			return l.unexpected("\",\" or \"]\"")
		}
	}
}

func (l *lexer) startsValue() bool {
	switch l.kind {
	case tokObjectEnd, tokArrayEnd, tokComma, tokColon:
		return false
	}
	return true
}

func (l *lexer) checkObject(depth int) error {
	if err := l.next(); err != nil {
		return err
	}
	if l.kind == tokObjectEnd {
		return l.next()
	}
	for wanted := "string or \"}\""; ; wanted = "string" {
		if err := l.key(wanted); err != nil {
			return err
		}
		if err := l.checkValue(depth); err != nil {
			return err
		}
		switch l.kind {
		case tokObjectEnd:
			return l.next()
		case tokComma:
			if err := l.next(); err != nil {
				return err
			}
		default:
			return l.unexpected("\",\" or \"}\"")
		}
	}
}

// key reads the present token, a key, and the colon, up to the value's first
// token.
func (l *lexer) key(wanted string) error {
	if l.kind != tokString {
		return l.unexpected(wanted)
	}
	if err := l.next(); err != nil {
		return err
	}
	if l.kind != tokColon {
		return l.unexpected("\":\"")
	}
	return l.next()
}
