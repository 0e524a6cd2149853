package parquet

import (
	"encoding/binary"
	"math"
	"slices"
	"unsafe"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/decimal128"

	"volley/exec/kernel"
	"volley/sqlerr"
	"volley/sqltype"
)

// leafWriter adds those values of a that l refers to.
type leafWriter func(to *leafBuffer, a arrow.Array, l *levels) error

// addFixed adds values of a fixed width: f of each index that l refers to.
func addFixed[T any](to *leafBuffer, l *levels, f func(i int) T) {
	room := make([]T, 0, len(l.at))
	for _, at := range l.at {
		if at >= 0 {
			room = append(room, f(int(at)))
		}
	}
	to.fixed = append(to.fixed, bytesOf(room)...)
}

// gather is addFixed of the values as they are.
func gather[T any](to *leafBuffer, values []T, l *levels) {
	base := len(to.fixed)
	var zero T
	size := int(unsafe.Sizeof(zero))
	to.fixed = slices.Grow(to.fixed, len(l.at)*size)[:base+len(l.at)*size]
	n := 0
	out := valuesOf[T](to.fixed[base:])
	for _, at := range l.at {
		if at >= 0 {
			out[n] = values[at]
			n++
		}
	}
	to.fixed = to.fixed[:base+n*size]
}

func writeBools(to *leafBuffer, a arrow.Array, l *levels) error {
	in := a.(*array.Boolean)
	for _, at := range l.at {
		if at >= 0 {
			v := byte(0)
			if in.Value(int(at)) {
				v = 1
			}
			to.fixed = append(to.fixed, v)
		}
	}
	return nil
}

// fixedValues views the values of a fixed-width array.
func fixedValues[T any](a arrow.Array) []T {
	d := a.Data()
	return valuesOf[T](d.Buffers()[1].Bytes())[d.Offset() : d.Offset()+d.Len()]
}

func writeAsInt32[T int8 | int16 | int32](to *leafBuffer, a arrow.Array, l *levels) error {
	in := fixedValues[T](a)
	addFixed(to, l, func(i int) int32 { return int32(in[i]) })
	return nil
}

// writePlain writes values whose form in the file is that of the array.
func writePlain[T any](to *leafBuffer, a arrow.Array, l *levels) error {
	gather(to, fixedValues[T](a), l)
	return nil
}

// writeBytes writes text, bytea, json and nulls without a type.
func writeBytes(to *leafBuffer, a arrow.Array, l *levels) error {
	if e, ok := a.(array.ExtensionArray); ok {
		a = e.Storage()
	}
	if a.DataType().ID() == arrow.NULL {
		return nil
	}
	offsets, data := kernel.Offsets(a)
	for _, at := range l.at {
		if at >= 0 {
			to.addBytes(data[offsets[at]:offsets[at+1]])
		}
	}
	return nil
}

func writeUUIDs(to *leafBuffer, a arrow.Array, l *levels) error {
	in := a.(array.ExtensionArray).Storage().(*array.FixedSizeBinary)
	for _, at := range l.at {
		if at >= 0 {
			to.fixed = append(to.fixed, in.Value(int(at))...)
		}
	}
	return nil
}

func writeDecimalsAsInt32(to *leafBuffer, a arrow.Array, l *levels) error {
	in := fixedValues[decimal128.Num](a)
	addFixed(to, l, func(i int) int32 { return int32(in[i].LowBits()) })
	return nil
}

func writeDecimalsAsInt64(to *leafBuffer, a arrow.Array, l *levels) error {
	in := fixedValues[decimal128.Num](a)
	addFixed(to, l, func(i int) int64 { return int64(in[i].LowBits()) })
	return nil
}

func writeDecimals(to *leafBuffer, a arrow.Array, l *levels) error {
	in := fixedValues[decimal128.Num](a)
	for _, at := range l.at {
		if at >= 0 {
			to.addDecimal(in[at])
		}
	}
	return nil
}

// addDecimal adds a decimal as 16 big-endian bytes.
func (b *leafBuffer) addDecimal(v decimal128.Num) {
	b.fixed = binary.BigEndian.AppendUint64(b.fixed, uint64(v.HighBits()))
	b.fixed = binary.BigEndian.AppendUint64(b.fixed, v.LowBits())
}

func writeNumerics(to *leafBuffer, a arrow.Array, l *levels) error {
	in := a.(*sqltype.NumericArray)
	for _, at := range l.at {
		if at < 0 {
			continue
		}
		v, err := in.Value(int(at)).ToDecimal128(numericPrecision, numericScale)
		if err != nil {
			return sqlerr.New(sqlerr.NumericOutOfRange, "numeric %s does not fit into numeric(%d,%d), as which it would be written to Parquet",
				in.ValueStr(int(at)), numericPrecision, numericScale).
				WithHint("Cast the column to numeric(p,s), double precision or text.")
		}
		to.addDecimal(v)
	}
	return nil
}

func writeIntervals(to *leafBuffer, a arrow.Array, l *levels) error {
	in := a.(*array.MonthDayNanoInterval)
	for _, at := range l.at {
		if at < 0 {
			continue
		}
		v := in.Value(int(at))
		millis := v.Nanoseconds / 1e6
		if v.Months < 0 || v.Days < 0 || v.Nanoseconds < 0 || millis > math.MaxUint32 || millis*1e6 != v.Nanoseconds {
			return sqlerr.New(sqlerr.FeatureNotSupported, "interval %s cannot be written to Parquet", sqltype.AppendInterval(nil, v)).
				WithDetail("Parquet's intervals are not negative and have whole milliseconds.").
				WithHint("Cast the column to text.")
		}
		to.fixed = binary.LittleEndian.AppendUint32(to.fixed, uint32(v.Months))
		to.fixed = binary.LittleEndian.AppendUint32(to.fixed, uint32(v.Days))
		to.fixed = binary.LittleEndian.AppendUint32(to.fixed, uint32(millis))
	}
	return nil
}
