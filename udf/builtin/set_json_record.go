package builtin

import (
	"strings"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/sqlerr"
	"volley/sqltype"
	"volley/sqltype/jsontext"
	"volley/udf"
)

// registerJSONRecords adds json(b)_to_record(set), whose columns are those of
// the call's column definition list.
func registerJSONRecords(b *registrar) {
	for _, t := range types(tJSON, tJSONB) {
		prefix := sqltype.Name(t)
		for _, f := range []struct {
			name string
			set  bool
		}{{"_to_record", false}, {"_to_recordset", true}} {
			b.table(udf.Table{
				Name: prefix + f.name, Params: types(t), Rows: 100,
				Volatility: udf.Stable, Open: jsonRecords(prefix+f.name, f.set),
			})
		}
	}
}

func jsonRecords(function string, set bool) func(*udf.Context, []udf.Arg, []arrow.Field, int) (udf.TableRows, error) {
	return func(ctx *udf.Context, args []udf.Arg, columns []arrow.Field, n int) (udf.TableRows, error) {
		values, r := load[[]byte](args[0]), newRecordReader(ctx, columns)
		return udf.EachCall(n, columns, func(i int, to []array.Builder) (int, error) {
			text := values.At(i)
			kind := jsontext.KindOf(text)
			if !set {
				if kind != jsontext.Object {
					return 0, notRecord(function, kind)
				}
				return 1, r.append(to, text)
			}
			if kind != jsontext.Array {
				return 0, sqlerr.New(sqlerr.InvalidParameterValue, "cannot call %s on %s", function, map[bool]string{true: "an object", false: "a scalar"}[kind == jsontext.Object])
			}
			rows := 0
			var err error
			jsontext.Items(text, func(_, item []byte) bool {
				if jsontext.KindOf(item) != jsontext.Object {
					err = sqlerr.New(sqlerr.InvalidParameterValue, "argument of %s must be an array of objects", function)
					return false
				}
				rows++
				err = r.append(to, item)
				return err == nil
			})
			return rows, err
		}), nil
	}
}

func notRecord(function string, kind jsontext.Kind) error {
	if kind == jsontext.Array {
		return sqlerr.New(sqlerr.InvalidParameterValue, "cannot call %s on an array", function)
	}
	return sqlerr.New(sqlerr.InvalidParameterValue, "cannot call %s on a scalar", function)
}

// recordReader reads objects into columns of their own types.
type recordReader struct {
	columns []arrow.Field
	parsers []sqltype.TextParser
	scratch []byte
}

func newRecordReader(ctx *udf.Context, columns []arrow.Field) *recordReader {
	r := &recordReader{columns: columns, parsers: make([]sqltype.TextParser, len(columns))}
	for i, c := range columns {
		r.parsers[i] = sqltype.NewTextParser(c.Type, sqltype.TextOptions{TimeZone: ctx.TimeZone, Style: ctx.Style})
	}
	return r
}

// append reads the members named like the columns; a column without one is NULL.
func (r *recordReader) append(to []array.Builder, object []byte) error {
	for i, c := range r.columns {
		value, ok := jsontext.Member(object, c.Name)
		if !ok || value[0] == 'n' {
			to[i].AppendNull()
			continue
		}
		r.scratch = appendSQLText(r.scratch[:0], value, c.Type)
		if err := r.parsers[i](to[i], r.scratch); err != nil {
			return err
		}
	}
	return nil
}

// appendSQLText appends a JSON value as the text that the type's input reads: an
// array as {…}, an object as (…), others by their characters.
func appendSQLText(dst, value []byte, t arrow.DataType) []byte {
	list, isList := t.(*arrow.ListType)
	switch {
	case sqltype.IsJSON(t):
		return append(dst, value...)
	case isList && value[0] == '[':
		dst = append(dst, '{')
		first := true
		jsontext.Items(value, func(_, item []byte) bool {
			if !first {
				dst = append(dst, ',')
			}
			first = false
			switch {
			case item[0] == 'n':
				dst = append(dst, "NULL"...)
			case item[0] == '[':
				dst = appendSQLText(dst, item, list.Elem())
			default:
				dst = appendArrayItem(dst, appendSQLText(nil, item, list.Elem()))
			}
			return true
		})
		return append(dst, '}')
	}
	return jsontext.AppendText(dst, value)
}

var itemEscapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

func appendArrayItem(dst, text []byte) []byte {
	return append(append(append(dst, '"'), itemEscapes.Replace(string(text))...), '"')
}
