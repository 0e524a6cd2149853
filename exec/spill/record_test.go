package spill

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/decimal128"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/zeebo/xxh3"
)

// randomType is a type of a column, nested up to a depth.
func randomType(rng *rand.Rand, depth int) arrow.DataType {
	flat := []arrow.DataType{
		arrow.FixedWidthTypes.Boolean, arrow.PrimitiveTypes.Int16, arrow.PrimitiveTypes.Int64, arrow.PrimitiveTypes.Float64,
		arrow.BinaryTypes.String, arrow.BinaryTypes.Binary, &arrow.Decimal128Type{Precision: 38, Scale: 3},
		arrow.FixedWidthTypes.MonthDayNanoInterval, arrow.FixedWidthTypes.Date32, arrow.Null,
		&arrow.FixedSizeBinaryType{ByteWidth: 16},
	}
	if depth > 0 && rng.IntN(2) == 0 {
		switch rng.IntN(3) {
		case 0:
			return arrow.StructOf(
				arrow.Field{Name: "a", Type: randomType(rng, depth-1), Nullable: true},
				arrow.Field{Name: "b", Type: randomType(rng, depth-1), Nullable: true})
		case 1:
			return arrow.MapOf(arrow.BinaryTypes.String, randomType(rng, depth-1))
		}
		return arrow.ListOf(randomType(rng, depth-1))
	}
	return flat[rng.IntN(len(flat))]
}

// appendRandom adds a value, or NULL once in so many.
func appendRandom(rng *rand.Rand, b array.Builder, nulls int) {
	if rng.IntN(nulls) == 0 {
		b.AppendNull()
		return
	}
	switch b := b.(type) {
	case *array.BooleanBuilder:
		b.Append(rng.IntN(2) == 0)
	case *array.Int16Builder:
		b.Append(int16(rng.Int32()))
	case *array.Int64Builder:
		b.Append(rng.Int64())
	case *array.Float64Builder:
		b.Append(rng.NormFloat64())
	case *array.StringBuilder:
		b.Append(strings.Repeat("x", rng.IntN(9)))
	case *array.BinaryBuilder:
		b.Append(make([]byte, rng.IntN(9)))
	case *array.Decimal128Builder:
		b.Append(decimal128.New(rng.Int64N(99), rng.Uint64()))
	case *array.MonthDayNanoIntervalBuilder:
		b.Append(arrow.MonthDayNanoInterval{Months: rng.Int32(), Days: rng.Int32(), Nanoseconds: rng.Int64()})
	case *array.Date32Builder:
		b.Append(arrow.Date32(rng.Int32()))
	case *array.FixedSizeBinaryBuilder:
		b.Append(bytes.Repeat([]byte{byte(rng.IntN(256))}, 16))
	case *array.ListBuilder:
		b.Append(true)
		for range rng.IntN(4) {
			appendRandom(rng, b.ValueBuilder(), nulls)
		}
	case *array.MapBuilder:
		b.Append(true)
		for range rng.IntN(4) {
			b.KeyBuilder().(*array.StringBuilder).Append(strings.Repeat("k", rng.IntN(4)))
			appendRandom(rng, b.ItemBuilder(), nulls)
		}
	case *array.StructBuilder:
		b.Append(true)
		for i := range b.NumField() {
			appendRandom(rng, b.FieldBuilder(i), nulls)
		}
	default:
		b.AppendNull()
	}
}

// TestRecordsOfAnyShape: what Encode writes of slices of rows of any types Decode gives
// back; no rows, no columns and NULLs alone are rows too.
func TestRecordsOfAnyShape(t *testing.T) {
	for range 4 {
		seed := rand.Uint64()
		rng := rand.New(rand.NewPCG(seed, 1))
		for range 100 {
			n, columns := rng.IntN(70), rng.IntN(4)
			fields, cols := make([]arrow.Field, columns), make([]arrow.Array, columns)
			for i := range columns {
				fields[i] = arrow.Field{Name: "c", Type: randomType(rng, 3), Nullable: true}
				b, nulls := array.NewBuilder(memory.DefaultAllocator, fields[i].Type), []int{1, 4, 1 << 30}[rng.IntN(3)]
				for range n {
					appendRandom(rng, b, nulls)
				}
				cols[i] = b.NewArray()
			}
			var rec arrow.Record = array.NewRecord(arrow.NewSchema(fields, nil), cols, int64(n))
			if columns > 0 {
				lo := rng.IntN(n + 1)
				rec = rec.NewSlice(int64(lo), int64(lo+rng.IntN(n-lo+1)))
			}
			var b bytes.Buffer
			if err := Encode(&b, rec); err != nil {
				t.Fatalf("seed %d: %v of %v", seed, err, rec.Schema())
			}
			got, err := Decode(b.Bytes(), xxh3.Hash(b.Bytes()))
			if err != nil || got.NumRows() != rec.NumRows() || !array.RecordEqual(got, rec) {
				t.Fatalf("seed %d: %v\n%v\nwas\n%v", seed, err, got, rec)
			}
		}
	}
}
