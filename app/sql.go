package app

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/spf13/cobra"

	"volley/coordinator"
	"volley/sqlerr"
	"volley/sqltype"
)

// sqlOptions are the flags of `volley sql`.
type sqlOptions struct {
	node     nodeOptions
	command  []string
	file     string
	format   string
	workers  int
	flight   string
	patience time.Duration // for workers that join; 0: without end
}

func newSQL() *cobra.Command {
	var o sqlOptions
	cmd := &cobra.Command{
		Use:   "sql [-c SQL | -f FILE]",
		Short: "Run SQL over files, on all cores, without a server",
		Long: "Run SQL over files, on all cores, without a server.\n\n" +
			"The SQL is that of -c, of the file of -f, or standard input; on a terminal\n" +
			"without either it is a shell. --workers N starts N worker processes for it; with\n" +
			"--flight HOST:PORT it waits until N workers have joined there, from any machine, for\n" +
			"--join-timeout at most: then those that are there do.",
		Example: "  volley sql -c \"SELECT passenger_count, count(*) FROM 'trips/*.csv' GROUP BY 1\"",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context()) },
	}
	f := cmd.Flags()
	f.StringArrayVarP(&o.command, "command", "c", nil, "SQL to run (repeatable)")
	f.StringVarP(&o.file, "file", "f", "", "file of SQL to run; - is standard input")
	f.StringVar(&o.format, "format", "table", "of results: table, csv, json, jsonl or markdown")
	f.IntVar(&o.workers, "workers", 0, "worker processes to start for this command; 0: run in this process")
	f.StringVar(&o.flight, "flight", "", "address where the --workers join, which are then not started by this command")
	f.DurationVar(&o.patience, "join-timeout", 0, "how long to wait for the --workers of --flight, if one is there; 0: until all are")
	o.node.add(f)
	o.node.addListings(f)
	return cmd
}

func (o *sqlOptions) run(ctx context.Context) error {
	if _, err := newWriter(o.format, io.Discard, sqltype.TextOptions{}); err != nil {
		return err
	}
	setGCPercent(sqlGCPercent)
	open := o.node.open
	if o.flight != "" {
		open = func(ctx context.Context, workers int) (*node, error) {
			return o.node.await(ctx, o.flight, workers, o.patience)
		}
	}
	n, err := open(ctx, o.workers)
	if err != nil {
		return err
	}
	defer n.close()
	s, err := n.coordinator.NewSession(coordinator.SessionOptions{User: "volley", Database: "volley"})
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	out := bufio.NewWriterSize(os.Stdout, 64<<10)
	c := &console{session: s, out: out, errs: os.Stderr, format: o.format, progress: newProgress(n)}
	defer func() { _ = out.Flush() }()
	switch {
	case len(o.command) > 0:
		for _, text := range o.command {
			if err := c.script(ctx, text); err != nil {
				return err
			}
		}
		return nil
	case o.file != "" && o.file != "-":
		text, err := os.ReadFile(o.file)
		if err != nil {
			return sqlerr.Wrap(err, sqlerr.UndefinedFile, "could not read the SQL")
		}
		return c.script(ctx, string(text))
	case o.file == "" && isTerminal(os.Stdin):
		return c.shell(ctx)
	}
	text, err := io.ReadAll(os.Stdin)
	if err != nil {
		return sqlerr.Wrap(err, sqlerr.IOError, "could not read the SQL")
	}
	return c.script(ctx, string(text))
}

// console runs statements and prints their results.
type console struct {
	session  *coordinator.Session
	out      *bufio.Writer
	errs     io.Writer
	format   string
	progress *progress // nil: none is shown
}

// script runs every statement of a text up to the first that fails, whose error
// it prints.
func (c *console) script(ctx context.Context, text string) error {
	pieces, err := c.session.Split(ctx, text)
	if err != nil {
		printError(c.errs, err, text, 0)
		return errReported
	}
	for _, p := range pieces {
		if err := sqlerr.Guarded(func() error { return c.statement(ctx, p.Text) })(); err != nil {
			_ = c.out.Flush()
			printError(c.errs, err, text, p.Pos)
			return errReported
		}
	}
	return nil
}

// statement runs one statement and prints its result.
func (c *console) statement(ctx context.Context, sql string) error {
	stop := c.progress.start()
	defer stop()
	res, err := c.session.Query(ctx, sql)
	if err != nil {
		return err
	}
	defer func() { _ = res.Close() }()
	switch {
	case res.CopyBinary():
		err = sqlerr.New(sqlerr.FeatureNotSupported, "COPY in binary format is for clients of a server only")
	case res.CopyOut() > 0:
		err = c.copyOut(ctx, res)
	case res.Schema() == nil:
		err = drain(ctx, res)
	default:
		err = c.rows(ctx, res, stop)
	}
	for _, n := range res.Notices() {
		fmt.Fprintf(c.errs, "%s: %s\n", n.Severity, n.Message)
	}
	return err
}

// rows prints a result as it comes.
func (c *console) rows(ctx context.Context, res *coordinator.Result, started func()) error {
	w, err := newWriter(c.format, c.out, c.session.Text())
	if err != nil {
		return err
	}
	if err := w.begin(res.Schema()); err != nil {
		return err
	}
	total := int64(0)
	for {
		rec, err := res.Next(ctx)
		started()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		total += rec.NumRows()
		if err := w.record(rec); err != nil {
			return sqlerr.Wrap(err, sqlerr.IOError, "could not write the result")
		}
	}
	if err := w.end(total); err != nil {
		return sqlerr.Wrap(err, sqlerr.IOError, "could not write the result")
	}
	return c.flush()
}

// copyOut prints the chunks of COPY … TO STDOUT.
func (c *console) copyOut(ctx context.Context, res *coordinator.Result) error {
	for {
		rec, err := res.Next(ctx)
		if errors.Is(err, io.EOF) {
			return c.flush()
		}
		if err != nil {
			return err
		}
		chunks := rec.Column(0).(*array.Binary)
		for i := range chunks.Len() {
			if _, err := c.out.Write(chunks.Value(i)); err != nil {
				return sqlerr.Wrap(err, sqlerr.IOError, "could not write the result")
			}
		}
	}
}

func (c *console) flush() error {
	if err := c.out.Flush(); err != nil {
		return sqlerr.Wrap(err, sqlerr.IOError, "could not write the result")
	}
	return nil
}

// drain runs a statement without rows to its end.
func drain(ctx context.Context, res *coordinator.Result) error {
	for {
		if _, err := res.Next(ctx); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}
