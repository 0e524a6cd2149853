package builtin

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/udf"
)

// registerTextSets adds string_to_table, whose rows are the elements of
// string_to_array.
func registerTextSets(b *registrar) {
	for _, params := range [][]arrow.DataType{types(tText, tText), types(tText, tText, tText)} {
		b.table(udf.Table{
			Name: "string_to_table", Params: params, Returns: scalarResult(tText), NullCall: true, Rows: 1000,
			Open: func(_ *udf.Context, args []udf.Arg, columns []arrow.Field, n int) (udf.TableRows, error) {
				p := newTextParts(args)
				return udf.EachCall(n, columns, func(i int, to []array.Builder) (int, error) {
					rows, texts := 0, to[0].(*array.StringBuilder)
					p.each(i, func(part []byte, null bool) {
						if rows++; null {
							texts.AppendNull()
						} else {
							texts.BinaryBuilder.Append(part)
						}
					})
					return rows, nil
				}), nil
			},
		})
	}
}
