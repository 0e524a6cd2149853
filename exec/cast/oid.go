package cast

import (
	"math"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/exec/kernel"
	"volley/sqlerr"
	"volley/sqltype"
)

// fromOID is the cast of an oid to an integer or an object identifier type, or
// nil.
func fromOID(to arrow.DataType, o Options) Func {
	if sqltype.IsReg(to) {
		return regOf(to, o, func(a arrow.Array) func(int) (uint32, error) {
			ids := a.(*sqltype.OIDArray)
			return func(i int) (uint32, error) { return ids.Value(i), nil }
		})
	}
	switch to.ID() {
	case arrow.INT64, arrow.INT32:
		inner := fromInt[int64](to, o)
		return func(a arrow.Array) (arrow.Array, error) { return inner(a.(array.ExtensionArray).Storage()) }
	}
	return nil
}

// fromReg is the cast of an object identifier type to its number, or nil.
func fromReg(to arrow.DataType, o Options) Func {
	switch {
	case sqltype.IsOID(to), to.ID() == arrow.INT64:
		return func(a arrow.Array) (arrow.Array, error) {
			r := a.(*sqltype.RegArray)
			return rows(a, to, o, func(i int) (int64, error) { return int64(r.OID(i)), nil })
		}
	case to.ID() == arrow.INT32:
		return func(a arrow.Array) (arrow.Array, error) {
			r := a.(*sqltype.RegArray)
			return rows(a, to, o, func(i int) (int32, error) { return int32(r.OID(i)), nil })
		}
	}
	return nil
}

// toOID is the cast of an integer to an oid or an object identifier type, or nil.
func toOID(from, to arrow.DataType, o Options) Func {
	var number func(a arrow.Array) func(int) (uint32, error)
	switch from.ID() {
	case arrow.INT16:
		number = oidOf[int16](math.MinInt16)
	case arrow.INT32:
		number = oidOf[int32](math.MinInt32)
	case arrow.INT64:
		number = oidOf[int64](0)
	default:
		return nil
	}
	if sqltype.IsReg(to) {
		return regOf(to, o, number)
	}
	return func(a arrow.Array) (arrow.Array, error) {
		at := number(a)
		return rows(a, to, o, func(i int) (int64, error) {
			id, err := at(i)
			return int64(id), err
		})
	}
}

// oidOf reads integers of at least least as oids: negative ones count from the end.
func oidOf[S signed](least int64) func(a arrow.Array) func(int) (uint32, error) {
	return func(a arrow.Array) func(int) (uint32, error) {
		src := kernel.Values[S](a)
		return func(i int) (uint32, error) {
			v := int64(src[i])
			if v < least || v > math.MaxUint32 {
				return 0, sqlerr.New(sqlerr.NumericOutOfRange, "OID out of range")
			}
			return uint32(v), nil
		}
	}
}

// regOf makes values of an object identifier type from numbers.
func regOf(to arrow.DataType, o Options, number func(arrow.Array) func(int) (uint32, error)) Func {
	kind := sqltype.Name(to)
	return func(a arrow.Array) (arrow.Array, error) {
		at, n := number(a), a.Len()
		offsets, data := make([]int32, n+1), make([]byte, 0, 16*n)
		r := newOutcome(a, o)
		for i := range n {
			if !r.isNull(i) {
				oid, err := at(i)
				if err == nil {
					name := ""
					if o.Names != nil && oid != 0 {
						name = o.Names.ObjectName(kind, oid)
					}
					data = sqltype.AppendReg(data, oid, name)
				} else if err = r.failed(i, err); err != nil {
					return nil, err
				}
			}
			offsets[i+1] = int32(len(data))
		}
		return kernel.FromBinary(to, offsets, data, r.valid), nil
	}
}
