package builtin

import (
	"slices"

	"volley/sqlerr"
	"volley/sqltype"
	"volley/sqltype/jsonpath"
	"volley/sqltype/jsontext"
)

// pathItem is a value in an evaluation: JSON, or a date or time.
type pathItem struct {
	json *jsontext.Value
	time *pathTime
}

func (p pathItem) append(dst []byte) []byte {
	if p.time != nil {
		return jsontext.AppendString(dst, p.time.String())
	}
	return p.json.Append(dst)
}

func (p pathItem) is(k jsontext.Kind) bool { return p.json != nil && p.json.Kind == k }

func pathNumber(n sqltype.Num) pathItem {
	return pathItem{json: &jsontext.Value{Kind: jsontext.Number, Text: n.String()}}
}

// num is the value of a number.
func (p pathItem) num() (sqltype.Num, error) { return sqltype.ParseNum([]byte(p.json.Text)) }

// pathResult is what is known of an evaluation when it ends.
type pathResult uint8

const (
	pathNone pathResult = iota // nothing was found
	pathOK
	pathError // an error that is not to be told
)

// pathEval evaluates a path over one document, as PostgreSQL's executor of
// jsonpath does: methods add what they find to all or, where that is nil, end
// at the first one.
type pathEval struct {
	calls      *pathCalls
	root       pathItem
	current    pathItem
	base       pathBase // by which keyvalue() tells objects apart
	generated  int      // objects made by keyvalue()
	lax        bool
	structural bool // structural errors are no errors
	throw      bool
	last       int // size of the innermost array being subscripted, or −1
}

// fail ends the evaluation with an error, which is told or not.
func (e *pathEval) fail(code, format string, args ...any) (pathResult, error) {
	if e.throw {
		return pathError, sqlerr.New(code, format, args...)
	}
	return pathError, nil
}

// Errors of SQL/JSON.
const (
	jsonMemberNotFound   = "2203A"
	jsonArrayNotFound    = "22039"
	jsonObjectNotFound   = "2203C"
	jsonNumberNotFound   = "2203B"
	jsonInvalidSubscript = "22033"
	jsonNonNumeric       = "22036"
	jsonSingleton        = "22038"
	jsonInvalidDatetime  = "22031"
)

// item evaluates i for v.
func (e *pathEval) item(i *jsonpath.Item, v pathItem, all *[]pathItem) (pathResult, error) {
	return e.unwrapping(i, v, all, e.lax)
}

// next hands a result on to what follows i.
func (e *pathEval) next(i *jsonpath.Item, v pathItem, all *[]pathItem) (pathResult, error) {
	if i != nil && i.Next != nil {
		return e.item(i.Next, v, all)
	}
	if all != nil {
		*all = append(*all, v)
	}
	return pathOK, nil
}

