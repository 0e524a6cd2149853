package pgcatalog

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/udf"
)

// registerTypes adds format_type, and what information_schema's views say of a
// type by its modifier.
func registerTypes(r *registrar) {
	formatType := udf.Scalar{
		Name: "format_type", Params: params(tOID, tInt4), Returns: tText, Volatility: udf.Stable, NullCall: true, Batch: formatTypes,
	}
	if err := r.registry.RegisterScalar(&formatType); err != nil {
		r.errs = append(r.errs, err)
	}
	r.add("information_schema._pg_char_max_length", params(tOID, tInt4), tInt4, func(c *call) (any, error) {
		return charLength(c.oid(0), int32(c.integer(1))), nil
	})
	r.add("information_schema._pg_numeric_precision", params(tOID, tInt4), tInt4, func(c *call) (any, error) {
		p, _, _ := numericParts(c.oid(0), int32(c.integer(1)))
		return p, nil
	})
	r.add("information_schema._pg_numeric_scale", params(tOID, tInt4), tInt4, func(c *call) (any, error) {
		_, s, _ := numericParts(c.oid(0), int32(c.integer(1)))
		return s, nil
	})
	r.constant("pg_stat_get_numscans", tInt8, 0, params(tOID))
	r.constant("pg_stat_get_backend_pid", tInt4, nil, params(tInt4))
}

// formatTypes is format_type, whose modifier may be NULL.
func formatTypes(_ *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
	b := array.NewStringBuilder(memory.DefaultAllocator)
	c := &call{args: args}
	if allConstant(args) {
		n = 1
	}
	for c.row = range n {
		if a, row := c.at(0); a.IsNull(row) {
			b.AppendNull()
			continue
		}
		mod := int32(noModifier)
		if a, row := c.at(1); !a.IsNull(row) {
			mod = int32(c.integer(1))
		}
		b.Append(FormatType(c.oid(0), mod))
	}
	return b.NewArray(), nil
}

// repeated is n times one value.
func repeated(t arrow.DataType, v any, n int) arrow.Array {
	b := array.NewBuilder(memory.DefaultAllocator, t)
	for range n {
		appendValue(b, v)
	}
	return b.NewArray()
}
