// Command s3 measures queries over objects: on a real S3 server behind a link that is
// as slow as one to a data centre, without a cache, with an empty one and with a
// full one, beside the same files on the local disk.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
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
	flag.Parse()
	if err := run(*volley, *rows, *pairs, *delay, *rate); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

const (
	q1 = "SELECT passenger_count, count(*) AS n FROM '%s' GROUP BY 1 ORDER BY 2 DESC"
	// connections is how many connections' rate a scan should reach nine tenths of.
	connections = 16
	bucket      = "taxi"
)

func run(volley string, rows, pairs int, delay time.Duration, rate float64) error {
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
	if _, err := taxi.Generate(objects, taxi.Options{Rows: rows, Files: 4, Seed: 20150101}); err != nil {
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
	b := &bench{volley: volley, dir: dir, objects: objects, pairs: pairs, link: slow, rate: rate}
	return b.measure()
}

// bench is what is measured by.
type bench struct {
	volley, dir, objects string
	pairs                int
	link                 *link.Link
	rate                 float64
}

// table is one kind of files.
type table struct{ name, files string }

func (b *bench) measure() error {
	plain, err := b.start("plain")
	if err != nil {
		return err
	}
	defer plain.Stop()
	if _, err := plain.Ask(fmt.Sprintf("COPY (SELECT * FROM '%s/*.csv') TO '%s/trips.parquet' (COMPRESSION zstd, ROW_GROUP_SIZE 1000000)", b.objects, b.objects)); err != nil {
		return err
	}
	fmt.Printf("Q1, median of %d; each connection to the server gives %.0f MB/s\n", b.pairs, b.rate/1e6)
	fmt.Printf("%-8s %-22s %8s %9s %9s %s\n", "files", "where", "ms", "MB", "local ×", "")
	for _, t := range []table{{"csv", "*.csv"}, {"parquet", "trips.parquet"}} {
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

// compare prints the lines of one table.
func (b *bench) compare(plain *server.Server, t table) error {
	local := fmt.Sprintf(q1, filepath.Join(b.objects, t.files))
	remote := fmt.Sprintf(q1, "s3://"+bucket+"/"+t.files)
	var onDisk, first, filling, full []sample
	for range b.pairs + 1 {
		cached, err := b.start("cached", "--cache-dir", filepath.Join(b.dir, "cache"), "--cache-size", "20GB")
		if err != nil {
			return err
		}
		for _, x := range []struct {
			s   *server.Server
			sql string
			to  *[]sample
		}{{plain, local, &onDisk}, {plain, remote, &first}, {cached, remote, &filling}, {cached, remote, &full}} {
			took, err := b.ask(x.s, x.sql)
			if err != nil {
				cached.Stop()
				return err
			}
			*x.to = append(*x.to, took)
		}
		cached.Stop()
		if err := os.RemoveAll(filepath.Join(b.dir, "cache")); err != nil {
			return err
		}
	}
	base := median(onDisk).took
	for _, line := range []struct {
		where   string
		samples []sample
	}{{"the local disk", onDisk}, {"S3", first}, {"S3, cache empty", filling}, {"S3, cache full", full}} {
		m := median(line.samples)
		note := ""
		if line.where == "S3" && t.name == "csv" {
			used := float64(m.bytes) / m.took.Seconds() / (b.rate * connections)
			note = fmt.Sprintf("%.0f %% of %d connections' rate (at least 90)", 100*used, connections)
			most, err := ceiling("s3://"+bucket+"/"+t.files, connections)
			if err != nil {
				return err
			}
			note += fmt.Sprintf("; as many readers that do nothing get %.0f %%", 100*most/(b.rate*connections))
		}
		if line.where == "S3, cache empty" {
			note = fmt.Sprintf("%.2f × without a cache (at most 1.05)", m.took.Seconds()/median(first).took.Seconds())
		}
		if line.where == "S3, cache full" {
			note = "(at most 1.3; no bytes but the listing)"
		}
		fmt.Printf("%-8s %-22s %8.1f %9.2f %9.2f %s\n", t.name, line.where, m.took.Seconds()*1000, float64(m.bytes)/1e6, m.took.Seconds()/base.Seconds(), note)
	}
	return nil
}

// sample is one run: how long, and what came over the link.
type sample struct {
	took  time.Duration
	bytes int64
}

func (b *bench) ask(s *server.Server, sql string) (sample, error) {
	if s.Conn == nil {
		return sample{}, errors.New("the server is gone")
	}
	before := b.link.Bytes.Load()
	took, err := s.Ask(sql)
	return sample{took, b.link.Bytes.Load() - before}, err
}

// median leaves out the first run, which warms caches of the system.
func median(s []sample) sample {
	s = slices.Clone(s[1:])
	slices.SortFunc(s, func(a, b sample) int { return int(a.took - b.took) })
	return s[len(s)/2]
}