// unwrapping evaluates i; unwrap: what an item does not apply to, an array,
// stands for its elements.
func (e *pathEval) unwrapping(i *jsonpath.Item, v pathItem, all *[]pathItem, unwrap bool) (pathResult, error) {
	if i.Kind.Predicate() {
		r, err := e.predicate(i, v)
		if err != nil {
			return pathError, err
		}
		if i.Next == nil && all == nil {
			return pathOK, nil
		}
		return e.next(i, r.item(), all)
	}
	array := v.is(jsontext.Array)
	switch i.Kind {
	case jsonpath.Key, jsonpath.AnyKey, jsonpath.Filter, jsonpath.Abs, jsonpath.Floor, jsonpath.Ceiling, jsonpath.Double,
		jsonpath.DateTime, jsonpath.KeyValue:
		if unwrap && array {
			return e.elements(i, v, all, false)
		}
	}
	switch i.Kind {
	case jsonpath.Null, jsonpath.String, jsonpath.Number, jsonpath.Bool, jsonpath.Variable:
		return e.constant(i, all)
	case jsonpath.Root:
		saved := e.base
		e.base = pathBase{at: e.root.json}
		r, err := e.next(i, e.root, all)
		e.base = saved
		return r, err
	case jsonpath.Current:
		return e.next(i, e.current, all)
	case jsonpath.Key:
		return e.key(i, v, all)
	case jsonpath.AnyKey:
		if v.is(jsontext.Object) {
			return e.anyLevel(i.Next, v, all, walk{level: 1, first: 1, last: 1, unwrap: e.lax})
		}
		return e.structuralError(jsonObjectNotFound, "jsonpath wildcard member accessor can only be applied to an object")
	case jsonpath.AnyArray:
		switch {
		case array:
			return e.anyLevel(i.Next, v, all, walk{level: 1, first: 1, last: 1, unwrap: e.lax})
		case e.lax:
			return e.next(i, v, all)
		}
		return e.structuralError(jsonArrayNotFound, "jsonpath wildcard array accessor can only be applied to an array")
	case jsonpath.IndexArray:
		if array || e.lax {
			return e.subscripts(i, v, all)
		}
		return e.structuralError(jsonArrayNotFound, "jsonpath array accessor can only be applied to an array")
	case jsonpath.Any:
		return e.anywhere(i, v, all)
	case jsonpath.Last:
		if i.Next == nil && all == nil {
			return pathOK, nil
		}
		return e.next(i, pathNumber(sqltype.NumFromInt64(int64(e.last-1))), all)
	case jsonpath.Filter:
		r, err := e.nested(i.Left, v)
		if err != nil || r != truthTrue {
			return pathNone, err
		}
		return e.next(i, v, all)
	case jsonpath.Add, jsonpath.Sub, jsonpath.Mul, jsonpath.Div, jsonpath.Mod:
		return e.arithmetic(i, v, all)
	case jsonpath.Plus, jsonpath.Minus:
		return e.signed(i, v, all)
	}
	return e.method(i, v, all)
}

// structuralError is an error in strict mode, nothing found in lax mode.
func (e *pathEval) structuralError(code, format string, args ...any) (pathResult, error) {
	if e.structural {
		return pathNone, nil
	}
	return e.fail(code, format, args...)
}

func (e *pathEval) constant(i *jsonpath.Item, all *[]pathItem) (pathResult, error) {
	if i.Next == nil && all == nil {
		return pathOK, nil
	}
	v := &jsontext.Value{Text: i.Text, Bool: i.Bool}
	saved := e.base
	switch i.Kind {
	case jsonpath.String:
		v.Kind = jsontext.String
	case jsonpath.Number:
		v.Kind = jsontext.Number
	case jsonpath.Bool:
		v.Kind = jsontext.Bool
	case jsonpath.Variable:
		ok := false
		if vars := e.calls.variables; vars != nil {
			v, ok = vars.Get(i.Text)
			e.base = pathBase{at: vars, id: 1}
		}
		if !ok {
			return pathError, sqlerr.New("42704", "could not find jsonpath variable \"%s\"", i.Text)
		}
	}
	r, err := e.next(i, pathItem{json: v}, all)
	e.base = saved
	return r, err
}

func (e *pathEval) key(i *jsonpath.Item, v pathItem, all *[]pathItem) (pathResult, error) {
	if !v.is(jsontext.Object) {
		return e.structuralError(jsonMemberNotFound, "jsonpath member accessor can only be applied to an object")
	}
	if member, ok := v.json.Get(i.Text); ok {
		return e.next(i, pathItem{json: member}, all)
	}
	return e.structuralError(jsonMemberNotFound, "JSON object does not contain key \"%s\"", i.Text)
}

// elements evaluates i for each element of an array.
func (e *pathEval) elements(i *jsonpath.Item, v pathItem, all *[]pathItem, unwrap bool) (pathResult, error) {
	return e.anyLevel(i, v, all, walk{level: 1, first: 1, last: 1, unwrap: unwrap})
}

