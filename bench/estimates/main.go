// Command estimates measures how far the optimizer's guesses at rows are off: over
// all operators of TPC-H's queries, but for exchanges, which give what they get, the
// median and the 95th percentile of max(estimated / actual, actual / estimated),
// both at least one row. It does so with what the files themselves say and a sample
// of them, and again after ANALYZE.
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"volley/bench/server"
)

var tables = []string{"lineitem", "orders", "customer", "part", "partsupp", "supplier", "nation", "region"}

func main() {
	volley := flag.String("volley", "bin/volley", "the volley program")
	generator := flag.String("tpchgen", ".volley/venv/bin/tpchgen-cli", "the program that makes TPC-H's tables")
	queries := flag.String("queries", "../shared/corpora/tpch/queries", "TPC-H's queries, a file each")
	scale := flag.String("scale", "0.1", "TPC-H's scale factor")
	worst := flag.Int("worst", 10, "operators to show")
	flag.Parse()
	if err := run(*volley, *generator, *queries, *scale, *worst); err != nil {
		fmt.Fprintln(os.Stderr, "estimates:", err)
		os.Exit(1)
	}
}

func run(program, generator, queries, scale string, worst int) error {
	files, _ := filepath.Glob(filepath.Join(queries, "*.sql"))
	if len(files) == 0 {
		fmt.Printf("no queries in %s: nothing is measured\n", queries)
		return nil
	}
	dir, err := os.MkdirTemp("", "volley-estimates-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	data := filepath.Join(dir, "tpch")
	if out, err := exec.Command(generator, "parquet", "-s", scale, "--output-dir="+data).CombinedOutput(); err != nil {
		return errors.Join(errors.New("TPC-H's tables could not be made (pip install tpchgen-cli)"), err, errors.New(string(out)))
	}
	s, err := server.Start(server.Options{Volley: program, Data: filepath.Join(dir, "data"), Allowed: []string{dir}})
	if err != nil {
		return err
	}
	defer s.Stop()
	for _, t := range tables {
		sql := fmt.Sprintf("CREATE EXTERNAL TABLE %s STORED AS PARQUET LOCATION '%s'", t, filepath.Join(data, t+".parquet"))
		if _, err := s.Ask(sql); err != nil {
			return err
		}
	}
	if err := measure(s, files, "TPC-H, statistics of the files and a sample", worst); err != nil {
		return err
	}
	if _, err := s.Ask("ANALYZE"); err != nil {
		return err
	}
	if err := measure(s, files, "TPC-H, after ANALYZE", worst); err != nil {
		return err
	}
	fmt.Println("JOB is left out: its data cannot be made, and is not here")
	return nil
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
func measure(s *server.Server, files []string, title string, worst int) error {
	var all []guess
	fmt.Printf("%s\n%-8s %9s %8s %8s %10s\n", title, "query", "operators", "median", "95th", "worst")
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			return err
		}
		name := strings.TrimSuffix(filepath.Base(f), ".sql")
		guesses, err := explain(s, name, strings.TrimSuffix(strings.TrimSpace(string(text)), ";"))
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		show(name, guesses)
		all = append(all, guesses...)
	}
	show("all", all)
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
