package csv

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
)

// What a value of each kind costs, found but not parsed.
func BenchmarkColumns(b *testing.B) {
	r := rand.New(rand.NewPCG(11, 12))
	micros := arrow.FixedWidthTypes.Timestamp_us.(*arrow.TimestampType)
	plainMicros := &arrow.TimestampType{Unit: micros.Unit}
	for _, bb := range []struct {
		name string
		typ  arrow.DataType
		text func() string
	}{
		{"amounts", arrow.PrimitiveTypes.Float64, func() string { return fmt.Sprintf("%.2f", r.Float64()*60) }},
		{"tips", arrow.PrimitiveTypes.Float64, func() string { return fmt.Sprint(float64(r.IntN(40)) / 4) }},
		{"prices", arrow.PrimitiveTypes.Float64, func() string { return fmt.Sprintf("%.2f", 900+r.Float64()*1e5) }},
		{"coordinates", arrow.PrimitiveTypes.Float64, func() string { return fmt.Sprintf("-73.%015d", r.IntN(1e15)) }},
		{"counts", arrow.PrimitiveTypes.Int64, func() string { return fmt.Sprint(1 + r.IntN(6)) }},
		{"quantities", arrow.PrimitiveTypes.Int64, func() string { return fmt.Sprint(1 + r.IntN(50)) }},
		{"keys", arrow.PrimitiveTypes.Int64, func() string { return fmt.Sprint(r.IntN(6e6)) }},
		{"dates", arrow.FixedWidthTypes.Date32, func() string {
			return fmt.Sprintf("%d-%02d-%02d", 1992+r.IntN(7), 1+r.IntN(12), 1+r.IntN(28))
		}},
		{"timestamps", plainMicros, func() string {
			return fmt.Sprintf("2015-01-%02d %02d:%02d:%02d", 1+r.IntN(28), r.IntN(24), r.IntN(60), r.IntN(60))
		}},
		{"flags", arrow.BinaryTypes.String, func() string { return "NRA"[r.IntN(3):][:1] }},
		{"modes", arrow.BinaryTypes.String, func() string { return []string{"TRUCK", "MAIL", "SHIP", "REG AIR"}[r.IntN(4)] }},
	} {
		b.Run(bb.name, func(b *testing.B) {
			const rows = 8192
			var text strings.Builder
			fields := make([]span, rows)
			for i := range fields {
				beg := text.Len()
				text.WriteString(bb.text())
				fields[i] = span{uint32(beg), uint32(text.Len())}
				text.WriteByte(',')
			}
			buf := append([]byte(text.String()), make([]byte, pad)...)
			c := newColumn(arrow.Field{Name: "c", Type: bb.typ}, &options{nulls: []string{""}, marks: marks{decimal: '.'}}, rows)
			best := time.Hour // of a batch: what else runs on the machine stops only some
			for b.Loop() {
				start := time.Now()
				if _, err := c.append(buf, fields); err != nil {
					b.Fatal(err)
				}
				best = min(best, time.Since(start))
				c.finish(rows)
			}
			b.ReportMetric(float64(best.Nanoseconds())/rows, "best-ns/value")
		})
	}
}
