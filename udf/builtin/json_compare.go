package builtin

import (
	"bytes"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqltype/jsontext"
	"volley/udf"
)

// registerJSONCompare adds the relations of jsonb and containment.
func registerJSONCompare(b *registrar) {
	orderedBy(b, tJSONB, func(r relation) batchFunc { return comparison(r, compareJSON) })
	contains := func(a, b []byte) (bool, error) {
		x, y, err := parseBoth(a, b)
		return err == nil && jsontext.Contains(&x, &y), err
	}
	contained := func(a, b []byte) (bool, error) { return contains(b, a) }
	for _, name := range []string{"@>", "jsonb_contains"} {
		b.strict(name, types(tJSONB, tJSONB), tBool, containment(0, contains))
	}
	for _, name := range []string{"<@", "jsonb_contained"} {
		b.strict(name, types(tJSONB, tJSONB), tBool, containment(1, contained))
	}
}

// containment parses a constant operand once. whole is the argument that
// contains the other.
func containment(whole int, slow func(a, b []byte) (bool, error)) batchFunc {
	return func(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
		inner := args[1-whole]
		if !inner.Const {
			return map2(tBool, slow)(ctx, args, n)
		}
		want, err := jsontext.Parse(bytesAt(inner, 0))
		if err != nil {
			return nil, err
		}
		one := map1(tBool, func(text []byte) (bool, error) {
			v, err := jsontext.Parse(text)
			return err == nil && jsontext.Contains(&v, &want), err
		})
		return one(ctx, args[whole:whole+1], n)
	}
}

func parseBoth(a, b []byte) (x, y jsontext.Value, err error) {
	if x, err = jsontext.Parse(a); err == nil {
		y, err = jsontext.Parse(b)
	}
	return x, y, err
}

// compareJSON orders two jsonb values, which are known to be valid.
func compareJSON(a, b []byte) int {
	if bytes.Equal(a, b) {
		return 0
	}
	x, y, err := parseBoth(a, b)
	if err != nil {
		return bytes.Compare(a, b)
	}
	return jsontext.Compare(&x, &y)
}
