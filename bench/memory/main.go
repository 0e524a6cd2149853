// Command memory measures what a small budget costs: group by, join, order by,
// count(DISTINCT), percentiles and windows over rows whose columns alone are several times the
// budget, each in a process of its own with and without the limit, in turn. It
// prints how far the process's resident memory and its time went beyond, and
// compares the answers.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// What is wanted, see docs/memory.md.
const (
	mostMemory = 1.25 // resident, times the budget
	mostTime   = 4.0  // times the time without a limit
	leastData  = 5.0  // times the budget
)

type options struct {
	volley, dir, unlimited, only string
	budget                       int64
	rows, rounds, threads        int
}

func main() {
	var o options
	flag.StringVar(&o.volley, "volley", "bin/volley", "the volley program")
	flag.StringVar(&o.dir, "dir", "", "where the rows and what spills are put; empty: a directory for this run")
	flag.Int64Var(&o.budget, "budget", 128_000_000, "--memory of the limited process, in bytes")
	flag.StringVar(&o.unlimited, "unlimited", "", "--memory of the other one; empty: its default")
	flag.IntVar(&o.rows, "rows", 12_000_000, "rows")
	flag.IntVar(&o.rounds, "rounds", 1, "pairs of runs; the medians count")
	flag.IntVar(&o.threads, "threads", 2, "--threads of both")
	flag.StringVar(&o.only, "only", "", "only operators whose names begin so")
	flag.Parse()
	if err := run(o); err != nil {
		fmt.Fprintln(os.Stderr, "memory:", err)
		os.Exit(1)
	}
}

// operators are the queries, each over rows of four columns: k, all different
// integers; s, one of 1,000; v, a float; t, all different texts.
var operators = []struct{ name, sql string }{
	{"group by", "SELECT count(*), sum(c), sum(m) FROM (SELECT k, t, count(*) AS c, max(v) AS m FROM '%[1]s' GROUP BY k, t) x"},
	{"join", "SELECT count(*), sum(a.s - b.s), max(b.v) FROM '%[1]s' a JOIN '%[1]s' b ON a.k = b.k AND a.t = b.t"},
	{"not in", "SELECT count(*), sum(s) FROM '%[1]s' WHERE k + 1 NOT IN (SELECT k FROM '%[1]s')"},
	{"not in, two", "SELECT count(*), sum(s) FROM '%[1]s' WHERE (k + 1, s) NOT IN (SELECT k, nullif(s, k %% 1000000) FROM '%[1]s')"},
	{"order by", "SELECT count(*), sum(k), min(v), max(s), min(t) FROM (SELECT k, s, v, t FROM '%[1]s' ORDER BY t, k OFFSET 1) x WHERE length(t) > 3"},
	{"count distinct", "SELECT count(DISTINCT t), count(DISTINCT k), count(DISTINCT s) FROM '%[1]s'"},
	{"percentiles", "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY v), percentile_disc(0.1) WITHIN GROUP (ORDER BY t) FROM '%[1]s'"},
	{"window", "SELECT sum(r), count(*), max(d) FROM (SELECT row_number() OVER w AS r, k - lag(k) OVER w AS d FROM '%[1]s' WINDOW w AS (PARTITION BY s ORDER BY t)) x"},
	{"partition", "SELECT count(*), sum(k - m), max(t), max(v / a) FROM (SELECT k, t, v, min(k) OVER () AS m, avg(v) OVER () AS a FROM '%[1]s') x"},
	{"moving frame", "SELECT count(*), sum(a), sum(b), max(t) FROM (SELECT t, sum(s) OVER (ORDER BY k ROWS BETWEEN 100000 PRECEDING AND 1000000 FOLLOWING) AS a, lag(s, 50000) OVER (ORDER BY k) AS b FROM '%[1]s') x"},
}

