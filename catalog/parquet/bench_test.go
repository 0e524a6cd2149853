package parquet_test

import (
	"fmt"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/catalog"
	"volley/catalog/parquet"
	"volley/sqltype"
)

// BenchmarkRead reads one column of 500,000 rows; bytes are those of its values
// in memory.
func BenchmarkRead(b *testing.B) {
	const n = 500_000
	for _, c := range []struct {
		name string
		dt   arrow.DataType
		add  func(b array.Builder, i int)
	}{
		{"bigint", sqltype.Int64, func(b array.Builder, i int) { b.(*array.Int64Builder).Append(int64(i * 7919)) }},
		{"few integers", sqltype.Int32, func(b array.Builder, i int) { b.(*array.Int32Builder).Append(int32(i * 7919 % 7)) }},
		{"double", sqltype.Float64, func(b array.Builder, i int) { b.(*array.Float64Builder).Append(float64(i*7919%1000) / 8) }},
		{"few texts", sqltype.Text, func(b array.Builder, i int) { b.(*array.StringBuilder).Append(fmt.Sprint("text", i*7919%20)) }},
		{"texts", sqltype.Text, func(b array.Builder, i int) { b.(*array.StringBuilder).Append(fmt.Sprint("text", i*7919)) }},
		{"timestamp", sqltype.Timestamp, func(b array.Builder, i int) { b.(*array.TimestampBuilder).Append(arrow.Timestamp(i * 1e6)) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			builder := array.NewBuilder(memory.DefaultAllocator, c.dt)
			for i := range n {
				if i%10 == 0 {
					builder.AppendNull()
					continue
				}
				c.add(builder, i)
			}
			values := builder.NewArray()
			path := writeFile(b, parquet.WriterOptions{}, record("v", values))
			def := infer(b, path)
			format, spec := parquet.New(), specOf(def)
			b.SetBytes(int64(values.Data().SizeInBytes()))
			b.ReportAllocs()
			for b.Loop() {
				recs, err := scanSpec(format, def, spec, catalog.SplitTarget{})
				if err != nil || rows(recs) != n {
					b.Fatal(rows(recs), err)
				}
			}
		})
	}
}
