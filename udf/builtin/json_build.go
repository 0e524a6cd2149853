package builtin

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/sqlerr"
	"volley/sqltype"
	"volley/sqltype/jsontext"
	"volley/udf"
	"volley/udf/vector"
)

// registerJSONBuild adds what makes json and jsonb of SQL values.
func registerJSONBuild(b *registrar) {
	both := func(s udf.Scalar, json, jsonb string) {
		s.Volatility = udf.Stable // texts of timestamps depend on the zone
		s.Name, s.Returns = json, tJSON
		f := s.Batch
		b.scalar(s)
		if jsonb != "" {
			s.Name, s.Returns, s.Batch = jsonb, tJSONB, asJSONB(f)
			b.scalar(s)
		}
	}
	both(udf.Scalar{Params: types(tAny), Batch: toJSON(false)}, "to_json", "to_jsonb")
	for _, f := range []struct {
		name string
		t    arrow.DataType
	}{{"row_to_json", udf.AnyRecord}, {"array_to_json", udf.AnyArray}} {
		b.scalar(udf.Scalar{Name: f.name, Params: types(f.t), Returns: tJSON, Volatility: udf.Stable, Batch: toJSON(false)})
		b.scalar(udf.Scalar{Name: f.name, Params: types(f.t, tBool), Returns: tJSON, Volatility: udf.Stable, Batch: toJSON(true)})
	}
	none := func(text string) batchFunc { return constantJSON(text) }
	both(udf.Scalar{Params: types(tAny), Variadic: true, NullCall: true, Batch: buildArray}, "json_build_array", "jsonb_build_array")
	both(udf.Scalar{Batch: none("[]")}, "json_build_array", "jsonb_build_array")
	both(udf.Scalar{Params: types(tAny), Variadic: true, NullCall: true, Batch: buildObject}, "json_build_object", "jsonb_build_object")
	both(udf.Scalar{Batch: none("{}")}, "json_build_object", "jsonb_build_object")
	both(udf.Scalar{Params: types(tTexts), Batch: objectOfPairs}, "json_object", "jsonb_object")
	both(udf.Scalar{Params: types(tTexts, tTexts), Batch: objectOfLists}, "json_object", "jsonb_object")
}

func constantJSON(text string) batchFunc {
	return func(ctx *udf.Context, _ []udf.Arg, n int) (arrow.Array, error) {
		return writeText(ctx, tJSON, vector.Validity{}, n, func(dst []byte, _ int) ([]byte, error) { return append(dst, text...), nil })
	}
}

// toJSON encodes its first argument; lines: the second says whether parts stand
// on lines of their own.
func toJSON(lines bool) batchFunc {
	return func(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
		a := args[0]
		plain := newJSONEncoder(ctx, a.Array.DataType(), false)
		pretty := newJSONEncoder(ctx, a.Array.DataType(), true)
		return writeText(ctx, tJSON, valid(args, n), n, func(dst []byte, i int) ([]byte, error) {
			if lines && boolAt(args[1], i) {
				return pretty(dst, a.Array, rowOf(a, i)), nil
			}
			return plain(dst, a.Array, rowOf(a, i)), nil
		})
	}
}

func buildArray(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
	values := newJSONArgs(ctx, args)
	return writeText(ctx, tJSON, vector.Validity{}, n, func(dst []byte, i int) ([]byte, error) {
		dst = append(dst, '[')
		for a := range args {
			if a > 0 {
				dst = append(dst, ", "...)
			}
			dst = values.append(dst, a, i)
		}
		return append(dst, ']'), nil
	})
}

func buildObject(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
	if len(args)%2 != 0 {
		return nil, sqlerr.New(sqlerr.InvalidParameterValue, "argument list must have even number of elements").
			WithHint("The arguments of %s must consist of alternating keys and values.", "json_build_object()")
	}
	values := newJSONArgs(ctx, args)
	keys, err := newJSONKeys(ctx, args)
	if err != nil {
		return nil, err
	}
	return writeText(ctx, tJSON, vector.Validity{}, n, func(dst []byte, i int) ([]byte, error) {
		dst = append(dst, '{')
		for a := 0; a < len(args); a += 2 {
			if a > 0 {
				dst = append(dst, ", "...)
			}
			if isNullAt(args[a], i) {
				return dst, sqlerr.New(sqlerr.InvalidParameterValue, "argument %d cannot be null", a+1).
					WithHint("Object keys should be text.")
			}
			dst = append(keys.append(dst, a, i), " : "...)
			dst = values.append(dst, a+1, i)
		}
		return append(dst, '}'), nil
	})
}

