package cast

import (
	"math"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/kernel"
	"volley/sqlerr"
	"volley/sqltype"
)

// toBits is the cast to bit and bit varying, or nil: of text by its digits, of
// an integer by its lowest bits, as many as Options say.
func toBits(from, to arrow.DataType, o Options) Func {
	varying := sqltype.Equal(to, sqltype.VarBit)
	switch {
	case sqltype.IsString(from):
		return writeBits(to, o, func(a arrow.Array) appendBits {
			offsets, data := kernel.Offsets(a)
			return func(dst []byte, i int) ([]byte, error) {
				return sqltype.AppendParsedBits(dst, data[offsets[i]:offsets[i+1]])
			}
		})
	case sqltype.IsBits(from):
		return writeBits(to, o, func(a arrow.Array) appendBits {
			bits := a.(*sqltype.BitArray)
			return func(dst []byte, i int) ([]byte, error) { return append(dst, bits.Value(i)...), nil }
		})
	case varying:
		return nil
	case from.ID() == arrow.INT32:
		return intsToBits[int32](to, o)
	case from.ID() == arrow.INT64:
		return intsToBits[int64](to, o)
	}
	return nil
}

func intsToBits[T signed](to arrow.DataType, o Options) Func {
	n := max(o.Length, 1)
	return writeBits(to, o, func(a arrow.Array) appendBits {
		src := kernel.Values[T](a)
		return func(dst []byte, i int) ([]byte, error) { return sqltype.AppendIntBits(dst, int64(src[i]), n), nil }
	})
}

// appendBits appends the bits of a row.
type appendBits func(dst []byte, row int) ([]byte, error)

// writeBits is the loop over the rows that are not NULL; each is made as long as
// Options say.
func writeBits(to arrow.DataType, o Options, of func(arrow.Array) appendBits) Func {
	varying := sqltype.Equal(to, sqltype.VarBit)
	return func(a arrow.Array) (arrow.Array, error) {
		row, r := of(a), newOutcome(a, o)
		offsets, data := make([]int32, a.Len()+1), make([]byte, 0, 16*a.Len())
		for i := range a.Len() {
			at := len(data)
			if !r.isNull(i) {
				var err error
				if data, err = row(data, i); err != nil {
					if err = r.failed(i, err); err != nil {
						return nil, err
					}
					data = data[:at]
				} else if o.Length > 0 {
					data = sqltype.FitBits(data, at, o.Length, varying)
				}
				if len(data) > math.MaxInt32 {
					return nil, sqlerr.New(sqlerr.ProgramLimitExceeded, "a batch holds more than 2 GiB of bits")
				}
			}
			offsets[i+1] = int32(len(data))
		}
		return kernel.FromBinary(to, offsets, data, r.valid), nil
	}
}

// fromBits is the cast of bits to integers, or nil.
func fromBits(to arrow.DataType, o Options) Func {
	switch to.ID() {
	case arrow.INT32:
		return bitsToInts[int32](to, o, 32, "integer")
	case arrow.INT64:
		return bitsToInts[int64](to, o, 64, "bigint")
	}
	return nil
}

func bitsToInts[T signed](to arrow.DataType, o Options, size int, name string) Func {
	return func(a arrow.Array) (arrow.Array, error) {
		offsets, data := kernel.Offsets(a)
		return rows(a, to, o, func(i int) (T, error) {
			v, err := sqltype.BitsToInt(data[offsets[i]:offsets[i+1]], size, name)
			return T(v), err
		})
	}
}
