package builtin

import (
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/udf"
	"volley/udf/vector"
)

// Single values of an argument, for functions whose other work outweighs the
// look-up.

func isNullAt(a udf.Arg, i int) bool { return a.Array.IsNull(rowOf(a, i)) }

func boolAt(a udf.Arg, i int) bool { return a.Array.(*array.Boolean).Value(rowOf(a, i)) }

func textAt(a udf.Arg, i int) string { return a.Array.(*array.String).Value(rowOf(a, i)) }

// bytesAt is a value of text, bytea or an extension over them.
func bytesAt(a udf.Arg, i int) []byte { return vector.NewBinary(a.Array).At(rowOf(a, i)) }

// notConstNull leaves out constants that are NULL, which stand for every row.
func notConstNull(args []udf.Arg) []udf.Arg {
	var out []udf.Arg
	for _, a := range args {
		if !constNull(a) {
			out = append(out, a)
		}
	}
	return out
}