func run(o options) error {
	if o.dir == "" {
		dir, err := os.MkdirTemp("", "volley-memory-")
		if err != nil {
			return err
		}
		defer func() { _ = os.RemoveAll(dir) }()
		o.dir = dir
	}
	file := filepath.Join(o.dir, fmt.Sprintf("rows-%d.parquet", o.rows))
	size, err := o.data(file)
	if err != nil {
		return err
	}
	times := float64(size) / float64(o.budget)
	fmt.Printf("budget %d MB; %d rows of %d MB, %.1f times the budget (at least %.0f)\n", o.budget/1e6, o.rows, size/1e6, times, leastData)
	fmt.Printf("%-16s %12s %14s %14s %12s %12s\n", "operator", "resident", "time limited", "without", "time ratio", "cpu ratio")
	fmt.Printf("%-16s %12s %14s %14s %12s\n", "", fmt.Sprintf("≤ %.2f", mostMemory), "s", "s", fmt.Sprintf("≤ %.0f", mostTime))
	var failed error
	for _, op := range operators {
		if !strings.HasPrefix(op.name, o.only) {
			continue
		}
		if err := o.measure(op.name, fmt.Sprintf(op.sql, file)); err != nil {
			failed = errors.Join(failed, fmt.Errorf("%s: %w", op.name, err))
		}
	}
	return failed
}

// data makes the rows unless they are there, and gives the bytes of their values.
func (o *options) data(file string) (int64, error) {
	if _, err := os.Stat(file); err != nil {
		made := fmt.Sprintf(`COPY (SELECT (g * 2654435761) %% 100000007 AS k, g %% 1000 AS s, g * 0.5::float8 AS v,
			'name of the customer ' || ((g * 2654435761) %% 100000007) AS t FROM generate_series(1::bigint, %d) g) TO '%s' (FORMAT parquet)`, o.rows, file)
		if _, err := o.ask(o.unlimited, made); err != nil {
			return 0, err
		}
	}
	// three numbers, an offset and the text
	m, err := o.ask(o.unlimited, fmt.Sprintf("SELECT count(*) * (3 * 8 + 4) + sum(length(t)) FROM '%s'", file))
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(m.answer, 10, 64)
}

// measure prints the line of an operator.
func (o *options) measure(name, sql string) error {
	var limited, free []sample
	for range o.rounds {
		a, err := o.ask(strconv.FormatInt(o.budget, 10), sql)
		if err != nil {
			return fmt.Errorf("with %d bytes: %w", o.budget, err)
		}
		b, err := o.ask(o.unlimited, sql)
		if err != nil {
			return fmt.Errorf("without a limit: %w", err)
		}
		if a.answer != b.answer {
			return fmt.Errorf("the answers differ: %s with the limit, %s without", a.answer, b.answer)
		}
		limited, free = append(limited, a), append(free, b)
	}
	peak := slices.MaxFunc(limited, func(a, b sample) int { return int(a.peak - b.peak) }).peak
	wall := func(r sample) time.Duration { return r.wall }
	cpu := func(r sample) time.Duration { return r.cpu }
	resident := float64(peak) / float64(o.budget)
	slower := median(limited, wall).Seconds() / median(free, wall).Seconds()
	fmt.Printf("%-16s %12.2f %14.2f %14.2f %12.2f %12.2f", name, resident, median(limited, wall).Seconds(), median(free, wall).Seconds(),
		slower, median(limited, cpu).Seconds()/median(free, cpu).Seconds())
	if resident > mostMemory {
		fmt.Print("  TOO MUCH MEMORY")
	}
	if slower > mostTime {
		fmt.Print("  TOO SLOW")
	}
	fmt.Println()
	return nil
}

// sample is what one process needed.
type sample struct {
	answer    string // the one row
	wall, cpu time.Duration
	peak      int64 // bytes resident
}

func median(runs []sample, of func(sample) time.Duration) time.Duration {
	all := make([]time.Duration, len(runs))
	for i, r := range runs {
		all[i] = of(r)
	}
	slices.Sort(all)
	return all[len(all)/2]
}

// ask runs a statement in a process of its own.
func (o *options) ask(memory, sql string) (sample, error) {
	args := []string{"sql", "--threads", strconv.Itoa(o.threads), "--spill-dir", o.dir, "--format", "csv", "-c", sql}
	if memory != "" {
		args = append(args, "--memory", memory)
	}
	cmd := exec.Command(o.volley, args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	began := time.Now()
	if err := cmd.Run(); err != nil {
		return sample{}, fmt.Errorf("%w: %s", err, bytes.TrimSpace(errs.Bytes()))
	}
	r := sample{wall: time.Since(began), cpu: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}
	if u, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		r.peak = u.Maxrss << 10
	}
	_, r.answer, _ = strings.Cut(strings.TrimSpace(out.String()), "\n")
	return r, nil
}
