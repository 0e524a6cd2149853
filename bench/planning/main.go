// Command planning measures what planning takes and what EXPLAIN ANALYZE adds:
// the time from text to plan of SELECT 1, of TPC-H's queries and of joins of many
// tables, by the benchmarks of package planner; that of planning an execution of a
// prepared statement, by those of package coordinator; and the processor time of TPC-H's
// queries plain and under EXPLAIN ANALYZE, in pairs on one server.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"volley/bench/server"
)

func main() {
	volley := flag.String("volley", "bin/volley", "the volley program")
	generator := flag.String("tpchgen", ".volley/venv/bin/tpchgen-cli", "the program that makes TPC-H's tables")
	queries := flag.String("queries", "../shared/corpora/tpch/queries", "TPC-H's queries, a file each")
	scale := flag.String("scale", "0.1", "TPC-H's scale factor")
	rounds := flag.Int("rounds", 40, "pairs of all queries")
	flag.Parse()
	err := planningTimes()
	if err == nil {
		err = preparedTimes()
	}
	if err == nil {
		err = collecting(*volley, *generator, *queries, *scale, *rounds)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "planning:", err)
		os.Exit(1)
	}
}

// planningTimes runs the benchmarks and prints their times beside what is wanted.
func planningTimes() error {
	times := map[string]time.Duration{}
	for _, pattern := range []string{"^Benchmark(SelectOne|TPCH)$", "^BenchmarkJoins$/^(chain|star)$/^64$"} {
		if err := benchmarks("./planner", pattern, times); err != nil {
			return err
		}
	}
	var tpch []time.Duration
	for name, t := range times {
		if strings.HasPrefix(name, "TPCH/") {
			tpch = append(tpch, t)
		}
	}
	show := func(what string, t time.Duration, aim string) {
		fmt.Printf("%-34s %10.3f ms   aim %s\n", what, float64(t)/1e6, aim)
	}
	fmt.Println("from text to plan")
	show("SELECT 1", times["SelectOne"], "0.05 ms")
	if slices.Sort(tpch); len(tpch) > 0 {
		show(fmt.Sprintf("TPC-H, median of %d", len(tpch)), tpch[len(tpch)/2], "1 ms")
		show("TPC-H, slowest", tpch[len(tpch)-1], "-")
	} else {
		fmt.Println("TPC-H's queries are not here: left out")
	}
	show("64 tables in a chain", times["Joins/chain/64"], "100 ms")
	show("64 tables in a star", times["Joins/star/64"], "100 ms")
	return nil
}

// preparedTimes prints what planning each execution of a prepared statement with fresh
// values takes, by custom plans and by a generic one.
func preparedTimes() error {
	times := map[string]time.Duration{}
	if err := benchmarks("./coordinator", "^BenchmarkPrepared$", times); err != nil {
		return err
	}
	fmt.Printf("%-34s %13s %13s\n", "an execution with fresh values", "custom plan", "generic plan")
	for _, of := range [][2]string{{"one", "SELECT $1"}, {"point", "a row by its key"}, {"join", "two tables, grouped, first ten"}} {
		fmt.Printf("%-34s %10.3f ms %10.3f ms\n", of[1], float64(times["Prepared/"+of[0]+"/anew"])/1e6, float64(times["Prepared/"+of[0]+"/generic"])/1e6)
	}
	return nil
}

// benchmarks adds the times of a package's benchmarks of a pattern.
func benchmarks(pkg, pattern string, times map[string]time.Duration) error {
	out, err := exec.Command("go", "test", "-run", "^$", "-bench", pattern, "-benchtime", "100x", pkg).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	for _, line := range strings.Split(string(out), "\n") {
		f := strings.Fields(line)
		if len(f) < 4 || f[3] != "ns/op" {
			continue
		}
		ns, err := strconv.ParseFloat(f[2], 64)
		if err != nil {
			return err
		}
		name := strings.TrimPrefix(f[0], "Benchmark")
		if i := strings.LastIndexByte(name, '-'); i > 0 { // the number of processors
			name = name[:i]
		}
		times[name] = time.Duration(ns)
	}
	return nil
}

// collecting prints what EXPLAIN ANALYZE's figures cost.
func collecting(program, generator, queries, scale string, rounds int) error {
	files, _ := filepath.Glob(filepath.Join(queries, "*.sql"))
	if len(files) == 0 {
		fmt.Printf("no queries in %s: EXPLAIN ANALYZE is not measured\n", queries)
		return nil
	}
	s, end, err := server.StartTPCH(program, generator, scale)
	if err != nil {
		return err
	}
	defer end()
	var plain, explained []string
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			return err
		}
		sql := strings.TrimSuffix(strings.TrimSpace(string(text)), ";")
		plain, explained = append(plain, sql), append(explained, "EXPLAIN ANALYZE "+sql)
	}
	if _, err := cpuOf(s, plain); err != nil { // files are looked at, caches filled
		return err
	}
	return pairs(s, plain, explained, rounds)
}

// pairs runs both lists in turn, each first every other time, and prints the ratios.
func pairs(s *server.Server, plain, explained []string, rounds int) error {
	var ratios []float64
	var total [2]time.Duration
	for i := range rounds {
		var took [2]time.Duration
		for k := range 2 {
			which := (i + k) % 2
			var err error
			if took[which], err = cpuOf(s, [][]string{plain, explained}[which]); err != nil {
				return err
			}
			total[which] += took[which]
		}
		ratios = append(ratios, float64(took[1])/float64(took[0]))
	}
	slices.Sort(ratios)
	fmt.Printf("\nprocessor time of TPC-H's %d queries, %d pairs\n", len(plain), rounds)
	at := func(share float64) float64 { return 100 * (ratios[int(share*float64(len(ratios)-1)+0.5)] - 1) }
	fmt.Printf("plain %.2f s, EXPLAIN ANALYZE %.2f s: %+.1f %%\n", total[0].Seconds(), total[1].Seconds(), 100*(float64(total[1])/float64(total[0])-1))
	fmt.Printf("the pairs: median %+.1f %%, the middle half %+.1f to %+.1f %%, all %+.1f to %+.1f %%   aim +2 %%\n",
		at(0.5), at(0.25), at(0.75), at(0), at(1))
	return nil
}

// cpuOf is the processor time that a server needs for queries.
func cpuOf(s *server.Server, queries []string) (time.Duration, error) {
	before, err := s.CPU()
	if err != nil {
		return 0, err
	}
	for _, q := range queries {
		if _, err := s.Ask(q); err != nil {
			return 0, fmt.Errorf("%w: %s", err, q)
		}
	}
	after, err := s.CPU()
	return after - before, err
}
