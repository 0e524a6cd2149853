package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"volley/bench/server"
)

const (
	// tpchMemory is what a server may take for TPC-H's queries.
	tpchMemory = "2GB"
	// slow is the ratio above which a query's costliest operator is named.
	slow = 2.0
)

var tpchTables = []string{"lineitem", "orders", "customer", "part", "partsupp", "supplier", "nation", "region"}

// tpchQuery is one of the 22.
type tpchQuery struct{ name, sql string }

// tpch runs TPC-H's queries over Parquet on Volley and DuckDB in turn, compares the
// answers, and prints both times, their ratio, the ratio of processor times, which
// do not depend on what else the machine does, and the operator that cost most
// where Volley is slow.
func tpch(program, python, dir, scale, queries, only string, pairs int) error {
	db, err := startPeer(python, "duckdb")
	if err != nil {
		fmt.Println("TPC-H's queries are left out: DuckDB is not there:", err)
		return nil
	}
	defer db.close()
	list, err := tpchQueries(queries, db)
	if err != nil {
		fmt.Println("TPC-H's queries are left out:", err)
		return nil
	}
	data := filepath.Join(dir, "tpch-all")
	if out, err := exec.Command(filepath.Join(filepath.Dir(python), "tpchgen-cli"), "parquet", "-s", scale, "--output-dir="+data).CombinedOutput(); err != nil {
		fmt.Println("TPC-H's queries are left out: their tables could not be made:", err, string(out))
		return nil
	}
	s, err := server.Start(server.Options{Volley: program, Data: filepath.Join(dir, "tpch-data"), Allowed: []string{dir}, Memory: tpchMemory})
	if err != nil {
		return err
	}
	defer s.Stop()
	for _, t := range tpchTables {
		file := filepath.Join(data, t+".parquet")
		if _, err := s.Ask(fmt.Sprintf("CREATE EXTERNAL TABLE %s STORED AS PARQUET LOCATION '%s'", t, file)); err != nil {
			return err
		}
		if _, _, err := db.run(fmt.Sprintf("CREATE VIEW %s AS FROM '%s'", t, file)); err != nil {
			return err
		}
	}
	fmt.Printf("\nTPC-H's queries over Parquet at scale %s, 2 threads, %s of memory, median of %d\n", scale, tpchMemory, pairs)
	fmt.Printf("%-6s %10s %10s %24s %10s\n", "query", "volley ms", "duckdb ms", "ratio", "cpu ratio")
	c := &tpchComparison{volley: &volley{s}, server: s, duckdb: db, pairs: pairs}
	for _, q := range list {
		if !strings.HasPrefix("TPC-H "+q.name, only) {
			continue
		}
		if err := c.compare(q); err != nil {
			return fmt.Errorf("%s: %w", q.name, err)
		}
	}
	c.summary()
	if c.differ {
		return errors.New("answers of TPC-H's queries differ")
	}
	return nil
}

// tpchQueries are the queries of a folder, a file each, or else those that DuckDB
// brings.
func tpchQueries(folder string, db *peer) (out []tpchQuery, err error) {
	files, _ := filepath.Glob(filepath.Join(folder, "q*.sql"))
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			return nil, err
		}
		out = append(out, tpchQuery{strings.TrimSuffix(filepath.Base(f), ".sql"), string(text)})
	}
	if len(out) == 0 {
		var rows [][]string
		for _, sql := range []string{"INSTALL tpch", "LOAD tpch", "SELECT printf('q%02d', query_nr), query FROM tpch_queries() ORDER BY query_nr"} {
			if _, rows, err = db.run(sql); err != nil {
				return nil, fmt.Errorf("there are none in %s, and DuckDB has none: %w", folder, err)
			}
		}
		for _, r := range rows {
			out = append(out, tpchQuery{r[0], r[1]})
		}
	}
	for i := range out {
		out[i].sql = strings.TrimSuffix(strings.TrimSpace(out[i].sql), ";")
	}
	return out, nil
}

// tpchComparison collects what the summary says.
type tpchComparison struct {
	volley *volley
	server *server.Server
	duckdb *peer
	pairs  int

	own, other       float64 // sums of the medians, in milliseconds
	ownCPU, otherCPU time.Duration
	logs             float64 // of the ratios
	n                int
	differ           bool
}

