package builtin

import (
	"math"
	"strconv"
	"strings"

	"volley/sqltype"
	"volley/sqltype/jsonpath"
	"volley/sqltype/jsontext"
)

// method evaluates .name().
func (e *pathEval) method(i *jsonpath.Item, v pathItem, all *[]pathItem) (pathResult, error) {
	switch i.Kind {
	case jsonpath.Type:
		name := ""
		if v.time != nil {
			name = v.time.kind.String()
		} else {
			name = v.json.Kind.String()
		}
		return e.next(i, pathItem{json: &jsontext.Value{Kind: jsontext.String, Text: name}}, all)
	case jsonpath.Size:
		n := 1
		switch {
		case v.is(jsontext.Array):
			n = len(v.json.Items)
		case !e.lax:
			return e.structuralError(jsonArrayNotFound, "jsonpath item method .%s() can only be applied to an array", i.Kind.Operator())
		}
		return e.next(i, pathNumber(sqltype.NumFromInt64(int64(n))), all)
	case jsonpath.Double:
		return e.double(i, v, all)
	case jsonpath.DateTime:
		return e.datetime(i, v, all)
	case jsonpath.KeyValue:
		return e.keyValue(i, v, all)
	}
	if !v.is(jsontext.Number) {
		return e.fail(jsonNonNumeric, "jsonpath item method .%s() can only be applied to a numeric value", i.Kind.Operator())
	}
	n, err := v.num()
	if err != nil {
		return pathError, err
	}
	switch i.Kind {
	case jsonpath.Abs:
		n = n.Abs()
	case jsonpath.Floor:
		n = n.Floor()
	case jsonpath.Ceiling:
		n = n.Ceil()
	}
	return e.next(i, pathNumber(n), all)
}

func (e *pathEval) double(i *jsonpath.Item, v pathItem, all *[]pathItem) (pathResult, error) {
	method := i.Kind.Operator()
	if !v.is(jsontext.Number) && !v.is(jsontext.String) {
		return e.fail(jsonNonNumeric, "jsonpath item method .%s() can only be applied to a string or numeric value", method)
	}
	f, err := sqltype.ParseFloat([]byte(v.json.Text), 64)
	number := v.is(jsontext.Number)
	switch {
	case err != nil && number:
		return e.fail(jsonNonNumeric, "numeric argument of jsonpath item method .%s() is out of range for type double precision", method)
	case err != nil:
		return e.fail(jsonNonNumeric, "string argument of jsonpath item method .%s() is not a valid representation of a double precision number", method)
	case math.IsInf(f, 0) || math.IsNaN(f):
		return e.fail(jsonNonNumeric, "NaN or Infinity is not allowed for jsonpath item method .%s()", method)
	case !number:
		v = pathNumber(sqltype.NumFromFloat64(f))
	}
	return e.next(i, v, all)
}

// pathBase is the value by whose parts keyvalue() tells objects apart.
type pathBase struct {
	at *jsontext.Value
	id int
}

func (e *pathEval) keyValue(i *jsonpath.Item, v pathItem, all *[]pathItem) (pathResult, error) {
	if !v.is(jsontext.Object) {
		return e.fail(jsonObjectNotFound, "jsonpath item method .%s() can only be applied to an object", i.Kind.Operator())
	}
	if len(v.json.Members) == 0 {
		return pathNone, nil
	}
	if i.Next == nil && all == nil {
		return pathOK, nil
	}
	offset := 0
	if v.json != e.base.at {
		offset, _ = binaryOffset(e.base.at, v.json)
	}
	id := jsontext.Value{Kind: jsontext.Number, Text: strconv.FormatInt(int64(e.base.id)*10_000_000_000+int64(offset), 10)}
	result := pathNone
	for k := range v.json.Members {
		m := &v.json.Members[k]
		object := &jsontext.Value{Kind: jsontext.Object, Members: []jsontext.Field{
			{Key: "id", Value: id}, {Key: "key", Value: jsontext.StringValue(m.Key)}, {Key: "value", Value: m.Value},
		}}
		saved := e.base
		e.generated++
		e.base = pathBase{at: object, id: e.generated + 1}
		r, err := e.next(i, pathItem{json: object}, all)
		e.base = saved
		if err != nil || r == pathError || r == pathOK && all == nil {
			return r, err
		}
		if r == pathOK {
			result = pathOK
		}
	}
	return result, nil
}

// binaryOffset is at which byte PostgreSQL's binary form of root has a part:
// its header and one entry for each key and value, of four bytes each, the keys,
// and the values, of which numbers and containers begin at multiples of four.
func binaryOffset(root, part *jsontext.Value) (int, bool) {
	found, ok := 0, false
	var size func(v *jsontext.Value, at int) int
	size = func(v *jsontext.Value, at int) int {
		switch v.Kind {
		case jsontext.String:
			return at + len(v.Text)
		case jsontext.Number:
			return (at+3)/4*4 + numericBytes(v.Text)
		case jsontext.Array, jsontext.Object:
		default:
			return at
		}
		at = (at + 3) / 4 * 4
		if v == part {
			found, ok = at, true
		}
		at += 4 + 4*len(v.Items) + 8*len(v.Members)
		for k := range v.Members {
			at += len(v.Members[k].Key)
		}
		for k := range v.Members {
			at = size(&v.Members[k].Value, at)
		}
		for k := range v.Items {
			at = size(&v.Items[k], at)
		}
		return at
	}
	size(root, 0)
	return found, ok
}

// numericBytes is the size of a number on PostgreSQL's disk: a length and a
// header, and two bytes for each four decimal digits that count.
func numericBytes(text string) int {
	whole, frac, _ := strings.Cut(strings.TrimPrefix(text, "-"), ".")
	scale := len(frac)
	for len(whole)%4 != 0 {
		whole = "0" + whole
	}
	for len(frac)%4 != 0 {
		frac += "0"
	}
	digits, weight := whole+frac, len(whole)/4-1
	for strings.HasPrefix(digits, "0000") {
		digits, weight = digits[4:], weight-1
	}
	for strings.HasSuffix(digits, "0000") {
		digits = digits[:len(digits)-4]
	}
	header := 6
	if scale > 63 || weight > 63 || weight < -64 {
		header = 8
	}
	return header + len(digits)/2
}
