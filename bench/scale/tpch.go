package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"volley/bench/server"
)

// mostWorkers is how much longer TPC-H may take on two workers than in one process
// of as many threads.
const mostWorkers = 1.25

var tables = []string{"lineitem", "orders", "customer", "part", "partsupp", "supplier", "nation", "region"}

// tpchWork is TPC-H's queries, or why they cannot be asked.
func (o *options) tpchWork() (work, error) {
	w := work{name: "TPC-H " + o.scale, program: o.volley}
	files, _ := filepath.Glob(filepath.Join(o.queries, "*.sql"))
	if len(files) == 0 {
		return w, errors.New("no queries in " + o.queries)
	}
	if o.tpch == "" {
		dir := filepath.Join(o.dir, "tpch")
		if out, err := exec.Command(o.generator, "parquet", "-s", o.scale, "--output-dir="+dir).CombinedOutput(); err != nil {
			return w, fmt.Errorf("its tables could not be made (pip install tpchgen-cli): %w: %s", err, out)
		}
		o.tpch = dir
	}
	w.dirs = []string{o.tpch}
	for _, t := range tables {
		w.setup = append(w.setup, fmt.Sprintf("CREATE EXTERNAL TABLE %s STORED AS PARQUET LOCATION '%s'", t, filepath.Join(o.tpch, t+".parquet")))
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			return w, err
		}
		w.statements = append(w.statements, strings.TrimSuffix(strings.TrimSpace(string(text)), ";"))
	}
	return w, nil
}

// threadsAndWorkers prints TPC-H on two workers beside one process of two threads,
// query by query where they differ most.
func threadsAndWorkers(o *options) error {
	w, err := o.tpchWork()
	if err != nil {
		fmt.Println("one process and two workers are not compared:", err)
		return nil
	}
	start := func(name string, workers int) (*server.Server, error) {
		s, err := server.Start(server.Options{Volley: o.volley, Data: filepath.Join(o.dir, name, "data"), Allowed: w.dirs, Workers: workers, Memory: o.memory})
		for _, sql := range w.setup {
			if err == nil {
				_, err = s.Ask(sql)
			}
		}
		return s, err
	}
	one, err := start("one", 0)
	if err != nil {
		return err
	}
	defer one.Stop()
	two, err := start("two", 2)
	if err != nil {
		return err
	}
	defer two.Stop()
	fmt.Printf("TPC-H %s: 2 workers × 1 thread beside 1 process × 2 threads\n", o.scale)
	fmt.Printf("%-6s %12s %12s %8s %10s\n", "query", "workers ms", "process ms", "ratio", "cpu ratio")
	var a, b spent
	line := func(name string, a, b spent) {
		fmt.Printf("%-6s %12.1f %12.1f %8.2f %10.2f", name, 1e3*a.wall.Seconds(), 1e3*b.wall.Seconds(), a.wall.Seconds()/b.wall.Seconds(), a.cpu.Seconds()/b.cpu.Seconds())
	}
	for i, sql := range w.statements {
		x, err := measured(two, sql, o.rounds)
		if err != nil {
			return err
		}
		y, err := measured(one, sql, o.rounds)
		if err != nil {
			return err
		}
		a, b = a.plus(x), b.plus(y)
		line(fmt.Sprintf("%d", i+1), x, y)
		fmt.Println()
	}
	line("total", a, b)
	fmt.Printf("   at most %.2f\n", mostWorkers)
	return nil
}
