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
)

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
	scale := flag.String("tpch", "0.3", "scale of TPC-H's table")
	all := flag.String("tpch-all", "1", "scale of TPC-H's tables for its 22 queries")
	folder := flag.String("queries", "../shared/corpora/tpch/queries", "TPC-H's queries, a file each")
	joins := flag.String("job", "../shared/corpora/datafusion-slt/benchmarks/queries/imdb", "the Join Order Benchmark's queries, a file each")
	pairs := flag.Int("pairs", 5, "runs that are timed, after one that is not")
	only := flag.String("only", "", "queries whose names begin so")
	flag.Parse()
	err := run(*volley, *python, *rows, *scale, *pairs, *only)
	if err == nil && (*only == "" || strings.HasPrefix(*only, "TPC-H")) {
		err = inTempDir(func(dir string) error { return tpch(*volley, *python, dir, *all, *folder, *only, *pairs) })
	}
	if err == nil && strings.HasPrefix(*only, "JOB") { // it takes minutes
		err = inTempDir(func(dir string) error { return joinOrder(*volley, *python, dir, *joins, *only, *pairs) })
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "engines:", err)
		os.Exit(1)
	}
}

// inTempDir runs f with a directory that is removed afterwards.
func inTempDir(f func(dir string) error) error {
	dir, err := os.MkdirTemp("", "volley-peers-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	return f(dir)
}

func run(program, python string, rows int, scale string, pairs int, only string) error {
	if strings.HasPrefix(only, "TPC-H q") || strings.HasPrefix(only, "JOB") { // many tables
		return nil
	}
	dir, err := os.MkdirTemp("", "volley-peers-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	s, err := server.Start(server.Options{Volley: program, Data: filepath.Join(dir, "data"), Allowed: []string{dir}})
	if err != nil {
		return err
	}
	defer s.Stop()
	tables, err := makeTaxi(dir, rows, s)
	if err != nil {
		return err
	}
	if err := tables.makeLineitem(dir, python, scale); err != nil {
		fmt.Println("TPC-H is left out:", err)
	}
	engines := []engine{&volley{s}}
	for _, peer := range []string{"duckdb", "polars", "chdb"} {
		e, err := startPeer(python, peer)
		if err != nil {
			fmt.Printf("%s is left out: %v\n", peer, err)
			continue
		}
		defer e.close()
		engines = append(engines, e)
	}
	fmt.Printf("%d trips, TPC-H at scale %s, 2 threads, median of %d; a ratio below 1: Volley is faster\n", rows, scale, pairs)
	fmt.Printf("%-16s %10s", "query", "volley ms")
	for _, e := range engines[1:] {
		fmt.Printf(" %30s", "volley / "+e.name()+" (to reach)")
	}
	fmt.Println()
	differ := false
	for _, q := range queries() {
		if tables[q.on] == "" || !strings.HasPrefix(q.name, only) {
			continue
		}
		same, err := compare(q, tables[q.on], engines, pairs)
		if err != nil {
			return err
		}
		differ = differ || !same
	}
	if only == "" {
		if err := pipeline(tables[taxiCSV], pairs, engines[0]); err != nil {
			return err
		}
		peaks(program, python, q1, tables[taxiCSV], engines)
	}
	if differ {
		return errors.New("answers differ")
	}
	return nil
}

// table is how an engine names a file in FROM.
func table(engine, file string) string {
	if engine != "chdb" {
		return "'" + file + "'"
	}
	format := "CSVWithNames"
	if filepath.Ext(file) == ".parquet" {
		format = "Parquet"
	}
	return fmt.Sprintf("file('%s', '%s')", file, format)
}

// compare prints one line of the table.
func compare(q query, file string, engines []engine, pairs int) (same bool, err error) {
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
			t, rows, err := engine.run(fmt.Sprintf(q.sql, table(engine.name(), file)))
			ms := float64(t.Microseconds()) / 1000
			switch {
			case e == 0 && err != nil:
				return false, fmt.Errorf("%s: %w", q.name, err)
			case err != nil:
				said[e] = "cannot"
			case e == 0:
				want, first = rows, ms
			case i == 0 && !strings.Contains(q.loose, engine.name()) && !equal(rows, want):
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
	fmt.Printf("%-16s %10.1f", q.name, median(own))
	for e, engine := range engines[1:] {
		if said[e+1] == "" {
			said[e+1] = fmt.Sprintf("%.2f (%.2f … %.2f)", median(ratios[e+1]), slices.Min(ratios[e+1]), slices.Max(ratios[e+1]))
		}
		if most, ok := q.most[engine.name()]; ok {
			said[e+1] += fmt.Sprintf(" ≤ %.2f", most)
		}
		fmt.Printf(" %30s", said[e+1])
	}
	fmt.Println()
	return !slices.ContainsFunc(said, func(s string) bool { return strings.HasPrefix(s, "DIFFERS") }), nil
}

func median(v []float64) float64 {
	slices.Sort(v)
	return v[len(v)/2]
}
