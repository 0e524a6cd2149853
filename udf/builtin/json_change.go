package builtin

import (
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqlerr"
	"volley/sqltype/jsontext"
	"volley/udf"
)

// registerJSONChange adds what makes a jsonb value of another one.
func registerJSONChange(b *registrar) {
	b.strict("||", types(tJSONB, tJSONB), tJSONB, text2(tJSONB, concatJSON))
	b.strict("jsonb_concat", types(tJSONB, tJSONB), tJSONB, text2(tJSONB, concatJSON))
	for _, name := range []string{"-", "jsonb_delete"} {
		b.strict(name, types(tJSONB, tText), tJSONB, text2(tJSONB, deleteKey))
		b.strict(name, types(tJSONB, tInt4), tJSONB, text2(tJSONB, deleteElement))
		b.strict(name, types(tJSONB, tTexts), tJSONB, deleteKeys)
	}
	for _, name := range []string{"#-", "jsonb_delete_path"} {
		b.strict(name, types(tJSONB, tTexts), tJSONB, changeAt("delete path in", func([]udf.Arg, int) jsontext.Change { return jsontext.Delete }))
	}
	insert := changeAt("set path in", func(args []udf.Arg, i int) jsontext.Change {
		if len(args) == 4 && boolAt(args[3], i) {
			return jsontext.InsertAfter
		}
		return jsontext.InsertBefore
	})
	set := changeAt("set path in", func(args []udf.Arg, i int) jsontext.Change {
		if len(args) == 4 && !boolAt(args[3], i) {
			return jsontext.Replace
		}
		return jsontext.Upsert
	})
	for _, f := range []struct {
		name  string
		batch batchFunc
	}{{"jsonb_set", set}, {"jsonb_insert", insert}} {
		b.strict(f.name, types(tJSONB, tTexts, tJSONB), tJSONB, f.batch)
		b.strict(f.name, types(tJSONB, tTexts, tJSONB, tBool), tJSONB, f.batch)
	}
	for n := 3; n <= 5; n++ {
		b.scalar(udf.Scalar{
			Name: "jsonb_set_lax", Params: types(tJSONB, tTexts, tJSONB, tBool, tText)[:n], Returns: tJSONB, NullCall: true,
			Batch: setLax,
		})
	}
	b.strict("jsonb_pretty", types(tJSONB), tText, text1(tText, func(dst, text []byte) ([]byte, error) {
		v, err := jsontext.Parse(text)
		return v.AppendPretty(dst, 0), err
	}))
}

func concatJSON(dst, a, b []byte) ([]byte, error) {
	x, err := jsontext.Parse(a)
	if err != nil {
		return dst, err
	}
	y, err := jsontext.Parse(b)
	if err != nil {
		return dst, err
	}
	v := jsontext.Concat(x, y)
	return v.Append(dst), nil
}

func isScalar(v *jsontext.Value) bool { return v.Kind != jsontext.Object && v.Kind != jsontext.Array }

func errScalar(what string) error {
	return sqlerr.New(sqlerr.InvalidParameterValue, "cannot %s scalar", what)
}

func deleteKey(dst, text []byte, key string) ([]byte, error) {
	v, err := jsontext.Parse(text)
	if err != nil {
		return dst, err
	}
	if isScalar(&v) {
		return dst, errScalar("delete from")
	}
	dropKeys(&v, []string{key})
	return v.Append(dst), nil
}

// dropKeys removes members by key and elements that are such strings.
func dropKeys(v *jsontext.Value, keys []string) {
	v.Members = slices.DeleteFunc(v.Members, func(m jsontext.Field) bool { return slices.Contains(keys, m.Key) })
	v.Items = slices.DeleteFunc(v.Items, func(e jsontext.Value) bool {
		return e.Kind == jsontext.String && slices.Contains(keys, e.Text)
	})
}

func deleteKeys(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
	texts, keys := load[[]byte](args[0]), loadTexts(args[1])
	return writeText(ctx, tJSONB, valid(args, n), n, func(dst []byte, i int) ([]byte, error) {
		v, err := jsontext.Parse(texts.At(i))
		if err != nil {
			return dst, err
		}
		if isScalar(&v) {
			return dst, errScalar("delete from")
		}
		names, _ := keys.at(i)
		dropKeys(&v, names)
		return v.Append(dst), nil
	})
}