// compare prints the line of a query.
func (c *tpchComparison) compare(q tpchQuery) error {
	var own, other, ratios []float64
	var ownCPU, otherCPU time.Duration
	same := true
	for i := range c.pairs + 1 {
		before := server.CPU(c.server.Processes()...)
		t, rows, err := c.volley.run(q.sql)
		if err != nil {
			return err
		}
		spent := server.CPU(c.server.Processes()...) - before
		before = server.CPU(c.duckdb.PID())
		u, want, err := c.duckdb.run(q.sql)
		if err != nil {
			return err
		}
		if i == 0 { // a warm-up
			same = equal(rows, want)
			continue
		}
		otherCPU += server.CPU(c.duckdb.PID()) - before
		ownCPU += spent
		own, other = append(own, millis(t)), append(other, millis(u))
		ratios = append(ratios, float64(t)/float64(u))
	}
	ratio := median(ratios)
	spread := fmt.Sprintf("%.2f (%.2f … %.2f)", ratio, slices.Min(ratios), slices.Max(ratios))
	fmt.Printf("%-6s %10.1f %10.1f %24s %10s", q.name, median(own), median(other), spread, cpuRatio(ownCPU, otherCPU))
	if !same {
		fmt.Print("  DIFFERS")
		c.differ = true
	}
	if ratio > slow {
		worst, err := c.costliest(q.sql)
		if err != nil {
			return err
		}
		fmt.Print("  ", worst)
	}
	fmt.Println()
	c.own, c.other, c.n = c.own+median(own), c.other+median(other), c.n+1
	c.ownCPU, c.otherCPU = c.ownCPU+ownCPU, c.otherCPU+otherCPU
	c.logs += math.Log(ratio)
	return nil
}

func millis(t time.Duration) float64 { return float64(t.Microseconds()) / 1000 }

func cpuRatio(own, other time.Duration) string {
	if own == 0 || other == 0 {
		return "–"
	}
	return fmt.Sprintf("%.2f", float64(own)/float64(other))
}

// summary prints the last lines.
func (c *tpchComparison) summary() {
	if c.n == 0 {
		return
	}
	fmt.Printf("total: volley %.0f ms, duckdb %.0f ms, ratio %.2f (at most 2), of processor time %s; geometric mean of ratios %.2f\n",
		c.own, c.other, c.own/c.other, cpuRatio(c.ownCPU, c.otherCPU), math.Exp(c.logs/float64(c.n)))
	if peak := server.PeakMemory(c.server.Processes()...); peak > 0 {
		fmt.Printf("peak memory of the process: volley %d MiB (at most 2048), duckdb %d MiB\n",
			peak>>20, server.PeakMemory(c.duckdb.PID())>>20)
	}
}

// work is an operator of EXPLAIN (ANALYZE, FORMAT JSON).
type work struct {
	Text  string  `json:"Node"`
	Self  float64 `json:"Self Time"`
	Plans []work  `json:"Plans"`
}

// each calls f for the operators of a tree.
func (w *work) each(f func(*work)) {
	f(w)
	for i := range w.Plans {
		w.Plans[i].each(f)
	}
}

// costliest is the operator in which a query spends most of its time.
func (c *tpchComparison) costliest(sql string) (string, error) {
	var text string
	if err := c.server.Conn.QueryRow(context.Background(), "EXPLAIN (ANALYZE, FORMAT JSON) "+sql).Scan(&text); err != nil {
		return "", err
	}
	var plans []struct{ Plan work }
	if err := json.Unmarshal([]byte(text), &plans); err != nil {
		return "", err
	}
	var most work
	sum := 0.0
	for _, p := range plans {
		p.Plan.each(func(w *work) {
			sum += w.Self
			if w.Self > most.Self {
				most = *w
			}
		})
	}
	if most.Text, _, _ = strings.Cut(most.Text, " columns="); len(most.Text) > 80 {
		most.Text = strings.ToValidUTF8(most.Text[:80], "") + "…"
	}
	return fmt.Sprintf("%.0f %% in %s", 100*most.Self/max(sum, 1e-9), most.Text), nil
}
