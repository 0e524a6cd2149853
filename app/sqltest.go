package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"volley/sqlerr"
	"volley/sqltest"
)

// sqltestOptions are the flags of `volley sqltest`.
type sqltestOptions struct {
	node       nodeOptions
	workers    int
	url        string
	config     string
	update     bool
	jobs       int
	labels     []string
	ignoreSkip []string
	quiet      bool
	maxShown   int
	fresh      bool
	timeout    time.Duration
	report     string
	shell      string
	killEvery  time.Duration
}

func newSQLTest() *cobra.Command {
	var o sqltestOptions
	cmd := &cobra.Command{
		Use:   "sqltest FILES…",
		Short: "Run sqllogictest files",
		Long: "Run sqllogictest files; directories stand for the .slt and .test files below them.\n\n" +
			"Each file runs against a database of its own, in this process, on worker\n" +
			"processes (--workers), or on the one server of --url. --config names a set of\n" +
			"settings: " + strings.Join(configNames(), ", ") + ".",
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), args) },
	}
	f := cmd.Flags()
	f.IntVar(&o.workers, "workers", 0, "worker processes to start; 0: run in this process")
	f.StringVar(&o.url, "url", "", "server to test instead, postgres://user@host:port/database")
	f.StringVar(&o.config, "config", "", "settings to run under")
	f.BoolVar(&o.update, "update", false, "write the actual results of failing queries into the files")
	f.IntVarP(&o.jobs, "jobs", "j", 1, "files that run side by side")
	f.StringSliceVar(&o.labels, "label", nil, "names that skipif and onlyif know this run by (default volley, postgresql)")
	f.StringSliceVar(&o.ignoreSkip, "ignore-skip", nil, "ignore skipif conditions that contain this text")
	f.BoolVarP(&o.quiet, "quiet", "q", false, "print failures and the summary only")
	f.BoolVar(&o.fresh, "fresh", false, "with --url, make a database of its own for each file")
	f.DurationVar(&o.timeout, "timeout", 0, "time for a statement; 0: no limit")
	f.StringVar(&o.report, "report", "", "file for how each record ended, a line of JSON each")
	f.StringVar(&o.shell, "shell", "", "program that runs the commands of system records (default bash -c)")
	f.DurationVar(&o.killEvery, "kill-every", 0, "kill a random one of the --workers this often, and start another in its place")
	f.IntVar(&o.maxShown, "max-failures", 50, "failures that are printed in full; 0: all")
	o.node.add(f)
	return cmd
}

// configuration is a way to run the same tests: threads and session settings.
type configuration struct {
	threads, workers int
	tablesMemory     int64 // 0: as much as there is
	settings         map[string]string
}

// configurations are the ways in which every SQL test runs.
var configurations = map[string]configuration{
	"one":     {threads: 1},
	"many":    {threads: 8},
	"workers": {threads: 1, workers: 3},
	"tiny":    {threads: 4, settings: map[string]string{"volley.batch_rows": "3", "volley.split_bytes": "64", "volley.key_filter_rows": "1"}},
	// workers read managed tables, whose rows go with the tasks
	"shipped": {threads: 1, workers: 3, settings: map[string]string{"volley.ship_table_bytes": "1000000", "volley.split_bytes": "2000"}},
	// rows of managed tables and the keys of their constraints are on disk, too
	"spill": {threads: 2, tablesMemory: 32 << 10, settings: map[string]string{"volley.memory": "131072", "volley.batch_rows": "64"}},
}

func configNames() []string {
	var out []string
	for n := range configurations {
		out = append(out, n)
	}
	sort.Strings(out)
	return out
}

func (o *sqltestOptions) run(ctx context.Context, args []string) error {
	files, err := testFiles(args)
	if err != nil {
		return err
	}
	engine, err := o.engine(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = engine.Close() }()
	report := io.Discard
	if o.report != "" {
		f, err := os.Create(o.report)
		if err != nil {
			return sqlerr.Wrap(err, sqlerr.IOError, "report")
		}
		defer func() { _ = f.Close() }()
		report = f
	}
	sum, err := o.all(ctx, engine, files, os.Stdout, report)
	if err != nil {
		return err
	}
	fmt.Println(sum)
	if e, ok := engine.(*testEngine); ok && o.killEvery > 0 && e.n.children != nil {
		lost := e.n.scheduler.Losses()
		fmt.Printf("%d workers were killed, %d attempts and %d outputs were lost\n", e.n.children.killed(), lost.Attempts, lost.Outputs)
	}
	if sum.Failed > 0 {
		return errReported
	}
	return nil
}

