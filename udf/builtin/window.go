package builtin

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/udf"
)

// registerWindows adds PostgreSQL's window functions that are no aggregates.
func registerWindows(b *registrar) {
	for _, f := range []struct {
		name, doc string
		returns   arrow.DataType
	}{
		{"row_number", "number of the row in its partition, from 1", tInt8},
		{"rank", "rank with gaps: row_number of the first peer", tInt8},
		{"dense_rank", "rank without gaps", tInt8},
		{"percent_rank", "(rank − 1) / (rows of the partition − 1)", tFloat8},
		{"cume_dist", "share of rows that precede or are peers", tFloat8},
	} {
		b.window(udf.Window{Name: f.name, Returns: f.returns, Doc: f.doc})
	}
	b.window(udf.Window{Name: "ntile", Params: types(tInt4), Returns: tInt4, Doc: "number of the bucket, of so many of equal size"})
	first := func(args []arrow.DataType) (arrow.DataType, error) { return args[0], nil }
	for _, f := range []struct{ name, doc string }{
		{"lag", "value in the row so many rows before, else a default"},
		{"lead", "value in the row so many rows after, else a default"},
	} {
		b.window(udf.Window{Name: f.name, Params: types(udf.AnyElement), ReturnFor: first, Doc: f.doc})
		b.window(udf.Window{Name: f.name, Params: types(udf.AnyElement, tInt4), ReturnFor: first, Doc: f.doc})
		b.window(udf.Window{Name: f.name, Params: types(udf.Compatible, tInt4, udf.Compatible), ReturnFor: first, Doc: f.doc})
	}
	b.window(udf.Window{Name: "first_value", Params: types(udf.AnyElement), ReturnFor: first, Doc: "value in the frame's first row"})
	b.window(udf.Window{Name: "last_value", Params: types(udf.AnyElement), ReturnFor: first, Doc: "value in the frame's last row"})
	b.window(udf.Window{Name: "nth_value", Params: types(udf.AnyElement, tInt4), ReturnFor: first, Doc: "value in the frame's nth row, from 1"})
}

func (b *registrar) window(w udf.Window) {
	if err := b.registry.RegisterWindow(&w); err != nil {
		b.errs = append(b.errs, err)
	}
}
