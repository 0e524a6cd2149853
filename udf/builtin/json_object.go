package builtin

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqlerr"
	"volley/sqltype"
	"volley/sqltype/jsontext"
	"volley/udf"
	"volley/udf/vector"
)

// objectOfPairs is json_object of an array of alternating keys and values, or
// of an array of pairs, which has the same elements.
func objectOfPairs(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
	l := newTextItems(args[0])
	return writeText(ctx, tJSON, valid(args, n), n, func(dst []byte, i int) ([]byte, error) {
		lo, hi := l.bounds(i)
		switch {
		case hi == lo:
		case l.dims > 2:
			return dst, wrongSubscripts()
		case l.dims == 2 && l.columns(i) != 2:
			return dst, sqlerr.New(subscriptError, "array must have two columns")
		case (hi-lo)%2 != 0:
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
		switch {
		case keys.dims > 1 && hi > lo, hi > lo && values.dims > 1, (hi > lo) != (to > from):
			return dst, wrongSubscripts()
		case hi-lo != to-from:
			return dst, sqlerr.New(subscriptError, "mismatched array dimensions")
		}
		return appendObject(dst, hi-lo, keys, func(k int) int { return lo + k }, values, func(k int) int { return from + k })
	})
}

// subscriptError is array_subscript_error.
const subscriptError = "2202E"

func wrongSubscripts() error {
	return sqlerr.New(subscriptError, "wrong number of array subscripts")
}

// textItems are the elements of arrays of text, at their places.
type textItems struct {
	arg   udf.Arg
	dims  int
	list  vector.List
	items []string
}

func newTextItems(a udf.Arg) textItems {
	l := vector.Elements(a.Array)
	return textItems{arg: a, dims: sqltype.Dimensions(a.Array.DataType()), list: l, items: vector.Strings(l.Values)}
}

func (t textItems) bounds(i int) (lo, hi int) { return t.list.Row(rowOf(t.arg, i)) }

// columns is the length of the second dimension of an array that has two.
func (t textItems) columns(i int) int {
	lo, hi := t.bounds(i)
	rows := vector.NewList(t.arg.Array).Len(rowOf(t.arg, i))
	return (hi - lo) / rows
}

func appendObject(dst []byte, n int, keys textItems, key func(int) int, values textItems, value func(int) int) ([]byte, error) {
	dst = append(dst, '{')
	for k := range n {
		if k > 0 {
			dst = append(dst, ", "...)
		}
		if keys.list.Values.IsNull(key(k)) {
			return dst, sqlerr.New(sqlerr.NullNotAllowed, "null value not allowed for object key")
		}
		dst = append(jsontext.AppendString(dst, keys.items[key(k)]), " : "...)
		if v := value(k); values.list.Values.IsNull(v) {
			dst = append(dst, "null"...)
		} else {
			dst = jsontext.AppendString(dst, values.items[v])
		}
	}
	return append(dst, '}'), nil
}