// engine makes what the files run against.
func (o *sqltestOptions) engine(ctx context.Context) (sqltest.Engine, error) {
	if o.url != "" {
		return &sqltest.Postgres{URL: o.url, Names: o.labels, Fresh: o.fresh}, nil
	}
	c := configuration{threads: o.node.threads}
	if o.config != "" {
		var ok bool
		if c, ok = configurations[o.config]; !ok {
			return nil, sqlerr.New(sqlerr.InvalidParameterValue, "unknown configuration %q: %s", o.config, strings.Join(configNames(), ", "))
		}
	}
	if o.workers > 0 {
		c.workers = o.workers
	}
	o.node.threads, o.node.tablesMemory = c.threads*max(1, c.workers), c.tablesMemory
	n, err := o.node.open(ctx, c.workers)
	if err != nil {
		return nil, err
	}
	if o.killEvery > 0 && n.children != nil {
		n.children.killEvery(o.killEvery)
	}
	return newTestEngine(n, c, o.labels), nil
}

// testFiles expands directories into the test files below them.
func testFiles(args []string) ([]string, error) {
	var out []string
	for _, a := range args {
		info, err := os.Stat(a)
		if err != nil {
			return nil, sqlerr.Wrap(err, sqlerr.UndefinedFile, "test file")
		}
		if !info.IsDir() {
			out = append(out, a)
			continue
		}
		err = filepath.WalkDir(a, func(path string, d os.DirEntry, err error) error {
			if ext := filepath.Ext(path); err == nil && !d.IsDir() && (ext == ".slt" || ext == ".test") {
				out = append(out, path)
			}
			return err
		})
		if err != nil {
			return nil, sqlerr.Wrap(err, sqlerr.IOError, "test directory")
		}
	}
	if len(out) == 0 {
		return nil, sqlerr.New(sqlerr.UndefinedFile, "no .slt or .test files in %s", strings.Join(args, ", "))
	}
	return out, nil
}

// all runs the files, o.jobs at a time, and prints and reports as it goes.
func (o *sqltestOptions) all(ctx context.Context, engine sqltest.Engine, files []string, w, report io.Writer) (sqltest.Summary, error) {
	var (
		mu    sync.Mutex
		total sqltest.Summary
		shown int
		group sync.WaitGroup
		first error
	)
	queue := make(chan string)
	for range max(1, o.jobs) {
		group.Go(func() {
			for file := range queue {
				outcomes, err := o.file(ctx, engine, file)
				mu.Lock()
				err = errors.Join(err, sqltest.WriteReport(report, file, outcomes))
				var sum sqltest.Summary
				for _, oc := range outcomes {
					sum.Add(oc)
					total.Add(oc)
					if oc.Status == sqltest.Failed && (o.maxShown == 0 || shown < o.maxShown) {
						sqltest.WriteFailure(w, oc)
						shown++
					}
				}
				if err != nil {
					fmt.Fprintf(w, "FAIL %v\n", err)
					total.Failed++
					sum.Failed++
					if errors.Is(err, context.Canceled) {
						first = err
					}
				}
				if !o.quiet || sum.Failed > 0 {
					fmt.Fprintf(w, "%s: %s\n", file, sum)
				}
				mu.Unlock()
			}
		})
	}
	for _, f := range files {
		queue <- f
	}
	close(queue)
	group.Wait()
	return total, first
}

func (o *sqltestOptions) file(ctx context.Context, engine sqltest.Engine, file string) ([]sqltest.Outcome, error) {
	records, err := sqltest.ParseFile(file)
	if err != nil {
		return nil, err
	}
	outcomes, err := sqltest.Run(ctx, engine, records, sqltest.Options{
		IgnoreSkip: o.ignoreSkip, StatementTimeout: o.timeout, Shell: strings.Fields(o.shell),
	})
	if err == nil && o.update {
		_, err = sqltest.Update(outcomes)
	}
	return outcomes, err
}
