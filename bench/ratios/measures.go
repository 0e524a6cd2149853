package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/csv"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"volley/bench/python"
	"volley/bench/server"
)

const taxiQuestion = "SELECT passenger_count, count(*) FROM %s GROUP BY 1 ORDER BY 2 DESC, 1"

// command times a whole process.
func command(name string, args ...string) func() (time.Duration, error) {
	return func() (time.Duration, error) {
		var errs bytes.Buffer
		cmd := exec.Command(name, args...)
		cmd.Stderr = &errs
		began := time.Now()
		err := cmd.Run()
		if err != nil {
			err = fmt.Errorf("%w: %s", err, errs.String())
		}
		return time.Since(began), err
	}
}

// taxiAgainstDuckDB is the main question over CSV: Volley's whole process
// against DuckDB's query alone, in a process that is already there.
func taxiAgainstDuckDB(o options, glob, _ string) error {
	duck, err := startDuckDB(o.python)
	if err != nil {
		fmt.Println("DuckDB is left out:", err)
		return nil
	}
	defer duck.Close()
	question := fmt.Sprintf(taxiQuestion, "'"+glob+"'")
	if err := sameAnswer(o.volley, question, duck); err != nil {
		return err
	}
	if err := pairs("Q1 over CSV, volley sql (whole process) : DuckDB (query)", o.pairs,
		command(o.volley, "sql", "--format", "csv", "-c", question), func() (time.Duration, error) { return duck.time(question) }); err != nil {
		return err
	}
	return pairs("volley sql -c 'SELECT 1' (whole process) : python -c 'import duckdb'", o.pairs,
		command(o.volley, "sql", "-c", "SELECT 1"), command(o.python, "-c", "import duckdb; duckdb.sql('SELECT 1').fetchall()"))
}

func sameAnswer(volley, question string, duck *duckDB) error {
	out, err := exec.Command(volley, "sql", "--format", "csv", "-c", question).Output()
	if err != nil {
		return err
	}
	want, err := duck.answer(question)
	if err != nil {
		return err
	}
	_, got, _ := strings.Cut(string(out), "\n")
	if got = strings.ReplaceAll(strings.TrimSpace(got), "\n", ";"); got != want {
		return fmt.Errorf("the answers differ: Volley %s, DuckDB %s", got, want)
	}
	return nil
}

// duckDB is a Python process that runs queries on request.
type duckDB struct{ *python.Process }

const duckScript = `
import sys, json, time, duckdb
con = duckdb.connect()
con.execute("SET threads=2")
con.execute("SET enable_progress_bar=false")
for line in sys.stdin:
    t = time.perf_counter()
    rows = con.execute(json.loads(line)).fetchall()
    t = time.perf_counter() - t
    print(json.dumps({"seconds": t, "rows": ";".join(",".join(map(str, r)) for r in rows)}), flush=True)
`

func startDuckDB(interpreter string) (*duckDB, error) {
	process, err := python.Start(interpreter, "duckdb", duckScript, nil)
	if err != nil {
		return nil, err
	}
	return &duckDB{process}, nil
}

func (d *duckDB) run(sql string) (time.Duration, string, error) {
	var answer struct {
		Seconds float64
		Rows    string
	}
	err := d.Ask(sql, &answer)
	return time.Duration(answer.Seconds * float64(time.Second)), answer.Rows, err
}

func (d *duckDB) time(sql string) (time.Duration, error) {
	t, _, err := d.run(sql)
	return t, err
}

func (d *duckDB) answer(sql string) (string, error) {
	_, rows, err := d.run(sql)
	return rows, err
}

// oneProcessAgainstCluster is the same question to one server with two threads
// and to a coordinator with two workers of one thread each.
func oneProcessAgainstCluster(o options, glob, dir string) error {
	question := fmt.Sprintf(taxiQuestion, "'"+glob+"'")
	one, err := server.Start(server.Options{Volley: o.volley, Data: filepath.Join(dir, "one"), Allowed: []string{o.data}})
	if err != nil {
		return err
	}
	defer one.Stop()
	two, err := server.Start(server.Options{Volley: o.volley, Data: filepath.Join(dir, "two"), Allowed: []string{o.data}, Workers: 2})
	if err != nil {
		return err
	}
	defer two.Stop()
	return pairs("Q1 over CSV, coordinator + 2 workers × 1 thread : 1 process × 2", o.pairs,
		func() (time.Duration, error) { return two.Ask(question) }, func() (time.Duration, error) { return one.Ask(question) })
}

