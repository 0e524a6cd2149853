package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"

	"volley/bench/server"
	"volley/bench/taxi"
)

// trips are questions of taxi trips; %s is the table.
var trips = []string{
	"SELECT passenger_count, count(*) FROM %s GROUP BY 1 ORDER BY 2 DESC, 1",
	"SELECT passenger_count, avg(total_amount), sum(trip_distance) FROM %s GROUP BY 1 ORDER BY 1",
	"SELECT date_trunc('minute', tpep_pickup_datetime) AS m, count(*) AS c FROM %s GROUP BY 1 ORDER BY c DESC, m LIMIT 10",
	"SELECT round(pickup_longitude, 3) AS lo, round(pickup_latitude, 3) AS la, count(*) AS c FROM %s GROUP BY 1, 2 ORDER BY c DESC, lo, la LIMIT 10",
}

// work is a list of statements that are measured together.
type work struct {
	name       string
	program    string
	setup      []string
	statements []string
	dirs       []string // that they read and write
}

// workerProcesses prints how much faster more worker processes are. At best that
// is as many times as there are workers, or processors where these are fewer.
func workerProcesses(o *options) error {
	list, err := o.works()
	if err != nil {
		return err
	}
	fmt.Printf("worker processes of one thread, %d processors\n", runtime.NumCPU())
	fmt.Printf("%-24s %8s %10s %8s %11s %16s\n", "work", "workers", "took s", "faster", "efficiency", "cpu, of 1 worker")
	for _, w := range list {
		var one spent
		for _, n := range []int{1, 2, 4} {
			took, err := o.do(w, server.Options{Workers: n})
			if err != nil {
				return fmt.Errorf("%s: %w", w.name, err)
			}
			if n == 1 {
				one = took
			}
			faster := one.wall.Seconds() / took.wall.Seconds()
			fmt.Printf("%-24s %8d %10.2f %8.2f %10.0f%% %16.2f\n", w.name, n, took.wall.Seconds(), faster,
				100*faster/float64(min(n, runtime.NumCPU())), took.cpu.Seconds()/one.cpu.Seconds())
		}
	}
	return nil
}

// do runs work on a fresh server and gives the sum over its statements.
func (o *options) do(w work, so server.Options) (sum spent, err error) {
	dir, err := os.MkdirTemp(o.dir, "server-")
	if err != nil {
		return sum, err
	}
	so.Volley, so.Data, so.Memory = w.program, filepath.Join(dir, "data"), o.memory
	so.Allowed = append([]string{o.dir}, w.dirs...)
	s, err := server.Start(so)
	if err != nil {
		return sum, err
	}
	defer s.Stop()
	for _, sql := range w.setup {
		if _, err := s.Ask(sql); err != nil {
			return sum, err
		}
	}
	for _, sql := range w.statements {
		took, err := measured(s, sql, o.rounds)
		if err != nil {
			return sum, err
		}
		sum = sum.plus(took)
	}
	return sum, nil
}

// works are taxi, TPC-H where its queries are here, and classify.
func (o *options) works() ([]work, error) {
	dir := filepath.Join(o.dir, "trips")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	if _, err := taxi.Generate(dir, taxi.Options{Rows: o.trips, Files: 4, Seed: 20150101}); err != nil {
		return nil, err
	}
	t := work{name: "taxi, CSV", program: o.volley}
	for _, q := range trips {
		t.statements = append(t.statements, fmt.Sprintf(q, "'"+filepath.Join(dir, "*.csv")+"'"))
	}
	c, err := o.classifyWork()
	if err != nil {
		return nil, err
	}
	list := []work{t, c}
	h, err := o.tpchWork()
	if err != nil {
		fmt.Println("TPC-H is left out:", err)
		return list, nil
	}
	return append(list, h), nil
}

// classifyWork is the user's function over a file of products, written back. A row has
// 25 calls, so that it is the function that counts and not the one file.
func (o *options) classifyWork() (work, error) {
	in := filepath.Join(o.dir, "products.csv")
	sample, err := exec.Command("go", "run", "volley/examples/classify/input", fmt.Sprint(o.products)).Output()
	if err != nil {
		return work{}, err
	}
	if err := os.WriteFile(in, sample, 0o600); err != nil {
		return work{}, err
	}
	sum := "0"
	for i := range 25 {
		sum += fmt.Sprintf(" + classify(sku, flux, manufacturer_name, description || '%d')", i)
	}
	return work{name: "classify, 25 calls a row", program: o.classify, statements: []string{fmt.Sprintf(
		"COPY (SELECT *, %s FROM read_csv('%s', all_varchar = true)) TO '%s' (FORMAT csv, HEADER false)", sum, in, filepath.Join(o.dir, "out.csv"))}}, nil
}
