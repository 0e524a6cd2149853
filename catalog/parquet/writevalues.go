package parquet

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/decimal128"
	"github.com/apache/arrow/go/v15/parquet"
	"github.com/apache/arrow/go/v15/parquet/file"

	"volley/sqlerr"
	"volley/sqltype"
)

// leafWriter writes those values of a that l refers to, and all its levels.
type leafWriter func(chunk file.ColumnChunkWriter, a arrow.Array, l *levels) error

// batchWriter is the typed part of the library's column chunk writers.
type batchWriter[T any] interface {
	WriteBatch(values []T, def, rep []int16) (int64, error)
}

// pick makes the values that are written: f of each index that l refers to.
func pick[T any](l *levels, f func(i int) T) []T {
	out := make([]T, 0, len(l.at))
	for _, at := range l.at {
		if at >= 0 {
			out = append(out, f(int(at)))
		}
	}
	return out
}

func write[T any](chunk file.ColumnChunkWriter, values []T, l *levels) error {
	w, ok := chunk.(batchWriter[T])
	if !ok {
		return fmt.Errorf("column chunk writer is a %T", chunk)
	}
	if len(l.def) == 0 {
		return nil
	}
	_, err := w.WriteBatch(values, l.def, l.rep)
	return err
}

func writeBools(chunk file.ColumnChunkWriter, a arrow.Array, l *levels) error {
	return write(chunk, pick(l, a.(*array.Boolean).Value), l)
}

// fixedValues views the values of a fixed-width array.
func fixedValues[T any](a arrow.Array) []T {
	d := a.Data()
	return valuesOf[T](d.Buffers()[1].Bytes())[d.Offset() : d.Offset()+d.Len()]
}

func writeAsInt32[T int8 | int16 | int32](chunk file.ColumnChunkWriter, a arrow.Array, l *levels) error {
	in := fixedValues[T](a)
	return write(chunk, pick(l, func(i int) int32 { return int32(in[i]) }), l)
}

func writeInt64s(chunk file.ColumnChunkWriter, a arrow.Array, l *levels) error {
	in := fixedValues[int64](a)
	return write(chunk, pick(l, func(i int) int64 { return in[i] }), l)
}

func writeFloat32s(chunk file.ColumnChunkWriter, a arrow.Array, l *levels) error {
	in := fixedValues[float32](a)
	return write(chunk, pick(l, func(i int) float32 { return in[i] }), l)
}

func writeFloat64s(chunk file.ColumnChunkWriter, a arrow.Array, l *levels) error {
	in := fixedValues[float64](a)
	return write(chunk, pick(l, func(i int) float64 { return in[i] }), l)
}

// writeBytes writes text, bytea, json and nulls without a type.
func writeBytes(chunk file.ColumnChunkWriter, a arrow.Array, l *levels) error {
	if e, ok := a.(array.ExtensionArray); ok {
		a = e.Storage()
	}
	var value func(i int) parquet.ByteArray
	switch a := a.(type) {
	case *array.String:
		value = func(i int) parquet.ByteArray { return parquet.ByteArray(a.Value(i)) }
	case *array.Binary:
		value = func(i int) parquet.ByteArray { return a.Value(i) }
	}
	return write(chunk, pick(l, value), l)
}

func writeUUIDs(chunk file.ColumnChunkWriter, a arrow.Array, l *levels) error {
	in := a.(array.ExtensionArray).Storage().(*array.FixedSizeBinary)
	return write(chunk, pick(l, func(i int) parquet.FixedLenByteArray { return in.Value(i) }), l)
}

func writeDecimalsAsInt32(chunk file.ColumnChunkWriter, a arrow.Array, l *levels) error {
	in := fixedValues[decimal128.Num](a)
	return write(chunk, pick(l, func(i int) int32 { return int32(in[i].LowBits()) }), l)
}

func writeDecimalsAsInt64(chunk file.ColumnChunkWriter, a arrow.Array, l *levels) error {
	in := fixedValues[decimal128.Num](a)
	return write(chunk, pick(l, func(i int) int64 { return int64(in[i].LowBits()) }), l)
}

func writeDecimals(chunk file.ColumnChunkWriter, a arrow.Array, l *levels) error {
	in := fixedValues[decimal128.Num](a)
	arena := newArena(l, 16)
	return write(chunk, pick(l, func(i int) parquet.FixedLenByteArray {
		return putDecimal(arena.next(), in[i])
	}), l)
}

func putDecimal(b []byte, v decimal128.Num) parquet.FixedLenByteArray {
	binary.BigEndian.PutUint64(b, uint64(v.HighBits()))
	binary.BigEndian.PutUint64(b[8:], v.LowBits())
	return b
}

func writeNumerics(chunk file.ColumnChunkWriter, a arrow.Array, l *levels) error {
	in := a.(*sqltype.NumericArray)
	arena := newArena(l, 16)
	var failed error
	values := pick(l, func(i int) parquet.FixedLenByteArray {
		v, err := in.Value(i).ToDecimal128(numericPrecision, numericScale)
		if err != nil && failed == nil {
			failed = sqlerr.New(sqlerr.NumericOutOfRange, "numeric %s does not fit into numeric(%d,%d), as which it would be written to Parquet",
				in.ValueStr(i), numericPrecision, numericScale).
				WithHint("Cast the column to numeric(p,s), double precision or text.")
		}
		return putDecimal(arena.next(), v)
	})
	if failed != nil {
		return failed
	}
	return write(chunk, values, l)
}

func writeIntervals(chunk file.ColumnChunkWriter, a arrow.Array, l *levels) error {
	in := a.(*array.MonthDayNanoInterval)
	arena := newArena(l, 12)
	var failed error
	values := pick(l, func(i int) parquet.FixedLenByteArray {
		v := in.Value(i)
		millis := v.Nanoseconds / 1e6
		if v.Months < 0 || v.Days < 0 || v.Nanoseconds < 0 || millis > math.MaxUint32 || millis*1e6 != v.Nanoseconds {
			failed = sqlerr.New(sqlerr.FeatureNotSupported, "interval %s cannot be written to Parquet", sqltype.AppendInterval(nil, v)).
				WithDetail("Parquet's intervals are not negative and have whole milliseconds.").
				WithHint("Cast the column to text.")
		}
		b := arena.next()
		binary.LittleEndian.PutUint32(b, uint32(v.Months))
		binary.LittleEndian.PutUint32(b[4:], uint32(v.Days))
		binary.LittleEndian.PutUint32(b[8:], uint32(millis))
		return b
	})
	if failed != nil {
		return failed
	}
	return write(chunk, values, l)
}

// arena hands out byte slices of one size from one allocation.
type arena struct {
	buf  []byte
	size int
}

func newArena(l *levels, size int) *arena {
	return &arena{make([]byte, len(l.at)*size), size}
}

func (a *arena) next() []byte {
	b := a.buf[:a.size:a.size]
	a.buf = a.buf[a.size:]
	return b
}
