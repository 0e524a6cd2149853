package csv

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"

	"volley/catalog"
	"volley/catalog/objstore"
)

// trips is like a taxi company's file: numbers, timestamps, a flag.
func trips(rows int) string {
	r := rand.New(rand.NewPCG(5, 6))
	var sb strings.Builder
	sb.WriteString("vendor,pickup,dropoff,passengers,distance,longitude,latitude,flag,fare,total\n")
	for range rows {
		fmt.Fprintf(&sb, "%d,2015-01-%02d 10:%02d:00,2015-01-%02d 11:%02d:00,%d,%.2f,-73.%d,40.%d,%c,%.1f,%.2f\n",
			1+r.IntN(2), 1+r.IntN(28), r.IntN(60), 1+r.IntN(28), r.IntN(60), r.IntN(7), r.Float64()*10,
			r.IntN(1e12), r.IntN(1e12), "NY"[r.IntN(2)], r.Float64()*30, r.Float64()*40)
	}
	return sb.String()
}

// benchTable is trips, or the files that CSV_BENCH names.
func benchTable(b *testing.B) (objstore.Store, *catalog.TableDef, int64) {
	b.Helper()
	var store objstore.Store
	var files []catalog.FileInfo
	if pattern := os.Getenv("CSV_BENCH"); pattern != "" {
		store = localStore()
		files = glob(b, store, pattern)
	} else {
		store, files = put(b, "trips.csv", trips(200_000))
	}
	def, err := New().Infer(context.Background(), store, files, catalog.Given{})
	if err != nil {
		b.Fatal(err)
	}
	size := int64(0)
	for _, f := range files {
		size += f.Size
	}
	return store, def, size
}

// Where the time goes, by pprof over 1 GB of taxi trips (19 columns, 155 bytes a
// row), in shares of the process's CPU time with AVX2:
//
//	                                      1 column   3 columns   all 19
//	pread, the copy in the kernel             47 %        21 %      6 %
//	spans (linesAVX2)                         31 %        40 %     24 %
//	parsing, a third of it for 17 digits       6 %        24 %     52 %
//	grouping and aggregates                    4 %         3 %      9 %
//
// What it took: lines and delimiters looked for one by one (IndexByte and words
// of 8 bytes) were half of the time; by bits they take two thirds of what they
// did for one column, and less than a third for many. Numbers read by words, the
// point closed up by shifts, without branches, and timestamps by three words and a
// table of months take less than half of what loops over digits did. A structure's
// spans cost mispredicted branches, the number of blocks to a line's end: blocks that
// begin with the line take half of the time of structure and spans together, and a
// sixth less where its newline is found before.
func BenchmarkRead(b *testing.B) {
	store, def, size := benchTable(b)
	every := make([]int, def.Schema.NumFields())
	for i := range every {
		every[i] = i
	}
	for _, bb := range []struct {
		name       string
		projection []int
	}{
		{"count", []int{}}, {"column3", []int{3}}, {"columns3,4,last", []int{3, 4, len(every) - 1}}, {"all", every},
	} {
		b.Run(bb.name, func(b *testing.B) {
			spec := specOf(def)
			spec.Projection = bb.projection
			splits, err := New().Splits(context.Background(), store, def, spec, catalog.SplitTarget{Slots: 2})
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(size)
			b.ReportAllocs()
			for b.Loop() {
				readParallel(b, store, spec, splits)
			}
		})
	}
}

// readParallel reads the splits with two goroutines.
func readParallel(b *testing.B, store objstore.Store, spec *catalog.ScanSpec, splits []catalog.Split) {
	next := make(chan catalog.Split, len(splits))
	for _, s := range splits {
		next <- s
	}
	close(next)
	var g errgroup.Group
	for range 2 {
		g.Go(func() error {
			for s := range next {
				if err := drain(store, spec, s); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		b.Fatal(err)
	}
}

func drain(store objstore.Store, spec *catalog.ScanSpec, s catalog.Split) error {
	r, err := New().Open(context.Background(), store, spec, s)
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }()
	for {
		if _, err := r.Next(context.Background()); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// Every field quoted: the exact way.
func BenchmarkReadQuoted(b *testing.B) {
	plain := trips(50_000)
	quoted := `"` + strings.NewReplacer(",", `","`, "\n", "\"\n\"").Replace(plain[:len(plain)-1]) + "\"\n"
	store, files := put(b, "trips.csv", quoted)
	def, err := New().Infer(context.Background(), store, files, catalog.Given{})
	if err != nil {
		b.Fatal(err)
	}
	for _, projection := range [][]int{{}, {3}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}} {
		b.Run(fmt.Sprint(len(projection)), func(b *testing.B) {
			spec := specOf(def)
			spec.Projection = projection
			b.SetBytes(files[0].Size)
			for b.Loop() {
				if err := drain(store, spec, catalog.Split{File: files[0], End: files[0].Size, Exact: true}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkInfer(b *testing.B) {
	store, files := put(b, "trips.csv", trips(200_000))
	for b.Loop() {
		if _, err := New().Infer(context.Background(), store, files, catalog.Given{}); err != nil {
			b.Fatal(err)
		}
	}
}