func deleteElement(dst, text []byte, n int32) ([]byte, error) {
	v, err := jsontext.Parse(text)
	switch {
	case err != nil:
		return dst, err
	case v.Kind == jsontext.Object:
		return dst, sqlerr.New(sqlerr.InvalidParameterValue, "cannot delete from object using integer index")
	case v.Kind != jsontext.Array:
		return dst, errScalar("delete from")
	}
	at := int(n)
	if at < 0 {
		at += len(v.Items)
	}
	if at >= 0 && at < len(v.Items) {
		v.Items = slices.Delete(v.Items, at, at+1)
	}
	return v.Append(dst), nil
}

// changeAt is a change of a jsonb at a path of text[]; how picks it for a row.
func changeAt(what string, how func(args []udf.Arg, row int) jsontext.Change) batchFunc {
	return func(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
		texts, paths := load[[]byte](args[0]), loadTexts(args[1])
		return writeText(ctx, tJSONB, valid(args, n), n, func(dst []byte, i int) ([]byte, error) {
			v, err := jsontext.Parse(texts.At(i))
			if err != nil {
				return dst, err
			}
			if isScalar(&v) {
				return dst, errScalar(what)
			}
			change, with := how(args, i), jsontext.Value{}
			if change != jsontext.Delete {
				if with, err = jsontext.Parse(bytesAt(args[2], i)); err != nil {
					return dst, err
				}
			}
			return appendChanged(dst, v, paths, i, change, with)
		})
	}
}

func appendChanged(dst []byte, v jsontext.Value, paths *textLists, i int, change jsontext.Change, with jsontext.Value) ([]byte, error) {
	v, err := jsontext.Apply(v, paths.steps(i), change, with)
	if err != nil {
		return dst, err
	}
	return v.Append(dst), nil
}

// steps is row i as a path, valid until the next call.
func (l *textLists) steps(i int) []jsontext.Step {
	lo, hi := l.list.ValueOffsets(i & l.mask)
	l.path = l.path[:0]
	for j := lo; j < hi; j++ {
		step := jsontext.Step{Null: !l.nulls.Valid(int(j))}
		if !step.Null {
			step.Key = l.items[j]
		}
		l.path = append(l.path, step)
	}
	return l.path
}

// setLax is jsonb_set whose treatment of a NULL value is an argument.
func setLax(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
	texts, paths := load[[]byte](args[0]), loadTexts(args[1])
	return writeNullable(ctx, tJSONB, valid(notConstNull(args[:2]), n), n, func(dst []byte, i int) ([]byte, bool, error) {
		create, treatment := true, "use_json_null"
		if isNullAt(args[0], i) || isNullAt(args[1], i) || len(args) > 3 && isNullAt(args[3], i) {
			return dst, false, nil
		}
		if len(args) > 3 {
			create = boolAt(args[3], i)
		}
		if len(args) > 4 {
			if isNullAt(args[4], i) {
				return dst, false, sqlerr.New(sqlerr.InvalidParameterValue, "null_value_treatment must be \"delete_key\", \"return_target\", \"use_json_null\", or \"raise_exception\"")
			}
			treatment = textAt(args[4], i)
		}
		v, err := jsontext.Parse(texts.At(i))
		if err != nil {
			return dst, false, err
		}
		change, with := jsontext.Upsert, jsontext.Value{}
		if !create {
			change = jsontext.Replace
		}
		if !isNullAt(args[2], i) {
			if with, err = jsontext.Parse(bytesAt(args[2], i)); err != nil {
				return dst, false, err
			}
		} else {
			switch treatment {
			case "raise_exception":
				return dst, false, sqlerr.New(sqlerr.NullNotAllowed, "JSON value must not be null").
					WithDetail("Exception was raised because null_value_treatment is \"raise_exception\".").
					WithHint("To avoid, either change the null_value_treatment argument or ensure that an SQL NULL is not passed.")
			case "use_json_null":
			case "delete_key":
				change = jsontext.Delete
			case "return_target":
				return append(dst, texts.At(i)...), true, nil
			default:
				return dst, false, sqlerr.New(sqlerr.InvalidParameterValue, "null_value_treatment must be \"delete_key\", \"return_target\", \"use_json_null\", or \"raise_exception\"")
			}
		}
		if isScalar(&v) {
			return dst, false, errScalar("set path in")
		}
		dst, err = appendChanged(dst, v, paths, i, change, with)
		return dst, true, err
	})
}
