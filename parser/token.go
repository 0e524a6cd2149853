package parser

// tokenKind is the lexical class of a token.
type tokenKind uint8

const (
	tokEOF     tokenKind = iota
	tokIdent             // unquoted identifier or keyword; text is folded to lower case
	tokQuoted            // "quoted" identifier; text is the name
	tokString            // any character string; text is the value
	tokBits              // B'…' or X'…'; text is the bits as 0 and 1
	tokInteger           // text has decimal digits only
	tokDecimal           // number with a point or an exponent; text as written, without underscores
	tokParam             // $n; text has the digits
	tokOp                // operator; text as written
	tokPunct             // one of ( ) [ ] { } , ; . : or the pairs :: and :=
)

// token is one lexical element; [pos, end) is its place in the SQL text.
type token struct {
	text     string
	pos, end int32
	kind     tokenKind
	class    keywordClass // of a tokIdent
	asLabel  bool         // keyword that is an output name only after AS
	query    bool         // "(" that opens a query, not an expression
}

// pairParens marks each "(" that opens a query. "((" needs a look beyond the
// inner ")": "((SELECT 1) UNION …" opens a query and "((SELECT 1) + 2)" does
// not. One pass with a stack decides this for all, which keeps deep nesting
// linear.
func pairParens(toks []token) {
	var open []int
	for i := range toks {
		t := &toks[i]
		if t.kind != tokPunct {
			continue
		}
		switch t.text {
		case "(":
			t.query = startsQuery(&toks[i+1])
			open = append(open, i)
		case ")":
			if len(open) == 0 {
				return
			}
			o := open[len(open)-1]
			open = open[:len(open)-1]
			inner := toks[o].query && len(open) > 0 && open[len(open)-1] == o-1
			if inner && continuesQuery(&toks[i+1]) {
				toks[o-1].query = true
			}
		}
	}
}

func startsQuery(t *token) bool {
	if t.kind != tokIdent {
		return false
	}
	switch t.text {
	case "select", "values", "with", "table", "from":
		return true
	}
	return false
}

// continuesQuery says whether t, following a parenthesised query, keeps what is
// around it a query.
func continuesQuery(t *token) bool {
	if t.kind == tokPunct {
		return t.text == ")"
	}
	if t.kind != tokIdent {
		return false
	}
	switch t.text {
	case "union", "intersect", "except", "order", "limit", "offset", "fetch", "for":
		return true
	}
	return false
}
