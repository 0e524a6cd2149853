// Command suites runs other people's test suites, which lie beside the project,
// and prints a table of what passed. It fails when a suite passes less, or
// fails more, than the file of expectations says; -update writes that file.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// result is the outcome of a suite.
type result struct {
	passed int
	// known are failures that are right: PostgreSQL itself differs from the
	// suite there, or an input is malformed and refused with a clear error.
	known    int
	failed   int
	failures []string // a line for each
	// notes are what is worth a line of a log beside the failures.
	notes []string
	// files are the counts of a suite of files, nil for others.
	files *fileCounts
}

func (r *result) fail(format string, args ...any) {
	r.failed++
	r.failures = append(r.failures, fmt.Sprintf(format, args...))
}

// count adds a pass or, with err, a failure of the named record.
func (r *result) count(name string, err error) {
	if err != nil {
		r.fail("%s: %v", name, err)
		return
	}
	r.passed++
}

// options are the flags.
type options struct {
	volley, corpora, expect, only, log string
	// url is a real PostgreSQL, verdicts the folder of what it said.
	url, verdicts string
	// python is an interpreter that has DuckDB, for recording what it reads.
	python         string
	record, update bool
	known          knownDifferences
	// workers are processes that all suites run on, of which a random one is killed
	// every kill; 0 workers: each suite runs where it runs. lost is what that cost.
	workers int
	kill    time.Duration
	lost    *losses
}

// suite is a folder of the corpora, or part of one.
type suite struct {
	name   string
	folder string // of the corpora, without which it is left out
	// run gives nil where the suite does not run on the workers of the options.
	run func(o options) (*result, error)
	// record writes what the PostgreSQL of -url says, or the DuckDB of -python if
	// the suite is of files; nil: the suite needs none.
	record  func(o options) error
	ofFiles bool
}

// recordable tells whether -record can write the suite's verdicts.
func (s suite) recordable(o options) bool {
	return s.record != nil && (o.url != "" && !s.ofFiles || o.python != "" && s.ofFiles)
}

func main() {
	var o options
	flag.StringVar(&o.volley, "volley", "bin/volley", "the volley program")
	flag.StringVar(&o.corpora, "corpora", "../shared/corpora", "directory of the suites")
	flag.StringVar(&o.expect, "expect", "bench/conformance.tsv", "what each suite passes and fails at least and at most")
	flag.StringVar(&o.only, "only", "", "run only suites whose name contains this")
	flag.StringVar(&o.log, "log", "", "file for all failures; empty: a few of each suite are printed")
	flag.StringVar(&o.url, "url", "", "a real PostgreSQL 15: its answers are shown beside wrong ones")
	flag.StringVar(&o.verdicts, "verdicts", "bench/verdicts", "folder of which records a real PostgreSQL answers as written")
	flag.StringVar(&o.python, "python", "", "a Python that has DuckDB, for -record of the suites of files")
	flag.BoolVar(&o.record, "record", false, "write that folder from what the PostgreSQL of -url, or the DuckDB of -python, says")
	known := flag.String("known", "sqltest/known.tsv", "records that differ from PostgreSQL for a reason")
	flag.BoolVar(&o.update, "update", false, "write the file of expectations from this run")
	flag.IntVar(&o.workers, "workers", 0, "worker processes that all suites run on; 0: each suite runs where it usually does")
	flag.DurationVar(&o.kill, "kill", 0, "kill a random one of the -workers this often, and start another in its place")
	flag.Parse()
	if err := o.checkKilling(); err != nil {
		fmt.Fprintln(os.Stderr, "suites:", err)
		os.Exit(2)
	}
	var err error
	if o.known, err = readKnown(*known); err != nil {
		fmt.Fprintln(os.Stderr, "suites:", err)
		os.Exit(1)
	}
	ok, err := run(o)
	if err != nil {
		fmt.Fprintln(os.Stderr, "suites:", err)
		os.Exit(1)
	}
	if !ok {
		os.Exit(1)
	}
}

func run(o options) (ok bool, err error) {
	if o.corpora, err = filepath.Abs(o.corpora); err != nil {
		return false, err
	}
	expected, err := readExpectations(o.expect)
	if err != nil {
		return false, err
	}
	log := os.Stdout
	if o.log != "" {
		if log, err = os.Create(o.log); err != nil {
			return false, err
		}
		defer func() { _ = log.Close() }()
	}
	ok = true
	var total result
	var fileSuites []string
	counts, failed := map[string]*fileCounts{}, map[string]int{}
	fmt.Printf("%-28s %8s %8s %8s %8s %8s\n", "suite", "records", "passed", "known", "failed", "seconds")
	for _, s := range suites {
		if !strings.Contains(s.name, o.only) {
			continue
		}
		if _, err := os.Stat(filepath.Join(o.corpora, s.folder)); err != nil {
			fmt.Printf("%-28s left out: %s is not here\n", s.name, s.folder)
			continue
		}
		if o.record {
			if s.recordable(o) {
				if err := s.record(o); err != nil {
					return false, fmt.Errorf("%s: %w", s.name, err)
				}
				fmt.Printf("%-28s recorded\n", s.name)
			}
			continue
		}
		began := time.Now()
		r, err := s.run(o)
		if err == nil && r != nil && o.kill > 0 && r.failed > 0 {
			err = r.leaveOut(s, o)
		}
		if err == nil && r == nil {
			continue // it does not run on workers
		}
		if err != nil {
			fmt.Printf("%-28s does not run: %v\n", s.name, err)
			ok = false
			continue
		}
		verdict, worse := expected.judge(s.name, r)
		if o.kill > 0 { // what is compared is the run without kills
			verdict, worse = "", r.failed > 0
		}
		ok = ok && !worse
		fmt.Printf("%-28s %8d %8d %8d %8d %8.1f  %s\n", s.name, r.passed+r.known+r.failed, r.passed, r.known, r.failed, time.Since(began).Seconds(), verdict)
		show(log, s.name, r, o.log == "" && !worse)
		if r.files != nil {
			fileSuites, counts[s.name], failed[s.name] = append(fileSuites, s.name), r.files, r.failed
		}
		expected[s.name] = expectation{r.passed, r.known, r.failed}
		total.passed, total.known, total.failed = total.passed+r.passed, total.known+r.known, total.failed+r.failed
	}
	if o.record {
		return true, nil
	}
	writeCounts(os.Stdout, fileSuites, counts, failed)
	fmt.Printf("%d passed, %d known, %d failed\n", total.passed, total.known, total.failed)
	if o.kill > 0 {
		fmt.Println(o.lost)
		ok = ok && o.lost.workers > 0
	}
	if o.update {
		return true, expected.write(o.expect)
	}
	return ok, nil
}

// show prints the failures, few of them if they are nothing new.
func show(log *os.File, name string, r *result, brief bool) {
	const few = 5
	list := r.failures
	slices.Sort(list)
	if brief && len(list) > few {
		list = list[:few]
	}
	for _, f := range list {
		fmt.Fprintf(log, "    %s: %s\n", name, f)
	}
	if log != os.Stdout {
		for _, n := range r.notes {
			fmt.Fprintf(log, "    %s: %s\n", name, n)
		}
	}
	if rest := len(r.failures) - len(list); rest > 0 {
		fmt.Fprintf(log, "    … and %d more\n", rest)
	}
}
