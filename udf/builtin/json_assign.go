package builtin

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqlerr"
	"volley/sqltype/jsontext"
	"volley/udf"
)

// registerJSONAssign adds what SET j[…] = x makes of j as "jsonb[]=", of the value, the new
// part, the path to it, and whether its first step is a number.
func registerJSONAssign(b *registrar) {
	b.scalar(udf.Scalar{
		Name: "jsonb[]=", Params: types(tJSONB, tJSONB, tTexts, tBool), Returns: tJSONB, NullCall: true,
		Batch: assignJSON, Doc: "j with another j[…]",
	})
}

func assignJSON(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
	texts, paths := load[[]byte](args[0]), loadTexts(args[2])
	return writeText(ctx, tJSONB, valid(args[2:], n), n, func(dst []byte, i int) ([]byte, error) {
		steps := paths.steps(i)
		for _, s := range steps {
			if s.Null {
				return dst, sqlerr.New(sqlerr.NullNotAllowed, "jsonb subscript in assignment must not be null")
			}
		}
		v, with := jsontext.Value{Kind: jsontext.Object}, jsontext.Value{Kind: jsontext.Null}
		var err error
		if !isNullAt(args[0], i) {
			v, err = jsontext.Parse(texts.At(i))
		} else if boolAt(args[3], i) {
			v.Kind = jsontext.Array
		}
		if err == nil && !isNullAt(args[1], i) {
			with, err = jsontext.Parse(bytesAt(args[1], i))
		}
		if err == nil {
			v, err = jsontext.Assign(v, steps, with)
		}
		if err != nil {
			return dst, err
		}
		return v.Append(dst), nil
	})
}