// pingAgainstPostgres is SELECT 1 over an open connection, 2,000 times.
func pingAgainstPostgres(o options, _, dir string) error {
	pg, err := server.StartPostgres(filepath.Join(dir, "pg"))
	if err != nil {
		fmt.Println("PostgreSQL is left out:", err)
		return nil
	}
	defer pg.Stop()
	v, err := server.Start(server.Options{Volley: o.volley, Data: filepath.Join(dir, "ping")})
	if err != nil {
		return err
	}
	defer v.Stop()
	ping := func(s *server.Server) func() (time.Duration, error) {
		return func() (time.Duration, error) {
			began := time.Now()
			for range 2000 {
				if _, err := s.Conn.PgConn().Exec(context.Background(), "SELECT 1").ReadAll(); err != nil {
					return 0, err
				}
			}
			return time.Since(began) / 2, nil // in µs per query as ms per thousand
		}
	}
	return pairs("SELECT 1 over an open connection (µs), Volley : PostgreSQL", o.pairs, ping(v), ping(pg))
}

// classifyScaling is the user's function over 20,000 rows: two workers against
// one, and against a plain Go loop on as many cores. One call takes about a
// microsecond, so that reading and writing the file, which only one process can
// do, is a good part of the whole: the plain loop on one core and on two says
// how far it scales at best. With 25 calls a row the function is what counts.
func classifyScaling(o options, _, dir string) error {
	in := filepath.Join(dir, "in.csv")
	sample, err := exec.Command("go", "run", "volley/examples/classify/input", "20000").Output()
	if err != nil {
		return err
	}
	if err := os.WriteFile(in, sample, 0o600); err != nil {
		return err
	}
	statement := func(calls int) string {
		columns := "classify(sku, flux, manufacturer_name, description)"
		for i := range calls - 1 {
			columns += fmt.Sprintf(" + classify(sku, flux, manufacturer_name, description || '%d')", i)
		}
		return fmt.Sprintf("COPY (SELECT *, %s FROM read_csv('%s', all_varchar = true)) TO '%s' (FORMAT csv, HEADER false)", columns, in, filepath.Join(dir, "out.csv"))
	}
	var clusters [2]*server.Server
	for i := range clusters {
		if clusters[i], err = server.Start(server.Options{Volley: o.classify, Data: filepath.Join(dir, fmt.Sprint("classify", i)), Workers: i + 1}); err != nil {
			return err
		}
		defer clusters[i].Stop()
	}
	ask := func(workers, calls int) func() (time.Duration, error) {
		return func() (time.Duration, error) { return clusters[workers-1].Ask(statement(calls)) }
	}
	loop := func(cores int) func() (time.Duration, error) {
		return func() (time.Duration, error) { return plainLoop(in, filepath.Join(dir, "plain.csv"), cores) }
	}
	if err := pairs("classify 20,000 rows, 1 worker : 2 workers", o.pairs, ask(1, 1), ask(2, 1)); err != nil {
		return err
	}
	if err := pairs("classify 20,000 rows, plain Go loop on 1 core : on 2 cores", o.pairs, loop(1), loop(2)); err != nil {
		return err
	}
	if err := pairs("classify 20,000 rows, 25 calls a row, 1 worker : 2 workers", o.pairs, ask(1, 25), ask(2, 25)); err != nil {
		return err
	}
	return pairs("classify 20,000 rows, 2 workers : plain Go loop on 2 cores", o.pairs, ask(2, 1), loop(2))
}

// plainLoop does what the statement does, as one would write it by hand.
func plainLoop(in, out string, cores int) (time.Duration, error) {
	began := time.Now()
	f, err := os.Open(in)
	if err != nil {
		return 0, err
	}
	defer func() { _ = f.Close() }()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return 0, err
	}
	rows = rows[1:]
	var wg sync.WaitGroup
	for c := range cores {
		wg.Go(func() {
			for i := c; i < len(rows); i += cores {
				v := classify([]byte(strings.Join(rows[i][1:5], "|")))
				rows[i] = append(rows[i], strconv.FormatFloat(v, 'g', -1, 64))
			}
		})
	}
	wg.Wait()
	g, err := os.Create(out)
	if err != nil {
		return 0, err
	}
	w := csv.NewWriter(g)
	if err := w.WriteAll(rows); err != nil {
		return 0, err
	}
	return time.Since(began), g.Close()
}

// classify is the function of examples/classify.
func classify(text []byte) float64 {
	h := sha256.New()
	for range 20 {
		h.Write(text)
	}
	return float64(binary.BigEndian.Uint64(h.Sum(nil))>>11) / (1 << 53)
}