// walk says which of the values inside of another one are meant: those of
// levels first to last, or leaves.
type walk struct {
	level, first, last uint32
	lenient, unwrap    bool
}

// anyLevel evaluates i for the values inside of v, or adds them, if it is nil.
func (e *pathEval) anyLevel(i *jsonpath.Item, v pathItem, all *[]pathItem, w walk) (pathResult, error) {
	result := pathNone
	if w.level > w.last || v.json == nil {
		return result, nil
	}
	each := func(inner *jsontext.Value) (stop bool, err error) {
		container := inner.Kind == jsontext.Array || inner.Kind == jsontext.Object
		if w.level >= w.first || w.first == jsonpath.LastLevel && w.last == jsonpath.LastLevel && !container {
			switch {
			case i != nil:
				saved := e.structural
				e.structural = saved || w.lenient
				result, err = e.unwrapping(i, pathItem{json: inner}, all, w.unwrap)
				e.structural = saved
				if err != nil || result == pathError || result == pathOK && all == nil {
					return true, err
				}
			case all != nil:
				*all = append(*all, pathItem{json: inner})
			default:
				result = pathOK
				return true, nil
			}
		}
		if w.level < w.last && container {
			deeper := w
			deeper.level++
			result, err = e.anyLevel(i, pathItem{json: inner}, all, deeper)
			if err != nil || result == pathError || result == pathOK && all == nil {
				return true, err
			}
		}
		return false, nil
	}
	for k := range v.json.Items {
		if stop, err := each(&v.json.Items[k]); stop {
			return result, err
		}
	}
	for k := range v.json.Members {
		if stop, err := each(&v.json.Members[k].Value); stop {
			return result, err
		}
	}
	return result, nil
}

// anywhere is .**, which has v itself as level 0.
func (e *pathEval) anywhere(i *jsonpath.Item, v pathItem, all *[]pathItem) (pathResult, error) {
	result := pathNone
	if i.First == 0 {
		saved := e.structural
		e.structural = true
		var err error
		result, err = e.next(i, v, all)
		e.structural = saved
		if err != nil || result == pathOK && all == nil {
			return result, err
		}
	}
	if v.is(jsontext.Array) || v.is(jsontext.Object) {
		return e.anyLevel(i.Next, v, all, walk{level: 1, first: i.First, last: i.Last, lenient: true, unwrap: e.lax})
	}
	return result, nil
}

func (e *pathEval) subscripts(i *jsonpath.Item, v pathItem, all *[]pathItem) (pathResult, error) {
	saved := e.last
	defer func() { e.last = saved }()
	items := []jsontext.Value(nil)
	size, single := 1, true
	if v.is(jsontext.Array) {
		items, size, single = v.json.Items, len(v.json.Items), false
	}
	e.last = size
	result := pathNone
	for _, s := range i.Subscripts {
		from, r, err := e.index(s.From, v)
		if err != nil || r == pathError {
			return r, err
		}
		to := from
		if s.To != nil {
			if to, r, err = e.index(s.To, v); err != nil || r == pathError {
				return r, err
			}
		}
		if !e.structural && (from < 0 || from > to || to >= size) {
			return e.fail(jsonInvalidSubscript, "jsonpath array subscript is out of bounds")
		}
		from, to = max(from, 0), min(to, size-1)
		result = pathNone
		for k := from; k <= to; k++ {
			item := v
			if !single {
				item = pathItem{json: &items[k]}
			}
			if i.Next == nil && all == nil {
				return pathOK, nil
			}
			result, err = e.next(i, item, all)
			if err != nil || result == pathError || result == pathOK && all == nil {
				return result, err
			}
		}
	}
	return result, nil
}