// newJSONKeys encodes arguments as keys: always strings, of scalar types only.
func newJSONKeys(ctx *udf.Context, args []udf.Arg) (jsonArgs, error) {
	j := jsonArgs{args: args, enc: make([]jsonEncoder, len(args))}
	for i := 0; i < len(args); i += 2 {
		t := sqltype.Logical(args[i].Array.DataType())
		if t.ID() == arrow.LIST || t.ID() == arrow.STRUCT || sqltype.IsJSON(t) {
			return j, sqlerr.New(sqlerr.InvalidParameterValue, "key value must be scalar, not array, composite, or json")
		}
		j.enc[i] = keyEncoder(ctx, t)
	}
	return j, nil
}

func keyEncoder(ctx *udf.Context, t arrow.DataType) jsonEncoder {
	text := jsonEncoder(sqltype.NewTextEncoder(t, sqltype.TextOptions{TimeZone: ctx.TimeZone, Style: ctx.Style}))
	switch t.ID() {
	case arrow.TIMESTAMP:
		text = isoDateTime(text)
	case arrow.BOOL:
		text = newValueEncoder(ctx, t, false)
	}
	return quotedBy(text)
}

// objectOfPairs is json_object of an array of alternating keys and values, or
// of an array of pairs, which has the same elements.
func objectOfPairs(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
	l := newTextItems(args[0])
	return writeText(ctx, tJSON, valid(args, n), n, func(dst []byte, i int) ([]byte, error) {
		lo, hi := l.bounds(i)
		if (hi-lo)%2 != 0 {
			return dst, sqlerr.New(subscriptError, "array must have even number of elements")
		}
		return appendObject(dst, (hi-lo)/2, l, func(k int) int { return lo + 2*k }, l, func(k int) int { return lo + 2*k + 1 })
	})
}

func objectOfLists(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
	keys, values := newTextItems(args[0]), newTextItems(args[1])
	return writeText(ctx, tJSON, valid(args, n), n, func(dst []byte, i int) ([]byte, error) {
		lo, hi := keys.bounds(i)
		from, to := values.bounds(i)
		if hi-lo != to-from {
			return dst, sqlerr.New(subscriptError, "mismatched array dimensions")
		}
		return appendObject(dst, hi-lo, keys, func(k int) int { return lo + k }, values, func(k int) int { return from + k })
	})
}

// subscriptError is array_subscript_error.
const subscriptError = "2202E"

// textItems are the elements of arrays of text, at their places.
type textItems struct {
	arg   udf.Arg
	list  *array.List
	items []string
}

func newTextItems(a udf.Arg) textItems {
	l := a.Array.(*array.List)
	return textItems{arg: a, list: l, items: vector.Strings(l.ListValues())}
}

func (t textItems) bounds(i int) (lo, hi int) {
	from, to := t.list.ValueOffsets(rowOf(t.arg, i))
	return int(from), int(to)
}

func appendObject(dst []byte, n int, keys textItems, key func(int) int, values textItems, value func(int) int) ([]byte, error) {
	dst = append(dst, '{')
	for k := range n {
		if k > 0 {
			dst = append(dst, ", "...)
		}
		if keys.list.ListValues().IsNull(key(k)) {
			return dst, sqlerr.New(sqlerr.NullNotAllowed, "null value not allowed for object key")
		}
		dst = append(jsontext.AppendString(dst, keys.items[key(k)]), " : "...)
		if v := value(k); values.list.ListValues().IsNull(v) {
			dst = append(dst, "null"...)
		} else {
			dst = jsontext.AppendString(dst, values.items[v])
		}
	}
	return append(dst, '}'), nil
}
