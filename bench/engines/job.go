package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"

	"volley/bench/job"
	"volley/bench/server"
)

// reserved is the alias of aka_title, which is a keyword of DuckDB's.
var reserved = regexp.MustCompile(`\bat\b(\.|,)`)

// joinOrder runs the Join Order Benchmark's queries, over data of our own (bench/job)
// as Parquet files, on Volley and DuckDB in turn.
func joinOrder(program, python, dir, folder, only string, pairs int) error {
	queries, err := job.Read(folder)
	if err != nil {
		return err
	}
	if len(queries) == 0 {
		fmt.Printf("JOB is left out: no queries in %s\n", folder)
		return nil
	}
	db, err := startPeer(python, "duckdb")
	if err != nil {
		fmt.Println("JOB is left out: DuckDB is not there:", err)
		return nil
	}
	defer db.close()
	s, err := server.Start(server.Options{Volley: program, Data: filepath.Join(dir, "job-data"), Allowed: []string{dir}, Memory: tpchMemory})
	if err != nil {
		return err
	}
	defer s.Stop()
	files, err := job.Load(s, filepath.Join(dir, "job"), 1, queries)
	if err != nil {
		return err
	}
	for name, file := range files {
		if _, _, err := db.run(fmt.Sprintf("CREATE VIEW %s AS FROM '%s'", name, file)); err != nil {
			return err
		}
	}
	fmt.Printf("\nJOB's queries over Parquet of made-up data, 2 threads, %s of memory, median of %d\n", tpchMemory, pairs)
	fmt.Printf("%-6s %10s %10s %24s %10s\n", "query", "volley ms", "duckdb ms", "ratio", "cpu ratio")
	c := &tpchComparison{volley: &volley{s}, server: s, duckdb: db, pairs: pairs}
	for _, q := range queries {
		if !strings.HasPrefix("JOB "+q.Name, only) {
			continue
		}
		if err := c.compare(tpchQuery{q.Name, reserved.ReplaceAllString(q.SQL, `"at"$1`)}); err != nil {
			return fmt.Errorf("%s: %w", q.Name, err)
		}
	}
	c.summary()
	if c.differ {
		return errors.New("answers of JOB's queries differ")
	}
	return nil
}
