package csv

import (
	"context"
	"strings"
	"testing"
	"time"

	"volley/catalog"
)

// What finding fields costs a line, whose text is in the cache.
func BenchmarkLines(b *testing.B) {
	plain := trips(3000)
	quoted := strings.ReplaceAll(plain, "\n", ",\"a comment, with quotes\"\n")
	for _, bb := range []struct {
		name, text string
		projection []int
	}{
		{"column3", plain, []int{3}},
		{"columns3,4,last", plain, []int{3, 4, 9}},
		{"all", plain, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}},
		{"beforeQuotes", quoted, []int{3, 4, 8, 9}},
		{"withQuotes", quoted, []int{3, 10}},
	} {
		b.Run(bb.name, func(b *testing.B) {
			store, files := put(b, "trips.csv", bb.text)
			def, err := New().Infer(context.Background(), store, files, catalog.Given{})
			if err != nil {
				b.Fatal(err)
			}
			spec := specOf(def, bb.projection...)
			open, err := New().Open(context.Background(), store, spec, catalog.Split{File: files[0], End: files[0].Size, Exact: true})
			if err != nil {
				b.Fatal(err)
			}
			r := open.(*reader)
			if err := r.start(context.Background()); err != nil {
				b.Fatal(err)
			}
			begin, best, rows := r.pos, time.Hour, 0
			for b.Loop() {
				r.pos = begin
				start := time.Now()
				rows, _ = r.find(2000, r.end)
				best = min(best, time.Since(start))
			}
			b.ReportMetric(float64(best.Nanoseconds())/float64(rows), "best-ns/line")
		})
	}
}
