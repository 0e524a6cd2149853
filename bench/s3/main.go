// Command s3 measures queries over objects: on a real S3 server behind a link that is
// as slow as one to a data centre, without a cache, with an empty one and with a
// full one, beside the same files on the local disk and beside DuckDB's httpfs.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"volley/bench/s3/link"
	"volley/bench/server"
	"volley/bench/taxi"
	"volley/catalog/objstore/s3/s3test"
)

func main() {
	volley := flag.String("volley", "bin/volley", "the program")
	rows := flag.Int("rows", 2_000_000, "trips")
	pairs := flag.Int("pairs", 5, "how often each query is timed")
	delay := flag.Duration("delay", 20*time.Millisecond, "of each answer")
	rate := flag.Float64("rate", 40e6, "bytes a second of a connection")
	python := flag.String("python", ".volley/httpfs/bin/python", "a python with the packages duckdb and duckdb-extension-httpfs")
	flag.Parse()
	if err := run(*volley, *python, *rows, *pairs, *delay, *rate); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

const (
	q1 = "SELECT passenger_count, count(*) AS n FROM '%s' GROUP BY 1 ORDER BY 2 DESC"
	// connections is how many connections' rate a scan should reach nine tenths of.
	connections = 16
	bucket      = "taxi"
	files       = 4
)

func run(volley, python string, rows, pairs int, delay time.Duration, rate float64) error {
	program, err := s3test.Program(true)
	if err != nil {
		fmt.Println("versitygw cannot be had:", err)
		return nil
	}
	dir, err := os.MkdirTemp("", "volley-s3-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	objects := filepath.Join(dir, "objects", bucket)
	if err := os.MkdirAll(objects, 0o755); err != nil {
		return err
	}
	if _, err := taxi.Generate(objects, taxi.Options{Rows: rows, Files: files, Seed: 20150101}); err != nil {
		return err
	}
	gateway, err := s3test.Launch(program, filepath.Dir(objects))
	if err != nil {
		return err
	}
	defer gateway.Stop()
	slow, err := link.Start(gateway.Endpoint[len("http://"):], delay, rate)
	if err != nil {
		return err
	}
	defer slow.Close()
	for name, value := range gateway.Env() {
		if err := os.Setenv(name, value); err != nil {
			return err
		}
	}
	if err := os.Setenv("AWS_ENDPOINT_URL", "http://"+slow.Addr()); err != nil {
		return err
	}
	b := &bench{volley: volley, dir: dir, objects: objects, pairs: pairs, link: slow, delay: delay, rate: rate}
	if b.peer, err = startDuckDB(python); err != nil {
		fmt.Println("without DuckDB:", err)
	} else {
		defer b.peer.Close()
	}
	return b.measure()
}

// bench is what is measured by.
type bench struct {
	volley, dir, objects string
	pairs                int
	link                 *link.Link
	delay                time.Duration
	rate                 float64
	peer                 *duckdb // nil: there is none
}

// table is one kind of files.
type table struct{ name, files string }

func (b *bench) measure() error {
	plain, err := b.start("plain")
	if err != nil {
		return err
	}
	defer plain.Stop()
	for i := range files {
		csv := filepath.Join(b.objects, fmt.Sprintf("trips-%03d.csv", i+1))
		if _, err := plain.Ask(fmt.Sprintf("COPY (SELECT * FROM '%s') TO '%s' (COMPRESSION zstd, ROW_GROUP_SIZE 1000000)", csv, strings.TrimSuffix(csv, "csv")+"parquet")); err != nil {
			return err
		}
	}
	fmt.Printf("Q1 of CSV files and Q3, the same of Parquet; median of %d; each connection to the server gives %.0f MB/s\n", b.pairs, b.rate/1e6)
	fmt.Printf("%-8s %-22s %8s %8s %9s %9s\n", "files", "where", "ms", "CPU ms", "MB", "local ×")
	for _, t := range []table{{"csv", "*.csv"}, {"parquet", "*.parquet"}} {
		if err := b.compare(plain, t); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) start(name string, args ...string) (*server.Server, error) {
	data := filepath.Join(b.dir, name, "data")
	if err := os.MkdirAll(data, 0o755); err != nil {
		return nil, err
	}
	return server.Start(server.Options{
		Volley: b.volley, Data: data,
		Allowed: []string{b.objects, "s3://" + bucket}, Flags: args,
	})
}
