// Command engines runs the same queries over the same files on Volley and on
// other engines in turn, A B C A B C …, compares the answers and prints the
// medians of Volley's times and of the ratios. Each engine is a process that
// is there already and uses two threads; what is timed is the query alone,
// over the wire for Volley and in process for the others.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"volley/bench/server"
	"volley/bench/taxi"
)

// queries are those known from the billion taxi rides, but for floor in place of
// round: engines round halves differently. %s stands for what follows FROM.
var queries = []struct{ name, sql string }{
	{"Q1", "SELECT passenger_count, count(*) AS n FROM %s GROUP BY 1 ORDER BY 1"},
	{"Q2", "SELECT passenger_count, avg(total_amount) AS a FROM %s GROUP BY 1 ORDER BY 1"},
	{"Q3", "SELECT passenger_count, date_part('year', tpep_pickup_datetime) AS y, count(*) AS n FROM %s GROUP BY 1, 2 ORDER BY 1, 2"},
	{"Q4", "SELECT passenger_count, date_part('year', tpep_pickup_datetime) AS y, floor(trip_distance) AS d, count(*) AS n FROM %s GROUP BY 1, 2, 3 ORDER BY 2, 4 DESC, 1, 3"},
}

// engine runs a query and gives its time and rows, values as text.
type engine interface {
	name() string
	run(sql string) (time.Duration, [][]string, error)
	close()
}

func main() {
	volley := flag.String("volley", "bin/volley", "the volley program")
	python := flag.String("python", "python3", "a Python with the other engines")
	rows := flag.Int("rows", 2_000_000, "trips to make")
	pairs := flag.Int("pairs", 5, "runs that are timed, after one that is not")
	flag.Parse()
	if err := run(*volley, *python, *rows, *pairs); err != nil {
		fmt.Fprintln(os.Stderr, "engines:", err)
		os.Exit(1)
	}
}

func run(program, python string, rows, pairs int) error {
	dir, err := os.MkdirTemp("", "volley-peers-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if _, err := taxi.Generate(dir, taxi.Options{Rows: rows, Files: 4, Seed: 20150101}); err != nil {
		return err
	}
	s, err := server.Start(server.Options{Volley: program, Data: filepath.Join(dir, "data"), Allowed: []string{dir}})
	if err != nil {
		return err
	}
	defer s.Stop()
	csv, parquet := filepath.Join(dir, "*.csv"), filepath.Join(dir, "trips.parquet")
	if _, err := s.Ask(fmt.Sprintf("COPY (SELECT * FROM '%s') TO '%s'", csv, parquet)); err != nil {
		return err
	}
	engines := []engine{&volley{s}}
	for _, peer := range []string{"duckdb", "polars"} {
		e, err := startPeer(python, peer)
		if err != nil {
			fmt.Printf("%s is left out: %v\n", peer, err)
			continue
		}
		defer e.close()
		engines = append(engines, e)
	}
	fmt.Printf("%d trips, 2 threads, median of %d; a ratio below 1: Volley is faster\n", rows, pairs)
	fmt.Printf("%-14s %12s", "query", "volley ms")
	for _, e := range engines[1:] {
		fmt.Printf(" %24s", "volley / "+e.name())
	}
	fmt.Println()
	differ := false
	for _, file := range []string{csv, parquet} {
		for _, q := range queries {
			name := q.name + " " + strings.TrimPrefix(filepath.Ext(file), ".")
			same, err := compare(name, fmt.Sprintf(q.sql, "'"+file+"'"), engines, pairs)
			if err != nil {
				return err
			}
			differ = differ || !same
		}
	}
	if differ {
		return errors.New("answers differ")
	}
	return nil
}

// compare prints one line of the table.
func compare(name, sql string, engines []engine, pairs int) (same bool, err error) {
	ratios := make([][]float64, len(engines)) // of engines[0] to each
	var own []float64
	said := make([]string, len(engines)) // why an engine has no ratio
	var want [][]string
	for i := range pairs + 1 {
		var first float64
		for e, engine := range engines {
			if said[e] != "" {
				continue
			}
			t, rows, err := engine.run(sql)
			ms := float64(t.Microseconds()) / 1000
			switch {
			case e == 0 && err != nil:
				return false, fmt.Errorf("%s: %w", name, err)
			case err != nil:
				said[e] = "cannot"
			case e == 0:
				want, first = rows, ms
			case i == 0 && !equal(rows, want):
				said[e] = "DIFFERS"
			}
			if i > 0 && err == nil { // the first is a warm-up
				ratios[e] = append(ratios[e], first/ms)
			}
		}
		if i > 0 {
			own = append(own, first)
		}
	}
	fmt.Printf("%-14s %12.1f", name, median(own))
	for e := range engines[1:] {
		if said[e+1] == "" {
			said[e+1] = fmt.Sprintf("%.2f (%.2f … %.2f)", median(ratios[e+1]), slices.Min(ratios[e+1]), slices.Max(ratios[e+1]))
		}
		fmt.Printf(" %24s", said[e+1])
	}
	fmt.Println()
	return !slices.Contains(said, "DIFFERS"), nil
}

func median(v []float64) float64 {
	slices.Sort(v)
	return v[len(v)/2]
}