// index is the value of a subscript.
func (e *pathEval) index(i *jsonpath.Item, v pathItem) (int, pathResult, error) {
	var found []pathItem
	if r, err := e.item(i, v, &found); err != nil || r == pathError {
		return 0, pathError, err
	}
	if len(found) != 1 || !found[0].is(jsontext.Number) {
		r, err := e.fail(jsonInvalidSubscript, "jsonpath array subscript is not a single numeric value")
		return 0, r, err
	}
	n, err := found[0].num()
	if err == nil {
		var k int64
		if k, err = n.Trunc(0).ToInt(32); err == nil {
			return int(k), pathOK, nil
		}
	}
	r, err := e.fail(jsonInvalidSubscript, "jsonpath array subscript is out of integer range")
	return 0, r, err
}

// operand is the values of an operand, in lax mode those inside of arrays.
func (e *pathEval) operand(i *jsonpath.Item, v pathItem, unwrap bool) ([]pathItem, pathResult, error) {
	var found []pathItem
	r, err := e.item(i, v, &found)
	if err != nil || r == pathError || !unwrap || !e.lax {
		return found, r, err
	}
	if !slices.ContainsFunc(found, func(p pathItem) bool { return p.is(jsontext.Array) }) {
		return found, pathOK, nil
	}
	var out []pathItem
	for _, item := range found {
		if !item.is(jsontext.Array) {
			out = append(out, item)
			continue
		}
		for k := range item.json.Items {
			out = append(out, pathItem{json: &item.json.Items[k]})
		}
	}
	return out, pathOK, nil
}

func (e *pathEval) arithmetic(i *jsonpath.Item, v pathItem, all *[]pathItem) (pathResult, error) {
	left, r, err := e.operand(i.Left, v, true)
	if err != nil || r == pathError {
		return pathError, err
	}
	right, r, err := e.operand(i.Right, v, true)
	if err != nil || r == pathError {
		return pathError, err
	}
	for _, side := range []struct {
		name  string
		items []pathItem
	}{{"left", left}, {"right", right}} {
		if len(side.items) != 1 || !side.items[0].is(jsontext.Number) {
			return e.fail(jsonSingleton, "%s operand of jsonpath operator %s is not a single numeric value", side.name, i.Kind.Operator())
		}
	}
	n, err := applyArithmetic(i.Kind, left[0], right[0])
	if err != nil {
		if e.throw {
			return pathError, err
		}
		return pathError, nil
	}
	if i.Next == nil && all == nil {
		return pathOK, nil
	}
	return e.next(i, pathNumber(n), all)
}

func applyArithmetic(k jsonpath.Kind, left, right pathItem) (sqltype.Num, error) {
	a, err := left.num()
	if err != nil {
		return a, err
	}
	b, err := right.num()
	if err != nil {
		return b, err
	}
	switch k {
	case jsonpath.Add:
		return a.Add(b)
	case jsonpath.Sub:
		return a.Sub(b)
	case jsonpath.Mul:
		return a.Mul(b)
	case jsonpath.Div:
		return a.Div(b)
	}
	return a.Mod(b)
}

// signed is unary + and −.
func (e *pathEval) signed(i *jsonpath.Item, v pathItem, all *[]pathItem) (pathResult, error) {
	items, r, err := e.operand(i.Left, v, true)
	if err != nil || r == pathError {
		return pathError, err
	}
	result := pathNone
	for _, item := range items {
		number := item.is(jsontext.Number)
		if all == nil && i.Next == nil {
			if number {
				return pathOK, nil
			}
			continue
		}
		if !number {
			return e.fail(jsonNumberNotFound, "operand of unary jsonpath operator %s is not a numeric value", i.Kind.Operator())
		}
		if i.Kind == jsonpath.Minus {
			n, err := item.num()
			if err != nil {
				return pathError, err
			}
			item = pathNumber(n.Neg())
		}
		r, err := e.next(i, item, all)
		if err != nil || r == pathError {
			return pathError, err
		}
		if r == pathOK {
			if all == nil {
				return pathOK, nil
			}
			result = pathOK
		}
	}
	return result, nil
}
