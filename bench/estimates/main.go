// Command estimates measures how far the optimizer's guesses at rows are off: over
// all operators of the queries of TPC-H and of the Join Order Benchmark (over data of
// our own, see bench/job), but for exchanges, which give what they get, the median and
// the 95th percentile of max(estimated / actual, actual / estimated), both at least one
// row. It does so with what the files themselves say and a sample of them, and again
// after ANALYZE.
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"volley/bench/job"
	"volley/bench/server"
)

func main() {
	volley := flag.String("volley", "bin/volley", "the volley program")
	generator := flag.String("tpchgen", ".volley/venv/bin/tpchgen-cli", "the program that makes TPC-H's tables")
	queries := flag.String("queries", "../shared/corpora/tpch/queries", "TPC-H's queries, a file each")
	scale := flag.String("scale", "0.1", "TPC-H's scale factor")
	jobQueries := flag.String("job", "../shared/corpora/datafusion-slt/benchmarks/queries/imdb", "the Join Order Benchmark's queries, a file each")
	jobScale := flag.Float64("job-scale", 1, "size of its data, 1 for 1.4 million rows")
	only := flag.String("only", "", "the benchmark to measure, tpch or job; empty: both")
	worst := flag.Int("worst", 10, "operators to show")
	flag.Parse()
	var err error
	if *only != "job" {
		err = tpch(*volley, *generator, *queries, *scale, *worst)
	}
	if err == nil && *only != "tpch" {
		err = joins(*volley, *jobQueries, *jobScale, *worst)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "estimates:", err)
		os.Exit(1)
	}
}

func tpch(program, generator, folder, scale string, worst int) error {
	queries, err := job.Read(folder)
	if err != nil {
		return err
	}
	if len(queries) == 0 {
		fmt.Printf("no queries in %s: TPC-H is not measured\n", folder)
		return nil
	}
	s, end, err := server.StartTPCH(program, generator, scale)
	if err != nil {
		return err
	}
	defer end()
	return both(s, queries, "TPC-H", worst)
}

// joins is the Join Order Benchmark.
func joins(program, folder string, scale float64, worst int) error {
	queries, err := job.Read(folder)
	if err != nil {
		return err
	}
	if len(queries) == 0 {
		fmt.Printf("no queries in %s: JOB is not measured\n", folder)
		return nil
	}
	dir, err := os.MkdirTemp("", "volley-job-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	s, err := server.Start(server.Options{Volley: program, Data: filepath.Join(dir, "data"), Allowed: []string{dir}})
	if err != nil {
		return err
	}
	defer s.Stop()
	if _, err := job.Load(s, filepath.Join(dir, "job"), scale, queries); err != nil {
		return err
	}
	return both(s, queries, "JOB", worst)
}

// both measures without and with ANALYZE.
func both(s *server.Server, queries []job.Query, name string, worst int) error {
	if err := measure(s, queries, name+", statistics of the files and a sample", worst); err != nil {
		return err
	}
	if _, err := s.Ask("ANALYZE"); err != nil {
		return err
	}
	return measure(s, queries, name+", after ANALYZE", worst)
}

// operator is what EXPLAIN (ANALYZE, FORMAT JSON) says of an operator.
type operator struct {
	Type      string     `json:"Node Type"`
	Text      string     `json:"Node"`
	Estimated *float64   `json:"Estimated Rows"`
	Actual    *float64   `json:"Actual Rows"`
	Plans     []operator `json:"Plans"`
}

// guess is an operator with its error, a factor.
type guess struct {
	query string
	operator
	off float64
}

// collect adds the guesses of a tree.
func (o operator) collect(query string, out []guess) []guess {
	if o.Estimated != nil && o.Actual != nil && !strings.HasPrefix(o.Type, "Exchange") {
		e, a := max(*o.Estimated, 1), max(*o.Actual, 1)
		out = append(out, guess{query, o, max(e/a, a/e)})
	}
	for _, in := range o.Plans {
		out = in.collect(query, out)
	}
	return out
}

// measure explains each query and prints the errors.
func measure(s *server.Server, queries []job.Query, title string, worst int) error {
	var all []guess
	began := time.Now()
	fmt.Printf("%s\n%-8s %9s %8s %8s %10s\n", title, "query", "operators", "median", "95th", "worst")
	for _, q := range queries {
		guesses, err := explain(s, q.Name, q.SQL)
		if err != nil {
			return fmt.Errorf("%s: %w", q.Name, err)
		}
		show(q.Name, guesses)
		all = append(all, guesses...)
	}
	show("all", all)
	fmt.Printf("%d queries planned and run in %.1f s\n", len(queries), time.Since(began).Seconds())
	slices.SortStableFunc(all, func(a, b guess) int { return cmp.Compare(b.off, a.off) })
	for _, g := range all[:min(worst, len(all))] {
		text := g.Text
		if len(text) > 90 {
			text = strings.ToValidUTF8(text[:90], "") + "…"
		}
		fmt.Printf("  %8.1f  %s: %s, estimated %.0f, actual %.0f\n", g.off, g.query, text, *g.Estimated, *g.Actual)
	}
	fmt.Println()
	return nil
}

func explain(s *server.Server, name, sql string) ([]guess, error) {
	var text string
	if err := s.Conn.QueryRow(context.Background(), "EXPLAIN (ANALYZE, FORMAT JSON) "+sql).Scan(&text); err != nil {
		return nil, err
	}
	var plans []struct{ Plan operator }
	if err := json.Unmarshal([]byte(text), &plans); err != nil {
		return nil, err
	}
	var out []guess
	for _, p := range plans {
		out = p.Plan.collect(name, out)
	}
	return out, nil
}

func show(name string, guesses []guess) {
	off := make([]float64, len(guesses))
	for i, g := range guesses {
		off[i] = g.off
	}
	slices.Sort(off)
	if len(off) == 0 {
		fmt.Printf("%-8s no operator says both\n", name)
		return
	}
	at := func(share float64) float64 { return off[min(int(share*float64(len(off))), len(off)-1)] }
	fmt.Printf("%-8s %9d %8.2f %8.2f %10.1f\n", name, len(off), at(0.5), at(0.95), off[len(off)-1])
}
