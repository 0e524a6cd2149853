package builtin

import (
	"strings"

	"volley/sqltype/jsonpath"
	"volley/sqltype/jsontext"
)

// truth is the result of a predicate.
type truth uint8

const (
	truthFalse truth = iota
	truthTrue
	truthUnknown
)

func truthOf(b bool) truth {
	if b {
		return truthTrue
	}
	return truthFalse
}

// item is the result as a value: null when it is not known.
func (t truth) item() pathItem {
	if t == truthUnknown {
		return pathItem{json: &jsontext.Value{}}
	}
	return pathItem{json: &jsontext.Value{Kind: jsontext.Bool, Bool: t == truthTrue}}
}

// nested evaluates the predicate of a filter, in which v is @.
func (e *pathEval) nested(i *jsonpath.Item, v pathItem) (truth, error) {
	saved := e.current
	e.current = v
	r, err := e.predicate(i, v)
	e.current = saved
	return r, err
}

func (e *pathEval) predicate(i *jsonpath.Item, v pathItem) (truth, error) {
	switch i.Kind {
	case jsonpath.And, jsonpath.Or:
		return e.connected(i, v)
	case jsonpath.Not:
		r, err := e.predicate(i.Left, v)
		if r == truthUnknown || err != nil {
			return r, err
		}
		return truthOf(r == truthFalse), nil
	case jsonpath.IsUnknown:
		r, err := e.predicate(i.Left, v)
		return truthOf(r == truthUnknown), err
	case jsonpath.Exists:
		return e.exists(i.Left, v)
	case jsonpath.StartsWith:
		return e.pairs(i, v, false, func(a, b pathItem) (truth, error) {
			if !a.is(jsontext.String) || !b.is(jsontext.String) {
				return truthUnknown, nil
			}
			return truthOf(strings.HasPrefix(a.json.Text, b.json.Text)), nil
		})
	case jsonpath.LikeRegex:
		return e.likeRegex(i, v)
	}
	return e.pairs(i, v, true, func(a, b pathItem) (truth, error) { return e.compare(i.Kind, a, b) })
}

func (e *pathEval) connected(i *jsonpath.Item, v pathItem) (truth, error) {
	decides := truthOf(i.Kind == jsonpath.Or)
	left, err := e.predicate(i.Left, v)
	if err != nil || left == decides {
		return left, err
	}
	right, err := e.predicate(i.Right, v)
	if err != nil || right == decides || right == truthUnknown {
		return right, err
	}
	return left, nil
}

// quietly evaluates without telling errors.
func (e *pathEval) quietly(f func() (pathResult, error)) (pathResult, error) {
	saved := e.throw
	e.throw = false
	r, err := f()
	e.throw = saved
	return r, err
}

func (e *pathEval) exists(i *jsonpath.Item, v pathItem) (truth, error) {
	var found []pathItem
	var all *[]pathItem
	if !e.lax {
		all = &found // an error anywhere counts
	}
	r, err := e.quietly(func() (pathResult, error) { return e.item(i, v, all) })
	switch {
	case err != nil || r == pathError:
		return truthUnknown, err
	case !e.lax:
		return truthOf(len(found) > 0), nil
	}
	return truthOf(r == pathOK), nil
}

// pairs evaluates a predicate of two operands for all pairs of their values: in
// lax mode one that is true suffices, in strict mode none may be unknown.
func (e *pathEval) pairs(i *jsonpath.Item, v pathItem, unwrapRight bool, f func(a, b pathItem) (truth, error)) (truth, error) {
	var left, right []pathItem
	r, err := e.quietly(func() (r pathResult, err error) {
		left, r, err = e.operand(i.Left, v, true)
		return r, err
	})
	if err != nil || r == pathError {
		return truthUnknown, err
	}
	right = []pathItem{{}}
	if i.Right != nil {
		r, err = e.quietly(func() (r pathResult, err error) {
			right, r, err = e.operand(i.Right, v, unwrapRight)
			return r, err
		})
		if err != nil || r == pathError {
			return truthUnknown, err
		}
	}
	found, unknown := false, false
	for _, a := range left {
		for _, b := range right {
			t, err := f(a, b)
			switch {
			case err != nil:
				return truthUnknown, err
			case t == truthUnknown && !e.lax:
				return truthUnknown, nil
			case t == truthUnknown:
				unknown = true
			case t == truthTrue && e.lax:
				return truthTrue, nil
			case t == truthTrue:
				found = true
			}
		}
	}
	switch {
	case found:
		return truthTrue, nil
	case unknown:
		return truthUnknown, nil
	}
	return truthFalse, nil
}

func (e *pathEval) likeRegex(i *jsonpath.Item, v pathItem) (truth, error) {
	p := e.calls.regexps[i]
	if p == nil {
		o := regexpOptions{
			fold: strings.Contains(i.Flags, "i"), literal: strings.Contains(i.Flags, "q"),
			lines: strings.Contains(i.Flags, "m"), dot: strings.Contains(i.Flags, "s"),
		}
		if o.literal {
			o.lines, o.dot = false, false
		}
		var err error
		if p, err = compilePattern(i.Text, o); err != nil {
			return truthUnknown, err
		}
		e.calls.regexps[i] = p
	}
	return e.pairs(i, v, false, func(a, _ pathItem) (truth, error) {
		if !a.is(jsontext.String) {
			return truthUnknown, nil
		}
		ok, err := p.match(a.json.Text)
		return truthOf(ok), err
	})
}

// compare compares two scalars; values of different types compare only with
// null.
func (e *pathEval) compare(op jsonpath.Kind, a, b pathItem) (truth, error) {
	c := 0
	switch {
	case a.time != nil && b.time != nil:
		order, comparable, err := a.time.compare(b.time, e.calls)
		if err != nil || !comparable {
			return truthUnknown, err
		}
		c = order
	case a.time != nil || b.time != nil || a.json.Kind != b.json.Kind:
		if a.is(jsontext.Null) || b.is(jsontext.Null) {
			return truthOf(op == jsonpath.NotEqual), nil
		}
		return truthUnknown, nil
	default:
		switch a.json.Kind {
		case jsontext.Array, jsontext.Object:
			return truthUnknown, nil
		}
		if a.is(jsontext.String) {
			c = compareUTF16(a.json.Text, b.json.Text)
		} else {
			c = jsontext.Compare(a.json, b.json)
		}
	}
	switch op {
	case jsonpath.Equal:
		return truthOf(c == 0), nil
	case jsonpath.NotEqual:
		return truthOf(c != 0), nil
	case jsonpath.Less:
		return truthOf(c < 0), nil
	case jsonpath.LessEqual:
		return truthOf(c <= 0), nil
	case jsonpath.Greater:
		return truthOf(c > 0), nil
	}
	return truthOf(c >= 0), nil
}

// compareUTF16 orders strings by their UTF-16 code units, as SQL/JSON has it:
// characters beyond U+FFFF come before U+E000.
func compareUTF16(a, b string) int {
	x, y := []rune(a), []rune(b)
	for i := range min(len(x), len(y)) {
		if x[i] == y[i] {
			continue
		}
		if (x[i] > 0xffff) != (y[i] > 0xffff) {
			u, v := leadingUnit(x[i]), leadingUnit(y[i])
			return int(u) - int(v)
		}
		return int(x[i]) - int(y[i])
	}
	return len(x) - len(y)
}

func leadingUnit(r rune) rune {
	if r > 0xffff {
		return 0xd800 + (r-0x10000)>>10
	}
	return r
}
