package builtin

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/sqlerr"
	"volley/sqltype"
	"volley/sqltype/jsontext"
	"volley/udf"
)

// registerJSONSets adds the functions that give the parts of a json or jsonb
// value as rows.
func registerJSONSets(b *registrar) {
	for _, t := range types(tJSON, tJSONB) {
		prefix := sqltype.Name(t)
		for _, f := range []struct {
			suffix string
			t      arrow.DataType
		}{{"", t}, {"_text", tText}} {
			b.table(udf.Table{
				Name: prefix + "_array_elements" + f.suffix, Params: types(t), Rows: 100,
				Returns: []arrow.Field{{Name: "value", Type: f.t, Nullable: true}},
				Open:    eachItem(jsontext.Array, prefix+"_array_elements"+f.suffix, t == tJSONB),
			})
			b.table(udf.Table{
				Name: prefix + "_each" + f.suffix, Params: types(t), Rows: 100,
				Returns: []arrow.Field{{Name: "key", Type: tText, Nullable: true}, {Name: "value", Type: f.t, Nullable: true}},
				Open:    eachItem(jsontext.Object, prefix+"_each"+f.suffix, t == tJSONB),
			})
		}
		b.table(udf.Table{
			Name: prefix + "_object_keys", Params: types(t), Returns: scalarResult(tText), Rows: 100,
			Open: objectKeys(prefix + "_object_keys"),
		})
	}
}

// eachItem gives the items of arrays or objects: the key of a member, and the
// value in the last column, as JSON or as text.
func eachItem(kind jsontext.Kind, function string, jsonb bool) func(*udf.Context, []udf.Arg, []arrow.Field, int) (udf.TableRows, error) {
	return func(_ *udf.Context, args []udf.Arg, columns []arrow.Field, n int) (udf.TableRows, error) {
		values := load[[]byte](args[0])
		return udf.EachCall(n, columns, func(i int, to []array.Builder) (int, error) {
			text := values.At(i)
			if got := jsontext.KindOf(text); got != kind {
				return 0, notDivisible(function, kind, got, jsonb)
			}
			rows := 0
			var scratch []byte
			var err error
			jsontext.Items(text, func(key, value []byte) bool {
				rows++
				if key != nil {
					scratch = jsontext.AppendUnquoted(scratch[:0], key)
					to[0].(*array.StringBuilder).BinaryBuilder.Append(scratch)
				}
				err = appendJSONPart(to[len(to)-1], value)
				return err == nil
			})
			return rows, err
		}), nil
	}
}

// appendJSONPart appends a value to a column of json, jsonb or text.
func appendJSONPart(to array.Builder, value []byte) error {
	if b, ok := to.(*array.ExtensionBuilder); ok {
		b.StorageBuilder().(*array.StringBuilder).BinaryBuilder.Append(value)
		return nil
	}
	b := to.(*array.StringBuilder)
	if value[0] == 'n' {
		b.AppendNull()
		return nil
	}
	if err := jsontext.CheckStrings(value); value[0] == '"' && err != nil {
		return err
	}
	var buf [128]byte
	b.BinaryBuilder.Append(jsontext.AppendText(buf[:0], value))
	return nil
}

// notDivisible is PostgreSQL's error about a value of the wrong kind, whose
// words differ between json and jsonb.
func notDivisible(function string, want, got jsontext.Kind, jsonb bool) error {
	scalar := got != jsontext.Array && got != jsontext.Object
	text := ""
	switch {
	case want == jsontext.Array && jsonb && scalar:
		text = "cannot extract elements from a scalar"
	case want == jsontext.Array && jsonb:
		text = "cannot extract elements from an object"
	case want == jsontext.Array && scalar:
		text = "cannot call " + function + " on a scalar"
	case want == jsontext.Array:
		text = "cannot call " + function + " on a non-array"
	case jsonb:
		text = "cannot call " + function + " on a non-object"
	case scalar:
		text = "cannot deconstruct a scalar"
	default:
		text = "cannot deconstruct an array as an object"
	}
	return sqlerr.New(sqlerr.InvalidParameterValue, "%s", text)
}

func objectKeys(function string) func(*udf.Context, []udf.Arg, []arrow.Field, int) (udf.TableRows, error) {
	return func(_ *udf.Context, args []udf.Arg, columns []arrow.Field, n int) (udf.TableRows, error) {
		values := load[[]byte](args[0])
		return udf.EachCall(n, columns, func(i int, to []array.Builder) (int, error) {
			text := values.At(i)
			switch jsontext.KindOf(text) {
			case jsontext.Object:
			case jsontext.Array:
				return 0, sqlerr.New(sqlerr.InvalidParameterValue, "cannot call %s on an array", function)
			default:
				return 0, sqlerr.New(sqlerr.InvalidParameterValue, "cannot call %s on a scalar", function)
			}
			rows := 0
			jsontext.Items(text, func(key, _ []byte) bool {
				rows++
				to[0].(*array.StringBuilder).BinaryBuilder.Append(jsontext.AppendUnquoted(nil, key))
				return true
			})
			return rows, nil
		}), nil
	}
}
