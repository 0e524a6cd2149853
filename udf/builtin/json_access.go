package builtin

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqlerr"
	"volley/sqltype"
	"volley/sqltype/jsontext"
	"volley/udf"
)

var (
	tJSON  = sqltype.JSON
	tJSONB = sqltype.JSONB
)

// registerJSONAccess adds what reads a part of a json or jsonb value. These
// functions scan the text and parse nothing.
func registerJSONAccess(b *registrar) {
	for _, t := range types(tJSON, tJSONB) {
		prefix := sqltype.Name(t)
		for _, f := range []struct {
			member, path string
			text         bool
			function     string
		}{{"->", "#>", false, "extract_path"}, {"->>", "#>>", true, "extract_path_text"}} {
			result := t
			if f.text {
				result = tText
			}
			b.strict(f.member, types(t, tText), result, jsonMember(result))
			b.strict(f.member, types(t, tInt4), result, jsonElement(result, t == tJSONB))
			b.strict(f.path, types(t, tTexts), result, jsonAtPath(result))
			b.scalar(udf.Scalar{
				Name: prefix + "_" + f.function, Params: types(t, tText), Variadic: true, Returns: result,
				Batch: jsonAtArgs(result),
			})
		}
		b.strict(prefix+"_typeof", types(t), tText, text1(tText, func(dst, v []byte) ([]byte, error) {
			return append(dst, jsontext.KindOf(v).String()...), nil
		}))
		b.strict(prefix+"_array_length", types(t), tInt4, map1(tInt4, jsonArrayLength))
		b.strict(prefix+"_strip_nulls", types(t), t, text1(t, stripNulls(t)))
	}
	b.strict("?", types(tJSONB, tText), tBool, pure2(tBool, hasKey))
	b.strict("jsonb_exists", types(tJSONB, tText), tBool, pure2(tBool, hasKey))
	for _, f := range []struct {
		all   bool
		names []string
	}{{false, []string{"?|", "jsonb_exists_any"}}, {true, []string{"?&", "jsonb_exists_all"}}} {
		for _, name := range f.names {
			b.strict(name, types(tJSONB, tTexts), tBool, hasKeys(f.all))
		}
	}
}

// jsonPart appends a part of a value as the operator's result type has it; a JSON
// null is NULL as text.
func jsonPart(t arrow.DataType) func(dst, value []byte, found bool) ([]byte, bool, error) {
	if t != tText {
		return func(dst, value []byte, found bool) ([]byte, bool, error) { return append(dst, value...), found, nil }
	}
	return func(dst, value []byte, found bool) ([]byte, bool, error) {
		if !found || value[0] == 'n' {
			return dst, false, nil
		}
		if value[0] == '"' {
			if err := jsontext.CheckStrings(value); err != nil {
				return dst, false, err
			}
		}
		return jsontext.AppendText(dst, value), true, nil
	}
}

func jsonMember(t arrow.DataType) batchFunc {
	take := jsonPart(t)
	return nullable2(t, func(dst, v []byte, key string) ([]byte, bool, error) {
		value, ok := jsontext.Member(v, key)
		return take(dst, value, ok)
	})
}

// jsonElement takes an element by its position. A jsonb scalar counts as an
// array of itself, as in PostgreSQL.
func jsonElement(t arrow.DataType, scalars bool) batchFunc {
	take := jsonPart(t)
	return nullable2(t, func(dst, v []byte, n int32) ([]byte, bool, error) {
		value, ok := jsontext.Element(v, int(n))
		if kind := jsontext.KindOf(v); scalars && (n == 0 || n == -1) && kind != jsontext.Array && kind != jsontext.Object {
			value, ok = v, true
		}
		return take(dst, value, ok)
	})
}

func jsonAtPath(t arrow.DataType) batchFunc {
	take := jsonPart(t)
	return func(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
		v, paths := load[[]byte](args[0]), loadTexts(args[1])
		return writeNullable(ctx, t, valid(args, n), n, func(dst []byte, i int) ([]byte, bool, error) {
			path, complete := paths.at(i)
			if !complete {
				return dst, false, nil
			}
			value, ok := jsontext.Lookup(jsontext.Trim(v.At(i)), path)
			return take(dst, value, ok)
		})
	}
}

func jsonAtArgs(t arrow.DataType) batchFunc {
	take := jsonPart(t)
	return func(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
		v, path := load[[]byte](args[0]), make([]string, len(args)-1)
		return writeNullable(ctx, t, valid(args, n), n, func(dst []byte, i int) ([]byte, bool, error) {
			for j, a := range args[1:] {
				path[j] = textAt(a, i)
			}
			value, ok := jsontext.Lookup(jsontext.Trim(v.At(i)), path)
			return take(dst, value, ok)
		})
	}
}

func jsonArrayLength(v []byte) (int32, error) {
	switch jsontext.KindOf(v) {
	case jsontext.Array:
		return int32(jsontext.Len(v)), nil
	case jsontext.Object:
		return 0, sqlerr.New(sqlerr.InvalidParameterValue, "cannot get array length of a non-array")
	}
	return 0, sqlerr.New(sqlerr.InvalidParameterValue, "cannot get array length of a scalar")
}

// hasKey is a ? b: a key of the object, a string of the array, or the string
// itself.
func hasKey(v []byte, name string) bool {
	if jsontext.KindOf(v) == jsontext.String {
		return jsontext.KeyIs(v, name)
	}
	found := false
	jsontext.Items(v, func(key, value []byte) bool {
		if key == nil {
			key = value
		}
		found = key[0] == '"' && jsontext.KeyIs(key, name)
		return !found
	})
	return found
}

func hasKeys(all bool) batchFunc {
	return func(_ *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
		v, keys := load[[]byte](args[0]), loadTexts(args[1])
		rows, out := valid(args, n), make([]bool, n)
		for i := range out {
			if !rows.Valid(i) {
				continue
			}
			names, _ := keys.at(i)
			out[i] = all
			for _, name := range names {
				if hasKey(v.At(i), name) != all {
					out[i] = !all
					break
				}
			}
		}
		return store(tBool, out, rows)
	}
}

func stripNulls(t arrow.DataType) func(dst, v []byte) ([]byte, error) {
	return func(dst, text []byte) ([]byte, error) {
		if t == tJSONB {
			v, err := jsontext.Parse(text)
			v = jsontext.StripNulls(v)
			return v.Append(dst), err
		}
		v, err := jsontext.ParseOrdered(text)
		v = jsontext.StripNulls(v)
		return v.AppendCompact(dst), err
	}
}
