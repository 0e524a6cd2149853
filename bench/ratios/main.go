// Command ratios times Volley against other engines, or against itself in
// another configuration, and prints ratios. Each pair of commands runs in turn,
// A B A B …, so that a machine whose speed drifts does not favour one; what
// counts is the median of the pairs' ratios.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"volley/bench/taxi"
)

type options struct {
	volley, classify, python string
	data                     string
	rows, pairs              int
}

func main() {
	var o options
	flag.StringVar(&o.volley, "volley", "bin/volley", "the volley program")
	flag.StringVar(&o.classify, "classify", "bin/classify", "the program of examples/classify")
	flag.StringVar(&o.python, "python", "python3", "a Python that has duckdb")
	flag.StringVar(&o.data, "data", "", "directory of taxi CSVs (trips-*.csv); empty: made for this run")
	flag.IntVar(&o.rows, "rows", 6_500_000, "trips to make")
	flag.IntVar(&o.pairs, "pairs", 7, "pairs that are timed, after one that is not")
	flag.Parse()
	if err := run(o); err != nil {
		fmt.Fprintln(os.Stderr, "ratios:", err)
		os.Exit(1)
	}
}

func run(o options) error {
	dir, err := os.MkdirTemp("", "volley-bench-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if o.data == "" {
		o.data = dir
		if _, err := taxi.Generate(dir, taxi.Options{Rows: o.rows, Files: 4, Seed: 20150101}); err != nil {
			return err
		}
	}
	glob := filepath.Join(o.data, "*.csv")
	fmt.Printf("%-66s %10s %10s %8s %17s\n", "A : B (median ms)", "A", "B", "A/B", "(min … max)")
	for _, measure := range []func(options, string, string) error{taxiAgainstDuckDB, oneProcessAgainstCluster, pingAgainstPostgres, classifyScaling} {
		if err := measure(o, glob, dir); err != nil {
			return err
		}
	}
	return nil
}

// pairs times two things in turn and prints the ratio of their times.
func pairs(name string, n int, a, b func() (time.Duration, error)) error {
	var as, bs, ratios []float64
	for i := range n + 1 {
		ta, err := a()
		if err != nil {
			return fmt.Errorf("%s, A: %w", name, err)
		}
		tb, err := b()
		if err != nil {
			return fmt.Errorf("%s, B: %w", name, err)
		}
		if i == 0 {
			continue // warm-up
		}
		as, bs, ratios = append(as, ms(ta)), append(bs, ms(tb)), append(ratios, ms(ta)/ms(tb))
	}
	slices.Sort(as)
	slices.Sort(bs)
	slices.Sort(ratios)
	fmt.Printf("%-66s %10.2f %10.2f %8.3f (%.3f … %.3f)\n", name, as[len(as)/2], bs[len(bs)/2], ratios[len(ratios)/2], ratios[0], ratios[len(ratios)-1])
	return nil
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
