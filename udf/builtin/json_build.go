package builtin

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqlerr"
	"volley/sqltype"
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
	texts := udf.ArraysOf(tText)
	both(udf.Scalar{Params: types(texts), Batch: objectOfPairs}, "json_object", "jsonb_object")
	both(udf.Scalar{Params: types(texts, texts), Batch: objectOfLists}, "json_object", "jsonb_object")
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
	text := jsonText(ctx, t)
	switch t.ID() {
	case arrow.TIMESTAMP:
		text = isoDateTime(text)
	case arrow.BOOL:
		text = newValueEncoder(ctx, t, false)
	}
	return quotedBy(text)
}
