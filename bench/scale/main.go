// Command scale measures how a cluster grows on one machine:
//
//   - the same work on 1, 2 and 4 worker processes of one thread each: queries of
//     taxi trips, TPC-H's queries (many exchanges), and a user's function;
//   - the same time of sleep for each of 8, 32 and 64 workers, whose tasks need no
//     processor: what is lost there is lost by the cluster's own work, of which the
//     coordinator's processor time for each task is printed;
//   - one process with two threads beside two workers of one thread.
//
// Processor time is printed beside the time by the clock, since it depends less
// on what else the machine does.
package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"time"

	"volley/bench/server"
)

type options struct {
	volley, classify string
	tpch, queries    string
	generator, scale string
	only             string
	trips, products  int
	rounds           int
	sleep            time.Duration
	memory           string
	dir              string // of this run
}

func main() {
	var o options
	flag.StringVar(&o.volley, "volley", "bin/volley", "the volley program")
	flag.StringVar(&o.classify, "classify", "bin/classify", "the program of examples/classify")
	flag.StringVar(&o.tpch, "tpch", "", "directory of TPC-H's tables in Parquet; empty: made for this run")
	flag.StringVar(&o.generator, "tpchgen", ".volley/venv/bin/tpchgen-cli", "the program that makes them")
	flag.StringVar(&o.scale, "scale", "1", "their scale factor")
	flag.StringVar(&o.queries, "queries", "../shared/corpora/tpch/queries", "TPC-H's queries, a file each")
	flag.IntVar(&o.trips, "trips", 3_000_000, "taxi trips")
	flag.IntVar(&o.products, "products", 20_000, "rows for classify()")
	flag.IntVar(&o.rounds, "rounds", 3, "times that each query runs after once for warming up; the median counts")
	flag.DurationVar(&o.sleep, "sleep", 250*time.Millisecond, "of each row of a sleeping task")
	flag.StringVar(&o.memory, "memory", "", "--memory of each process")
	flag.StringVar(&o.only, "only", "", "only parts that begin so: workers, sleep, threads")
	flag.Parse()
	if err := run(o); err != nil {
		fmt.Fprintln(os.Stderr, "scale:", err)
		os.Exit(1)
	}
}

func run(o options) (err error) {
	if o.dir, err = os.MkdirTemp("", "volley-scale-"); err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(o.dir) }()
	for _, part := range []struct {
		name string
		run  func(*options) error
	}{{"sleep", sleepingWorkers}, {"workers", workerProcesses}, {"threads", threadsAndWorkers}} {
		if !strings.HasPrefix(part.name, o.only) {
			continue
		}
		if err := part.run(&o); err != nil {
			return fmt.Errorf("%s: %w", part.name, err)
		}
		fmt.Println()
	}
	return nil
}

// spent is what statements took.
type spent struct {
	wall, cpu time.Duration // cpu: of all processes
}

func (s spent) plus(o spent) spent { return spent{s.wall + o.wall, s.cpu + o.cpu} }

// measured runs a statement rounds times, and once before, and gives the medians.
func measured(s *server.Server, sql string, rounds int) (spent, error) {
	var walls, cpus []time.Duration
	for i := range rounds + 1 {
		before := server.CPU(s.Processes()...)
		wall, err := s.Ask(sql)
		if err != nil {
			return spent{}, fmt.Errorf("%w: %s", err, sql)
		}
		if i > 0 {
			walls, cpus = append(walls, wall), append(cpus, server.CPU(s.Processes()...)-before)
		}
	}
	return spent{median(walls), median(cpus)}, nil
}
